"""What a hub remembers of the centre above it.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upstream",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(length=36), nullable=True),
        sa.Column("cursors", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream")),
    )
    op.create_table(
        "passed_on",
        sa.Column("change_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_passed_on")),
    )
