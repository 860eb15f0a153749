"""A gate in front of the centre: what phones ask and are answered passes through it, and a test may stand in it.

Everything that it is not told to hold or to lose passes unchanged. Must never answer as if it were the centre.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import requests

from sync import packing

PATIENCE = 60  # seconds: a test that waits longer than this has failed
SYNC = "/api/v1/sync"


@dataclass
class Asked:
    """One request as it arrived; `answered` once the centre's answer went back to who asked."""

    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    answered: bool = False

    @property
    def changes(self) -> list[str]:
        """The ids of the changes in a sync."""
        return [each["id"] for each in self.body.get("changes", [])]


class Stop:
    """One request that is held: before the centre sees it, or with its answer in the hand."""

    def __init__(self, path: str, answered: bool, when: Callable[[Asked], bool]) -> None:
        self.path = path
        self.answered = answered
        self.when = when
        self.lost = False
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def wait(self) -> Self:
        assert self.reached.wait(PATIENCE), f"nobody asked for {self.path}"
        return self

    def let_go(self) -> None:
        self.go_on.set()

    def lose(self) -> None:
        """The link breaks here: whoever waits gets nothing."""
        self.lost = True
        self.go_on.set()


class Gate:
    """A port of its own before 127.0.0.1:*target*; under *prefix*, as behind a reverse proxy. `with` opens it."""

    def __init__(self, target: int, prefix: str = "") -> None:
        self.target = target
        self.prefix = prefix
        self.asked: list[Asked] = []
        self.no_way_to = ""  # what begins so is lost before the centre sees it
        self.login_page = False  # a wireless network that answers for everybody
        self._stops: list[Stop] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"http://localhost:{self._server.server_port}{prefix}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for each in self._stops:
            each.lose()
        self._server.shutdown()
        self._server.server_close()

    def hold(self, path: str = SYNC, when: Callable[[Asked], bool] = lambda _asked: True) -> Stop:
        """Stop the next request to what begins with *path* before the centre sees it."""
        return self._add(Stop(path, False, when))

    def hold_answer(self, path: str = SYNC, when: Callable[[Asked], bool] = lambda _asked: True) -> Stop:
        """Let the next request to what begins with *path* through, and keep its answer: the centre has done what it was asked."""
        return self._add(Stop(path, True, when))

    def syncs(self) -> list[Asked]:
        return [each for each in self.asked if each.path == SYNC]

    def sent(self) -> list[str]:
        """The ids of all changes that went through, as often as they did."""
        return [change for each in self.syncs() for change in each.changes]

    def _add(self, stop: Stop) -> Stop:
        self._stops.append(stop)
        return stop

    def _stop_for(self, asked: Asked, answered: bool) -> Stop | None:
        for each in self._stops:
            if (
                asked.path.startswith(each.path)
                and each.answered is answered
                and not each.reached.is_set()
                and each.when(asked)
            ):
                each.reached.set()
                return each
        return None

    def _passes(self, asked: Asked, answered: bool) -> bool:
        if self.no_way_to and asked.path.startswith(self.no_way_to):
            return False
        stop = self._stop_for(asked, answered)
        if stop is None:
            return True
        stop.go_on.wait(2 * PATIENCE)
        return not stop.lost

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                if not self.path.startswith(f"{gate.prefix}/"):
                    self.send_error(404)
                    return
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = self.path.removeprefix(gate.prefix)
                asked = Asked(self.command, path.partition("?")[0], _read(self.headers.get("Content-Type", ""), sent))
                gate.asked.append(asked)
                try:
                    self._carry(asked, path, sent)
                except OSError:
                    # No centre, or nobody who waits for the answer: on a link that is all that anybody sees of it.
                    self.close_connection = True

            def _carry(self, asked: Asked, path: str, sent: bytes) -> None:
                if gate.login_page:
                    self._say_free_wifi()
                    return
                if not gate._passes(asked, answered=False):
                    self.close_connection = True
                    return
                answer = gate._ask(self, path, sent)
                content = answer.raw.read(decode_content=False)
                if not gate._passes(asked, answered=True):
                    self.close_connection = True
                    return
                self.send_response_only(answer.status_code)
                for name, value in answer.headers.items():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
                asked.answered = True

            def _say_free_wifi(self) -> None:
                page = "<!doctype html><title>Free WiFi</title><h1>Xin mời đăng nhập</h1>".encode()
                self.send_response_only(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = _pass_on

            def log_message(self, *_words: object) -> None:
                return

        return Handler

    def _ask(self, handler: BaseHTTPRequestHandler, path: str, sent: bytes) -> requests.Response:
        kept = {name: value for name, value in handler.headers.items() if name.lower() not in ("host", "connection")}
        kept["Accept-Encoding"] = handler.headers.get("Accept-Encoding", "identity")
        kept |= {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": handler.headers["Host"]}
        if self.prefix:
            kept["X-Forwarded-Prefix"] = self.prefix
        return requests.request(
            handler.command,
            f"http://127.0.0.1:{self.target}{path}",
            headers=kept,
            data=sent,
            allow_redirects=False,
            stream=True,
            timeout=PATIENCE,
        )


def _read(content_type: str, sent: bytes) -> dict[str, Any]:
    """What a sync says; nothing for every other request."""
    number = packing.number_in(content_type)
    try:
        read = json.loads(packing.unpack(sent, 64 * 1024 * 1024, number) if number else sent)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
