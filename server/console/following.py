"""Looks at what has come in since: a little of it before a page is drawn, much of it beside the requests, while pages say so.

Must never make a page wait for more than a moment, nor take the database from the phones that write into it.
"""

import logging
import threading
from collections.abc import Sequence

from flask import Flask, current_app

from server.store import glance
from server.store.engine import give_way
from server.store.glance import anew
from server.store.tables import db

# How much a page waits for, in numbers of the log: some tenths of a second.
AT_ONCE = 600
_log = logging.getLogger("nuong")


class Follower:
    """One thread of an application's process that follows whatever areas it was asked for, and ends."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._thread: threading.Thread | None = None
        self.has_caught_up = False

    def begin(self, areas: Sequence[str]) -> None:
        """See to it that *areas* are followed; returns at once."""
        with self._lock:
            self._wanted |= set(areas)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="following", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until there is nothing left to do."""
        if thread := self._thread:
            thread.join()

    def _run(self) -> None:
        with self._app.app_context():
            while areas := self._next():
                try:
                    while glance.follow(areas, most=glance.CHUNK):
                        give_way()
                except Exception:
                    # The mark stands where it was: the next page that is opened begins again there.
                    _log.exception("what came in could not be looked at")
                finally:
                    db.session.remove()

    def _next(self) -> list[str]:
        with self._lock:
            areas, self._wanted = sorted(self._wanted), set()
            if not areas:
                self._thread = None
            return areas


def follower(app: Flask) -> Follower:
    """The one of *app*."""
    found: Follower = app.extensions.setdefault("nuong_follower", Follower(app))
    return found


def follow(areas: Sequence[str]) -> int:
    """Look at what came to *areas*; how many numbers are left, which are then being looked at beside the request."""
    here = follower(current_app._get_current_object())  # type: ignore[attr-defined]
    if not here.has_caught_up:
        # Once for each process: one that ended between what was said of a list and looking at it was another.
        here.has_caught_up = True
        anew.catch_up()
    left = glance.behind(areas)
    if 0 < left <= AT_ONCE:
        left = glance.follow(areas)
    if left:
        here.begin(areas)
    return left
