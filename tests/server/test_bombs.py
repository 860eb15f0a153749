"""Small messages that would be large ones: what they may cost a worker of `nuong serve` in memory.

The worker is a real one; the kernel's own high-water mark (VmHWM) says what it took. The bound stands in
docs/security.md, and this file reads it there.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from server.config import Settings
from server.store import people
from sync import packing
from sync.client import new_id
from sync.protocol import MOST_NESTED
from tests.conftest import PASSWORD
from tests.serving import Served

MIB = 1024 * 1024
AT_ONCE = 8
ANSWERS = {200, 400, 413}
PAGE = Path(__file__).parents[2] / "docs" / "security.md"


def stated(which: str) -> int:
    """The bound that the page names, in bytes: by "one" message, or "eight" at once."""
    found = re.search(rf"\b{which} .*? at most (\d+) MiB", PAGE.read_text())
    assert found, f"docs/security.md does not say what {which} may take"
    return int(found[1]) * MIB


@dataclass(frozen=True)
class Sender:
    """A signed-in phone before a served centre of one worker."""

    address: str
    token: str
    area: str
    worker: psutil.Process

    def post(self, body: Any, path: str = "sync", **headers: str) -> requests.Response:
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        return requests.post(f"{self.address}/api/v1/{path}", data=body, headers=head, timeout=120)

    def change(self, **given: Any) -> dict[str, Any]:
        own = new_id()
        return {"id": own, "record": own, "type": "farmer", "area": self.area, "set": {"name": "Lan"}, **given}

    def changes(self, *changes: dict[str, Any]) -> requests.Response:
        """The changes in one request, as small as gzip makes them."""
        body = gzip.compress(json.dumps({"protocol": 1, "changes": changes}).encode())
        return self.post(body, **{"Content-Encoding": "gzip"})

    def most_memory(self) -> int:
        """The most that the worker ever had in memory, in bytes."""
        status = Path(f"/proc/{self.worker.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]


@pytest.fixture
def sender(app: Any, settings: Settings) -> Iterator[Sender]:
    area = people.add_area("HTX Chiềng Mung")
    people.add_user("lan", PASSWORD, people.OFFICER, [area])
    with Served(settings, workers=1) as served:
        phone = served.phone("lan")
        (worker,) = served.workers()
        sender = Sender(served.address, phone.token or "", area, worker)
        # What a worker takes for any work at all is not what a bomb takes.
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda _: sender.changes(sender.change()), range(2 * AT_ONCE)))
        yield sender


def zeros(wbits: int, mebibytes: int = 1024) -> bytes:
    """So many MiB of spaces, packed."""
    packer, spaces = zlib.compressobj(9, zlib.DEFLATED, wbits), b" " * MIB
    return b"".join(packer.compress(spaces) for _ in range(mebibytes)) + packer.flush()


GZIP_BOMB, PACKED_BOMB = zeros(zlib.MAX_WBITS | 16), zeros(-zlib.MAX_WBITS)
# As large as these messages may be on the wire.
GZIP_SMALL, PACKED_SMALL = zeros(zlib.MAX_WBITS | 16, 16)[: 16 * 1024], zeros(-zlib.MAX_WBITS, 16)


def endless() -> Iterator[bytes]:
    """A body that says no length and does not end by itself."""
    while True:
        yield b" " * 65536


def chunked(sender: Sender) -> int:
    """The status that an endless body is answered with; the centre may hang up while it is still being sent."""
    with closing(socket.create_connection(("127.0.0.1", int(sender.address.rpartition(":")[2])), 60)) as line:
        head = f"POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sender.token}\r\n"
        line.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for piece, _ in zip(endless(), range(1024), strict=False):
                line.sendall(b"10000\r\n" + piece + b"\r\n")
        except OSError:
            pass
        try:
            return int(line.recv(64).split()[1])
        except (OSError, IndexError):
            return 413


def ids(count: int) -> list[str]:
    return [f"00000000-0000-7000-8000-{number:012x}" for number in range(count)]


def walked(vertices: int) -> dict[str, Any]:
    ring = [[104 + number / 1e5, 21 + (number % 7) / 1e5] for number in range(vertices)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


BOMBS: dict[str, Callable[[Sender], int]] = {
    "a gigabyte in gzip": lambda to: to.post(GZIP_BOMB[: 2 * MIB], **{"Content-Encoding": "gzip"}).status_code,
    "a gigabyte packed": lambda to: (
        to.post(PACKED_BOMB[: 2 * MIB], **{"Content-Type": packing.media_type()}).status_code
    ),
    "a sign-in of sixteen megabytes in gzip": lambda to: (
        to.post(GZIP_SMALL, "session", **{"Content-Encoding": "gzip"}).status_code
    ),
    "a question for pictures of sixteen megabytes, packed": lambda to: (
        to.post(PACKED_SMALL, "photos/missing", **{"Content-Type": packing.media_type()}).status_code
    ),
    "a body without a length": chunked,
    "two megabytes of brackets": lambda to: to.post(b"[" * 2 * MIB).status_code,
    "brackets in a change": lambda to: (
        to.changes(to.change(set={"note": json.loads("[" * 900 + "]" * 900)}), to.change()).status_code
    ),
    "eight megabytes of keys": lambda to: (
        to.post(
            gzip.compress(
                b'{"protocol":1,"changes":[{%b"":0}]}' % b"".join(b'"%x":0,' % each for each in range(650_000))
            ),
            **{"Content-Encoding": "gzip"},
        ).status_code
    ),
    "eight megabytes of empty lists": lambda to: (
        to.post(
            gzip.compress(b'{"protocol":1,"changes":[{"set":[%b[]]}]}' % (b"[]," * 2_600_000)),
            **{"Content-Encoding": "gzip"},
        ).status_code
    ),
    "as many objects as may be": lambda to: (
        to.post(
            gzip.compress(b'{"protocol":1,"changes":[{"set":[%b0]}]}' % (b'{"a":1.5},' * (MOST_NESTED - 10))),
            **{"Content-Encoding": "gzip"},
        ).status_code
    ),
    "numbers of a hundred thousand digits": lambda to: (
        to.post(
            gzip.compress(b'{"protocol":1,"changes":[%b0]}' % ((b"9" * 100_000 + b",") * 70)),
            **{"Content-Encoding": "gzip"},
        ).status_code
    ),
    "boundaries of five thousand corners": lambda to: (
        to.changes(*(to.change(type="plot", set={"boundary": walked(4_900)}) for _ in range(40))).status_code
    ),
    "as many ids as may be named": lambda to: (
        to.changes(*(to.change(over={"name": ids(10_000)}, seen=ids(10_000)) for _ in range(9))).status_code
    ),
    "long runs of accents": lambda to: (
        to.changes(*(to.change(set={"note": "e" + "\u0301\u0323" * 1_000}) for _ in range(300))).status_code
    ),
    "megabytes that are refused and kept": lambda to: (
        to.changes(*(to.change(set={"name": "\u1ebf" * 1_300_000}) for _ in range(1))).status_code
    ),
}


def test_no_bomb_costs_a_worker_more_than_the_page_says(sender: Sender) -> None:
    before = sender.most_memory()
    for name, bomb in BOMBS.items():
        assert bomb(sender) in ANSWERS, name
        assert sender.most_memory() - before <= stated("one"), name
    for name, bomb in BOMBS.items():
        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert set(pool.map(lambda _, bomb=bomb: bomb(sender), range(AT_ONCE))) <= ANSWERS, name
        assert sender.most_memory() - before <= stated("eight"), name
    # And the worker is the same one, and well.
    assert sender.worker.is_running()
    assert sender.changes(sender.change()).json()["accepted"] == 1
