"""Packs messages for thin links: ids in base64, then raw DEFLATE (RFC 1951) with a preset dictionary of both ends.

Most of a change is words that every change has: a dictionary of them more than halves a single edit, where gzip begins
from nothing with each message. What is left is ids, whose 16 bytes DEFLATE can't find in 36 hex digits: `"~` and 22
characters stand for `"` and a UUID. Plain JSON and gzip go on working for everybody else.

A released dictionary never changes: a phone in the hills may pack with it for years. A better one gets a new number,
and the old one stays. Must never unpack more than it is allowed to.
"""

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from pathlib import Path

MEDIA_TYPE = "application/x.nuong"
NEWEST = 1

_HERE = Path(__file__).parent / "dictionaries"
_UUID = re.compile(rb'"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})"')
_SHORT = re.compile(rb'"~([0-9A-Za-z_-]{22})"')
_NUMBER = re.compile(r";\s*d=([0-9]{1,4})\s*(?:;|$)")


class NotPacked(ValueError):
    """These bytes are no packed message, or are cut off."""


class TooLarge(ValueError):
    """The message unpacks to more than was allowed."""


def media_type(number: int = NEWEST) -> str:
    """The media type of a message packed with dictionary *number*: `application/x.nuong;d=1`."""
    return f"{MEDIA_TYPE};d={number}"


def number_in(text: str | None) -> int | None:
    """The number of the dictionary that a Content-Type or an Accept names; None where we don't have it."""
    for part in (text or "").split(","):
        kind, _, parameters = part.strip().partition(";")
        found = _NUMBER.search(";" + parameters)
        if kind.strip().lower() == MEDIA_TYPE and found and dictionary(int(found[1])):
            return int(found[1])
    return None


def pack(body: bytes, number: int = NEWEST, level: int = 9) -> bytes | None:
    """*body* packed; None where it can't be, because somebody wrote what looks like one of our shortened ids.

    The same input gives the same bytes. Raises `LookupError` for a dictionary that there isn't.
    """
    if _SHORT.search(body):
        return None
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, _known(number))
    return packer.compress(_UUID.sub(_shortened, body)) + packer.flush()


def pack_first(text: bytes, number: int = NEWEST, level: int = 9) -> bytes | None:
    """The first part of a message, packed so that whatever comes after it can be packed apart: `pack_rest` of the rest
    behind it is the whole. No string may go over the seam. None where it can't be packed."""
    if _SHORT.search(text):
        return None
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, _known(number))
    return packer.compress(_UUID.sub(_shortened, text)) + packer.flush(zlib.Z_SYNC_FLUSH)


def pack_rest(text: bytes) -> bytes | None:
    """The rest of a message, to stand behind a `pack_first`: it refers to nothing before it. None where it can't be."""
    if _SHORT.search(text):
        return None
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    return packer.compress(_UUID.sub(_shortened, text)) + packer.flush()


def unpack(packed: bytes, most: int, number: int = NEWEST) -> bytes:
    """The body, at most *most* bytes. Raises `NotPacked`, `TooLarge`."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS, _known(number))
    try:
        body = unpacker.decompress(packed, most + 1)
    except zlib.error as error:
        raise NotPacked(str(error)) from error
    # An id grows by 12 bytes when it is written out: at most half as much again.
    if len(body) > most:
        raise TooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise NotPacked("cut off, or with something after its end")
    return _SHORT.sub(_written_out, body)


def _shortened(found: re.Match[bytes]) -> bytes:
    return b'"~' + urlsafe_b64encode(bytes.fromhex(b"".join(found.groups()).decode()))[:22] + b'"'


def _written_out(found: re.Match[bytes]) -> bytes:
    text = urlsafe_b64decode(found[1] + b"==").hex()
    return f'"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"'.encode()


@cache
def dictionary(number: int) -> bytes:
    """The dictionary of that number; empty where there is none."""
    path = _HERE / f"{number}.txt"
    return path.read_bytes() if path.exists() else b""


def _known(number: int) -> bytes:
    found = dictionary(number)
    if not found:
        raise LookupError(f"no dictionary {number}")
    return found
