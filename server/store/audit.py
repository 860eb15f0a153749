"""The audit log: who saw, exported and changed what. Rows are added and read.

Must never change a row, and never hold a password, a token or a value of a record. What says that somebody looked at a record
(`looks`) goes after a year; nothing else ever does.
"""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select

from server.store.engine import reading, writing
from server.store.tables import Area, Audit, User

PAGE = 100
LOOKED = "looked"
HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def note(connection: Connection, who: str | None, what: str, area: str | None = None, **said: Any) -> None:
    """Add a row, in the transaction that does what it tells of. *who*: None for whoever runs the installation."""
    text = json.dumps(said, ensure_ascii=False, default=str)
    row = {"at": datetime.now(UTC), "user_id": who, "what": what, "area": area, "said": text}
    connection.execute(Audit.__table__.insert().values(**row))


def note_now(who: str | None, what: str, area: str | None = None, **said: Any) -> None:
    """Add a row about something that writes nothing else: somebody looked, or took a file along."""
    writing(lambda connection: note(connection, who, what, area, **said))


def page(
    areas: Collection[str] | None,
    *,
    who: str = "",
    what: str = "",
    record: str = "",
    since: date | None = None,
    until: date | None = None,
    before: int | None = None,
) -> Sequence[dict[str, Any]]:
    """One page and one more, newest first: `id`, `at`, `who` (a name), `what`, `area` (a name), `record` (an id), `said`.

    *areas*: what happened there and nothing else; None: everything. *since*, *until*: days of Vietnam, both included.
    """
    question = (
        select(
            Audit.id, Audit.at, Audit.what, Audit.record, Audit.said, User.name.label("who"), Area.name.label("area")
        )
        .outerjoin(User, User.id == Audit.user_id)
        .outerjoin(Area, Area.id == Audit.area)
        .order_by(Audit.id.desc())
        .limit(PAGE + 1)
    )
    if areas is not None:
        question = question.where(Audit.area.in_(areas))
    if who:
        question = question.where(or_(Audit.user_id == who, User.username == who))
    for column, wish in ((Audit.what, what), (Audit.record, record)):
        if wish:
            question = question.where(column == wish)
    if since:
        question = question.where(Audit.at >= _begin(since))
    if until:
        question = question.where(Audit.at < _begin(until + timedelta(days=1)))
    if before is not None:
        question = question.where(Audit.id < before)
    with reading() as connection:
        return [{**row, "said": json.loads(row["said"])} for row in connection.execute(question).mappings()]


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)


def kinds() -> list[str]:
    """What there are rows of."""
    with reading() as connection:
        return list(connection.scalars(select(Audit.what).distinct().order_by(Audit.what)))
