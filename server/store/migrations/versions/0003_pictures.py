"""Pictures: which records name them, which are kept, which are on their way in.

Revision: 0003, after 0002
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    names = op.create_table(
        "picture_name",
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("record", "field", name=op.f("pk_picture_name")),
    )
    op.create_index(op.f("ix_picture_name_sha256"), "picture_name", ["sha256"], unique=False)
    op.create_table(
        "picture",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.String(length=80), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_upload_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_user_id"), "upload", ["user_id"], unique=False)
    op.create_index(op.f("ix_upload_expires_at"), "upload", ["expires_at"], unique=False)
    _name_what_is_there(names)


def _name_what_is_there(names: sa.Table) -> None:
    record = sa.table("record", sa.column("id"), sa.column("type"), sa.column("wire"))
    photos = op.get_bind().execute(sa.select(record.c.id, record.c.wire).where(record.c.type == "photo"))
    rows = [
        {"record": photo, "field": "sha256", "sha256": sha256}
        for photo, wire in photos
        if isinstance(sha256 := json.loads(wire).get("fields", {}).get("sha256"), str) and len(sha256) == 64
    ]
    if rows:
        op.bulk_insert(names, rows)
