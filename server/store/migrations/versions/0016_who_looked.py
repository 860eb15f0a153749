"""The audit log says which record somebody looked at, and is found by record and by kind.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit", sa.Column("record", sa.String(length=36), nullable=True))
    op.create_index(op.f("ix_audit_record_id"), "audit", ["record", "id"])
    op.create_index(op.f("ix_audit_what_id"), "audit", ["what", "id"])
