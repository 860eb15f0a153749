"""Changes that could not be accepted, kept whole, as they came, for their author and a manager.

Must never hold back or change another change.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update
from sqlalchemy.exc import DBAPIError

from server.store.engine import among, insert_or_leave, insert_or_update, writing
from server.store.people import Sender
from server.store.tables import Area, LoggedChange, Membership, NotKept, Quarantined
from sync.change import ID
from sync.problem import Problem
from sync.protocol import Rejected

ACCEPTED, MENDED, PUT_AWAY = "accepted", "mended", "put_away"  # what somebody decided
UNREAD = "unread"  # a message that was too large to be read: what is in it, nobody here knows
_DEEPEST = 100
# Of one person. An officer's whole year is a few megabytes; a broken or an evil program must not fill the centre's disk.
MOST_CHARACTERS = 64 * 1024 * 1024
MOST_ROWS = 20_000

_log = logging.getLogger("nuong")


def keep(connection: Connection, sender: Sender, rejected: Sequence[Rejected], received: str | None = None) -> set[str]:
    """Put what was refused into quarantine; the same again is already there. *received*: when a hub did (default: now).

    The ids of the changes of which there is no whole copy here: their phone is told that it alone has one.

    Where one person's quarantine is full, what was settled by itself makes room; then the bodies of the rest are left out,
    and beyond `MOST_ROWS` they are counted only: they stand on the phone that sent them, which keeps what is refused.
    """
    if not rejected:
        return set()
    now = datetime.fromisoformat(received) if received else datetime.now(UTC)
    rows: list[dict[str, Any]] = []
    bare: set[str] = set()
    room = _room(connection, sender)
    for each in rejected:
        body = _text(each.raw)
        room -= len(body)
        area = each.raw.get("area") if isinstance(each.raw, dict) else None
        digest = hashlib.sha256(f"{each.reason} {body}".encode()).hexdigest()
        if room < 0:
            bare.add(digest)
        rows.append(
            {
                "change_id": each.id,
                "user_id": sender.user_id,
                "device_id": sender.device_id,
                "area": area if isinstance(area, str) and ID.fullmatch(area) else None,
                "reason": each.reason,
                "detail": json.dumps(dict(each.detail)),
                "body": body if room >= 0 else _head(each.raw),
                "digest": digest,
                "received_at": now,
            }
        )
    rows = _new(connection, sender, rows)
    left = max(0, MOST_ROWS - _count(connection, sender))
    if room < 0 or len(rows) > left:
        _log.warning("the quarantine of %s is full: not all is kept whole of what is refused", sender.username)
    for reason, count in Counter(row["reason"] for row in rows[left:]).items():
        count_lost(connection, sender, str(reason), count)
    insert_or_leave(connection, Quarantined.__table__, rows[:left])
    return {
        row["change_id"]
        for place, row in enumerate(rows)
        if row["change_id"] and (place >= left or row["digest"] in bare)
    }


def count_lost(connection: Connection, sender: Sender, reason: str, count: int) -> None:
    """Remember that so many changes of *sender* were refused and not kept."""
    now = datetime.now(UTC)
    key = {"user_id": sender.user_id, "device_id": sender.device_id, "reason": reason}
    mine = [column == key[column.name] for column in NotKept.__table__.primary_key.columns]
    before = connection.execute(select(NotKept.count.label("times"), NotKept.first_at).where(*mine)).first()
    row = {**key, "count": count, "first_at": now, "last_at": now}
    if before:
        row |= {"count": before.times + count, "first_at": before.first_at}
    insert_or_update(connection, NotKept.__table__, [row], list(key))


def meant_for(areas: Collection[str]) -> ColumnElement[bool]:
    """The rows for whoever manages *areas*: what was meant for them; and what was meant for no area that there is, from people
    who work there. From people who work nowhere (any more) it is for whoever manages all areas: else nobody would see it.
    """
    workers = select(Membership.user_id).where(Membership.area_id.in_(areas))
    of_nobody = ~select(Membership.user_id).where(Membership.user_id == Quarantined.user_id).exists()
    everywhere = ~select(Area.id).where(Area.id.not_in(areas)).exists()
    nowhere = or_(Quarantined.area.is_(None), Quarantined.area.not_in(select(Area.id)))
    theirs = or_(Quarantined.user_id.in_(workers), and_(of_nobody, everywhere))
    return or_(Quarantined.area.in_(areas), and_(nowhere, theirs))


def note_unread(sender: Sender) -> None:
    """A message of *sender*'s was too large to be read. The phone keeps what is in it; a manager sees that there is something."""
    with suppress(Problem, DBAPIError):  # a database that is busy: the phone tries again, and is counted then
        writing(lambda connection: count_lost(connection, sender, UNREAD, 1))


def _new(connection: Connection, sender: Sender, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """*rows* without those that are in quarantine already, each once."""
    mine = Quarantined.user_id == sender.user_id
    digests = [row["digest"] for row in rows]
    known = set(
        connection.scalars(select(Quarantined.digest).where(mine, among(connection, Quarantined.digest, digests)))
    )
    return list({row["digest"]: row for row in rows if row["digest"] not in known}.values())


def _room(connection: Connection, sender: Sender) -> int:
    """How many characters may still be kept of what *sender* sends."""
    mine = Quarantined.user_id == sender.user_id
    size = func.coalesce(func.sum(func.length(Quarantined.body)), 0)
    taken = connection.scalar(select(size).where(mine)) or 0
    if taken > MOST_CHARACTERS:
        by_itself = Quarantined.settled_at.is_not(None), Quarantined.settled_by.is_(None)
        connection.execute(delete(Quarantined).where(mine, *by_itself))
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


def decided(connection: Connection, sender: Sender, change_ids: Sequence[str]) -> dict[str, str]:
    """How somebody decided about changes of *sender* that were refused: `accepted` (by itself too), `mended`, `put_away`.

    One that was refused again since, and waits, is not among them; nor one whose id came in with another content.
    """
    if not change_ids:
        return {}
    rows = connection.execute(
        select(Quarantined.change_id, Quarantined.settled_at, Quarantined.settled_how, Quarantined.body)
        .where(Quarantined.user_id == sender.user_id, among(connection, Quarantined.change_id, change_ids))
        .order_by(Quarantined.id)
    )
    newest = {row.change_id: row for row in rows if row.change_id}
    by_itself = {change: row for change, row in newest.items() if row.settled_at is not None and not row.settled_how}
    found = {
        change: row.settled_how for change, row in newest.items() if row.settled_at is not None and row.settled_how
    }
    return found | dict.fromkeys(_came_in(connection, by_itself), ACCEPTED)


def _came_in(connection: Connection, rows: Mapping[str, Any]) -> list[str]:
    """Those that are in the log with what they said."""
    if not rows:
        return []
    logged = connection.execute(
        select(LoggedChange.id, LoggedChange.body).where(among(connection, LoggedChange.id, list(rows)))
    )
    said = ((change, json.loads(body), json.loads(rows[change].body)) for change, body in logged)
    return [change for change, now, then in said if all(now.get(key) == then.get(key) for key in ("record", "set"))]


def settle(connection: Connection, change_ids: Sequence[str]) -> None:
    """These changes were accepted after all (rights were given, an app was mended): nobody need look at them now."""
    if change_ids:
        connection.execute(
            update(Quarantined)
            .where(among(connection, Quarantined.change_id, change_ids), Quarantined.settled_at.is_(None))
            .values(settled_at=datetime.now(UTC))
        )
