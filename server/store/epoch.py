"""The epoch: which history this database holds. A new one tells every phone that history was lost here.

Must never be raised for anything less: it costs every phone a first sync.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils
from sqlalchemy import Connection, select, tuple_, union_all, update

from server.store.cursor import Cursor, tail_of
from server.store.engine import writing
from server.store.tables import Departure, Installation, LoggedChange


class HistoryLost(Exception):
    """A phone was told of what the log does not have; *epoch* was in force when that was seen."""

    def __init__(self, epoch: str) -> None:
        super().__init__(epoch)
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class History:
    """Which history the database holds, and the key that seals the cursors into it.

    The key lives with the history: whoever puts an old copy of the database back puts its key back too, and knows
    the cursors that were given out since for what they are. `lists`: the newest number of an own entry of a list.
    """

    epoch: str
    cursor_key: str
    lists: int = 0


def new_key() -> str:
    """A key to seal cursors with."""
    return secrets.token_hex(16)


def begin(connection: Connection) -> str:
    """The epoch of a new database."""
    epoch = str(uuid_utils.uuid7())
    connection.execute(
        Installation.__table__.insert().values(
            id=1, epoch=epoch, raised_at=datetime.now(UTC), is_demo=False, cursor_key=new_key()
        )
    )
    return epoch


def current(connection: Connection) -> History:
    """The history in force."""
    return History(*connection.execute(select(Installation.epoch, Installation.cursor_key, Installation.lists)).one())


def raise_epoch(connection: Connection) -> str:
    """Say that history was lost: a new epoch, which is returned."""
    epoch = str(uuid_utils.uuid7())
    connection.execute(update(Installation).values(epoch=epoch, raised_at=datetime.now(UTC)))
    return epoch


def raise_once(seen: str) -> None:
    """Raise the epoch, unless another request that saw the same did so already."""

    def work(connection: Connection) -> None:
        if current(connection).epoch == seen:
            raise_epoch(connection)

    writing(work)


def history_is_whole(connection: Connection, cursors: Mapping[str, Cursor]) -> bool:
    """Whether the log has every number that the phones were told of, and up to each just what it had then."""
    wanted = {(area, number): tail for area, cursor in cursors.items() for number, tail in cursor.marks()}
    if not wanted:
        return True
    found = numbered(connection, list(wanted))
    return all(tail_of(found.get(mark, "")) == tail for mark, tail in wanted.items())


def numbered(connection: Connection, marks: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """For each (area, number) that was given out, the digest of all that took one up to it."""
    question = union_all(
        select(LoggedChange.area, LoggedChange.seq, LoggedChange.chain).where(
            tuple_(LoggedChange.area, LoggedChange.seq).in_(marks)
        ),
        select(Departure.area, Departure.seq, Departure.chain).where(tuple_(Departure.area, Departure.seq).in_(marks)),
    )
    return {(area, seq): chain for area, seq, chain in connection.execute(question)}
