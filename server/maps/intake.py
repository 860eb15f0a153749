"""How a map comes in and goes again: looked at, put on the shelf, and only then said to be there.

Must never know HTTP, and never offer a file that is not durable.
"""

import tempfile
import unicodedata
from pathlib import Path
from typing import IO, BinaryIO

from server.config import Settings
from server.maps import maps_shelf
from server.maps.pack import MIME, look
from server.pictures.intake import room
from server.store import maps
from sync.problem import Problem, sentence

LONGEST_NAME = 200


def add(file: BinaryIO, area: str, name: str, settings: Settings, by: str | None) -> str:
    """Take in the pack in *file* for *area*, called *name* (empty: as it calls itself); its id. Raises `Problem`."""
    with tempfile.NamedTemporaryFile(dir=settings.home, prefix=".map.") as draft:
        with room():
            # One byte past the bound is enough to know.
            _copy(file, draft, settings.map_bytes + 1)
            draft.flush()
        path = Path(draft.name)
        pack = look(path, settings.map_bytes)
        called = _name(name or pack.name)
        with room():
            maps_shelf(settings).put(pack.sha256, MIME, path)
    return maps.add(area, called, pack, by)


def remove(pack: str, settings: Settings) -> None:
    """Take a map away; phones that have it keep it until they delete it. Raises `Problem` ``no_map``."""
    unused = maps.remove(pack)
    if unused:
        maps_shelf(settings).drop(unused)


def _copy(file: BinaryIO, into: IO[bytes], most: int) -> None:
    left = most
    while left and (piece := file.read(min(left, 1024 * 1024))):
        into.write(piece)
        left -= len(piece)


def _name(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Problem("bad_map_name", 422, sentence("Give the map a name of 1 to 200 characters."))
    return name
