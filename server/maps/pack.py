"""A pack of tiles as it was handed in: what is in it, and whether a phone could draw it.

The format: PMTiles, version 3 (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md). Must never believe a
length that the file names, nor unpack more than its bounds.
"""

import hashlib
import json
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pmtiles.tile import Compression, Entry, TileType, deserialize_directory, deserialize_header

from sync.problem import Problem, sentence

# A phone keeps and checks this much at once: 25 s of a 2G link are the most that it asks for twice.
PIECE = 256 * 1024
MIME = "application/vnd.pmtiles"
VECTOR = "mvt"
_HEAD = 127
_MOST_DIRECTORY = 4 * 1024 * 1024  # unpacked; the format's own root has at most 16 KB packed
_MOST_METADATA = 4 * 1024 * 1024
_MOST_TILE = 8 * 1024 * 1024
_DEEPEST = 4
_GREATEST_ZOOM = 22
_SEVEN = 10_000_000  # the header has degrees in ten-millionths

_TILES = {
    TileType.MVT: VECTOR,
    TileType.PNG: "png",
    TileType.JPEG: "jpeg",
    TileType.WEBP: "webp",
    TileType.AVIF: "avif",
}
# How a tile of each kind begins. A vector tile has no mark of its own.
_BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF"}


@dataclass(frozen=True, slots=True)
class Pack:
    """What a file holds: `tiles` (mvt, png, jpeg, webp, avif), the zooms, the bounds (west, south, east, north)."""

    size: int
    sha256: str
    pieces: tuple[str, ...]
    tiles: str
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    name: str
    attribution: str


def look(path: Path, most: int) -> Pack:
    """What is in the file at *path*, of at most *most* bytes.

    Raises `Problem`: `map_too_large` (413), `not_a_map`, `map_cut`, `map_not_drawable` (422).
    """
    size = path.stat().st_size
    if size > most:
        raise Problem(
            "map_too_large",
            413,
            sentence("The map has %(size)s bytes, and this centre takes %(most)s. Cut a smaller area or fewer zooms."),
            params={"size": size, "most": most},
        )
    with path.open("rb") as file:
        header = _header(file.read(_HEAD), size)
        tiles = _drawable(header)
        bounds = _bounds(header)
        _look_at_a_tile(file, header, tiles)
        told = _metadata(file, header)
        sha256, pieces = _digests(file)
    return Pack(
        size, sha256, pieces, tiles, header["min_zoom"], header["max_zoom"], bounds, _text(told, "name", 200),
        _text(told, "attribution", 500),
    )  # fmt: skip


def _header(head: bytes, size: int) -> Mapping[str, Any]:
    try:
        header: Mapping[str, Any] = deserialize_header(head)
    except Exception:  # the package raises whatever comes: no mark, another version, an end too early, a strange number
        raise Problem(
            "not_a_map",
            422,
            sentence(
                "This is not a map in the form PMTiles, version 3. “pmtiles convert” makes one of an MBTiles file."
            ),
        ) from None
    for part in ("root", "metadata", "leaf_directory", "tile_data"):
        if header[f"{part}_offset"] + header[f"{part}_length"] > size:
            raise _cut()
    if not header["root_length"] or not header["tile_data_length"]:
        raise _cut()
    return header


def _drawable(header: Mapping[str, Any]) -> str:
    """The kind of the tiles. Raises `Problem` where a phone could not draw them."""
    tiles = _TILES.get(header["tile_type"])
    packed = {header["tile_compression"], header["internal_compression"]}
    if tiles is None or not packed <= {Compression.NONE, Compression.GZIP, Compression.UNKNOWN}:
        raise _not_drawable("tiles")
    if header["internal_compression"] is not Compression.GZIP:
        raise _not_drawable("internal_compression")
    if not header["min_zoom"] <= header["max_zoom"] <= _GREATEST_ZOOM:
        raise _not_drawable("zoom")
    return tiles


def _bounds(header: Mapping[str, Any]) -> tuple[float, float, float, float]:
    west, south, east, north = (header[f"{each}_e7"] / _SEVEN for each in ("min_lon", "min_lat", "max_lon", "max_lat"))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise _not_drawable("bounds")
    return west, south, east, north


def _look_at_a_tile(file: BinaryIO, header: Mapping[str, Any], tiles: str) -> None:
    """Follow the directory to its first tile: where that one is not what the header says, none will be drawn."""
    start, length = header["root_offset"], header["root_length"]
    for _ in range(_DEEPEST):
        entry = _first(_part(file, start, length))
        if entry.run_length:
            break
        start, length = header["leaf_directory_offset"] + entry.offset, entry.length
    else:
        raise _cut()
    if entry.offset + entry.length > header["tile_data_length"] or not 0 < entry.length <= _MOST_TILE:
        raise _cut()
    tile = _part(file, header["tile_data_offset"] + entry.offset, entry.length)
    if header["tile_compression"] is Compression.GZIP:
        tile = _unpacked(tile, _MOST_TILE)
    if not tile.startswith(_BEGINS.get(tiles, b"")):
        raise _not_drawable("tiles")


def _first(directory: bytes) -> Entry:
    _unpacked(directory, _MOST_DIRECTORY)  # the package unpacks without a bound
    try:
        return deserialize_directory(directory)[0]
    except Exception:  # an end too early, an empty list
        raise _cut() from None


def _metadata(file: BinaryIO, header: Mapping[str, Any]) -> Mapping[str, Any]:
    if not header["metadata_length"] or header["metadata_length"] > _MOST_METADATA:
        return {}
    try:
        told = json.loads(_unpacked(_part(file, header["metadata_offset"], header["metadata_length"]), _MOST_METADATA))
    except (ValueError, RecursionError):
        raise _cut() from None
    return told if isinstance(told, dict) else {}


def _text(told: Mapping[str, Any], name: str, most: int) -> str:
    """What the pack says of itself, as one line."""
    value = told.get(name)
    line = " ".join(unicodedata.normalize("NFC", value).split()) if isinstance(value, str) else ""
    return "".join(each for each in line if each.isprintable())[:most]


def _part(file: BinaryIO, start: int, length: int) -> bytes:
    if length > _MOST_TILE:
        raise _cut()
    file.seek(start)
    found = file.read(length)
    if len(found) < length:
        raise _cut()
    return found


def _unpacked(packed: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj(31)  # gzip
    try:
        found = unpacker.decompress(packed, most)
    except zlib.error:
        raise _cut() from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise _cut()
    return found


def _digests(file: BinaryIO) -> tuple[str, tuple[str, ...]]:
    """The SHA-256 of the whole file, and of each piece of it."""
    file.seek(0)
    whole = hashlib.sha256()
    pieces = []
    while piece := file.read(PIECE):
        whole.update(piece)
        pieces.append(hashlib.sha256(piece).hexdigest())
    return whole.hexdigest(), tuple(pieces)


def _cut() -> Problem:
    return Problem("map_cut", 422, sentence("The map is cut off or damaged. Take another copy of the file."))


def _not_drawable(what: str) -> Problem:
    return Problem(
        "map_not_drawable",
        422,
        sentence(
            "A phone could not draw this map (%(what)s). It draws vector tiles (MVT), PNG, JPEG, WebP and AVIF, packed with"
            " gzip or not at all, with bounds and zooms up to 22."
        ),
        params={"what": what},
    )
