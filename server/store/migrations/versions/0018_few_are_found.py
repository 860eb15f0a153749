"""What few records are (in dispute, deleted, joined) is found without reading the others, on SQLite too; yields are summed,
and records counted, by an index alone.

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite took neither for `conflicted = 1`, which is how it is asked.
    for name in ("conflicted", "deleted"):
        op.drop_index(f"ix_record_{name}", "record")
        op.create_index(
            f"ix_record_{name}",
            "record",
            ["area", "id"],
            sqlite_where=sa.text(f"{name} = 1"),
            postgresql_where=sa.text(name),
        )
    joins = sa.text("field = 'same_as'")
    op.create_index(
        "ix_reference_same_as", "reference", ["record", "target"], sqlite_where=joins, postgresql_where=joins
    )
    op.drop_index("ix_glance_kg", "glance")
    op.create_index(
        "ix_glance_kg",
        "glance",
        ["area", "plot", "crop", "season", "kg"],
        sqlite_where=sa.text("kg > 0 AND twin = 0"),
        postgresql_where=sa.text("kg > 0 AND NOT twin"),
    )
    for columns in (["area", "type", "day"], ["area", "type", "review", "changed_at"]):
        op.drop_index(f"ix_glance_{'_'.join(columns)}", "glance")
        op.create_index(f"ix_glance_{'_'.join(columns)}_twin", "glance", [*columns, "twin"])
