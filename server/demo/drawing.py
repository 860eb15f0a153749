"""Draws the pictures of the demonstration: a coffee leaf with more or less rust on it.

Invented like everything there. Written as PNG by hand (W3C PNG, 3rd edition): a library of pictures would be 20 MB for this.
"""

import random
import struct
import zlib

_PAPER, _LEAF, _VEIN, _RUST = 0, 1, 2, 3
_COLOURS = bytes((214, 205, 184, 46, 104, 58, 120, 160, 96, 214, 126, 34))


def leaf(width: int, height: int, spots: int, seed: int) -> bytes:
    """A PNG of *width* x *height*: a leaf with *spots* spots of rust. The same *seed* puts them in the same places."""
    chance = random.Random(seed)  # noqa: S311  (a drawing, no secret)
    rust = [(chance.uniform(-0.7, 0.7), chance.uniform(-0.6, 0.6), chance.uniform(0.03, 0.11)) for _ in range(spots)]
    rows = bytearray()
    for row in range(height):
        rows.append(0)
        y = 2 * row / height - 1
        near = [spot for spot in rust if abs(spot[1] - y) < spot[2]]
        rows.extend(_colour(2 * column / width - 1, y, near) for column in range(width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", _COLOURS), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(kind, content) for kind, content in parts)


def _colour(x: float, y: float, rust: list[tuple[float, float, float]]) -> int:
    """What is at a place; x and y from -1 to 1."""
    edge = 0.8 * (1 - x * x) * (1 - 0.25 * x)
    if abs(x) > 0.95 or abs(y) > edge:
        return _PAPER
    if any((x - left) ** 2 + (y - top) ** 2 < reach * reach for left, top, reach in rust):
        return _RUST
    return _VEIN if abs(y) < 0.02 or abs((x * 5 + abs(y) * 2) % 1 - 0.5) < 0.04 else _LEAF


def _part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
