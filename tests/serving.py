"""A centre that is served as in the field: `nuong serve`, a process with workers of its own, on a port of this machine.

For what only a real socket and a real kill can show.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Self

import psutil

from server.app import create_app
from server.config import Settings
from server.store import migrate, people
from server.store.tables import db
from sync.client import Client
from tests.conftest import PASSWORD


class Served:
    """`nuong serve` with *settings*, and *more* of them; stopped, killed and started again on the same data.

    As a context it runs from `with` to its end. *quiet*: what it says of its troubles is of no interest.
    """

    def __init__(self, settings: Settings, *, quiet: bool = False, **more: Any) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.home = settings.home
        self._environment = {**os.environ, **_as_environment(replace(settings, port=self.port, **more))}
        self._quiet = quiet
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_failure: Any) -> None:
        self.stop()

    def start(self, before: str = "") -> None:
        """Serve. *before*: Python that runs first, to set what no setting does."""
        program = ["-c", f"{before}; from server.cli import main; main()"] if before else ["-m", "server.cli"]
        self._process = subprocess.Popen(
            [sys.executable, *program, "serve"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if self._quiet else None,
            start_new_session=True,
        )
        while not listens(self.port):
            assert self._process.poll() is None, "the centre ended at its start"
            time.sleep(0.02)  # nothing tells us otherwise

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """The master and its workers, with -9, wherever they are."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self.wait()

    def wait(self) -> None:
        """Until it has ended, and its workers too, which hold the door open a moment longer."""
        assert self._process
        self._process.wait(60)
        self._process = None
        while listens(self.port):
            time.sleep(0.02)  # they are the system's children now: nobody tells us when the last is gone

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        assert self._process
        return psutil.Process(self._process.pid).children()

    def phone(self, username: str) -> Client:
        """One more phone of somebody who is there, signed in."""
        phone = Client(self.address)
        phone.sign_in(username, PASSWORD)
        return phone

    def link(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


class LansCentre(Served):
    """A centre on SQLite with three workers, one area and the officer `lan`."""

    def __init__(self, home: Path, **more: Any) -> None:
        settings = Settings(home=home, workers=3)
        super().__init__(settings, **more)
        with create_app(settings).app_context():
            migrate.upgrade(db.engine)
            self.area = people.add_area("HTX Chiềng Mung")
            people.add_user("lan", PASSWORD, people.OFFICER, [self.area])
            db.engine.dispose()

    def phone(self, username: str = "lan") -> Client:
        return super().phone(username)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def _as_environment(settings: Settings) -> dict[str, str]:
    """*settings* as `server.config.load` reads them, but for those that are as they come."""
    given = {each.name: getattr(settings, each.name) for each in fields(Settings)}
    return {f"NUONG_{name.upper()}": str(value) for name, value in given.items() if value != _DEFAULTS[name]}


_DEFAULTS = {each.name: each.default for each in fields(Settings)}
