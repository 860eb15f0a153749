"""A hub's side of the exchange with the centre above it: what waits to be passed on, what came down, who works here.

Must never forget a change that the centre has not answered, and never judge what the centre has judged.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, or_, select, update

from server.store import lists, log
from server.store.engine import insert_or_leave, insert_or_update, reading, writing
from server.store.glance import anew
from server.store.log import Brought
from server.store.logged import LOGGED, read_logged
from server.store.people import HUB, Sender
from server.store.tables import Area, LoggedChange, Membership, PassedOn, Upstream, User
from sync.change import Change, Envelope, Logged
from sync.problem import Problem, sentence
from sync.protocol import Reply
from sync.records.lists import Entry

MOST_CHANGES = 200  # in one request
MOST_CHARACTERS = 1024 * 1024  # the same, before they are packed; a single larger change goes alone


@dataclass(frozen=True, slots=True)
class Reached:
    """How far this hub has read at the centre."""

    epoch: str | None = None
    cursors: Mapping[str, str | None] = field(default_factory=dict)
    lists: int = 0


def reached() -> Reached:
    """How far this hub has read at the centre."""
    with reading() as connection:
        row = connection.execute(select(Upstream.epoch, Upstream.cursors, Upstream.lists)).first()
    return Reached(row.epoch, json.loads(row.cursors), row.lists) if row else Reached()


def waiting() -> list[Logged]:
    """The oldest changes of this hub's log that the centre has not answered, as many as go into one request."""
    answered = select(PassedOn.change_id).where(PassedOn.change_id == LoggedChange.id).exists()
    found: list[Logged] = []
    size = 0
    with reading() as connection:
        rows = connection.execute(
            select(*LOGGED).where(~answered).order_by(LoggedChange.received_at, LoggedChange.id).limit(MOST_CHANGES)
        )
        for row in rows:
            size += len(row.body)
            if found and size > MOST_CHARACTERS:
                break
            found.append(read_logged(row))
    return found


def take(reply: Reply, sent: Sequence[Logged], trusted: Sender) -> bool:
    """Read the centre's answer to *sent*, in one transaction. False: it lost history, and all is sent and read anew.

    *trusted*: whom the hub is to the centre. What comes down is taken as it is: the centre has judged it.
    """
    before = reached()
    if before.epoch is not None and reply.epoch != before.epoch:
        writing(lambda connection: _start_over(connection, reply.epoch))
        return False
    came = {entry.change.id: entry for entry in reply.changes}
    brought = {change: Brought(entry.envelope, None) for change, entry in came.items()}
    changes = [entry.change for entry in came.values()]
    refused = {each["id"]: each for each in reply.rejected}
    rows = [
        {"change_id": change, "reason": each["reason"], "detail": json.dumps(each.get("detail", {}))}
        for change, each in refused.items()
    ] + [
        {"change_id": change, "reason": None, "detail": None}
        for change in {*came, *(entry.change.id for entry in sent)} - set(refused)
    ]
    cursors = {area: each["cursor"] for area, each in reply.areas.items()}
    nobody = Envelope(author=trusted.user_id, device=trusted.device_id, received_at="")

    def work(connection: Connection, also: frozenset[str]) -> Mapping[str, Sequence[Entry]]:
        _make_areas(connection, changes, reply.areas)
        log.accept(connection, trusted, changes, nobody, also, brought)
        log.correct(connection, {change: entry.envelope for change, entry in came.items()})
        insert_or_update(connection, PassedOn.__table__, rows, ["change_id"])
        row = {"id": 1, "epoch": reply.epoch, "cursors": json.dumps(cursors)}
        insert_or_update(connection, Upstream.__table__, [row], ["id"])
        return lists.take(connection, reply.lists) if reply.lists is not None else {}

    if log.accepting(work):
        anew.catch_up()
    return True


def try_again() -> int:
    """What the centre refused is sent once more at the next exchange; how many."""
    return writing(
        lambda connection: int(connection.execute(delete(PassedOn).where(PassedOn.reason.is_not(None))).rowcount)
    )


def refused(areas: Collection[str]) -> list[dict[str, Any]]:
    """What this hub has and the centre refused, in *areas*: who, when, why, and the change."""
    with reading() as connection:
        rows = connection.execute(
            select(
                PassedOn.reason, PassedOn.detail, LoggedChange.body, LoggedChange.received_at, User.name.label("author")
            )
            .join(LoggedChange, LoggedChange.id == PassedOn.change_id)
            .outerjoin(User, User.id == LoggedChange.author)
            .where(PassedOn.reason.is_not(None), LoggedChange.area.in_(areas))
            .order_by(LoggedChange.id.desc())
            .limit(500)
        ).mappings()
        return [
            {**row, "detail": json.loads(row["detail"] or "{}"), "change": orjson.loads(row["body"])} for row in rows
        ]


def take_accounts(accounts: Sequence[Mapping[str, Any]], areas: Mapping[str, Mapping[str, Any]]) -> int:
    """Have just those work here who work in *areas* at the centre, under their ids; how many. Passwords are this hub's own.

    Raises `Problem` ``username_taken`` where somebody else has such a name here.
    """
    now = datetime.now(UTC)
    people = {each["id"]: each for each in accounts}

    def work(connection: Connection) -> None:
        known = dict(connection.execute(select(User.username, User.id)).all())
        for each in people.values():
            if known.get(each["username"], each["id"]) != each["id"]:
                raise Problem(
                    "username_taken",
                    409,
                    sentence(
                        "“%(name)s” is another person here than at the centre. Begin the hub with an empty database."
                    ),
                    params={"name": each["username"]},
                )
        here = set(known.values())
        for each in people.values():
            values = {"username": each["username"], "name": each["name"]}
            if each["id"] in here:
                connection.execute(update(User).where(User.id == each["id"]).values(**values))
                continue
            new = {"id": each["id"], "password_hash": "", "is_admin": False, "is_disabled": False, "made_at": now}
            connection.execute(User.__table__.insert().values(**values, **new))
        _make_areas(connection, [], areas)
        # All that people may do here is the centre's to say, where an area was taken from this hub too. Only a hub of this hub
        # is known here alone: it has no more areas than this one.
        connection.execute(
            delete(Membership).where(or_(Membership.role != HUB, Membership.area_id.not_in(list(areas))))
        )
        rows = [
            {"user_id": each["id"], "area_id": area, "role": role}
            for each in people.values()
            for area, role in each["roles"].items()
            if area in areas
        ]
        insert_or_update(connection, Membership.__table__, rows, ["user_id", "area_id"])

    writing(work)
    return len(people)


def _make_areas(connection: Connection, changes: Sequence[Change], named: Mapping[str, Mapping[str, Any]]) -> None:
    """Have a row for each area that is the hub's, or that a record went to or came from; nobody works in those here."""
    mentioned = {change.area for change in changes}
    mentioned |= {target for change in changes if isinstance(target := change.set.get("area"), str)}
    now = datetime.now(UTC)
    rows = [
        {"id": area, "name": "–", "counter": 0, "chain": "", "made_at": now} for area in sorted(mentioned | set(named))
    ]
    insert_or_leave(connection, Area.__table__, rows)
    for area, each in named.items():
        if "name" in each:
            connection.execute(update(Area).where(Area.id == area).values(name=each["name"]))


def _start_over(connection: Connection, epoch: str) -> None:
    connection.execute(delete(PassedOn))
    row = {"id": 1, "epoch": epoch, "cursors": "{}", "lists": 0}
    insert_or_update(connection, Upstream.__table__, [row], ["id"])
