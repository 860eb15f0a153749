"""Which record was joined into which stands among the references.

Revision: 0006, after 0005
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    record = sa.table("record", sa.column("id"), sa.column("wire"))
    reference = sa.table("reference", sa.column("record"), sa.column("field"), sa.column("target"))
    joined = op.get_bind().execute(
        sa.select(record.c.id, record.c.wire).where(record.c.wire.contains('"same_as"', autoescape=True))
    )
    rows = [
        {"record": id_, "field": "same_as", "target": target}
        for id_, wire in joined
        if isinstance(target := json.loads(wire).get("fields", {}).get("same_as"), str) and len(target) == 36
    ]
    if rows:
        op.bulk_insert(reference, rows)
