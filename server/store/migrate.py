"""Brings the tables of a database to what this version of the code reads, by Alembic's migrations.

Must never run by itself on a database that holds data: `nuong upgrade` asks for it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from server.store import epoch
from server.store.tables import Base

NEW, BEHIND, CURRENT, AHEAD = "new", "behind", "current", "ahead"


def state(engine: Engine) -> str:
    """Where the database stands: `new` (empty), `behind`, `current`, or `ahead` (written by a newer version)."""
    scripts = _scripts()
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return NEW
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return NEW
    if revision == scripts.get_current_head():
        return CURRENT
    return BEHIND if revision in {each.revision for each in scripts.walk_revisions()} else AHEAD


def upgrade(engine: Engine, revision: str = "head") -> list[str]:
    """Run all migrations that are missing up to *revision*, in one transaction; what each does, first to last."""
    done: list[str] = []
    scripts = _scripts()

    def steps(current: Any, _context: Any) -> Any:
        found = scripts._upgrade_revs(revision, current)
        done.extend(str(step.doc or step.revision) for step in found)
        return found

    with engine.execution_options(writing=True).begin() as connection:
        _run(connection, scripts, steps)
        # What an older version's table has not is not asked for.
        if revision == "head" and not connection.execute(Base.metadata.tables["installation"].select()).first():
            epoch.begin(connection)
    return done


def head() -> str:
    """The revision that this version of the code reads."""
    return str(_scripts().get_current_head())


def current(connection: Connection) -> str | None:
    """The revision that a database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def _run(connection: Connection, scripts: ScriptDirectory, steps: Callable[[Any, Any], Any]) -> None:
    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=True,
        )
        environment.run_migrations()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
