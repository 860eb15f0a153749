"""Who looked at whose details: one row of the audit log for each person, record and day.

Written after the page was sent, in one try. Must never keep a page from its reader: where the database is busy or cannot be
written, what was looked at waits in memory for the next look (at most `MOST_WAITING`), and nobody is told otherwise.
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from server.store.audit import HERE, LOOKED
from server.store.engine import among, in_passing
from server.store.tables import Audit

KEPT = timedelta(days=400)  # a season and its year: then who looked goes; what was changed and taken along stays
MOST_WAITING = 1000
_MOST_REMEMBERED = 20_000

_log = logging.getLogger("nuong")


class Look(NamedTuple):
    """*user* looked at *record* (of *type*, in *area*)."""

    user: str
    record: str
    type: str
    area: str


class Looks:
    """What one worker process has to write down, and what it need not write again today."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Look, datetime] = {}
        self._written: set[Look] = set()
        self._day = ""

    def saw(self, look: Look) -> None:
        """Somebody was shown a record."""
        now = datetime.now(UTC)
        with self._lock:
            if look in self._waiting or (look in self._written and self._day == _day_of(now)):
                return
            if len(self._waiting) < MOST_WAITING:
                self._waiting[look] = now
            else:
                _log.warning("who looked at a record could not be written down: %s at %s", look.user, look.record)

    def write(self) -> None:
        """Write down what waits, where the database has time for it now."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            first_today = self._day != _day_of(datetime.now(UTC))
        if not waiting:
            return
        done = in_passing(lambda connection: _add(connection, waiting, forget=first_today))
        with self._lock:
            if not done:
                # Those that came meanwhile are the later ones.
                self._waiting = dict(list({**waiting, **self._waiting}.items())[:MOST_WAITING])
                return
            if first_today or len(self._written) > _MOST_REMEMBERED:
                self._written, self._day = set(), _day_of(datetime.now(UTC))
            self._written |= waiting.keys()


def _add(connection: Connection, waiting: dict[Look, datetime], forget: bool) -> None:
    """Add those that nobody (another worker, before a restart) has written down on their day."""
    if forget:
        connection.execute(delete(Audit).where(Audit.what == LOOKED, Audit.at < datetime.now(UTC) - KEPT))
    known = {(row.user_id, row.record, _day_of(row.at)) for row in _of_late(connection, list(waiting))}
    rows = [
        {"at": at, "user_id": look.user, "what": LOOKED, "area": look.area, "record": look.record,
         "said": json.dumps({"type": look.type})}
        for look, at in waiting.items()
        if (look.user, look.record, _day_of(at)) not in known
    ]  # fmt: skip
    if rows:
        connection.execute(Audit.__table__.insert(), rows)


def _of_late(connection: Connection, looks: Sequence[Look]) -> Sequence[Audit]:
    return connection.execute(  # type: ignore[return-value]
        select(Audit.user_id, Audit.record, Audit.at).where(
            among(connection, Audit.record, {look.record for look in looks}),
            Audit.what == LOOKED,
            Audit.at > datetime.now(UTC) - timedelta(days=2),
        )
    ).all()


def _day_of(moment: datetime) -> str:
    return moment.astimezone(HERE).date().isoformat()
