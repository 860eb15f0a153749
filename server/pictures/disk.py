"""Pictures in a folder, two letters of the name to each folder within."""

import os
from pathlib import Path
from typing import BinaryIO


class DiskShelf:
    """A `Shelf` on the server's own disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256: str, mime: str, file: Path) -> None:
        """Move *file* in: there is never half a picture under its name."""
        place = self._place(sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_name(f".{file.name}")
        try:
            os.replace(file, draft)
        except OSError:
            # The folder is on another disk: the content is copied, and only then takes its name.
            draft.write_bytes(file.read_bytes())
            file.unlink()
        _sync(draft)
        os.replace(draft, place)
        _sync(place.parent)

    def has(self, sha256: str) -> bool:
        return self._place(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        return self._place(sha256).open("rb")

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _sync(path: Path) -> None:
    """Have the disk hold what the system only promised (fsync(2): a folder too, or the name may be lost)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
