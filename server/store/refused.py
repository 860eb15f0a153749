"""What managers do with what was refused: look, accept it after all, mend it, put it away; each with who decided.

Must never delete a row or change what was sent: a mended change is another change, with the mender as its author.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update
from sqlalchemy.orm import aliased

from server.store import audit, log
from server.store.engine import reading, writing
from server.store.people import Sender, new_id, still
from server.store.quarantine import ACCEPTED, MENDED, PUT_AWAY, meant_for
from server.store.tables import Device, Membership, NotKept, Quarantined, User
from sync.change import Change, Envelope, Refused, as_text, read_change
from sync.problem import FieldError, Problem, sentence
from sync.protocol import FORBIDDEN, ID_REUSED, INVALID
from sync.records import SCHEMA, TYPES

PAGE = 50
# What can come in after all: what is too large cannot.
MENDABLE = (INVALID, FORBIDDEN, ID_REUSED)
_mender = aliased(User)


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """A row of the quarantine. `body`: what was sent; `settled_how` and `answer`: what `settled_by` (a name) decided."""

    id: int
    reason: str
    detail: Mapping[str, Any]
    body: Any
    author_id: str
    author: str
    device_id: str
    area: str | None
    received_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settled_how: str | None
    answer: str | None

    @property
    def sent(self) -> Mapping[str, Any]:
        """What it set; nothing where it was no change at all."""
        found = self.body.get("set") if isinstance(self.body, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def type(self) -> str:
        found = self.body.get("type") if isinstance(self.body, dict) else None
        return found if isinstance(found, str) else ""

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    @property
    def can_come_in(self) -> bool:
        """Whether there is enough of it for a person to mend."""
        return self.is_open and self.reason in MENDABLE and bool(self.sent) and self.type in TYPES


def page(
    areas: Collection[str], *, settled: bool = False, author: str = "", reason: str = "", before: int | None = None
) -> list[RefusedChange]:
    """One page and one more, newest first: what waits, or (*settled*) what people decided."""
    question = _question(areas).order_by(Quarantined.id.desc()).limit(PAGE + 1)
    question = question.where(Quarantined.settled_by.is_not(None) if settled else Quarantined.settled_at.is_(None))
    for column, wish in ((Quarantined.user_id, author), (Quarantined.reason, reason)):
        if wish:
            question = question.where(column == wish)
    if before is not None:
        question = question.where(Quarantined.id < before)
    with reading() as connection:
        return [_read(row) for row in connection.execute(question)]


def waiting(areas: Collection[str]) -> list[Row[Any]]:
    """How many wait, by author and reason: `user_id`, `name`, `reason`, `count`; most first."""
    count = func.count().label("times")
    with reading() as connection:
        return list(
            connection.execute(
                select(Quarantined.user_id, User.name, Quarantined.reason, count)
                .join(User, User.id == Quarantined.user_id)
                .where(meant_for(areas), Quarantined.settled_at.is_(None))
                .group_by(Quarantined.user_id, User.name, Quarantined.reason)
                .order_by(count.desc())
            )
        )


def not_kept(areas: Collection[str]) -> list[Row[Any]]:
    """What was refused from people of *areas* and only counted: `name`, `phone`, `reason`, `count`, `first_at`, `last_at`."""
    workers = select(Membership.user_id).where(Membership.area_id.in_(areas))
    with reading() as connection:
        return list(
            connection.execute(
                select(
                    User.name,
                    Device.name.label("phone"),
                    NotKept.reason,
                    NotKept.count.label("times"),
                    NotKept.first_at,
                    NotKept.last_at,
                )
                .join(User, User.id == NotKept.user_id)
                .outerjoin(Device, and_(Device.id == NotKept.device_id, Device.user_id == NotKept.user_id))
                .where(NotKept.user_id.in_(workers))
                .order_by(NotKept.last_at.desc())
            )
        )


def one(number: int, areas: Collection[str]) -> RefusedChange | None:
    """A row, where it is for the managers of *areas*."""
    with reading() as connection:
        return _one(connection, number, areas)


def accept(reader: Sender, number: int, answer: str) -> None:
    """Take a change in as it came, in the name of its author, by the rights of *reader*. Raises `Problem`."""

    def work(connection: Connection, also: frozenset[str]) -> None:
        found, judge = _open_row(connection, reader, number)
        change = _checked(found.body)
        received = as_text(found.received_at)
        envelope = Envelope(author=found.author_id, device=found.device_id, received_at=received)
        brought = {change.id: log.Brought(envelope, judge)}
        outcome = log.accept(connection, judge, [change], envelope, also, brought)
        _must_be_in(outcome)
        _settle(connection, judge, found, ACCEPTED, answer, change.id)

    log.accepting(work)


def mend(reader: Sender, number: int, values: Mapping[str, Any], area: str, answer: str) -> None:
    """Take in what a change said, with *values* in the place of its own, as a change of *reader*'s.

    *values*: all that is set. *area*: where the record lives, if it is not known yet. Raises `Problem`.
    """

    def work(connection: Connection, also: frozenset[str]) -> None:
        found, judge = _open_row(connection, reader, number)
        raw = found.body
        over = raw.get("over")  # as it was sent: anything
        kept = {name: ids for name, ids in over.items() if name in values} if isinstance(over, dict) else {}
        body = {**raw, "id": new_id(), "area": area, "set": dict(values), "over": kept, "schema": SCHEMA}
        if not values.get("deleted"):
            body.pop("seen", None)
        change = _checked({name: value for name, value in body.items() if name not in ("over", "envelope") or value})
        now = as_text(datetime.now(UTC))
        envelope = Envelope(author=judge.user_id, device=judge.device_id or "console", received_at=now)
        _must_be_in(log.accept(connection, judge, [change], envelope, also))
        _settle(connection, judge, found, MENDED, answer, change.id)

    log.accepting(work)


def put_away(reader: Sender, numbers: Sequence[int], answer: str) -> int:
    """Nobody need look at these any more; how many there were. They stay, and can be taken out again."""

    def work(connection: Connection) -> int:
        judge = still(connection, reader)
        found = [each for number in numbers if (each := _one(connection, number, _areas_of(judge))) and each.is_open]
        for each in found:
            _settle(connection, judge, each, PUT_AWAY, answer, None)
        return len(found)

    return writing(work)


def take_out(reader: Sender, number: int) -> None:
    """What was put away waits again."""

    def work(connection: Connection) -> None:
        judge = still(connection, reader)
        found = _one(connection, number, _areas_of(judge))
        if found is None or found.settled_how != PUT_AWAY:
            raise _gone()
        connection.execute(
            update(Quarantined)
            .where(Quarantined.id == number)
            .values(settled_at=None, settled_by=None, settled_how=None)
        )
        audit.note(connection, judge.user_id, "refused_taken_out", found.area, number=number)

    writing(work)


def _open_row(connection: Connection, reader: Sender, number: int) -> tuple[RefusedChange, Sender]:
    """The row, held to the end of the transaction: of two managers one decides."""
    judge = still(connection, reader)
    connection.execute(select(Quarantined.id).where(Quarantined.id == number).with_for_update())
    found = _one(connection, number, _areas_of(judge))
    if found is None or not found.is_open:
        raise _gone()
    if not found.can_come_in:
        raise Problem(
            "cannot_mend", 422, sentence("Too little of this is there to be mended. Put it away, with an answer.")
        )
    return found, replace(judge, device_id=judge.device_id or "console")


def _settle(
    connection: Connection, judge: Sender, found: RefusedChange, how: str, answer: str, change: str | None
) -> None:
    connection.execute(
        update(Quarantined)
        .where(Quarantined.id == found.id)
        .values(settled_at=datetime.now(UTC), settled_by=judge.user_id, settled_how=how, answer=answer or None)
    )
    audit.note(connection, judge.user_id, f"refused_{how}", found.area, number=found.id, change=change)


def _checked(raw: Any) -> Change:
    try:
        return read_change({name: value for name, value in raw.items() if name != "envelope"})
    except Refused as refused:
        raise Problem(
            "still_refused",
            422,
            sentence("It cannot be accepted so either: look at “%(field)s” again."),
            params={"field": refused.detail.get("field") or "?"},
            errors=[FieldError(str(refused.detail.get("field", "")), str(refused.detail.get("code", "")))],
        ) from refused


def _must_be_in(outcome: log.Outcome) -> None:
    if outcome.rejected:
        raise Problem(
            "no_right_either",
            403,
            sentence("You have no right to this either. Ask an administrator, or put it away with an answer."),
        )


def _gone() -> Problem:
    return Problem(
        "settled_meanwhile", 409, sentence("Somebody has decided about this meanwhile. Go back to the list.")
    )


def _areas_of(judge: Sender) -> list[str]:
    return [area for area in judge.roles if judge.manages(area)]


def _question(areas: Collection[str]) -> Any:
    return (
        select(Quarantined.__table__, User.name.label("author"), _mender.name.label("mender"))
        .join(User, User.id == Quarantined.user_id)
        .outerjoin(_mender, _mender.id == Quarantined.settled_by)
        .where(meant_for(areas))
    )


def _one(connection: Connection, number: int, areas: Collection[str]) -> RefusedChange | None:
    row = connection.execute(_question(areas).where(Quarantined.id == number)).first()
    return _read(row) if row else None


def _read(row: Row[Any]) -> RefusedChange:
    return RefusedChange(
        id=row.id,
        reason=row.reason,
        detail=json.loads(row.detail),
        body=json.loads(row.body),
        author_id=row.user_id,
        author=row.author,
        device_id=row.device_id,
        area=row.area,
        received_at=row.received_at,
        settled_at=row.settled_at,
        settled_by=row.mender,
        settled_how=row.settled_how,
        answer=row.answer,
    )
