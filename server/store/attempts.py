"""Wrong passwords and codes: counted under the name and the address that they came by, and slowed down.

Must never shut anybody out for good: the wait ends, and an hour without a wrong try forgives the old ones.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from server.store.engine import reading, writing
from server.store.tables import Attempt
from sync.problem import Problem, sentence

_LONGEST_WAIT = timedelta(minutes=15)


def wait_first(limits: Mapping[str, int]) -> None:
    """Raise `Problem` ``too_many_attempts`` while one of *limits* (key to the wrong tries that are free) must wait."""
    now = datetime.now(UTC)
    with reading() as connection:
        rows = connection.execute(select(Attempt.key, Attempt.count, Attempt.last_at).where(Attempt.key.in_(limits)))
        waits = [last_at + _pause(count - limits[key]) - now for key, count, last_at in rows]
    wait = max(waits, default=timedelta(0))
    if wait > timedelta(0):
        seconds = int(wait.total_seconds()) + 1
        raise Problem(
            "too_many_attempts",
            429,
            sentence("Too many wrong tries. Try again in %(seconds)s seconds."),
            params={"seconds": seconds},
            headers={"Retry-After": str(seconds)},
        )


def _pause(over: int) -> timedelta:
    """How long to wait after *over* wrong passwords past the free ones: 2 s, 4 s, 8 s, ... a quarter of an hour."""
    return timedelta(0) if over < 0 else min(timedelta(seconds=2 ** min(over + 1, 12)), _LONGEST_WAIT)


def count(keys: Sequence[str]) -> None:
    """Remember a wrong try under each of *keys*."""
    now = datetime.now(UTC)

    def work(connection: Connection) -> None:
        # An hour without a wrong password forgives the old ones.
        connection.execute(delete(Attempt).where(Attempt.last_at < now - timedelta(hours=1)))
        for key in keys:
            found = connection.execute(
                update(Attempt).where(Attempt.key == key).values(count=Attempt.count + 1, last_at=now)
            )
            if found.rowcount == 0:
                connection.execute(Attempt.__table__.insert().values(key=key, count=1, last_at=now))

    writing(work)


def forget(key: str) -> None:
    """Whoever was right begins anew."""
    with reading() as connection:
        if connection.scalar(select(Attempt.count).where(Attempt.key == key)) is None:
            return
    writing(lambda connection: connection.execute(delete(Attempt).where(Attempt.key == key)))
