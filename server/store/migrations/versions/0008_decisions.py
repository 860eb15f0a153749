"""What people decided about refused changes, what was refused beyond the bound, and who saw, exported and changed what.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("settled_by", sa.String(length=36), nullable=True))
    op.add_column("quarantine", sa.Column("settled_how", sa.String(length=20), nullable=True))
    op.add_column("quarantine", sa.Column("answer", sa.Text(), nullable=True))
    op.create_table(
        "not_kept",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_not_kept_user_id")),
        sa.PrimaryKeyConstraint("user_id", "device_id", "reason", name=op.f("pk_not_kept")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=36), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_user_id_id"), "audit", ["user_id", "id"])
