"""Where runs are played: an empty installation on each database, and the phone's program; made once for many runs."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from server.app import create_app
from server.config import Settings
from server.store import migrate
from server.store.tables import db
from tests.conftest import named, sql
from tests.faults import processes
from tests.faults.centre import PostgresDatabase, SqliteFile
from tests.faults.postgres import Postgres
from tests.faults.world import CAST, STEPS, Cast, World, run
from tests.pwa.bundled import bundle

HERE = Path(__file__).parent
DATABASES = ("sqlite", "postgres")


class Stage:
    """Plays runs in *work*, an empty folder. `postgres`: starts the server, which is killed in runs of processes."""

    def __init__(self, work: Path, postgres: Callable[[], Postgres]) -> None:
        self.work = work
        self._start_postgres = postgres
        self._server: Postgres | None = None
        self._sqlite: Path | None = None
        self._program: Path | None = None
        self._played = 0

    @property
    def program(self) -> Path:
        """The phone's program for Node."""
        if self._program is None:
            self._program = bundle(HERE / "phone.ts", self.work / "phone.mjs")
        return self._program

    def play(
        self,
        seed: int,
        database: str,
        *,
        cast: Cast = CAST,
        steps: int = STEPS,
        program: Path | None = None,
        backed_up: bool = False,
    ) -> World:
        """The run of *seed*. Raises `Broken`; whatever it raises says how to repeat it."""
        self._played += 1
        home = self.work / f"run-{self._played}"
        made = self._database(database, home)
        try:
            return run(seed, made, home, program or self.program, cast, steps, backed_up=backed_up)
        except Exception as error:
            way = " --backed-up" if backed_up else ""
            error.add_note(f"To repeat it: bash bin/soak --seed {seed} --database {database}{way}")
            raise
        finally:
            if isinstance(made, PostgresDatabase):
                made.drop()
            shutil.rmtree(home)

    def play_processes(self, seed: int, database: str) -> Counter[str]:
        """The same with real processes; how often what happened. Raises `Broken`."""
        self._played += 1
        home = self.work / f"run-{self._played}"
        return processes.play(seed, self._database(database, home), self._server if database == "postgres" else None)

    def close(self) -> None:
        if self._server:
            self._server.stop()

    def _database(self, database: str, home: Path) -> SqliteFile | PostgresDatabase:
        if database == "sqlite":
            return SqliteFile(home, self._empty_sqlite())
        server = self._postgres()
        return PostgresDatabase(home, server.uri, "empty", f"faults_{self._played}", named, sql)

    def _empty_sqlite(self) -> Path:
        if self._sqlite is None:
            _migrate(Settings(home=self.work / "empty", secret_key="test"))
            self._sqlite = self.work / "empty" / "nuong.sqlite3"
        return self._sqlite

    def _postgres(self) -> Postgres:
        if self._server is None:
            self._server = self._start_postgres()
            sql(self._server.uri, "DROP DATABASE IF EXISTS empty", "CREATE DATABASE empty")
            address = named(self._server.uri, "empty")
            _migrate(Settings(home=self.work / "empty-postgres", secret_key="test", database_url=address))
        return self._server


def _migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        migrate.upgrade(db.engine)
        db.engine.dispose()
