"""Geometries of a GeoPackage (OGC 12-128, clause 2.1.3) as GeoJSON: a small head, then well-known binary. Pure."""

import struct
from typing import Any

from server.bring.table import fault

_KINDS = {1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon"}
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # bytes of the box in the head, by the three bits that name its kind
_EMPTY = 0b10000


def read_geopackage(blob: Any) -> Any:
    """A GeoJSON geometry, None for an empty one, a fault for what cannot be read."""
    if blob is None:
        return None
    try:
        if blob[:2] != b"GP" or blob[3] & _EMPTY:
            return None
        geometry, _end = _read(blob, 8 + _ENVELOPES[blob[3] >> 1 & 0b111])
    except (struct.error, IndexError, KeyError, TypeError, RecursionError):
        return fault("bad_shape")
    return geometry


def _read(blob: bytes, at: int) -> tuple[dict[str, Any], int]:
    order = "<" if blob[at] else ">"
    (number,) = struct.unpack_from(f"{order}I", blob, at + 1)
    # EWKB marks height and measure by its high bits, ISO by thousands: both are read, and left out.
    width = 2 + bool(number & 0x80000000) + bool(number & 0x40000000)
    number &= 0xFFFF
    width += (0, 1, 1, 2)[number // 1000]
    kind = _KINDS[number % 1000]
    at += 5
    if kind == "Point":
        return {"type": kind, "coordinates": list(struct.unpack_from(f"{order}2d", blob, at))}, at + 8 * width
    if kind == "LineString":
        ring, at = _ring(blob, at, order, width)
        return {"type": kind, "coordinates": ring}, at
    (count,) = struct.unpack_from(f"{order}I", blob, at)
    at += 4
    if count > len(blob):
        raise IndexError
    parts: list[Any] = []
    for _ in range(count):
        if kind == "Polygon":
            part, at = _ring(blob, at, order, width)
        else:
            inner, at = _read(blob, at)
            part = inner["coordinates"]
        parts.append(part)
    return {"type": kind, "coordinates": parts}, at


def _ring(blob: bytes, at: int, order: str, width: int) -> tuple[list[list[float]], int]:
    (count,) = struct.unpack_from(f"{order}I", blob, at)
    if count * 8 * width > len(blob):
        raise IndexError
    numbers = struct.unpack_from(f"{order}{count * width}d", blob, at + 4)
    return [list(numbers[place : place + 2]) for place in range(0, len(numbers), width)], at + 4 + 8 * len(numbers)
