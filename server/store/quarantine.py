"""Changes that could not be accepted, kept whole, as they came, for their author and a manager.

Must never hold back or change another change.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, update

from server.store.engine import among, insert_or_leave
from server.store.people import Sender
from server.store.tables import Quarantined
from sync.change import ID
from sync.protocol import Rejected

_DEEPEST = 100


def keep(connection: Connection, sender: Sender, rejected: Sequence[Rejected]) -> None:
    """Put what was refused into quarantine; the same again is already there."""
    now = datetime.now(UTC)
    rows = []
    for each in rejected:
        body = _text(each.raw)
        area = each.raw.get("area") if isinstance(each.raw, dict) else None
        rows.append(
            {
                "change_id": each.id,
                "user_id": sender.user_id,
                "device_id": sender.device_id,
                "area": area if isinstance(area, str) and ID.fullmatch(area) else None,
                "reason": each.reason,
                "detail": json.dumps(dict(each.detail)),
                "body": body,
                "digest": hashlib.sha256(f"{each.reason} {body}".encode()).hexdigest(),
                "received_at": now,
            }
        )
    insert_or_leave(connection, Quarantined.__table__, rows)


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
