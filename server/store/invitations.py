"""Links that are good once: a new administrator sets a name and a password by one, anybody else a new password.

Must never keep a link, only what proves one; never use one up by looking at it (a messenger opens what is sent through it);
and never tell more to whoever has no right one than that it is not right.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from server.store import attempts, audit, passwords, people
from server.store.engine import reading, writing
from server.store.tables import Invitation, User
from sync.problem import Problem, sentence

LASTS = timedelta(hours=24)
_KEPT = timedelta(days=30)  # afterwards nobody is told any more that a link was used: it is not right, and that is all


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link is for. `username`, `name`: empty for an administrator who is to be."""

    user_id: str | None
    username: str = ""
    name: str = ""


def make(user_id: str | None, maker: str | None) -> str:
    """The secret of a new link: for a new password of a user, or (None) for a new administrator.

    *maker*: the id of the administrator who makes it; None for whoever runs the installation. Of one person only the
    newest link is good.
    """
    secret, now = secrets.token_urlsafe(24), datetime.now(UTC)

    def work(connection: Connection) -> None:
        same = Invitation.user_id.is_(None) if user_id is None else Invitation.user_id == user_id
        connection.execute(delete(Invitation).where(same, Invitation.used_at.is_(None)))
        connection.execute(delete(Invitation).where(Invitation.expires_at < now - _KEPT))
        connection.execute(
            Invitation.__table__.insert().values(
                hash=people.digest(secret), user_id=user_id, made_by=maker, made_at=now, expires_at=now + LASTS
            )
        )
        audit.note(connection, maker, "link_made", user=user_id)

    writing(work)
    return secret


def look(secret: str, address: str, slow_after: int) -> Invited:
    """Whom the link is for.

    Raises `Problem`: `wrong_link` (404), `link_used` and `link_expired` (410), `too_many_attempts` (429) as for passwords.
    """
    limits = {f"address:{address}"[:200]: 10 * slow_after}
    attempts.wait_first(limits)
    try:
        with reading() as connection:
            return _good(connection, people.digest(secret))
    except Problem as problem:
        if problem.code == "wrong_link":
            attempts.count(list(limits))
        raise


def redeem(secret: str, username: str, name: str, password: str) -> str:
    """Make the administrator, or set the password, and use the link up; the user's id.

    A name or a password that will not do leaves the link as it was. Raises `Problem` as `look` and `people.add_user` do.
    """
    hashed, proof, now = passwords.hashed(password), people.digest(secret), datetime.now(UTC)

    def work(connection: Connection) -> str:
        # One statement takes the link: of two who open it at the same moment, one finds it taken.
        taken = connection.execute(
            update(Invitation)
            .where(Invitation.hash == proof, Invitation.used_at.is_(None), Invitation.expires_at > now)
            .values(used_at=now)
        )
        if taken.rowcount == 0:
            _good(connection, proof)
            raise _used()
        user = connection.scalar(select(Invitation.user_id).where(Invitation.hash == proof))
        if user is None:
            user = people.put_in(connection, username, hashed, people.ADMIN, [], name)
        elif not connection.execute(
            update(User).where(User.id == user, ~User.is_disabled).values(password_hash=hashed)
        ).rowcount:
            raise _wrong()
        audit.note(connection, user, "link_used", user=user)
        return str(user)

    return writing(work)


def _good(connection: Connection, proof: str) -> Invited:
    row = connection.execute(
        select(
            Invitation.user_id,
            Invitation.used_at,
            Invitation.expires_at,
            User.username,
            User.name,
            User.is_disabled,
        )
        .outerjoin(User, User.id == Invitation.user_id)
        .where(Invitation.hash == proof)
    ).first()
    if row is None or row.is_disabled:
        raise _wrong()
    if row.used_at is not None:
        raise _used()
    if row.expires_at < datetime.now(UTC):
        raise Problem(
            "link_expired",
            410,
            sentence(
                "This link is too old: it was good for a day. Ask an administrator for a new one; whoever runs the centre makes"
                " one with “nuong user invite”."
            ),
        )
    return Invited(row.user_id, row.username or "", row.name or "")


def _wrong() -> Problem:
    return Problem(
        "wrong_link",
        404,
        sentence(
            "This link is not right, or a newer one took its place. See whether all of it was copied, or ask an administrator"
            " for a new one."
        ),
    )


def _used() -> Problem:
    return Problem(
        "link_used",
        410,
        sentence(
            "This link was used already. Sign in with the password that was set by it. If that was not you, tell an"
            " administrator at once."
        ),
    )
