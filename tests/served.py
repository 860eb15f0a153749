"""`nuong serve` as a process of its own with several workers, for what only a real socket and a real kill can show."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from server.app import create_app
from server.config import Settings
from server.store import migrate, people
from server.store.tables import db
from sync.client import Client

PASSWORD = "mua-rao-2026"


class Served:
    """A centre on SQLite, with one area and the officer `lan`; stopped, killed and started again on the same data."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.settings = settings
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        with create_app(Settings(home=home)).app_context():
            migrate.upgrade(db.engine)
            self.area = people.add_area("HTX Chiềng Mung")
            people.add_user("lan", PASSWORD, people.OFFICER, [self.area])
            db.engine.dispose()

    def nuong(self, *words: str, said: str = "", code: int = 0) -> str:
        """Run a command of the installation; what it prints."""
        command = [sys.executable, "-m", "server.cli", *words]
        done = subprocess.run(command, env=self._environment(), input=said, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return (done.stdout + done.stderr).strip()

    def start(self, before: str = "") -> None:
        """Serve. *before*: Python that runs first, to set what no setting does."""
        program = ["-c", f"{before}; from server.cli import main; main()"] if before else ["-m", "server.cli"]
        self._process = subprocess.Popen(
            [sys.executable, *program, "serve"],
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self._listens():
            assert self._process.poll() is None, "the centre ended at its start"
            time.sleep(0.05)  # nothing tells us otherwise

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """kill -9, the master and its workers."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        """Until it has ended, and its workers too, which hold the door open a moment longer."""
        assert self._process
        self._process.wait(60)
        self._process = None
        while self._listens():
            time.sleep(0.05)

    def phone(self, username: str = "lan") -> Client:
        phone = Client(self.address)
        phone.sign_in(username, PASSWORD)
        return phone

    def link(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def _listens(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def _environment(self) -> dict[str, str]:
        settings = {f"NUONG_{name.upper()}": value for name, value in self.settings.items()}
        environment = {**os.environ, "NUONG_WORKERS": "3", **settings, "NUONG_HOME": str(self.home)}
        return {**environment, "PORT": str(self.port), **{k: v for k, v in self.settings.items() if k.isupper()}}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
