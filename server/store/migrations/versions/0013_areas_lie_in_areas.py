"""An area may lie in another, for sums over what is below.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("area", sa.Column("parent", sa.String(length=36), nullable=True))
