"""A few seats for those who have long to read, so that whoever brings work is always let in at once.

A morning on which three hundred new phones read everything must not keep an officer at the pass, whose link lives a
minute, from sending what she has. Must never turn away a request that brings changes.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from server.store.cursor import is_behind
from sync.problem import Problem, sentence
from sync.protocol import Request

_SHARE = 8  # of the threads of a worker one in so many reads at length
_LATELY = 5.0  # seconds
_AT_A_TIME = 10  # who were turned away lately: for each so many of them, the next waits up to a second longer
_LONGEST = 30  # seconds
_LARGE = 512 * 1024  # bytes of JSON; a day's work without a walked track is a fifth of it
_LARGE_AT_ONCE = 2  # of a worker: read, a message takes up to twenty times the memory of its text


class Seats:
    """The seats of one worker with *threads* threads."""

    def __init__(self, threads: int) -> None:
        self._free = BoundedSemaphore(max(1, threads // _SHARE))
        self._turned_away: deque[float] = deque(maxlen=_AT_A_TIME * _LONGEST)
        self._large = BoundedSemaphore(_LARGE_AT_ONCE)

    @contextmanager
    def taken_by(self, request: Request) -> Iterator[None]:
        """Hold a seat while *request* is answered, where it needs one. Raises `Problem` (503) when there is none."""
        if not reads_long(request):
            yield
            return
        if not self._free.acquire(blocking=False):
            raise self._busy()
        try:
            yield
        finally:
            self._free.release()

    def turn_away_early(self, read: Callable[[], Request]) -> None:
        """Raise `Problem` (503) for whoever would be turned away in any case, before anything else is asked of them.

        In a storm most requests are of this kind, and a look at the token of each would keep those who bring work
        waiting. *read*: reads the request, where it is short.
        """
        if self._free.acquire(blocking=False):
            self._free.release()
            return
        try:
            long = reads_long(read())
        except Problem:
            return  # what can't be read is told to whoever is known
        if long:
            raise self._busy()

    @contextmanager
    def turn_of(self, text: bytes) -> Iterator[None]:
        """Wait for a turn to read *text* and to do what it asks for, where it is large: it is work, and is let in."""
        if len(text) <= _LARGE:
            yield
            return
        with self._large:
            yield

    def _busy(self) -> Problem:
        """The larger the crowd, the later each is asked to come again, and spread out, or all would come back at once."""
        now = time.monotonic()
        self._turned_away.append(now)
        crowd = sum(now - each < _LATELY for each in tuple(self._turned_away))
        seconds = random.randint(1, 1 + crowd // _AT_A_TIME)  # noqa: S311  (no secret)
        return Problem(
            "busy",
            503,
            sentence("Many phones are reading at this moment. The next try is in %(seconds)s seconds."),
            params={"seconds": seconds},
            headers={"Retry-After": str(seconds)},
        )


def reads_long(request: Request) -> bool:
    """Whether *request* brings nothing and has many pages before it: it begins from nothing, or is in their midst."""
    behind = request.epoch is None or any(is_behind(cursor) for cursor in request.areas.values())
    return behind and not request.sent
