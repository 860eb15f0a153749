"""How officers and their phones are doing: what each phone reported, who is silent, what was recorded on which day.

Must never take a phone's own word for more than a hint: a report may say anything.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, func, select, update

from server.store import audit, enrolment
from server.store.engine import reading, writing
from server.store.glance.tables import Glance
from server.store.people import OFFICER, Sender
from server.store.tables import Device, Membership, Token, User
from sync.change import edited_at
from sync.problem import Problem, sentence
from sync.records.fields import GREATEST_INTEGER

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS = 7
SILENT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of somebody's. `live`: how many sign-ins on it still open something; none: it was cut off or signed out."""

    id: str
    user_id: str
    person: str
    name: str
    made_at: datetime
    seen_at: datetime | None
    skew_ms: int | None
    worst_skew_ms: int | None
    report: Mapping[str, Any]
    live: int

    @property
    def is_silent(self) -> bool:
        return bool(self.live) and datetime.now(UTC) - (self.seen_at or self.made_at) > SILENT


def phones(areas: Collection[str]) -> list[Phone]:
    """The phones of those who work in *areas*, the longest silent first."""
    live = (
        select(func.count())
        .where(Token.device_id == Device.id, Token.user_id == Device.user_id, Token.revoked_at.is_(None))
        .scalar_subquery()
    )
    workers = select(Membership.user_id).where(Membership.area_id.in_(areas))
    with reading() as connection:
        rows = connection.execute(
            select(
                Device.id,
                Device.user_id,
                User.name.label("person"),
                Device.name,
                Device.made_at,
                Device.seen_at,
                Device.skew_ms,
                Device.worst_skew_ms,
                Device.report,
                live.label("live"),
            )
            .join(User, User.id == Device.user_id)
            .where(Device.user_id.in_(workers))
        ).mappings()
        found = [Phone(**{**row, "report": _report(row["report"])}) for row in rows]
    return sorted(found, key=lambda each: (not each.live, each.seen_at or each.made_at))


def without_phone(areas: Collection[str]) -> list[str]:
    """The officers of *areas* who are signed in on no phone: never were, signed out, or were cut off; by name."""
    there = select(Token.user_id).where(Token.revoked_at.is_(None))
    with reading() as connection:
        return list(
            connection.scalars(
                select(User.name)
                .join(Membership, Membership.user_id == User.id)
                .where(
                    Membership.area_id.in_(areas), Membership.role == OFFICER, ~User.is_disabled, User.id.not_in(there)
                )
                .distinct()
                .order_by(User.name)
            )
        )


def days(today: date | None = None) -> list[date]:
    """The last days, the newest first."""
    last = today or datetime.now(HERE).date()
    return [last - timedelta(days=back) for back in range(DAYS)]


def recorded(areas: Collection[str]) -> dict[str, Counter[date]]:
    """How many records each person made on each of the last days: by the phone's own clock, in which ids are made."""
    since = datetime.combine(days()[-1], datetime.min.time(), HERE)
    least = f"{int(since.timestamp() * 1000):012x}"
    found: defaultdict[str, Counter[date]] = defaultdict(Counter)
    with reading() as connection:
        # Hidden, so that SQLite goes by the ids, of which few are new, and not through all that the area has.
        here = func.coalesce(Glance.area, "").in_(areas)
        rows = connection.execute(select(Glance.author, Glance.id).where(here, Glance.id >= f"{least[:8]}-{least[8:]}"))
        for author, record in rows:
            if made := edited_at(record):
                found[author][made.astimezone(HERE).date()] += 1
    return found


def cut_off(reader: Sender, device: str, user: str) -> int:
    """End all sign-ins of somebody's phone; how many. Raises `Problem` ``not_yours_to_cut_off`` (403)."""
    if user not in {each.id for each in enrolment.whom(reader)}:
        raise Problem(
            "not_yours_to_cut_off",
            403,
            sentence("You can cut off phones only of people all of whose areas you manage. Ask an administrator."),
        )

    def work(connection: Connection) -> int:
        mine = Token.device_id == device, Token.user_id == user, Token.revoked_at.is_(None)
        ended = connection.execute(update(Token).where(*mine).values(revoked_at=datetime.now(UTC)))
        audit.note(connection, reader.user_id, "phone_cut_off", None, device=device, user=user, sign_ins=ended.rowcount)
        return int(ended.rowcount)

    return writing(work)


def _report(text: str | None) -> Mapping[str, Any]:
    found = orjson.loads(text or "{}")
    # A broken phone, or a bad one, may report any number.
    whole = found if isinstance(found, dict) else {}
    return {
        name: value
        for name, value in whole.items()
        if not isinstance(value, int | float) or 0 <= value <= GREATEST_INTEGER
    }
