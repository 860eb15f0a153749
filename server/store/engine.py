"""How each database is spoken to: SQLite with full durability, PostgreSQL as it is; and one way to write with retries.

Must never hold a query about records or people.
"""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy import ARRAY, ColumnElement, Connection, Engine, String, any_, cast, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from server.store.tables import db
from sync.problem import Problem, sentence

TRIES = 6
_log = logging.getLogger("nuong")
Result = TypeVar("Result")
# What PostgreSQL says when two transactions got in each other's way: serialization failure, deadlock.
_AGAIN = {"40001", "40P01"}
_DISK_FULL = "53100"
# Classes of SQLSTATE (PostgreSQL's manual, appendix A): connection exceptions, no connections left, an operator at work,
# a database that takes nobody in, trouble of the system's.
_AWAY = {"08", "53", "55", "57", "58"}


_PATIENCE_MS = 20_000  # how long somebody waits for the database who needs it
_IN_PASSING_MS = 200  # and who does not
_TURN_S = 0.05  # SQLite's own waiters look every 25 to 100 ms whether it is their turn
# A connection that has rested so long (seconds) is asked whether it still lives before it is used again.
_RESTED = 5.0


def prepare(engine: Engine) -> None:
    """Give every connection of *engine* what its kind needs."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _look_after(engine)


def _look_after(engine: Engine) -> None:
    """Notice a connection that died in the pool (the database was restarted), without a question before each use."""

    @event.listens_for(engine, "checkin")
    def _returned(_connection: object, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: Any, _fairy: object) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < _RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transactions begin too late and never as IMMEDIATE: we begin them ourselves, below.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # a committed change survives a power cut, not only a crash
            "foreign_keys = ON",
            f"busy_timeout = {_PATIENCE_MS}",
            "cache_size = -2000",  # KB, for each thread of each worker; the system's own cache has the rest
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot be let in behind another writer: it would have to be
        # thrown away. So a writer says so at its beginning.
        options = connection.get_execution_options()
        if options.get("in_passing"):
            _begin_in_passing(connection)
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")


def _begin_in_passing(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_IN_PASSING_MS}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE_MS}")


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for questions only, in one transaction."""
    with db.engine.connect() as connection:
        yield connection


@contextmanager
def one_moment() -> Iterator[Connection]:
    """A connection for questions whose answers must fit together: all see the database as it is at the first."""
    engine = db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as connection:
        yield connection


def writing(work: Callable[[Connection], Result]) -> Result:
    """Run *work* in one transaction that writes; once more from its beginning when another got in the way.

    *work* may run several times: it must do nothing outside its connection.
    """
    engine = db.engine.execution_options(writing=True)
    for attempt in range(1, TRIES + 1):
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if _is_full(error):
                raise no_room() from error
            if attempt == TRIES or not _in_the_way(error):
                raise
            time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311  (no secret: it spreads out the tries)
    raise AssertionError("the last try returns or raises")


def give_way() -> None:
    """Between two steps of long work beside the requests: where one writes at a time (SQLite), who waits finds a turn."""
    if db.engine.dialect.name == "sqlite":
        time.sleep(_TURN_S)


def in_passing(work: Callable[[Connection], Any]) -> bool:
    """Run *work* in one transaction that writes, if the database has time for it at this moment; else False, quietly.

    For what nobody waits for, and what can be tried again later.
    """
    engine = db.engine.execution_options(writing=True, in_passing=True)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_IN_PASSING_MS * 5}")
            work(connection)
    except SQLAlchemyError as error:
        _log.info("left for later: %s", error)
        return False
    return True


def among(connection: Connection, column: Any, values: Collection[str]) -> ColumnElement[bool]:
    """Whether *column* is one of *values*; on PostgreSQL one parameter, however many there are: always the same text,
    which is read and planned once."""
    if connection.dialect.name != "postgresql":
        return column.in_(values)  # type: ignore[no-any-return]
    return column == any_(cast(list(values), ARRAY(String)))  # type: ignore[no-any-return]


def insert_all(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Insert *rows*, which all have the same columns. Raises `IntegrityError` where one is there already."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(table.insert(), rows)
        return
    # COPY: the database reads all rows as one statement, at a third of the cost of one after the other.
    columns = list(rows[0])
    names = ", ".join(f'"{name}"' for name in columns)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row([row[name] for name in columns])
    except psycopg.IntegrityError as error:
        raise IntegrityError("COPY", None, error) from error
    except psycopg.OperationalError as error:
        raise OperationalError("COPY", None, error) from error


def shut_out(connection: Connection, table: Any) -> None:
    """Wait until nobody uses *table*, and keep everybody from it until the transaction ends. (SQLite has one writer.)"""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f'LOCK TABLE "{table.name}" IN ACCESS EXCLUSIVE MODE')


def no_room() -> Problem:
    """What is said where the disk of the centre is full."""
    return Problem(
        "no_room",
        507,
        sentence("The centre's disk is full. Nothing is lost: keep what you have, and tell whoever runs the centre."),
        headers={"Retry-After": "600"},
    )


def unreachable(error: SQLAlchemyError) -> Problem | None:
    """What is said where the database is gone or has no time for this; None where the fault is another."""
    if isinstance(error, DBAPIError) and _is_full(error):
        return no_room()
    if not isinstance(error, PoolTimeout) and not (isinstance(error, DBAPIError) and _is_away(error)):
        return None
    return Problem(
        "no_database",
        503,
        sentence("The centre's database does not answer at the moment. Nothing is lost: the next try comes by itself."),
        headers={"Retry-After": "5"},
    )


def insert_or_update(connection: Connection, table: Any, rows: list[dict[str, Any]], key: list[str]) -> None:
    """Insert *rows*; where *key* is there already, put the new values in its place."""
    if not rows:
        return
    insert = _insert(connection, table)
    given = insert.excluded
    changed = {name: given[name] for name in rows[0] if name not in key}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changed), rows)


def insert_or_leave(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Insert *rows*; leave alone what is there already."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def _insert(connection: Connection, table: Any) -> Any:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql(table)


def _is_full(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(error.orig, "sqlstate", None) == _DISK_FULL


def _is_away(error: DBAPIError) -> bool:
    """Gone, going, coming, full of others, locked by somebody all the while."""
    if error.connection_invalidated or _in_the_way(error):
        return not isinstance(error, IntegrityError)
    # Without a SQLSTATE: the connection broke, or none came about.
    state = getattr(error.orig, "sqlstate", None) or "08"
    return isinstance(error.orig, psycopg.OperationalError) and state[:2] in _AWAY


def _in_the_way(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError):
        return True  # two made the same row at the same moment: the second will now find it
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) in _AGAIN
