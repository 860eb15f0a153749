"""The tables of the centre. Migrations make them; this is how the code reads them.

Must never hold a rule: what may go in is decided in `log` and `people`.
"""

from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from server.store.numbering import CHAIN

Id = String(36)


class Moment(TypeDecorator[datetime]):
    """An aware `datetime` in UTC on either database (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that a migration can name them on either database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class Installation(db.Model):  # type: ignore[name-defined, misc]
    """One row: which history this database holds. A new epoch means that history was lost. `lists`: the newest number
    that an own entry of a list has taken."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    epoch: Mapped[str] = mapped_column(Id)
    raised_at: Mapped[datetime] = mapped_column(Moment)
    is_demo: Mapped[bool] = mapped_column(default=False)
    cursor_key: Mapped[str] = mapped_column(String(32))
    lists: Mapped[int] = mapped_column(default=0)


class Area(db.Model):  # type: ignore[name-defined, misc]
    """A co-operative or commune: the unit of access and of sync.

    `counter` is the newest number it has given, `chain` the digest of all that took one (`numbering`).
    """

    __tablename__ = "area"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    counter: Mapped[int] = mapped_column(BigInteger, default=0)
    chain: Mapped[str] = mapped_column(String(CHAIN), default="")
    made_at: Mapped[datetime] = mapped_column(Moment)
    parent: Mapped[str | None] = mapped_column(Id, default=None)


class User(db.Model):  # type: ignore[name-defined, misc]
    """A person who signs in. `username` is folded to lower case."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_disabled: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(Moment)


class Membership(db.Model):  # type: ignore[name-defined, misc]
    """A user's role (officer or manager) in an area."""

    __tablename__ = "membership"
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    area_id: Mapped[str] = mapped_column(ForeignKey("area.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))


class Device(db.Model):  # type: ignore[name-defined, misc]
    """A phone in one person's hands; two people on one phone are two rows.

    `skew_ms`: how far its clock was ahead at the last sync; `worst_skew_ms` at its worst; `report` its last, as JSON.
    """

    __tablename__ = "device"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    skew_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    worst_skew_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)
    report: Mapped[str | None] = mapped_column(Text, default=None)


class Token(db.Model):  # type: ignore[name-defined, misc]
    """A bearer token of one user on one device: only its SHA-256 is kept."""

    __tablename__ = "token"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    device_id: Mapped[str] = mapped_column(Id, index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class Enrolment(db.Model):  # type: ignore[name-defined, misc]
    """A code that signs one phone in, once: only its SHA-256 is kept. `made_by`: None for whoever runs the installation."""

    __tablename__ = "enrolment"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    made_by: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class Invitation(db.Model):  # type: ignore[name-defined, misc]
    """A link by which a new administrator (`user_id`: None) or a user sets a password, once: only its SHA-256 is kept."""

    __tablename__ = "invitation"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    made_by: Mapped[str | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class Attempt(db.Model):  # type: ignore[name-defined, misc]
    """Wrong passwords for one name, or from one address (`key` says which)."""

    __tablename__ = "attempt"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment)


class LoggedChange(db.Model):  # type: ignore[name-defined, misc]
    """The log: every accepted change, for ever. `body` is the change as JSON; the rest of the row its envelope and
    the number that it took in the area where its record lived then."""

    __tablename__ = "change"
    __table_args__ = (UniqueConstraint("area", "seq"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    record: Mapped[str] = mapped_column(Id, index=True)
    area: Mapped[str] = mapped_column(Id)
    seq: Mapped[int] = mapped_column(BigInteger)
    chain: Mapped[str] = mapped_column(String(CHAIN))
    body: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Id)
    device: Mapped[str] = mapped_column(Id)
    received_at: Mapped[str] = mapped_column(String(30))
    skew_ms: Mapped[int | None] = mapped_column(BigInteger, default=None)


class Record(db.Model):  # type: ignore[name-defined, misc]
    """The state of a record, folded from its log. `wire` is the very text that a reply carries; `seq` its newest number
    in its area."""

    __tablename__ = "record"
    __table_args__ = (
        Index(None, "area", "seq"),
        Index(None, "area", "type", "id"),
        # Few are: they are found without reading the others. Each database takes such an index only for a question that
        # says the same in the same words, which are those of a bare column here.
        Index(
            "ix_record_conflicted",
            "area",
            "id",
            sqlite_where=text("conflicted = 1"),
            postgresql_where=text("conflicted"),
        ),
        Index("ix_record_deleted", "area", "id", sqlite_where=text("deleted = 1"), postgresql_where=text("deleted")),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(Id)
    seq: Mapped[int] = mapped_column(BigInteger)
    deleted: Mapped[bool] = mapped_column(default=False)
    conflicted: Mapped[bool] = mapped_column(default=False)
    wire: Mapped[str] = mapped_column(Text)


class Reference(db.Model):  # type: ignore[name-defined, misc]
    """Which record names which in one of its reference fields. The target need not be there yet."""

    __tablename__ = "reference"
    # Few are joins: `joins` finds them.
    __table_args__ = (
        Index(
            "ix_reference_same_as",
            "record",
            "target",
            sqlite_where=text("field = 'same_as'"),
            postgresql_where=text("field = 'same_as'"),
        ),
    )
    record: Mapped[str] = mapped_column(Id, primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    target: Mapped[str] = mapped_column(Id, index=True)


class PictureName(db.Model):  # type: ignore[name-defined, misc]
    """Which photo record names which picture, in `sha256` or in `preview_sha256`: who may see the one may see the other."""

    __tablename__ = "picture_name"
    record: Mapped[str] = mapped_column(Id, primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)


class Picture(db.Model):  # type: ignore[name-defined, misc]
    """A picture that is kept, once, under its SHA-256."""

    __tablename__ = "picture"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    mime: Mapped[str] = mapped_column(String(80))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class Upload(db.Model):  # type: ignore[name-defined, misc]
    """A picture on its way in. How much of it is there, its file says; `described`: its metadata as the phone wrote them."""

    __tablename__ = "upload"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    length: Mapped[int] = mapped_column(BigInteger)
    described: Mapped[str] = mapped_column(Text, server_default="")
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    kept: Mapped[bool] = mapped_column(default=False)


class Departure(db.Model):  # type: ignore[name-defined, misc]
    """A record that left an area: it stands in that area's numbering like a change.

    One that lives there still is none: its number was taken because its state was corrected (`log.correct`).
    """

    __tablename__ = "departure"
    area: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    chain: Mapped[str] = mapped_column(String(CHAIN))
    record: Mapped[str] = mapped_column(Id)
    change: Mapped[str] = mapped_column(Id)


class Quarantined(db.Model):  # type: ignore[name-defined, misc]
    """A change that could not be accepted, whole, as it came. `digest` keeps repeats out.

    `settled_how`: what a person (`settled_by`) decided, with their `answer`; None where the change was accepted by itself.
    """

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[str | None] = mapped_column(Id, index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    device_id: Mapped[str] = mapped_column(Id)
    area: Mapped[str | None] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    settled_by: Mapped[str | None] = mapped_column(Id, default=None)
    settled_how: Mapped[str | None] = mapped_column(String(20), default=None)
    answer: Mapped[str | None] = mapped_column(Text, default=None)


class NotKept(db.Model):  # type: ignore[name-defined, misc]
    """What was refused and is not in quarantine, counted: beyond its bound, or too large to be read at all."""

    __tablename__ = "not_kept"
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    device_id: Mapped[str] = mapped_column(Id, primary_key=True)
    reason: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)


class Audit(db.Model):  # type: ignore[name-defined, misc]
    """Who saw, exported and changed what. `said`: what it was about, as JSON. Rows are added, and none is changed."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "record", "id"), Index(None, "what", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[str | None] = mapped_column(Id)
    what: Mapped[str] = mapped_column(String(40))
    area: Mapped[str | None] = mapped_column(Id)
    record: Mapped[str | None] = mapped_column(Id, default=None)
    said: Mapped[str] = mapped_column(Text)


class Bringing(db.Model):  # type: ignore[name-defined, misc]
    """A file that somebody brings in, and how far that is. `about`, `columns`, `matched`, `trouble`: JSON.

    `beat_at`: when the work on it last gave a sign of life; work that is silent may be taken over by another process.
    """

    __tablename__ = "bringing"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    area: Mapped[str] = mapped_column(ForeignKey("area.id"))
    type: Mapped[str] = mapped_column(String(40))
    file: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(Text, default="{}")
    columns: Mapped[str] = mapped_column(Text, default="[]")
    matched: Mapped[str] = mapped_column(Text, default="{}")
    mark: Mapped[str] = mapped_column(String(1), default="")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(Text, default=None)
    made_at: Mapped[datetime] = mapped_column(Moment)
    beat_at: Mapped[datetime] = mapped_column(Moment)


class BringingRow(db.Model):  # type: ignore[name-defined, misc]
    """A row of such a file. `faults`: (column, code, parameters) each; `change`: what would be written, as JSON."""

    __tablename__ = "bringing_row"
    __table_args__ = (Index(None, "bringing", "verdict", "number"),)
    bringing: Mapped[str] = mapped_column(ForeignKey("bringing.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    cells: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(10), default="")
    faults: Mapped[str] = mapped_column(Text, default="[]")
    key: Mapped[str | None] = mapped_column(String(64), default=None)
    change: Mapped[str | None] = mapped_column(Text, default=None)


class Brought(db.Model):  # type: ignore[name-defined, misc]
    """Which record a row became, for ever: the same row makes no second one. `made`: it was made by that file."""

    __tablename__ = "brought"
    area: Mapped[str] = mapped_column(Id, primary_key=True)
    type: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    record: Mapped[str] = mapped_column(Id)
    bringing: Mapped[str] = mapped_column(Id, index=True)
    made: Mapped[bool]


class RightAsItIs(db.Model):  # type: ignore[name-defined, misc]
    """What a manager has called right as it is, though a check doubts it. `print`: of what it was said of."""

    __tablename__ = "right_as_it_is"
    rule: Mapped[str] = mapped_column(String(20), primary_key=True)
    record: Mapped[str] = mapped_column(Id, primary_key=True)
    other: Mapped[str] = mapped_column(String(36), primary_key=True)
    area: Mapped[str] = mapped_column(Id, index=True)
    print: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(Text, default="")


class YieldLimit(db.Model):  # type: ignore[name-defined, misc]
    """Tonnes a hectare and season of a crop that nobody would believe, where an administrator has changed it."""

    __tablename__ = "yield_limit"
    crop: Mapped[str] = mapped_column(String(60), primary_key=True)
    most: Mapped[float]


class CommuneBoundary(db.Model):  # type: ignore[name-defined, misc]
    """Where a commune lies, as somebody has handed it in. `shape`: GeoJSON geometry, simplified to some ten metres."""

    __tablename__ = "commune_boundary"
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    shape: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class ListEntry(db.Model):  # type: ignore[name-defined, misc]
    """What an installation says of one entry of a list: its own, or what it lays over a built-in one. `body`: JSON as it
    travels; `seq`: its number among all that was said, by which a phone asks for what is new."""

    __tablename__ = "list_entry"
    list: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    seq: Mapped[int] = mapped_column(index=True)
    body: Mapped[str] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Moment)


class Upstream(db.Model):  # type: ignore[name-defined, misc]
    """One row, on a hub: how far it has read at the centre. `cursors`: area to cursor, as JSON; `lists`: own entries."""

    __tablename__ = "upstream"
    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    epoch: Mapped[str | None] = mapped_column(Id, default=None)
    cursors: Mapped[str] = mapped_column(Text, default="{}")
    lists: Mapped[int] = mapped_column(default=0)


class PassedOn(db.Model):  # type: ignore[name-defined, misc]
    """On a hub: a change of its log that the centre has answered. `reason` and `detail` (JSON): it refused it, and why."""

    __tablename__ = "passed_on"
    change_id: Mapped[str] = mapped_column(Id, primary_key=True)
    reason: Mapped[str | None] = mapped_column(String(20), default=None)
    detail: Mapped[str | None] = mapped_column(Text, default=None)


class MapPack(db.Model):  # type: ignore[name-defined, misc]
    """A map of an area that phones keep: a PMTiles file, on a shelf under its SHA-256. `bounds` (west, south, east, north)
    and `pieces` (the SHA-256 of each piece of `maps.pack.PIECE` bytes, by which a phone checks what it has) are JSON."""

    __tablename__ = "map_pack"
    __table_args__ = (UniqueConstraint("area", "sha256"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    tiles: Mapped[str] = mapped_column(String(10))
    min_zoom: Mapped[int] = mapped_column()
    max_zoom: Mapped[int] = mapped_column()
    bounds: Mapped[str] = mapped_column(Text)
    attribution: Mapped[str] = mapped_column(Text)
    pieces: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str | None] = mapped_column(Id)
    added_at: Mapped[datetime] = mapped_column(Moment)
