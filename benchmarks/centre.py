"""A centre to measure: `nuong serve` as a process of its own on a database of its own, and clients that speak to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from sync.client import Client

PASSWORD = "mua-rao-2026"


class Centre:
    """A running centre with one area and officers "o0", "o1" …; `with` starts and stops it."""

    def __init__(self, home: Path, officers: int = 2, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self._settings = {f"NUONG_{name.upper()}": value for name, value in settings.items()}
        self._process: subprocess.Popen[bytes] | None = None
        self.area = self.nuong("area", "add", "HTX Chiềng Mung")
        for number in range(officers):
            words = ("user", "add", f"o{number}", "--role", "officer", "--area", self.area, "--password-stdin")
            self.nuong(*words, said=PASSWORD)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve"], env=self._environment(), stdout=subprocess.DEVNULL
        )
        wait_for(self.port)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(30)

    def nuong(self, *words: str, said: str = "") -> str:
        """Run a command of the installation; what it prints."""
        command = [sys.executable, "-m", "server.cli", *words]
        return subprocess.run(
            command, env=self._environment(), input=said, capture_output=True, text=True, check=True
        ).stdout.strip()

    def client(self, number: int = 0, port: int | None = None) -> Client:
        """A phone of officer *number*, signed in, over the link at *port*."""
        client = Client(f"http://127.0.0.1:{port or self.port}")
        client.sign_in(f"o{number}", PASSWORD)
        return client

    def memory_mb(self) -> float:
        """Memory of the master and its workers, MB; what they share is counted once (PSS)."""
        assert self._process
        return sum(_pss_kb(pid) for pid in _family(self._process.pid)) / 1024

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "NUONG_HOME": str(self.home), "PORT": str(self.port), **self._settings}


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
