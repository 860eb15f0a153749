"""Where pictures are kept: a shelf of files named by their SHA-256, on disk or in object storage.

Must never know who may see a picture, and never say that it has one before that one is durable.
"""

from functools import cache
from pathlib import Path

from server.config import Settings
from server.pictures.disk import DiskShelf
from server.pictures.shelf import Shelf

__all__ = ["Shelf", "shelf_of"]


@cache
def shelf_of(settings: Settings) -> Shelf:
    """The shelf that *settings* name. Raises `BadSetting` for one that there is not."""
    if settings.pictures.startswith("s3://"):
        from server.pictures.objects import ObjectShelf

        return ObjectShelf(settings.pictures)
    return DiskShelf(Path(settings.pictures) if settings.pictures else settings.home / "pictures")
