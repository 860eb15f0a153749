"""Changes that could not be accepted, kept whole, as they came, for their author and a manager.

Must never hold back or change another change.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from server.store.engine import among, insert_or_leave
from server.store.people import Sender
from server.store.tables import Quarantined
from sync.change import ID
from sync.protocol import Rejected

_DEEPEST = 100
# Of one person. An officer's whole year is a few megabytes; a broken or an evil program must not fill the centre's disk.
MOST_CHARACTERS = 64 * 1024 * 1024
MOST_ROWS = 20_000

_log = logging.getLogger("nuong")


def keep(connection: Connection, sender: Sender, rejected: Sequence[Rejected]) -> None:
    """Put what was refused into quarantine; the same again is already there.

    Where one person's quarantine is full, what was settled long ago makes room; then the bodies of the rest are left out:
    they stand on the phone that sent them, which keeps what is refused.
    """
    if not rejected:
        return
    now = datetime.now(UTC)
    rows = []
    room = _room(connection, sender)
    for each in rejected:
        body = _text(each.raw)
        room -= len(body)
        area = each.raw.get("area") if isinstance(each.raw, dict) else None
        rows.append(
            {
                "change_id": each.id,
                "user_id": sender.user_id,
                "device_id": sender.device_id,
                "area": area if isinstance(area, str) and ID.fullmatch(area) else None,
                "reason": each.reason,
                "detail": json.dumps(dict(each.detail)),
                "body": body if room >= 0 else _head(each.raw),
                "digest": hashlib.sha256(f"{each.reason} {body}".encode()).hexdigest(),
                "received_at": now,
            }
        )
    left = max(0, MOST_ROWS - _count(connection, sender))
    if room < 0 or len(rows) > left:
        _log.warning("the quarantine of %s is full: not all is kept whole of what is refused", sender.username)
        rows = rows[:left]
    insert_or_leave(connection, Quarantined.__table__, rows)


def _room(connection: Connection, sender: Sender) -> int:
    """How many characters may still be kept of what *sender* sends."""
    mine = Quarantined.user_id == sender.user_id
    size = func.coalesce(func.sum(func.length(Quarantined.body)), 0)
    taken = connection.scalar(select(size).where(mine)) or 0
    if taken > MOST_CHARACTERS:
        connection.execute(delete(Quarantined).where(mine, Quarantined.settled_at.is_not(None)))
        taken = connection.scalar(select(size).where(mine)) or 0
    return int(MOST_CHARACTERS - taken)


def _count(connection: Connection, sender: Sender) -> int:
    return connection.scalar(select(func.count()).where(Quarantined.user_id == sender.user_id)) or 0


def _head(raw: Any) -> str:
    """What names a change, without its content."""
    named = raw if isinstance(raw, dict) else {}
    return _text({key: str(named[key])[:40] for key in ("id", "record", "type", "area") if key in named})


def _text(raw: Any) -> str:
    # ASCII, so that even a lone surrogate is kept as it was written.
    return json.dumps(_cut(raw, _DEEPEST), ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _cut(value: Any, most: int) -> Any:
    """*value*, but for what nests deeper than *most*: no form makes that, and the writer of JSON would choke on it."""
    if not isinstance(value, dict | list):
        return value
    if most == 0:
        return "…"
    if isinstance(value, dict):
        return {name: _cut(inner, most - 1) for name, inner in value.items()}
    return [_cut(inner, most - 1) for inner in value]


def settle(connection: Connection, change_ids: Sequence[str]) -> None:
    """These changes were accepted after all (rights were given, an app was mended): nobody need look at them now."""
    if change_ids:
        connection.execute(
            update(Quarantined)
            .where(among(connection, Quarantined.change_id, change_ids), Quarantined.settled_at.is_(None))
            .values(settled_at=datetime.now(UTC))
        )
