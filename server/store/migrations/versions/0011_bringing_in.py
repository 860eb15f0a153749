"""Files that are brought in: their rows while a person looks at them, and which row became which record.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bringing",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("area", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("matched", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(length=1), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_bringing_user_id")),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name=op.f("fk_bringing_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bringing")),
    )
    op.create_table(
        "bringing_row",
        sa.Column("bringing", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("change", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bringing"], ["bringing.id"], name=op.f("fk_bringing_row_bringing")),
        sa.PrimaryKeyConstraint("bringing", "number", name=op.f("pk_bringing_row")),
    )
    op.create_index(op.f("ix_bringing_row_bringing_verdict_number"), "bringing_row", ["bringing", "verdict", "number"])
    op.create_table(
        "brought",
        sa.Column("area", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("bringing", sa.String(length=36), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("area", "type", "key", name=op.f("pk_brought")),
    )
    op.create_index(op.f("ix_brought_bringing"), "brought", ["bringing"])
