"""The link between a phone and the centre: counts every byte on the TCP connection, both ways, headers included.

Can be made as slow, as far and as broken as a mobile network. Must never change a byte.
"""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_REQUEST = re.compile(rb"(?:GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) \S+ HTTP/1\.1\r\n")
_CHUNK = 1400  # bytes, about what one packet carries


@dataclass(slots=True)
class Traffic:
    """What went over a link: bytes up and down, and HTTP requests."""

    up: int = 0
    down: int = 0
    requests: int = 0

    @property
    def bytes(self) -> int:
        return self.up + self.down


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the link is. `delay_s`: one way; `up_bps`, `down_bps`: bits a second, 0 without a limit.

    `up_s`, `down_s`: it works so many seconds, then is gone for so many, in turn (0: always there).
    """

    delay_s: float = 0
    up_bps: int = 0
    down_bps: int = 0
    up_s: float = 0
    down_s: float = 0


class Link:
    """A TCP link on a port of its own to `127.0.0.1:target`; `with` opens and closes it."""

    def __init__(self, target: int, weather: Weather | None = None) -> None:
        self.port = 0
        self.traffic = Traffic()
        self._target = target
        self._weather = weather or Weather()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._open = threading.Event()
        self._up = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: dict[str, asyncio.Lock] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._open.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._close)
        self._thread.join(10)

    def _close(self) -> None:
        self._drop_all()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_soon(self._loop.stop)

    def taken(self) -> Traffic:
        """What went over it since the last time that somebody asked."""
        taken, self.traffic = self.traffic, Traffic()
        return taken

    def cut(self) -> None:
        """Break every connection, as when the phone goes round a mountain. New ones can be made."""
        self._loop.call_soon_threadsafe(self._drop_all)

    def turn(self, weather: Weather) -> None:
        """From now on the link is so; what was under way breaks."""
        self._loop.call_soon_threadsafe(self._turn, weather)

    def _turn(self, weather: Weather) -> None:
        comes_and_goes = self._weather.down_s > 0
        self._weather = weather
        self._drop_all()
        if weather.down_s and not comes_and_goes:
            self._keep(self._come_and_go())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._turns = {"up": asyncio.Lock(), "down": asyncio.Lock()}
        if self._weather.down_s:
            self._keep(self._come_and_go())
        self._open.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()

    def _keep(self, work: object) -> None:
        task = self._loop.create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _come_and_go(self) -> None:
        while self._weather.down_s:
            await asyncio.sleep(self._weather.up_s)
            self._up = False
            self._drop_all()
            await asyncio.sleep(self._weather.down_s)
            self._up = True

    def _drop_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._up:
            writer.transport.abort()
            return
        # A new connection costs a round trip before the first byte can go.
        await asyncio.sleep(2 * self._weather.delay_s)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        self._keep(self._carry("up", reader, far_writer))
        self._keep(self._carry("down", far_reader, writer))

    async def _carry(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rate = self._weather.up_bps if way == "up" else self._weather.down_bps
        in_flight: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._keep(self._deliver(in_flight, writer))
        while True:
            try:
                part = await reader.read(_CHUNK if rate else 65536)
            except OSError:
                part = b""
            if way == "up":
                self.traffic.up += len(part)
                self.traffic.requests += len(_REQUEST.findall(part))
            else:
                self.traffic.down += len(part)
            if rate and part:
                # All connections share the one radio.
                async with self._turns[way]:
                    await asyncio.sleep(len(part) * 8 / rate)
            await in_flight.put((self._loop.time() + self._weather.delay_s, part))
            if not part:
                return

    async def _deliver(self, in_flight: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                at, part = await in_flight.get()
                await asyncio.sleep(max(0, at - self._loop.time()))
                if not part:
                    break
                writer.write(part)
                await writer.drain()
            writer.close()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
