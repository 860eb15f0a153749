"""What a manager has called right as it is, by whom and when; and the yields that nobody would believe.

Must never hide a doubt about something that changed since: each row keeps a print of what it was said of.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select

from server.store import audit
from server.store.engine import insert_or_update, reading, writing
from server.store.people import Sender
from server.store.tables import RightAsItIs, User, YieldLimit
from sync.limits import MOST_T_HA


def settled(rule: str) -> dict[tuple[str, str], str]:
    """The prints of what was called right under a rule, by record and other."""
    with reading() as connection:
        asked = select(RightAsItIs.record, RightAsItIs.other, RightAsItIs.print).where(RightAsItIs.rule == rule)
        return {(record, other): print_ for record, other, print_ in connection.execute(asked)}


def say(sender: Sender, area: str, rule: str, record: str, other: str, print_: str, note: str) -> None:
    """It is right as it is."""
    row = {
        "rule": rule, "record": record, "other": other, "area": area, "print": print_, "author": sender.user_id,
        "at": datetime.now(UTC), "note": note,
    }  # fmt: skip

    def work(connection: Connection) -> None:
        insert_or_update(connection, RightAsItIs.__table__, [row], ["rule", "record", "other"])
        audit.note(connection, sender.user_id, "right_as_it_is", area, rule=rule, record=record)

    writing(work)


def take_back(sender: Sender, area: str, rule: str, record: str, other: str) -> None:
    """It is to be looked at again."""

    def work(connection: Connection) -> None:
        here = (
            RightAsItIs.rule == rule,
            RightAsItIs.record == record,
            RightAsItIs.other == other,
            RightAsItIs.area == area,
        )
        if connection.execute(delete(RightAsItIs).where(*here)).rowcount:
            audit.note(connection, sender.user_id, "looked_at_again", area, rule=rule, record=record)

    writing(work)


def said(areas: list[str], rule: str) -> list[dict[str, object]]:
    """What was called right under a rule, newest first: `record`, `other`, `at`, `note`, `who`."""
    asked = (
        select(
            RightAsItIs.record,
            RightAsItIs.other,
            RightAsItIs.area,
            RightAsItIs.at,
            RightAsItIs.note,
            User.name.label("who"),
        )
        .outerjoin(User, User.id == RightAsItIs.author)
        .where(RightAsItIs.rule == rule, RightAsItIs.area.in_(areas))
        .order_by(RightAsItIs.at.desc())
        .limit(200)
    )
    with reading() as connection:
        return [dict(row) for row in connection.execute(asked).mappings()]


def yield_limits() -> dict[str, float]:
    """Tonnes a hectare and season that nobody would believe, by crop: the installation's own before ours."""
    with reading() as connection:
        own = connection.execute(select(YieldLimit.crop, YieldLimit.most)).all()
    return dict(MOST_T_HA) | {crop: float(most) for crop, most in own}


def set_yield_limits(sender: Sender, limits: Mapping[str, float | None]) -> None:
    """Put limits in place; None: ours again."""
    rows = [{"crop": crop, "most": most} for crop, most in limits.items() if most is not None]

    def work(connection: Connection) -> None:
        gone = [crop for crop, most in limits.items() if most is None]
        connection.execute(delete(YieldLimit).where(YieldLimit.crop.in_(gone)))
        insert_or_update(connection, YieldLimit.__table__, rows, ["crop"])
        audit.note(connection, sender.user_id, "yield_limits", crops=sorted(limits))

    writing(work)
