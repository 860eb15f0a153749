"""The network between the phones and the centre: it cuts, delays, repeats, reorders, lies, and loses replies.

Everything but the socket is real: what it carries are the bytes of HTTP requests and answers. Must never change a byte
and let it pass as whole, but for the pages of others that stand in the way.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.centre import Centre, Died

FAULTS = (
    "no link",
    "request cut",
    "request cut and passed on as whole",
    "request late",
    "request twice",
    "reply lost",
    "reply cut",
    "reply cut and passed on as whole",
    "login page",
    "login page as JSON",
    "page of a proxy",
    "login page as 401",
    "killed in mid-transaction",
    "killed after the commit",
)


@dataclass(frozen=True)
class Request:
    """What a phone sends. `path` with its query; `who` names the phone."""

    who: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What reaches the phone. Without a status nothing did; `broken`: the connection ended before the answer did."""

    status: int = 0
    type: str = ""
    body: bytes = b""
    broken: bool = False


NOTHING = Answer(broken=True)


@dataclass
class Network:
    """Carries requests to the centre, as well as the seed lets it. `rough`: how often in a hundred it does harm."""

    centre: Centre
    chance: random.Random
    rough: int = 30
    faults: Counter[str] = field(default_factory=Counter)
    late: list[Request] = field(default_factory=list)
    behind: bool = False  # the last answer that a phone got was not the centre's last
    # Sees every answer of the centre, also those that never arrive.
    watch: Callable[[Request, int, bytes], None] = lambda _request, _status, _body: None

    def carry(self, request: Request) -> Answer:
        self.behind = False
        if self.late and self.chance.randrange(100) < 40:
            # What was held up on its way arrives now, after what was sent later.
            self._deliver(self.late.pop(self.chance.randrange(len(self.late))))
            self.faults["reordered"] += 1
        if self.chance.randrange(100) >= self.rough:
            return self._deliver(request)
        fault = self.chance.choice(FAULTS)
        self.faults[fault] += 1
        return self._harm(fault, request)

    def calm(self) -> None:
        """The weather clears: what is still under way arrives, and nothing is harmed any more."""
        while self.late:
            self._deliver(self.late.pop(0))
        self.rough = 0

    def _harm(self, fault: str, request: Request) -> Answer:
        where = self.chance.random()
        match fault:
            case "request cut":
                self._deliver(request, cut=int(len(request.body) * where), length=len(request.body))
                return NOTHING
            case "request cut and passed on as whole":
                part = int(len(request.body) * where)
                return self._deliver(request, cut=part, length=part)
            case "request late":
                self.late.append(request)
                return NOTHING
            case "request twice":
                first, second = self._deliver(request), self._deliver(request)
                # Who is told of the first does not know of what the second may have changed.
                self.behind = where < 0.5
                return first if where < 0.5 else second
            case "reply lost":
                self._deliver(request)
                return NOTHING
            case "reply cut" | "reply cut and passed on as whole":
                whole = self._deliver(request)
                part = whole.body[: int(len(whole.body) * where)]
                return Answer(whole.status, whole.type, part, broken=fault == "reply cut")
            case "killed in mid-transaction":
                self.centre.fuse = self.chance.randrange(1, 14)
                return self._deliver(request)
            case "killed after the commit":
                self._deliver(request)
                self.centre.restart()
                return NOTHING
            case _:
                return _PAGES[fault]

    def _deliver(self, request: Request, *, cut: int | None = None, length: int | None = None) -> Answer:
        body = request.body if cut is None else request.body[:cut]
        headers = {**request.headers, "Content-Length": str(len(body) if length is None else length)}
        try:
            status, type_, answer = self.centre.asked(request.method, request.path, headers, body)
        except Died:
            self.centre.restart()
            return NOTHING
        self.watch(request, status, answer)
        return Answer(status, type_, answer)


_HTML = "<html><title>Wi-Fi miễn phí</title><form>Đăng nhập để dùng mạng</form></html>".encode()
_PAGES = {
    "no link": NOTHING,
    "login page": Answer(200, "text/html; charset=utf-8", _HTML),
    "login page as JSON": Answer(200, "application/json", b'{"login": "required", "accepted": 0}'),
    "page of a proxy": Answer(502, "text/html", b"<h1>Bad gateway</h1>"),
    "login page as 401": Answer(401, "text/html", _HTML),
}
