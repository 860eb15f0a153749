"""Each number of an area carries the digest of all that took one before it.

Cursors that were given out before this are read from nothing once: their key is made anew.

Revision: 0009, after 0008
"""

from collections.abc import Iterator
from itertools import islice

import sqlalchemy as sa
from alembic import op

from server.store.epoch import new_key
from server.store.numbering import CHAIN, Numbering

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STEP = 1000


def upgrade() -> None:
    for table in ("area", "change", "departure"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("chain", sa.String(length=CHAIN), nullable=False, server_default=""))
    connection = op.get_bind()
    for area in connection.scalars(sa.text("SELECT id FROM area ORDER BY id")).all():
        _chain_up(connection, area)
    connection.execute(sa.text("UPDATE installation SET cursor_key = :key"), {"key": new_key()})
    for table in ("area", "change", "departure"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("chain", server_default=None)


def _chain_up(connection: sa.Connection, area: str) -> None:
    numbering = Numbering()
    numbers = _numbers(connection, area)
    while step := list(islice(numbers, _STEP)):
        links: dict[str, list[dict[str, object]]] = {"change": [], "departure": []}
        for seq, table, what in step:
            numbering.number = seq - 1
            links[table].append({"of": area, "at": seq, "to": numbering.take(*what)[1]})
        for table, rows in links.items():
            if rows:
                # The table is one of two words of ours.
                statement = f'UPDATE "{table}" SET chain = :to WHERE area = :of AND seq = :at'  # noqa: S608
                connection.execute(sa.text(statement), rows)
    connection.execute(sa.text("UPDATE area SET chain = :to WHERE id = :of"), {"of": area, "to": numbering.chain})


def _numbers(connection: sa.Connection, area: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """All that took a number in *area*, in order: the number, its table, and its words."""
    after = 0
    while True:
        fill = {"of": area, "after": after, "most": _STEP}
        changes = connection.execute(
            sa.text('SELECT seq, id, body FROM "change" WHERE area = :of AND seq > :after ORDER BY seq LIMIT :most'),
            fill,
        ).all()
        departures = connection.execute(
            sa.text(
                "SELECT seq, record, change FROM departure WHERE area = :of AND seq > :after ORDER BY seq LIMIT :most"
            ),
            fill,
        ).all()
        found = [(seq, "change", (id_, body)) for seq, id_, body in changes]
        found += [(seq, "departure", (record, change)) for seq, record, change in departures]
        # Beyond the last of a full step the other table may have more that comes first.
        ends = [rows[-1][0] for rows in (changes, departures) if len(rows) == _STEP]
        found = sorted(each for each in found if not ends or each[0] <= min(ends))
        if not found:
            return
        yield from found
        after = found[-1][0]
