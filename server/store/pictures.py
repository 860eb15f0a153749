"""Pictures in the database: what is on its way in and whose it is, what is kept, which records name what.

Must never say to anybody that a picture exists which no record of their areas names and which they did not send themselves.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from server.store.engine import among, insert_or_leave, reading, writing
from server.store.people import Sender, new_id
from server.store.tables import Picture, PictureName, Record, Upload

# Of one person at once. A phone sends one after the other; the oldest of more than these was given up.
_MOST_ENDED = 500
MOST_UPLOADS = 20


@dataclass(frozen=True, slots=True)
class Coming:
    """An upload: what is to come, and until when. `described`: its tus metadata, as the phone wrote it."""

    id: str
    sha256: str
    length: int
    described: str
    expires_at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is kept."""

    sha256: str
    size: int
    mime: str


# On their way in ------------------------------------------------------------------------------------------------


def begin(sender: Sender, sha256: str, length: int, described: str, days: int) -> tuple[Coming, list[str]]:
    """A new upload of *sender*; and the ids of those that end for it: expired ones, and their oldest beyond the bound."""
    now = datetime.now(UTC)
    new = Coming(new_id(), sha256, length, described, now + timedelta(days=days), kept=False)

    def work(connection: Connection) -> list[str]:
        # Some at a time: after a long holiday there are more than one question of a database can name.
        over = select(Upload.id).where(Upload.expires_at < now).order_by(Upload.expires_at).limit(_MOST_ENDED)
        ended = list(connection.scalars(over))
        mine = select(Upload.id).where(Upload.user_id == sender.user_id, ~Upload.kept, Upload.expires_at >= now)
        ended += connection.scalars(mine.order_by(Upload.made_at.desc(), Upload.id.desc()).offset(MOST_UPLOADS - 1))
        connection.execute(delete(Upload).where(among(connection, Upload.id, ended)))
        connection.execute(
            Upload.__table__.insert().values(
                id=new.id,
                user_id=sender.user_id,
                sha256=sha256,
                length=length,
                described=described,
                made_at=now,
                expires_at=new.expires_at,
                kept=False,
            )
        )
        return ended

    return new, writing(work)


def coming(sender: Sender, upload: str) -> Coming | None:
    """The upload, where it is *sender*'s."""
    with reading() as connection:
        row = connection.execute(
            select(Upload.id, Upload.sha256, Upload.length, Upload.described, Upload.expires_at, Upload.kept).where(
                Upload.id == upload, Upload.user_id == sender.user_id
            )
        ).first()
    return Coming(*row) if row else None


def is_kept(upload: str) -> bool:
    """Whether what the upload brought is kept."""
    with reading() as connection:
        return connection.scalar(select(Upload.kept).where(Upload.id == upload)) or False


def end(upload: str) -> None:
    """Forget an upload."""
    writing(lambda connection: connection.execute(delete(Upload).where(Upload.id == upload)))


# Kept -----------------------------------------------------------------------------------------------------------


def keep(picture: Kept, upload: str | None = None) -> None:
    """Say that a picture is on the shelf, durably, and that *upload* brought it."""
    row = {"sha256": picture.sha256, "size": picture.size, "mime": picture.mime, "kept_at": datetime.now(UTC)}

    def work(connection: Connection) -> None:
        insert_or_leave(connection, Picture.__table__, [row])
        if upload:
            connection.execute(update(Upload).where(Upload.id == upload).values(kept=True))

    writing(work)


def named(sha256: str, areas: Collection[str]) -> Kept | None:
    """The picture, where a record in one of *areas* names it."""
    names = select(PictureName.record).join(Record, Record.id == PictureName.record)
    with reading() as connection:
        row = connection.execute(
            select(Picture.sha256, Picture.size, Picture.mime).where(
                Picture.sha256 == sha256,
                names.where(PictureName.sha256 == Picture.sha256, Record.area.in_(areas)).exists(),
            )
        ).first()
    return Kept(*row) if row else None


def known(sender: Sender, names: Collection[str]) -> set[str]:
    """Those of *names* that are kept and that *sender* may know of: named in their areas, or sent by themselves."""
    record = select(PictureName.record).join(Record, Record.id == PictureName.record)
    sent = select(Upload.id).where(Upload.sha256 == Picture.sha256, Upload.user_id == sender.user_id, Upload.kept)
    with reading() as connection:
        return set(
            connection.scalars(
                select(Picture.sha256).where(
                    Picture.sha256.in_(names),
                    or_(
                        record.where(
                            PictureName.sha256 == Picture.sha256, Record.area.in_(list(sender.roles))
                        ).exists(),
                        sent.exists(),
                    ),
                )
            )
        )


def arrived(names: Collection[str]) -> set[str]:
    """Those of *names* that are kept. The caller has checked that the records that name them are the reader's."""
    with reading() as connection:
        return set(connection.scalars(select(Picture.sha256).where(Picture.sha256.in_(names))))


def all_kept(connection: Connection) -> Iterator[Kept]:
    """Every picture that is kept, by name."""
    for row in connection.execute(select(Picture.sha256, Picture.size, Picture.mime).order_by(Picture.sha256)):
        yield Kept(*row)


def names_by_picture(connection: Connection) -> Mapping[str, list[str]]:
    """Every picture that a record names, with the ids of those records."""
    found: dict[str, list[str]] = {}
    for sha256, record in connection.execute(
        select(PictureName.sha256, PictureName.record).order_by(PictureName.sha256, PictureName.record)
    ):
        found.setdefault(sha256, []).append(record)
    return found
