"""An upload keeps the metadata that the phone gave it: tus hands them back as they were written.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("upload", sa.Column("described", sa.Text(), nullable=False, server_default=""))
