"""Maps for tests: one of lines, drawn by the demonstration, and one of pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from server.demo import draw_map
from server.demo.drawing import leaf

# Where the pictures are: round the plots of the stories.
BOUNDS = (104.05, 21.22, 104.09, 21.25)
ZOOM = 12
TILE = (3231, 1799)


@cache
def of_lines() -> bytes:
    """The hills round bản Nà Ớt as a vector map."""
    return _written(lambda path: draw_map(path, 0))


@cache
def of_pictures() -> bytes:
    """A map of four PNG tiles."""
    return _written(_write_pictures)


def _write_pictures(path: Path) -> None:
    with path.open("wb") as file:
        writer = Writer(file)
        tiles = [(TILE[0] + x, TILE[1] + y) for x in (0, 1) for y in (0, 1)]
        for number, (x, y) in sorted((zxy_to_tileid(ZOOM, x, y), (x, y)) for x, y in tiles):
            writer.write_tile(number, leaf(256, 256, 20, x * 7 + y))
        west, south, east, north = (round(each * 1e7) for each in BOUNDS)
        header = {"tile_type": TileType.PNG, "tile_compression": Compression.NONE,
                  "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north}  # fmt: skip
        writer.finalize(header, {"name": "Ảnh từ trên cao", "attribution": "Vẽ để thử"})


def _written(write: Callable[[Path], None]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "map.pmtiles"
        write(path)
        return path.read_bytes()
