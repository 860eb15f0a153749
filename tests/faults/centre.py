"""The centre under the simulator: the real application on a real database, which can die at any statement, be copied,
and be put back as it was, told or behind its back.

Must never reach past the database for what the application knows: when it dies, its memory is gone.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import event, select

from server.app import create_app
from server.config import Settings
from server.store import backup
from server.store.tables import Area, LoggedChange, Quarantined, Record, db
from tests.wire import Browser


class Died(BaseException):
    """The server was killed here. No handler of the application may catch it."""


class Database(Protocol):
    """A database that can be put back as it was."""

    settings: Settings

    def copy(self, name: str) -> None: ...

    def put_back(self, name: str) -> None: ...


class SqliteFile:
    """An installation on SQLite; *template* is an empty one."""

    def __init__(self, home: Path, template: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._file = home / "nuong.sqlite3"
        shutil.copy(template, self._file)
        self.settings = Settings(home=home, secret_key="test")

    def copy(self, name: str) -> None:
        """What `sqlite3 .backup` does: a whole copy while others write."""
        with sqlite3.connect(self._file) as source, sqlite3.connect(self._file.with_name(name)) as target:
            source.backup(target)
        source.close()
        target.close()

    def put_back(self, name: str) -> None:
        """The file simply put in its place, and what the old one left beside it taken away."""
        for beside in ("-wal", "-shm"):
            self._file.with_name(self._file.name + beside).unlink(missing_ok=True)
        shutil.copy(self._file.with_name(name), self._file)


class PostgresDatabase:
    """An installation on PostgreSQL: database *name* at *server*, made from *template*. `sql` runs statements there."""

    def __init__(self, home: Path, server: str, template: str, name: str, named: Any, sql: Any) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._run = lambda *statements: sql(server, *statements)
        self._copies: set[str] = set()
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}")
        self.settings = Settings(home=home, secret_key="test", database_url=named(server, name))

    def copy(self, name: str) -> None:
        self._copies.add(name)
        self._run(
            f"DROP DATABASE IF EXISTS {self._name}_{name} WITH (FORCE)",
            f"CREATE DATABASE {self._name}_{name} TEMPLATE {self._name}",
        )

    def put_back(self, name: str) -> None:
        """Another database under the same name: the application's connections break, and nothing else tells it."""
        self._run(
            f"DROP DATABASE {self._name} WITH (FORCE)",
            f"CREATE DATABASE {self._name} TEMPLATE {self._name}_{name}",
        )

    def drop(self) -> None:
        for name in (self._name, *(f"{self._name}_{copy}" for copy in self._copies)):
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Centre:
    """The centre. `fuse`: die at this statement of the next request, its commits counted too (0: not in that one)."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.fuse = 0
        self.deaths = 0
        self._held: _Held | None = None
        self.app = self._start()

    def _start(self) -> Any:
        app = create_app(self.database.settings)
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *_words: self._burn())
            event.listen(db.engine, "commit", lambda _connection: self._committing())
        return app

    def restart(self) -> None:
        """Killed with -9 and started again: whatever was in memory is gone."""
        self.fuse = 0
        self.close()
        self.app = self._start()

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def asked(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Its answer: status, content type, body. Raises `Died`."""
        try:
            return _answer_of(self.app, method, path, headers, body)
        finally:
            self.fuse = 0

    def _burn(self) -> None:
        if self.fuse:
            self.fuse -= 1
            if self.fuse == 0:
                self.deaths += 1
                raise Died

    def _committing(self) -> None:
        self._burn()
        if self._held and threading.current_thread() is self._held.thread:
            self._held.wait_at_commit()

    @contextmanager
    def held_at_commit(self, work: Any) -> Iterator[None]:
        """Inside, *work* (which writes) stands before its commit; afterwards it goes on to its end."""
        self._held = _Held(work)
        self._held.begin()
        try:
            yield
        finally:
            held, self._held = self._held, None
            held.end()

    # Copies -------------------------------------------------------------------------------------------------------

    def copy(self, name: str) -> None:
        """A copy of the database, as an operator makes one at night."""
        self.close()
        self.database.copy(name)

    def put_back(self, name: str, *, restart: bool) -> None:
        """An older copy put back behind the application's back. Nobody says so to it."""
        self.close()
        self.database.put_back(name)
        if restart:
            self.restart()

    def write_backup(self, name: str) -> None:
        """`nuong backup`."""
        with self.app.app_context():
            backup.write(self.database.settings.home / name)

    def restore_backup(self, name: str) -> None:
        """`nuong restore --replace`."""
        with self.app.app_context():
            backup.restore(self.database.settings.home / name, replace=True)
        self.restart()

    # What stands in its database ----------------------------------------------------------------------------------

    def log(self) -> list[dict[str, Any]]:
        """Every change in the log, as it came; under `_author` and `_device` what its envelope says."""
        with self.app.app_context(), db.engine.connect() as connection:
            rows = connection.execute(select(LoggedChange.body, LoggedChange.author, LoggedChange.device)).all()
        return [{**json.loads(body), "_author": author, "_device": device} for body, author, device in rows]

    def records(self) -> dict[str, dict[str, Any]]:
        """Every record, as the centre tells it."""
        with self.app.app_context(), db.engine.connect() as connection:
            wires = connection.scalars(select(Record.wire)).all()
        return {record["id"]: record for record in map(json.loads, wires)}

    def quarantine(self) -> list[dict[str, Any]]:
        """Every change in quarantine, as it came."""
        with self.app.app_context(), db.engine.connect() as connection:
            return [json.loads(body) for body in connection.scalars(select(Quarantined.body)).all()]

    def counters(self) -> dict[str, int]:
        """The newest number that each area has given."""
        with self.app.app_context(), db.engine.connect() as connection:
            return dict(connection.execute(select(Area.id, Area.counter)).all())


class _Held:
    """Work in a thread of its own that stops before its first commit until it is let go."""

    def __init__(self, work: Any) -> None:
        self._there = threading.Event()
        self._go = threading.Event()
        self._once = True
        self._failed: list[BaseException] = []
        self.thread = threading.Thread(target=self._run, args=(work,), daemon=True)

    def _run(self, work: Any) -> None:
        try:
            work()
        except BaseException as error:
            self._failed.append(error)
        finally:
            self._there.set()

    def wait_at_commit(self) -> None:
        if self._once:
            self._once = False
            self._there.set()
            self._go.wait()

    def begin(self) -> None:
        self.thread.start()
        self._there.wait()

    def end(self) -> None:
        self._go.set()
        self.thread.join()
        if self._failed:
            raise self._failed[0]


def _answer_of(app: Any, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
    """What a WSGI application answers: status, content type, body unpacked from gzip."""
    environ = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": headers.get("Content-Length", str(len(body)))}
    given = {name: value for name, value in headers.items() if name.lower() not in ("content-length", "host")}
    answer = Browser(app).open(
        path=path, base_url="http://centre", method=method, headers=list(given.items()), environ_overrides=environ
    )
    said = answer.get_data()
    if answer.headers.get("Content-Encoding") == "gzip":
        said = gzip.decompress(said)
    return answer.status_code, answer.headers.get("Content-Type", ""), said
