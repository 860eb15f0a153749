"""What managers call right as it is, yields that nobody would believe, and indexes of what is seldom: the console's checks.

Revision: 0012, after 0011
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "right_as_it_is",
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("other", sa.String(length=36), nullable=False),
        sa.Column("area", sa.String(length=36), nullable=False),
        sa.Column("print", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "record", "other", name=op.f("pk_right_as_it_is")),
    )
    op.create_index(op.f("ix_right_as_it_is_area"), "right_as_it_is", ["area"])
    op.create_table(
        "yield_limit",
        sa.Column("crop", sa.String(length=60), nullable=False),
        sa.Column("most", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("crop", name=op.f("pk_yield_limit")),
    )
    op.create_index("ix_record_conflicted", "record", ["area", "id"], **_where("conflicted"))
    op.create_index("ix_record_deleted", "record", ["area", "id"], **_where("deleted"))
    op.create_index(op.f("ix_glance_area_type_review_changed_at"), "glance", ["area", "type", "review", "changed_at"])
    op.create_index("ix_glance_affected", "glance", ["area"], **_where("affected > inspected"))
    op.create_index("ix_glance_phi", "glance", ["plot"], **_where("phi_until > ''"))
    op.create_index("ix_glance_kg", "glance", ["area", "plot", "crop", "season", "kg"], **_where("kg > 0"))
