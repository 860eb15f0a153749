"""A centre to measure: `nuong serve` as a process of its own on a database of its own, and clients that speak to it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from server.app import create_app
from server.config import load
from server.store import migrate, people
from server.store.tables import db
from sync.client import Client

PASSWORD = "mua-rao-2026"


class Centre:
    """A running centre with areas and officers "o0", "o1" …; `with` starts and stops it.

    `database`: its SQLAlchemy address (none: SQLite in its home). With one area all officers share it; else officer
    *n* works in area *n*.
    """

    def __init__(self, home: Path, officers: int = 2, areas: int = 1, database: str = "", **settings: str) -> None:
        self.port = free_port()
        self._settings = {f"NUONG_{name.upper()}": value for name, value in settings.items()}
        self._settings |= {"NUONG_HOME": str(home), "NUONG_DATABASE_URL": database, "PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None
        self._app = create_app(load(self._settings))
        with self._at_hand():
            migrate.upgrade(db.engine)
            self.areas = [people.add_area(f"HTX Chiềng Mung {number}") for number in range(areas)]
            self.users = [
                people.add_user(f"o{number}", PASSWORD, people.OFFICER, [self.areas[number % areas]])
                for number in range(officers)
            ]

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def area(self) -> str:
        return self.areas[0]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve"], env=self._environment(), stdout=subprocess.DEVNULL
        )
        wait_for(self.port)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, as when a phone goes out of its reach."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def phones(self, count: int, officer: int = 0) -> list[str]:
        """The tokens of *count* phones of an officer, each a device of its own."""
        with self._at_hand():
            return [people.open_session(self.users[officer], people.new_id(), "phone") for _ in range(count)]

    def client(self, number: int = 0, port: int | None = None) -> Client:
        """A phone of officer *number*, signed in, over the link at *port*."""
        client = Client(f"http://127.0.0.1:{port or self.port}")
        client.sign_in(f"o{number}", PASSWORD)
        return client

    def memory_mb(self) -> float:
        """Memory of the master and its workers, MB; what they share is counted once (PSS)."""
        assert self._process
        return sum(_pss_kb(pid) for pid in _family(self._process.pid)) / 1024

    @contextmanager
    def _at_hand(self) -> Iterator[None]:
        """The store itself, to set the scene: a command for each officer would take a second each."""
        with self._app.app_context():
            yield
            db.engine.dispose()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self._settings}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int, seconds: float = 60) -> float:
    """Wait until somebody answers at *port*; the seconds that it took."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return time.perf_counter() - start
        time.sleep(0.02)
    raise TimeoutError(f"nobody answers at port {port}")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _pss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


@dataclass(frozen=True, slots=True)
class Served:
    """A centre that runs in one worker on a database that is there already."""

    address: str
    master: int

    @property
    def worker(self) -> int:
        """The process that answers."""
        return _family(self.master)[-1]

    def signed_in(self, username: str) -> requests.Session:
        """Somebody at the console."""
        session = requests.Session()
        page = f"{self.address}/console/sign-in"
        token = re.search(r'name="csrf_token" value="([^"]+)"', session.get(page, timeout=60).text)
        assert token
        form = {"csrf_token": token[1], "username": username, "password": PASSWORD}
        session.post(page, data=form, timeout=60).raise_for_status()
        return session


@contextmanager
def served(settings: Mapping[str, str]) -> Iterator[Served]:
    """`nuong serve` with *settings*, until the end of the block."""
    port = free_port()
    environment = {**os.environ, **settings, "PORT": str(port), "NUONG_WORKERS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "serve"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield Served(f"http://localhost:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def peak_of(pid: int) -> Iterator[list[float]]:
    """Inside, the memory of a process is watched; afterwards the list holds by how many MB it rose at its highest."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): its highest mark begins anew
    before, risen = _status_mb(pid, "VmRSS"), list[float]()
    yield risen
    risen.append(max(0.0, _status_mb(pid, "VmHWM") - before))


def _status_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
