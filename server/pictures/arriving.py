"""A picture on its way in: a file that grows by what arrives, and holds what arrived across cuts and restarts.

Must never put a byte anywhere but at the end, and never hold a lock while it waits for the network.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock

PIECE = 64 * 1024  # bytes, read and written at a time


class Overtaken(Exception):
    """The file has grown beyond where this request writes: another one goes on where the link broke."""


class Arriving:
    """The file of one upload, in *folder*."""

    def __init__(self, folder: Path, upload: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / upload
        self._lock = FileLock(folder / f".{upload}.lock")

    def begin(self) -> None:
        """Make the file, empty."""
        self.path.touch(mode=0o600)

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    def take(self, offset: int, pieces: Iterator[bytes]) -> int:
        """Put *pieces* at the end, the first at *offset*; the size then. What came before a cut stays.

        Raises `Overtaken` where the file does not end where the next piece begins: a request whose link died may still
        bring bytes while the phone has long gone on with another.
        """
        end = offset
        try:
            for piece in pieces:
                end = self._append(end, piece)
        finally:
            self._make_durable()
        return end

    def take_checked(self, offset: int, pieces: Iterator[bytes], digest: str, algorithm: str) -> int | None:
        """As `take`, but nothing of it where its *digest* (hex) is another: None then."""
        content = b"".join(pieces)
        if hashlib.new(algorithm, content, usedforsecurity=False).hexdigest() != digest:
            return None
        return self.take(offset, iter([content]))

    def sha256(self) -> str:
        """Of the whole file, in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def first_bytes(self, count: int) -> bytes:
        """The first *count* bytes."""
        with self.path.open("rb") as file:
            return file.read(count)

    def locked(self, work: Callable[[], None]) -> None:
        """Run *work* while nobody adds to the file."""
        with self._lock:
            work()

    def remove(self) -> None:
        """Take the file away."""
        self.path.unlink(missing_ok=True)
        Path(self._lock.lock_file).unlink(missing_ok=True)

    def _append(self, end: int, piece: bytes) -> int:
        with self._lock:
            if self.size != end:
                raise Overtaken
            with self.path.open("ab") as file:
                file.write(piece)
        return end + len(piece)

    def _make_durable(self) -> None:
        if self.path.exists():
            with self.path.open("rb") as file:
                os.fsync(file.fileno())
