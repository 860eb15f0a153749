"""Serves the centre with gunicorn: a few worker processes, threads in each, started from one loaded application.

Must never serve a database that this version cannot read.
"""

import ctypes
import gc
import signal
from socket import socket
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from server.config import Settings
from server.store.tables import db

_SILENCE = 60  # seconds without a byte either way, after which a connection is given up
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h of glibc


class Centre(BaseApplication):  # type: ignore[misc]
    """gunicorn, told what it needs to know by us and not by its own command line."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        for key, value in {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.workers,
            "threads": settings.threads,
            "worker_class": "gthread",
            "preload_app": True,  # the code is in memory once, and shared by the workers
            "timeout": 120,
            "graceful_timeout": 10,
            "keepalive": 15,
            "loglevel": "warning",
            "control_socket_disable": True,
            "pre_request": _give_up_on_silence,
            "when_ready": _stop_gently,
            "post_fork": _forget_connections,
            "post_worker_init": _leave_ctrl_c_to_the_master,
        }.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Flask:
        return self._app


def serve(app: Flask, settings: Settings) -> None:
    """Serve until told to stop (SIGINT, SIGTERM): requests under way are answered first."""
    _give_memory_back()
    _collect_seldom()
    with app.app_context():
        # A connection must not be shared across a fork.
        db.engine.dispose()
    Centre(app, settings).run()


def _give_memory_back() -> None:
    """Have the C library return what is free again: by itself it keeps an arena for each thread, and in it the 19 MB of
    each password that was ever checked there (mallopt(3); other C libraries than glibc do so anyway)."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_MMAP_THRESHOLD, 1024 * 1024)
        library.mallopt(_M_ARENA_MAX, 2)


class _Link:
    """A connection that reads as ended once it broke or fell silent: what came until then is handed on, nothing after."""

    def __init__(self, link: socket) -> None:
        self._link = link
        self._ended = False

    def recv(self, most: int) -> bytes:
        try:
            came = b"" if self._ended else self._link.recv(most)
        except OSError:
            came = b""
        # For ever: late bytes of half a body must not be read as another request.
        self._ended = not came
        return came

    def gettimeout(self) -> float | None:
        return self._link.gettimeout()

    def settimeout(self, seconds: float | None) -> None:
        self._link.settimeout(seconds)


def _give_up_on_silence(_worker: Any, request: Any) -> None:
    # A phone that went round a bend says no goodbye: without a bound its thread would wait for it for ever.
    reader = request.unreader
    if not isinstance(reader.sock, _Link):
        reader.sock = _Link(reader.sock)
    reader.sock.settimeout(_SILENCE)


def _collect_seldom() -> None:
    """Look for garbage in rings of objects seldom, and never among what the loaded code is made of: it stays for good,
    and as long as nobody touches it, all workers share it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _stop_gently(arbiter: Any) -> None:
    # gunicorn would end its workers at once on Ctrl-C, in the middle of what they do.
    arbiter.handle_int = arbiter.handle_term


def _leave_ctrl_c_to_the_master(_worker: Any) -> None:
    # The terminal sends it to the whole group: a worker that acted on it would cut off the request that it answers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _forget_connections(_server: Any, worker: Any) -> None:
    with worker.app.load().app_context():
        db.engine.dispose(close=False)
