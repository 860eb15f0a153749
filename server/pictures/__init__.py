"""Where pictures are kept: a shelf of files named by their SHA-256, on disk or in object storage.

Must never know who may see a picture, and never say that it has one before that one is durable.
"""

from pathlib import Path
from typing import BinaryIO, Protocol

from server.config import Settings
from server.pictures.disk import DiskShelf


class Shelf(Protocol):
    """Keeps pictures. Names are SHA-256 in lower-case hex; content under a name never changes."""

    def put(self, sha256: str, mime: str, file: Path) -> None:
        """Keep the content of *file*, durably, and take the file away. The same name again changes nothing."""

    def has(self, sha256: str) -> bool:
        """Whether it is there."""

    def open(self, sha256: str) -> BinaryIO:
        """The content, to be closed by the caller. Raises `FileNotFoundError`."""


def shelf_of(settings: Settings) -> Shelf:
    """The shelf that *settings* name. Raises `BadSetting` for one that there is not."""
    if settings.pictures.startswith("s3://"):
        from server.pictures.objects import ObjectShelf

        return ObjectShelf(settings.pictures)
    return DiskShelf(Path(settings.pictures) if settings.pictures else settings.home / "pictures")
