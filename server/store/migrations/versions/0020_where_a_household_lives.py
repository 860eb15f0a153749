"""In which commune a household lives, with or without a plot, and its phone number as one word: both to be found by.

Revision: 0020, after 0019
"""

import json

import sqlalchemy as sa
from alembic import op

from server.store.folding import digits_of

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STEP = 500


def upgrade() -> None:
    with op.batch_alter_table("glance") as batch:
        batch.add_column(sa.Column("commune", sa.String(length=60), nullable=False, server_default=""))
    connection, last = op.get_bind(), ""
    some = sa.text(
        "SELECT glance.id, record.wire FROM glance JOIN record ON record.id = glance.id"
        " WHERE glance.type = 'farmer' AND glance.id > :last ORDER BY glance.id LIMIT :most"
    )
    put = sa.text("UPDATE glance SET commune = :commune, text = text || :word WHERE id = :of")
    while rows := connection.execute(some, {"last": last, "most": _STEP}).all():
        connection.execute(put, [_found(record, wire) for record, wire in rows])
        last = rows[-1][0]
    with op.batch_alter_table("glance") as batch:
        batch.alter_column("commune", server_default=None)


def _found(record: str, wire: str) -> dict[str, str]:
    fields = json.loads(wire).get("fields", {})
    commune, phone = (str(fields.get(name) or "").replace("\0", "") for name in ("commune", "phone"))
    return {"of": record, "commune": commune[:60], "word": f" {digits_of(phone)}" if phone else ""}
