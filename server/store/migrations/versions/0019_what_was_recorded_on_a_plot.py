"""What was recorded on a plot, and when, is told by an index alone; and SQLite is told how many rows share a value.

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_glance_plot_type", "glance")
    op.create_index("ix_glance_plot_type_area_day_season", "glance", ["plot", "type", "area", "day", "season"])
    if op.get_bind().dialect.name == "sqlite":
        # Afterwards it is told so every thousand changes (`glance.follow`): an installation that is there waits for none.
        op.execute(sa.text("PRAGMA analysis_limit = 1000"))
        for table in ("glance", "glance_plot", "glance_overlap"):
            op.execute(sa.text(f"ANALYZE {table}"))
