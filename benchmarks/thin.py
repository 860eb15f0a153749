"""Phones that cost almost nothing, so that what is measured beside them is the centre: raw HTTP on a kept connection.

They say what the app says and read of an answer only what the next request needs. Must never leave out what the centre
has to do for a real one.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from sync import packing
from sync.change import Change
from sync.records import SCHEMA

_CURSOR = re.compile(rb'"cursor":"([^"]*)","more":(true|false)')
_EPOCH = re.compile(rb'"epoch":"([^"]*)"')
_ACCEPTED = re.compile(rb'"accepted":(\d+)')
_SEAM = b"\x00\x00\xff\xff"  # what the end of a part looks like in DEFLATE
_KNOWN = packing.dictionary(packing.NEWEST)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a thin phone reads of an answer."""

    status: int
    bytes: int
    accepted: int = 0
    more: bool = False
    retry_after: float = 0


class Thin:
    """One phone of one officer in one area."""

    def __init__(self, port: int, token: str, area: str) -> None:
        self._port, self._token, self._area = port, token, area
        self.turned_away = 0
        self._epoch = self._cursor = "null"
        self._wire: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def push(self, changes: bytes, limit: int = 600) -> Answer:
        """One exchange that brings *changes* (see `ready`), and reads at most *limit* records."""
        body = (
            f'{{"protocol":1,"epoch":{self._epoch},"schema":{SCHEMA},"areas":{{"{self._area}":{self._cursor}}},'
            f'"limit":{limit},"changes":['
        ).encode() + changes + b"]}"  # fmt: skip
        packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, _KNOWN)
        status, headers, packed = await self._post(packer.compress(body) + packer.flush())
        if status != 200:
            return Answer(status, len(packed), retry_after=float(headers.get(b"retry-after", b"0")))
        head = _head(packed)
        self._epoch = f'"{_long(_EPOCH.search(head)[1])}"'  # type: ignore[index]
        cursor = _CURSOR.search(head)
        assert cursor
        self._cursor = f'"{cursor[1].decode()}"'
        return Answer(status, len(packed), int(_ACCEPTED.search(head)[1]), cursor[2] == b"true")  # type: ignore[index]

    async def first_sync(self, limit: int = 600, patience: int = 1000) -> int:
        """Read everything from nothing; the number of requests that it took, those that were put off too."""
        self._epoch = self._cursor = "null"
        for requests in range(1, patience):
            answer = await self.push(b"", limit)
            if answer.status == 503:
                self.turned_away += 1
                self.close()  # the centre keeps no connection open that long
                await asyncio.sleep(answer.retry_after)
            elif answer.status != 200:
                raise RuntimeError(f"the centre answers {answer.status}")
            elif not answer.more:
                return requests
        raise RuntimeError("a first sync without an end")

    def close(self) -> None:
        if self._wire:
            self._wire[1].close()
            self._wire = None

    async def _post(self, body: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        self._wire = self._wire or await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._wire
        writer.write(
            f"POST /api/v1/sync HTTP/1.1\r\nHost: centre\r\nAuthorization: Bearer {self._token}\r\n"
            f"Content-Type: {packing.media_type()}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (each.partition(b":") for each in head[1:])
        }
        answer = await reader.readexactly(int(headers[b"content-length"]))
        if headers.get(b"connection", b"").lower() == b"close":
            writer.close()
            self._wire = None
        return int(head[0].split()[1]), headers, answer


def ready(changes: Sequence[Change]) -> bytes:
    """*changes* as they stand in a packed request, made before the clock runs."""
    text = orjson.dumps([change.as_json() for change in changes])
    return packing._UUID.sub(packing._shortened, text)[1:-1]


def _head(packed: bytes) -> bytes:
    """What a reply says besides its records: at its beginning, or behind a large page, which is not unpacked then."""
    page, mark, rest = packed.rpartition(_SEAM)
    if mark and len(page) > 2000:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(rest)
    return zlib.decompressobj(-zlib.MAX_WBITS, _KNOWN).decompress(packed, 2000)


def _long(epoch: bytes) -> str:
    """The epoch as it was before it was shortened."""
    return packing._SHORT.sub(packing._written_out, b'"' + epoch + b'"').decode().strip('"')
