"""A centre that is served as in the field: `nuong serve`, a process with workers of its own, on a port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from typing import Any

import psutil

from server.config import Settings
from sync.client import Client
from tests.conftest import PASSWORD


class Served:
    """`nuong serve` on the database of *settings*, from `with` to its end."""

    def __init__(self, settings: Settings, workers: int = 2) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "NUONG_HOME": str(settings.home),
            "NUONG_DATABASE_URL": settings.database_url,
            "NUONG_WORKERS": str(workers),
            "PORT": str(self.port),
        }

    def __enter__(self) -> Served:
        self._process = subprocess.Popen([sys.executable, "-m", "server.cli", "serve"], env=self._environment)
        for _ in range(600):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)  # until it listens: nothing tells us otherwise
        raise AssertionError("the centre did not start")

    def __exit__(self, *_failure: Any) -> None:
        self._process.terminate()
        self._process.wait(30)

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return psutil.Process(self._process.pid).children()

    def phone(self, username: str) -> Client:
        """One more phone of somebody who is there, signed in."""
        phone = Client(self.address)
        phone.sign_in(username, PASSWORD)
        return phone
