"""Enrolment codes: a manager shows one, the phone that reads it is signed in, once, within a quarter of an hour.

Must never keep a code, only what proves one, and never give one out for somebody whose areas its maker does not all manage.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from server.store import attempts, people
from server.store.engine import reading, writing
from server.store.people import Sender
from server.store.tables import Enrolment, Membership, User
from sync.problem import Problem, sentence

LASTS = timedelta(minutes=15)
# No letter that looks like another, so that a code can be read out over the telephone.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10  # of 5 bits each: a thousand guesses a second for a quarter of an hour hit one in a thousand million
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody for whom a code may be made."""

    id: str
    username: str
    name: str


def whom(maker: Sender) -> list[Person]:
    """Those whom *maker* may enrol, by name: an administrator everybody, a manager whose areas are all theirs to manage."""
    with reading() as connection:
        rows = connection.execute(
            select(User.id, User.username, User.name, User.is_admin).where(~User.is_disabled).order_by(User.name)
        ).all()
        areas: dict[str, set[str]] = {}
        hubs: set[str] = set()
        for user, area, role in connection.execute(select(Membership.user_id, Membership.area_id, Membership.role)):
            areas.setdefault(user, set()).add(area)
            if role == people.HUB:
                hubs.add(user)
    return [
        Person(row.id, row.username, row.name)
        for row in rows
        if maker.is_admin
        or (not row.is_admin and row.id in areas and row.id not in hubs and all(map(maker.manages, areas[row.id])))
    ]


def make(user_id: str, maker: Sender | None) -> str:
    """A code for a user, as it is shown. *maker*: None for whoever runs the installation.

    Raises `Problem` ``not_yours_to_enrol`` (403).
    """
    if maker is not None and user_id not in {each.id for each in whom(maker)}:
        raise Problem(
            "not_yours_to_enrol",
            403,
            sentence("You can add a phone only for people all of whose areas you manage. Ask an administrator."),
        )
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    now = datetime.now(UTC)

    def work(connection: Connection) -> None:
        connection.execute(delete(Enrolment).where(Enrolment.expires_at < now - timedelta(days=1)))
        connection.execute(
            Enrolment.__table__.insert().values(
                hash=people.digest(letters),
                user_id=user_id,
                made_by=maker.user_id if maker else None,
                made_at=now,
                expires_at=now + LASTS,
            )
        )

    writing(work)
    return f"{letters[:5]}-{letters[5:]}"


def redeem(code: str, device_id: str, device_name: str, address: str, slow_after: int) -> str:
    """A new token for whom *code* was made, on this device; the code is over with it.

    Raises `Problem`: `wrong_code` (401), `code_used` and `code_expired` (410), and `too_many_attempts` (429) as for passwords.
    """
    limits = {f"address:{address}"[:200]: 10 * slow_after}
    attempts.wait_first(limits)
    hashed = people.digest(_plain(code))
    now = datetime.now(UTC)

    def work(connection: Connection) -> str | None:
        # One statement takes the code: of two phones that show it at the same moment, one finds it taken.
        taken = connection.execute(
            update(Enrolment)
            .where(Enrolment.hash == hashed, Enrolment.used_at.is_(None), Enrolment.expires_at > now)
            .values(used_at=now)
        )
        if taken.rowcount == 0:
            return None
        user = connection.scalar(
            select(User.id)
            .join(Enrolment, Enrolment.user_id == User.id)
            .where(Enrolment.hash == hashed, ~User.is_disabled)
        )
        return people.begin_session(connection, user, device_id, device_name) if user else None

    token = writing(work)
    if token is None:
        raise _why_not(hashed, limits)
    return token


def _why_not(hashed: str, limits: dict[str, int]) -> Problem:
    with reading() as connection:
        row = connection.execute(select(Enrolment.used_at).where(Enrolment.hash == hashed)).first()
    if row is None:
        attempts.count(list(limits))
        return Problem("wrong_code", 401, sentence("This code is not right. Look at it again, or ask for a new one."))
    if row.used_at is not None:
        return Problem("code_used", 410, sentence("This code was used already. Ask your manager for a new one."))
    return Problem("code_expired", 410, sentence("This code is too old. Ask your manager for a new one."))


def _plain(code: str) -> str:
    """*code* as it was made, however it was typed."""
    return "".join(c for c in code.upper().translate(_LOOKALIKES) if c in _LETTERS)
