"""Writes a map for phones from lines and points: vector tiles in a PMTiles file.

A tile is Mapbox Vector Tile 2.1 (https://github.com/mapbox/vector-tile-spec), of which lines and points are a page; the package
for it would bring 30 MB of geometry along. The file is written by the package of the format itself.
"""

import gzip
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from server.demo.hillside import Line, Place

_EXTENT = 4096
_BESIDE = 64  # units of a tile that a line goes on beyond its edge, so that no seam is seen
_POINT, _LINE = 1, 2
_LAYERS = ("contours", "water", "roads", "places")


def write(
    path: Path, lines: list[Line], bounds: tuple[float, float, float, float], zooms: range, told: Mapping[str, str]
) -> None:
    """Write *lines* as the map at *path*. *told*: what the map says of itself (name, attribution)."""
    tiles: defaultdict[int, dict[tuple[int, int], list[tuple[Line, list[list[tuple[int, int]]]]]]] = defaultdict(dict)
    for zoom in zooms:
        for line in lines:
            for tile, parts in _cut(line.places, zoom):
                tiles[zoom].setdefault(tile, []).append((line, parts))
    packed = {
        zxy_to_tileid(zoom, *tile): gzip.compress(_tile(found), mtime=0)
        for zoom, each in tiles.items()
        for tile, found in each.items()
    }
    west, south, east, north = bounds
    with path.open("wb") as file:
        writer = Writer(file)
        for number in sorted(packed):
            writer.write_tile(number, packed[number])
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": round(west * 1e7),
            "min_lat_e7": round(south * 1e7),
            "max_lon_e7": round(east * 1e7),
            "max_lat_e7": round(north * 1e7),
        }
        layers = [{"id": name, "fields": {}} for name in _LAYERS]
        writer.finalize(header, {**told, "vector_layers": layers})


def _cut(places: list[Place], zoom: int) -> Iterable[tuple[tuple[int, int], list[list[tuple[int, int]]]]]:
    """The tiles that a line passes through, with its parts in each, in units of the tile."""
    world = [_on_plane(place, zoom) for place in places]
    touched = {(int(x // 1), int(y // 1)) for x, y in world}
    for tile in sorted(touched):
        parts: list[list[tuple[int, int]]] = []
        before: tuple[int, int] | None = None
        inside = False
        for x, y in world:
            at = round((x - tile[0]) * _EXTENT), round((y - tile[1]) * _EXTENT)
            now = all(-_BESIDE <= each <= _EXTENT + _BESIDE for each in at)
            if now and not inside:
                parts.append([before] if before else [])
            if (now or inside) and (not parts[-1] or parts[-1][-1] != at):
                parts[-1].append(at)
            before, inside = at, now
        parts = [part for part in parts if len(part) > 1 or len(places) == 1]
        if parts:
            yield tile, parts


def _on_plane(place: Place, zoom: int) -> tuple[float, float]:
    """Where a place is among the tiles of a zoom (Web Mercator)."""
    sine = math.sin(math.radians(place[1]))
    across = (place[0] + 180) / 360
    down = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return across * 2**zoom, down * 2**zoom


def _tile(found: list[tuple[Line, list[list[tuple[int, int]]]]]) -> bytes:
    return b"".join(_field(3, _layer(name, [each for each in found if each[0].layer == name])) for name in _LAYERS)


def _layer(name: str, found: list[tuple[Line, list[list[tuple[int, int]]]]]) -> bytes:
    keys: dict[str, int] = {}
    values: dict[str | int, int] = {}
    features = b""
    for line, parts in found:
        tags = b"".join(
            _number(keys.setdefault(key, len(keys))) + _number(values.setdefault(value, len(values)))
            for key, value in line.said.items()
        )
        kind = _LINE if len(line.places) > 1 else _POINT
        features += _field(2, _field(2, tags) + _plain(3, kind) + _field(4, _geometry(parts)))
    named = b"".join(_field(3, key.encode()) for key in keys)
    said = b"".join(
        _field(4, _field(1, value.encode()) if isinstance(value, str) else _plain(5, value)) for value in values
    )
    return _plain(15, 2) + _field(1, name.encode()) + features + named + said + _plain(5, _EXTENT)


def _geometry(parts: list[list[tuple[int, int]]]) -> bytes:
    """Commands and steps: go there (1), draw on to there (2)."""
    found = b""
    x = y = 0
    for part in parts:
        for command, places in ((1, part[:1]), (2, part[1:])):
            if places:
                found += _number(command | len(places) << 3)
            for at in places:
                found += _zigzag(at[0] - x) + _zigzag(at[1] - y)
                x, y = at
    return found


def _zigzag(number: int) -> bytes:
    return _number(number << 1 if number >= 0 else (-number << 1) - 1)


def _number(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _plain(key: int, number: int) -> bytes:
    return _number(key << 3) + _number(number)


def _field(key: int, content: bytes) -> bytes:
    return _number(key << 3 | 2) + _number(len(content)) + content
