"""The lists of this installation: what it says of entries, in the order in which it said it, so that phones read what is new.

Must never remove an entry: what is retired or hidden stays, and is read by its name wherever a record has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import current_app, g
from sqlalchemy import Connection, func, select, update

from server.store import audit
from server.store.engine import insert_or_update, reading, writing
from server.store.tables import Installation, ListEntry, Upstream, User
from sync.problem import FieldError, Problem, sentence
from sync.records import BUILT_IN, Lists
from sync.records.entries import KINDS, MOST_OWN
from sync.records.lists import Entry, News

# What one reply tells at most, whatever was asked for: on a thin link a reply that is too long never arrives.
MOST_TOLD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Own:
    """What the installation says of one entry: who said it last, and when."""

    entry: Entry
    who: str | None
    at: datetime


def lists() -> Lists:
    """The lists as they stand: asked for once a request, made anew only where something was said since."""
    if "lists" not in g:
        with reading() as connection:
            g.lists = lists_in(connection)
    found: Lists = g.lists
    return found


def lists_in(connection: Connection) -> Lists:
    """The lists as a transaction sees them."""
    state = connection.execute(select(Installation.epoch, Installation.lists)).one()
    if not state.lists:
        return BUILT_IN
    kept: dict[str, Any] = current_app.extensions.setdefault("nuong_lists", {})
    if kept.get("of") != tuple(state):
        kept.update(of=tuple(state), lists=Lists(_grouped(_rows(connection, 0, 10**6))))
    found: Lists = kept["lists"]
    return found


def news(connection: Connection, newest: int, reached: int | None, limit: int) -> News | None:
    """What somebody who has read up to *reached* (None: nothing) does not know yet, at most *limit* entries; None: all is
    known. *newest*: the number of the installation."""
    if reached == newest or (not newest and not reached):
        return None
    # A number that was never given: history was lost here, and what stands now is told from its beginning.
    after = reached if reached and reached < newest else 0
    rows = _rows(connection, after, limit + 1)
    told: list[tuple[int, str, Entry]] = []
    size = 0
    for row in rows[:limit]:
        size += len(orjson.dumps(row[2]))
        if told and size > MOST_TOLD_BYTES:
            break
        told.append(row)
    more = len(told) < len(rows)
    at = told[-1][0] if more else max(newest, *(seq for seq, _list, _entry in told), 0)
    return News(at, _grouped(told), anew=not after, more=more)


def since(connection: Connection, number: int) -> Mapping[str, Sequence[Entry]]:
    """What was said after *number*, by list."""
    return _grouped(_rows(connection, number, 10**6))


def own(list_: str) -> dict[str, Own]:
    """What the installation says of the entries of a list, by code."""
    asked = (
        select(ListEntry.code, ListEntry.body, ListEntry.at, User.name)
        .outerjoin(User, User.id == ListEntry.author)
        .where(ListEntry.list == list_)
        .order_by(ListEntry.seq)
    )
    with reading() as connection:
        return {code: Own(orjson.loads(body), who, at) for code, body, at, who in connection.execute(asked)}


def is_from_above() -> bool:
    """Whether this is a hub: its lists are the centre's."""
    with reading() as connection:
        return connection.scalar(select(Upstream.epoch)) is not None


def say(author: str, list_: str, entries: Sequence[Entry], how: str) -> None:
    """Have *entries* stand as they are given, in one transaction. *how*, for the audit log: added, changed, brought_in.

    Raises `Problem` (`lists_of_the_centre`, `too_many_entries`).
    """
    if is_from_above():
        raise Problem(
            "lists_of_the_centre",
            409,
            sentence("A hub has the lists of its centre. Change them there; they come by themselves."),
        )

    def work(connection: Connection) -> None:
        _write(connection, {list_: entries}, author)
        count = connection.scalar(select(func.count()).select_from(ListEntry).where(ListEntry.list == list_)) or 0
        if count > MOST_OWN:
            raise Problem(
                "too_many_entries",
                422,
                sentence("A list takes %(most)s entries of your own. Leave out what nobody here needs."),
                params={"most": MOST_OWN},
                errors=[FieldError("code", "too_many", {"most": MOST_OWN})],
            )
        codes = [each["code"] for each in entries]
        audit.note(connection, author, "list_changed", None, list=list_, how=how, count=len(codes), codes=codes[:20])

    writing(work)
    g.pop("lists", None)


def take(connection: Connection, told: News) -> Mapping[str, Sequence[Entry]]:
    """On a hub: what the centre tells; what of it was not here before."""
    stands = {
        (list_, code): orjson.loads(body)
        for list_, code, body in connection.execute(select(ListEntry.list, ListEntry.code, ListEntry.body))
    }
    fresh = {
        name: [each for each in entries if stands.get((name, each["code"])) != each]
        for name, entries in told.entries.items()
        if name in KINDS
    }
    _write(connection, fresh, None)
    connection.execute(update(Upstream).values(lists=told.at))
    g.pop("lists", None)
    return fresh


def _write(connection: Connection, said: Mapping[str, Sequence[Entry]], author: str | None) -> None:
    count = sum(len(entries) for entries in said.values())
    if not count:
        return
    # The numbers are taken first: so whoever else writes waits, and a reader never passes one that is still to come.
    connection.execute(update(Installation).values(lists=Installation.lists + count))
    seq = (connection.scalar(select(Installation.lists)) or 0) - count
    rows = []
    for name, entries in said.items():
        for entry in entries:
            seq += 1
            body = orjson.dumps(entry).decode()
            rows.append(
                {
                    "list": name,
                    "code": entry["code"],
                    "seq": seq,
                    "body": body,
                    "author": author,
                    "at": datetime.now(UTC),
                }
            )
    insert_or_update(connection, ListEntry.__table__, rows, ["list", "code"])


def _rows(connection: Connection, after: int, limit: int) -> list[tuple[int, str, Entry]]:
    asked = (
        select(ListEntry.seq, ListEntry.list, ListEntry.body)
        .where(ListEntry.seq > after)
        .order_by(ListEntry.seq)
        .limit(limit)
    )
    return [(seq, list_, orjson.loads(body)) for seq, list_, body in connection.execute(asked)]


def _grouped(rows: Sequence[tuple[int, str, Entry]]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for _seq, list_, entry in rows:
        found.setdefault(list_, []).append(entry)
    return found
