"""Who there is and who may what: users, their roles in areas, their phones and tokens.

Must never keep a token, only what proves one; never tell an unknown name from a wrong password; and never leave an
installation without an administrator.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils
from sqlalchemy import Connection, delete, func, select, update

from server.store import attempts, passwords
from server.store.engine import insert_or_update, reading, writing
from server.store.tables import Area, Device, Membership, Token, User
from sync.problem import FieldError, Problem, sentence

OFFICER, MANAGER, ADMIN = "officer", "manager", "admin"
HUB = "hub"  # no person: a server of ours nearer to the field, which brings what others recorded
ROLES = (OFFICER, MANAGER, ADMIN, HUB)
SHORTEST_NAME, LONGEST_NAME = 2, 100


@dataclass(frozen=True, slots=True)
class Sender:
    """Who is speaking: a user on a device, with a role in each area that is theirs. `token`: its hash; none at the console."""

    user_id: str
    username: str
    name: str
    device_id: str
    is_admin: bool
    roles: Mapping[str, str]
    area_names: Mapping[str, str]
    token: str = ""

    def manages(self, area: str) -> bool:
        """Whether this person may do what is a manager's alone, in *area*."""
        return self.roles.get(area) in (MANAGER, ADMIN)

    @property
    def is_hub(self) -> bool:
        """Whether this is a hub, which brings what others recorded."""
        return HUB in self.roles.values()


def fold_name(username: str) -> str:
    """A user name as it is kept and compared."""
    return unicodedata.normalize("NFC", username).strip().casefold()


def new_id() -> str:
    """A new UUIDv7."""
    return str(uuid_utils.uuid7())


# Areas -----------------------------------------------------------------------------------------------------------


def add_area(name: str) -> str:
    """Make an area; its id. Raises `Problem` (`bad_name`, `area_name_taken`)."""
    name, area = area_name(name), new_id()

    def work(connection: Connection) -> None:
        check_name_is_free(connection, area, name)
        values = {"id": area, "name": name, "counter": 0, "chain": "", "made_at": datetime.now(UTC)}
        connection.execute(Area.__table__.insert().values(values))

    writing(work)
    return area


def area_name(name: str) -> str:
    """A name as an area has it. Raises `Problem` ``bad_name``."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= 200:
        raise Problem(
            "bad_name",
            422,
            sentence("Give the area a name of 1 to 200 characters."),
            errors=[FieldError("name", "length")],
        )
    return name


def check_name_is_free(connection: Connection, area: str, name: str) -> None:
    """Raises `Problem` ``area_name_taken`` where another area is called so: nobody could tell which of them is meant.

    Marks count: of two communes the names may differ by nothing else. An area keeps a name that it has already.
    """
    names: dict[str, str] = dict(connection.execute(select(Area.id, Area.name)).all())
    taken = {known.casefold() for known in names.values()}
    if name.casefold() in taken and name.casefold() != names.get(area, "").casefold():
        raise Problem(
            "area_name_taken",
            409,
            sentence("There is an area of this name already. Choose another name."),
            errors=[FieldError("name", "taken")],
        )


def list_areas() -> list[dict[str, Any]]:
    """All areas by name: `id`, `name`, `members`."""
    members = select(func.count()).where(Membership.area_id == Area.id).scalar_subquery()
    with reading() as connection:
        rows = connection.execute(select(Area.id, Area.name, members.label("members")).order_by(Area.name))
        return [dict(row) for row in rows.mappings()]


# Users -----------------------------------------------------------------------------------------------------------


def add_user(username: str, password: str, role: str, areas: Sequence[str], name: str = "") -> str:
    """Make a user; its id. Raises `Problem` for a name, password, role or area that will not do."""
    _checked_username(username)
    passwords.check(password)
    if role not in ROLES:
        raise Problem("bad_role", 422, sentence("The role is officer, manager, admin or hub."))
    if role != ADMIN and not areas:
        raise Problem(
            "no_area",
            422,
            sentence("An officer, a manager or a hub needs at least one area."),
            errors=[FieldError("area", "missing")],
        )
    kept = passwords.hashed(password)
    return writing(lambda connection: put_in(connection, username, kept, role, areas, name))


def put_in(
    connection: Connection, username: str, password_hash: str, role: str, areas: Sequence[str], name: str = ""
) -> str:
    """As `add_user`, in a transaction of the caller's."""
    folded, user = _checked_username(username), new_id()
    if connection.scalar(select(User.id).where(User.username == folded)):
        raise Problem(
            "username_taken",
            409,
            sentence("There is a user of this name already. Choose another name."),
            errors=[FieldError("username", "taken")],
        )
    _check_areas(connection, areas)
    connection.execute(
        User.__table__.insert().values(
            id=user,
            username=folded,
            name=" ".join(name.replace("\0", "").split())[:200] or username.strip(),
            password_hash=password_hash,
            is_admin=role == ADMIN,
            is_disabled=False,
            made_at=datetime.now(UTC),
        )
    )
    rows = [{"user_id": user, "area_id": area, "role": MANAGER if role == ADMIN else role} for area in areas]
    insert_or_update(connection, Membership.__table__, rows, ["user_id", "area_id"])
    return user


def set_password(username: str, password: str) -> None:
    """Give a user a new password. Raises `Problem` (`unknown_user`, `bad_password`)."""
    kept = passwords.hashed(password)

    def work(connection: Connection) -> None:
        found = connection.execute(update(User).where(User.username == fold_name(username)).values(password_hash=kept))
        if found.rowcount == 0:
            raise Problem("unknown_user", 404, sentence("There is no such user. “nuong user list” shows them."))

    writing(work)


def set_role(user_id: str, area: str, role: str | None) -> None:
    """Give a user a role in an area, or (None) take the area away."""

    def work(connection: Connection) -> None:
        _check_areas(connection, [area])
        if role is None:
            connection.execute(delete(Membership).where(Membership.user_id == user_id, Membership.area_id == area))
        else:
            row = {"user_id": user_id, "area_id": area, "role": role}
            insert_or_update(connection, Membership.__table__, [row], ["user_id", "area_id"])

    writing(work)


def set_disabled(username: str, disabled: bool) -> None:
    """Shut somebody out, everywhere at once, or let them in again; what they recorded stays.

    Raises `Problem` (`no_such_user`, `last_administrator`).
    """
    user = must_know(username)

    def work(connection: Connection) -> None:
        if disabled:
            _must_leave_an_administrator(connection, user)
        connection.execute(update(User).where(User.id == user).values(is_disabled=disabled))

    writing(work)


def set_admin(username: str, is_admin: bool) -> None:
    """Make somebody an administrator, or take that away: their roles in areas stay. Raises `Problem` as `set_disabled`."""
    user = must_know(username)

    def work(connection: Connection) -> None:
        if not is_admin:
            _must_leave_an_administrator(connection, user)
        connection.execute(update(User).where(User.id == user).values(is_admin=is_admin))

    writing(work)


def must_know(username: str) -> str:
    """The id of a user. Raises `Problem` (`no_such_user`)."""
    user = user_id_of(username)
    if user is None:
        raise Problem("no_such_user", 404, sentence("There is no such user. “nuong user list” shows them all."))
    return user


def list_users() -> list[dict[str, Any]]:
    """All users by name: `id`, `username`, `name`, `is_admin`, `is_disabled`, `areas` (name to role)."""
    with reading() as connection:
        users = [dict(row) for row in connection.execute(select(User.__table__).order_by(User.username)).mappings()]
        rows = connection.execute(
            select(Membership.user_id, Area.name, Membership.role).join(Area, Area.id == Membership.area_id)
        ).all()
    for user in users:
        del user["password_hash"]
        user["areas"] = {
            name: role for user_id, name, role in sorted(rows, key=lambda row: row[1]) if user_id == user["id"]
        }
    return users


def anybody() -> bool:
    """Whether there is a user at all."""
    with reading() as connection:
        return connection.scalar(select(User.id).limit(1)) is not None


def user_id_of(username: str) -> str | None:
    """The id of the user of that name."""
    with reading() as connection:
        return connection.scalar(select(User.id).where(User.username == fold_name(username)))


def names_of(user_ids: Sequence[str]) -> dict[str, str]:
    """Display names of users."""
    if not user_ids:
        return {}
    with reading() as connection:
        return dict(connection.execute(select(User.id, User.name).where(User.id.in_(user_ids))).all())


# Signing in ------------------------------------------------------------------------------------------------------


def check_password(username: str, password: str, address: str, slow_after: int) -> str:
    """The id of the user whose name and password these are.

    Raises `Problem` ``wrong_password`` (401), or ``too_many_attempts`` (429, with Retry-After) after *slow_after* wrong
    ones for this name or ten times as many from this address: the wait doubles up to a quarter of an hour.
    """
    folded = fold_name(username)[:LONGEST_NAME]
    limits = {f"name:{folded}": slow_after, f"address:{address}"[:200]: 10 * slow_after}
    attempts.wait_first(limits)
    with reading() as connection:
        row = connection.execute(
            select(User.id, User.password_hash).where(User.username == folded, ~User.is_disabled)
        ).first()
    if not passwords.matches(row.password_hash if row else None, password) or row is None:
        attempts.count(list(limits))
        raise Problem("wrong_password", 401, sentence("The name or the password is not right. Try again."))
    attempts.forget(f"name:{folded}")
    return str(row.id)


def open_session(user_id: str, device_id: str, device_name: str) -> str:
    """A new token for a user on a device. The token itself is nowhere kept."""
    return writing(lambda connection: begin_session(connection, user_id, device_id, device_name))


def begin_session(connection: Connection, user_id: str, device_id: str, device_name: str) -> str:
    """As `open_session`, in a transaction of the caller's."""
    token = secrets.token_urlsafe(24)
    now = datetime.now(UTC)
    held = connection.scalar(select(Device.id).where(Device.id == device_id, Device.user_id == user_id))
    if held is None:
        connection.execute(
            Device.__table__.insert().values(id=device_id, user_id=user_id, name=device_name[:200], made_at=now)
        )
    connection.execute(
        Token.__table__.insert().values(
            hash=digest(token), user_id=user_id, device_id=device_id, made_at=now, used_at=now
        )
    )
    return token


def close_session(token: str) -> None:
    """End a token. One that is no more is no error."""
    writing(lambda connection: _revoke(connection, Token.hash == digest(token)))


def sender_of(token: str, token_days: int) -> Sender:
    """Who holds *token*. Raises `Problem` (401: `no_token`, `token_revoked`, `token_expired`)."""
    with reading() as connection:
        row = connection.execute(
            select(
                Token.used_at,
                Token.revoked_at,
                Token.device_id,
                User.id,
                User.is_disabled,
                User.username,
                User.name,
                User.is_admin,
            )
            .join(User, User.id == Token.user_id)
            .where(Token.hash == digest(token))
        ).first()
        if row is None:
            raise _signed_out("no_token")
        if row.revoked_at is not None or row.is_disabled:
            raise _signed_out("token_revoked")
        if datetime.now(UTC) - row.used_at > timedelta(days=token_days):
            raise _signed_out("token_expired")
        sender = _sender(connection, row, row.device_id, digest(token))
    if datetime.now(UTC) - row.used_at > timedelta(days=1):
        _mark_used(token)
    return sender


def still(connection: Connection, sender: Sender) -> Sender:
    """*sender* with the rights of this moment, which stay so until *connection*'s transaction ends.

    Who somebody is was asked before the transaction began: an area may have been taken away since, or the phone cut
    off. Where it writes, whoever takes a right away waits for it. Raises `Problem` (401: `token_revoked`).
    """
    # A transaction that only reads sees one moment, and has nobody to hold up.
    hold = bool(connection.get_execution_options().get("writing"))
    user = select(User.id, User.username, User.name, User.is_admin).where(User.id == sender.user_id, ~User.is_disabled)
    if sender.token:
        user = user.join(Token, Token.user_id == User.id).where(Token.hash == sender.token, Token.revoked_at.is_(None))
    row = connection.execute(user.with_for_update(read=True) if hold else user).first()
    if row is None:
        raise _signed_out("token_revoked")
    return _sender(connection, row, sender.device_id, sender.token, hold)


def sender_without_device(user_id: str) -> Sender | None:
    """A user as the console knows one. None when there is no such user (any more)."""
    with reading() as connection:
        return sender_within(connection, user_id)


def sender_of_session(user_id: str, proof: str) -> Sender | None:
    """Who is at a browser whose session carries *proof* (`proof_of`). None also where the password is another by now."""
    with reading() as connection:
        user = _user(connection, user_id)
        return _sender(connection, user, "") if user and passwords.proves(proof, user.password_hash) else None


def proof_of(user_id: str) -> str:
    """What a session of this user's carries from now on, until the password is another one; empty for nobody."""
    with reading() as connection:
        kept = connection.scalar(select(User.password_hash).where(User.id == user_id))
    return passwords.proof(kept) if kept else ""


def sender_within(connection: Connection, user_id: str) -> Sender | None:
    """As `sender_without_device`, in a transaction of the caller's."""
    user = _user(connection, user_id)
    return _sender(connection, user, "") if user else None


# Devices ---------------------------------------------------------------------------------------------------------


def list_devices() -> list[dict[str, Any]]:
    """All devices, the last heard from first; `live` is the number of tokens that still open something."""
    live = (
        select(func.count())
        .where(Token.device_id == Device.id, Token.user_id == Device.user_id, Token.revoked_at.is_(None))
        .scalar_subquery()
    )
    with reading() as connection:
        rows = connection.execute(
            select(
                Device.id,
                Device.name,
                User.username,
                Device.made_at,
                Device.seen_at,
                Device.skew_ms,
                live.label("live"),
            )
            .join(User, User.id == Device.user_id)
            .order_by(Device.seen_at.desc(), Device.made_at.desc())
        )
        return [dict(row) for row in rows.mappings()]


def revoke_device(device_id: str) -> int:
    """Cut a phone off: end all its tokens. How many there were. Raises `Problem` ``unknown_device``."""

    def work(connection: Connection) -> int:
        if connection.scalar(select(func.count()).where(Device.id == device_id)) == 0:
            raise Problem("unknown_device", 404, sentence("There is no such device. “nuong device list” shows them."))
        return _revoke(connection, Token.device_id == device_id)

    return writing(work)


# Inside ----------------------------------------------------------------------------------------------------------


def _user(connection: Connection, user_id: str) -> Any:
    """A user who is not shut out; None where there is none (any more)."""
    columns = (User.id, User.username, User.name, User.is_admin, User.password_hash)
    return connection.execute(select(*columns).where(User.id == user_id, ~User.is_disabled)).first()


def _sender(connection: Connection, user: Any, device_id: str, token: str = "", hold: bool = False) -> Sender:
    if user.is_admin:
        rows = [(area, name, ADMIN) for area, name in connection.execute(select(Area.id, Area.name))]
    else:
        question = (
            select(Area.id, Area.name, Membership.role)
            .join(Membership, Membership.area_id == Area.id)
            .where(Membership.user_id == user.id)
        )
        if hold:
            question = question.with_for_update(of=Membership, read=True)
        rows = [(area, name, role) for area, name, role in connection.execute(question)]
    return Sender(
        user_id=user.id,
        username=user.username,
        name=user.name,
        device_id=device_id,
        is_admin=user.is_admin,
        roles={area: role for area, _, role in sorted(rows)},
        area_names={area: name for area, name, _ in sorted(rows)},
        token=token,
    )


def _checked_username(username: str) -> str:
    folded = fold_name(username)
    if not SHORTEST_NAME <= len(folded) <= LONGEST_NAME or any(not c.isprintable() or c.isspace() for c in folded):
        raise Problem(
            "bad_username",
            422,
            sentence("Give a user name of %(least)s to %(most)s characters, without spaces."),
            params={"least": SHORTEST_NAME, "most": LONGEST_NAME},
            errors=[FieldError("username", "format")],
        )
    return folded


def _must_leave_an_administrator(connection: Connection, user: str) -> None:
    # The rows are held: of two who shut each other out at the same moment, the second finds the first one gone.
    question = select(User.id).where(User.is_admin, ~User.is_disabled).order_by(User.id).with_for_update()
    administrators = connection.scalars(question).all()
    if list(administrators) == [user]:
        raise Problem(
            "last_administrator",
            422,
            sentence("This is the only administrator. Make somebody else one first."),
        )


def _check_areas(connection: Connection, areas: Sequence[str]) -> None:
    known = set(connection.scalars(select(Area.id).where(Area.id.in_(areas))))
    for area in areas:
        if area not in known:
            raise Problem(
                "unknown_area",
                422,
                sentence("There is no area %(area)s. “nuong area list” shows them."),
                params={"area": area},
                errors=[FieldError("area", "unknown")],
            )


def _mark_used(token: str) -> None:
    writing(
        lambda connection: connection.execute(
            update(Token).where(Token.hash == digest(token)).values(used_at=datetime.now(UTC))
        )
    )


def _revoke(connection: Connection, which: Any) -> int:
    found = connection.execute(
        update(Token).where(which, Token.revoked_at.is_(None)).values(revoked_at=datetime.now(UTC))
    )
    return int(found.rowcount)


def digest(token: str) -> str:
    """What is kept of a token or a code."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signed_out(code: str) -> Problem:
    return Problem(
        code,
        401,
        sentence("Sign in again. What is saved on this phone stays there and will be sent afterwards."),
        headers={"WWW-Authenticate": "Bearer"},
    )
