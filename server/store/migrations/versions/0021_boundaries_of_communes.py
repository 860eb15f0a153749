"""The boundaries of communes, as far as somebody has handed them in.

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commune_boundary",
        sa.Column("code", sa.String(length=60), primary_key=True),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
