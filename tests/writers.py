"""Writers in threads of their own, each in a real transaction that can be held open in its middle, on purpose.

Must never change what a transaction does: it only decides when it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread, get_ident
from typing import Any

from sqlalchemy import Engine, event

AT_COMMIT = "COMMIT"  # everything is written, and nobody else can see it
BEFORE_COUNTING = "UPDATE area"  # the changes are in the log, the areas' counters not moved yet
# Where a transaction may have to wait for another: an area's row, everything (a restore is under way), somebody's rights,
# the pen of SQLite.
LOCKS = ("FOR UPDATE", "FROM installation", "LOCK TABLE", "DELETE FROM membership", "BEGIN IMMEDIATE")
LONG = 30  # seconds after which a test that waits for ever is a test that failed


class Writer:
    """One thread's work. `asked`: it has come to where it asks for its locks; `held`: it stands where it was told to."""

    def __init__(self, work: Callable[[], Any], held_at: str | None, after: str) -> None:
        self.asked, self.held = Event(), Event()
        self._held_at = held_at
        self._after = after
        self._came_by = False
        self._let_go = Event()
        self._failed: BaseException | None = None
        self._work = work
        self.thread = Thread(target=self._run, daemon=True)

    def let_go(self) -> None:
        self._let_go.set()

    def is_done(self) -> bool:
        return not self.thread.is_alive()

    def end(self) -> None:
        """Let it go, wait until it is done, and raise what it raised."""
        self.let_go()
        self.thread.join(LONG)
        assert self.is_done(), "a writer that never ended"
        if self._failed is not None:
            raise self._failed

    def says(self, statement: str) -> None:
        """It is about to send *statement*."""
        if any(lock in statement for lock in LOCKS):
            self.asked.set()
        self._came_by |= statement.startswith(self._after)
        if self._held_at and self._came_by and statement.startswith(self._held_at):
            self._held_at = None
            self.held.set()
            assert self._let_go.wait(LONG), "a writer that nobody let go"

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as failed:
            self._failed = failed
        finally:
            # Whoever waits for it to come somewhere must not wait for one that is no more.
            self.asked.set()
            self.held.set()


class Writers:
    """The writers of one test, all over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writers: list[Writer] = []

    def hold(self, work: Callable[[], Any], at: str = AT_COMMIT, after: str = BEFORE_COUNTING) -> Writer:
        """A writer whose transaction stands open at *at* when this returns: the first one that said *after*."""
        writer = self._begin(work, at, after)
        assert writer.held.wait(LONG)
        assert not writer.is_done() or writer.end(), "it never came to where it was to be held"
        return writer

    def start(self, work: Callable[[], Any]) -> Writer:
        """A writer that has come to its locks when this returns, or is done already."""
        writer = self._begin(work)
        assert writer.asked.wait(LONG)
        return writer

    @contextmanager
    def watching(self) -> Iterator[Writers]:
        listeners: list[tuple[str, Callable[..., None]]] = [
            ("before_cursor_execute", lambda _connection, _cursor, statement, *_rest: self._said(statement)),
            ("commit", lambda _connection: self._said(AT_COMMIT)),
        ]
        for name, listener in listeners:
            event.listen(self._engine, name, listener)
        try:
            yield self
        finally:
            for writer in self._writers:
                writer.let_go()
            for writer in self._writers:
                writer.thread.join(LONG)
            for name, listener in listeners:
                event.remove(self._engine, name, listener)

    def _begin(self, work: Callable[[], Any], held_at: str | None = None, after: str = BEFORE_COUNTING) -> Writer:
        writer = Writer(work, held_at, after)
        self._writers.append(writer)
        writer.thread.start()
        return writer

    def _said(self, statement: str) -> None:
        for writer in self._writers:
            if writer.thread.ident == get_ident():
                writer.says(statement)
