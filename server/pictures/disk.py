"""Pictures in a folder, two letters of the name to each folder within."""

import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO


class DiskShelf:
    """A `Shelf` on the server's own disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256: str, mime: str, file: Path) -> None:
        place = self._place(sha256)
        self._make(place.parent)
        draft = place.with_name(f".{file.name}")
        try:
            shutil.copyfile(file, draft)
            _sync(draft)
            os.replace(draft, place)
        finally:
            draft.unlink(missing_ok=True)
        _sync(place.parent)

    def having(self, names: Collection[str]) -> set[str]:
        return {name for name in names if self._place(name).is_file()}

    def open(self, sha256: str) -> BinaryIO:
        return self._place(sha256).open("rb")

    def size(self, sha256: str) -> int | None:
        """How many bytes there are under this name; None where there is no file."""
        try:
            return self._place(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def share(self, sha256: str, other: "DiskShelf") -> None:
        """Have what *other* has under this name: on one disk a second name of the same file, which takes no room."""
        place = self._place(sha256)
        self._make(place.parent)
        draft = place.with_name(f".{sha256}.{os.getpid()}")
        try:
            try:
                os.link(other._place(sha256), draft)
            except OSError:  # another disk, or one that knows no second names
                shutil.copyfile(other._place(sha256), draft)
            _sync(draft)
            os.replace(draft, place)
        finally:
            draft.unlink(missing_ok=True)
        _sync(place.parent)

    def drop(self, sha256: str) -> None:
        """Throw the file away, if it is there."""
        self._place(sha256).unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _make(self, folder: Path) -> None:
        """Make *folder*; its name is as durable then as what will stand in it."""
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for above in (self._folder, self._folder.parent):
            _sync(above)


def _sync(path: Path) -> None:
    """Have the disk hold what the system only promised (fsync(2): a folder too, or the name may be lost)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
