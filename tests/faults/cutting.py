"""A TCP link that breaks: each connection lives as long as its luck, and may end at any byte of either way.

Must never change a byte.
"""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from types import TracebackType
from typing import Self

_MOST_BYTES = 6_000


class CuttingLink:
    """A link on a port of its own to `127.0.0.1:target`. `rough`: how often in a hundred a connection is cut."""

    def __init__(self, target: int, chance: random.Random, rough: int) -> None:
        self.rough = rough
        self.cuts: Counter[str] = Counter()
        self._target = target
        self._chance = chance
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # A listener that is only closed does not wake who waits at it.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        up, down = self._luck()
        try:
            far = socket.create_connection(("127.0.0.1", self._target), 5)
        except OSError:
            near.close()
            return
        ways = [
            threading.Thread(target=self._pass, args=(near, far, up, "request cut"), daemon=True),
            threading.Thread(target=self._pass, args=(far, near, down, "reply cut"), daemon=True),
        ]
        for way in ways:
            way.start()

    def _luck(self) -> tuple[int | None, int | None]:
        """After how many bytes up, and down, this connection breaks (None: not)."""
        with self._lock:
            if self._chance.randrange(100) >= self.rough:
                return None, None
            at = int(_MOST_BYTES ** self._chance.random())
            return (at, None) if self._chance.random() < 0.5 else (None, at)

    def _pass(self, source: socket.socket, target: socket.socket, left: int | None, cut: str) -> None:
        try:
            while part := source.recv(65536 if left is None else min(left, 65536)):
                target.sendall(part)
                if left is not None:
                    left -= len(part)
                    if left <= 0:
                        self.cuts[cut] += 1
                        break
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
