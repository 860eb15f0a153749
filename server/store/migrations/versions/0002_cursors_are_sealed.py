"""Cursors bear a seal: the key for it, made once for each installation.

Revision: 0002, after 0001
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("cursor_key", sa.String(length=32), nullable=True))
    installation = sa.table("installation", sa.column("cursor_key", sa.String))
    op.execute(installation.update().values(cursor_key=secrets.token_hex(16)))
    with op.batch_alter_table("installation") as table:
        table.alter_column("cursor_key", existing_type=sa.String(length=32), nullable=False)
