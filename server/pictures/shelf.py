"""What every shelf can do."""

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO, Protocol


class Shelf(Protocol):
    """Keeps pictures. Names are SHA-256 in lower-case hex; content under a name never changes.

    Each method raises `Problem` ``pictures_away`` (503) where the storage does not answer, and `OSError` where the disk fails.
    """

    def put(self, sha256: str, mime: str, file: Path) -> None:
        """Keep a copy of *file*, durably: there is never half a picture under a name. The same again changes nothing."""

    def having(self, names: Collection[str]) -> set[str]:
        """Those of *names* that are there."""

    def open(self, sha256: str) -> BinaryIO:
        """The content, to be closed by the caller. Raises `FileNotFoundError`."""
