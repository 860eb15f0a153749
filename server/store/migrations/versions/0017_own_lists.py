"""Lists of an installation's own: crops, varieties, pests, products, units; and how far a hub has read the centre's.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_entry",
        sa.Column("list", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("list", "code", name=op.f("pk_list_entry")),
    )
    op.create_index(op.f("ix_list_entry_seq"), "list_entry", ["seq"])
    for table in ("installation", "upstream"):
        op.add_column(table, sa.Column("lists", sa.Integer(), nullable=False, server_default="0"))
