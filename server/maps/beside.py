"""Maps go with backups: in a folder beside them, each once, however many backups name it.

A night's backup writes no map that lies there already; on one disk it takes no room at all. Must never take a file for a map
whose bytes are not what its name says.
"""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from server.pictures.disk import DiskShelf

FOLDER = "maps"


def beside(backup: Path) -> DiskShelf:
    """Where the maps of *backup*, and of those that lie with it, are."""
    return DiskShelf(backup.parent / FOLDER)


def bring(sizes: Mapping[str, int], here: DiskShelf, there: DiskShelf) -> list[str]:
    """Have all maps of *sizes* (SHA-256 to bytes) on *there* that are whole on *here*; those that *there* lacks afterwards.

    What *there* has in full length is not read again: that would be gigabytes each night.
    """
    lacking = []
    for name in sorted(name for name, size in sizes.items() if there.size(name) != size):
        if _is_whole(here, name):
            there.share(name, here)
        else:
            lacking.append(name)
    return lacking


def _is_whole(shelf: DiskShelf, name: str) -> bool:
    try:
        with closing(shelf.open(name)) as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == name  # type: ignore[arg-type]
    except FileNotFoundError:
        return False
