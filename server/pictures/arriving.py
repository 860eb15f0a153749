"""A picture on its way in: a file that grows by what arrives, and holds what arrived across cuts and restarts.

Must never put a byte anywhere but at the end, and never hold a lock while it waits for the phone.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from filelock import FileLock

PIECE = 4 * 1024  # bytes: over 2G a second's worth, so a killed server loses no more of what had come
_IN_MEMORY = 64 * 1024  # bytes of a chunk whose checksum is awaited; the rest of it waits on disk

_PATIENCE = 30  # seconds that a request waits for another one of the same upload


class Overtaken(Exception):
    """The file does not end where this request writes: another one goes on where the link broke."""


class Damaged(Exception):
    """A chunk is not what its checksum says."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the digest of a chunk must be, by which algorithm."""

    algorithm: str
    digest: bytes


class Arriving:
    """The file of one upload, in *folder*. Once it was removed, everything raises `FileNotFoundError`.

    Where another request holds the file for too long, what would write raises `filelock.Timeout`.
    """

    def __init__(self, folder: Path, upload: str) -> None:
        self.path = folder / upload
        self._lock = FileLock(folder / f".{upload}.lock", timeout=_PATIENCE)

    def begin(self) -> None:
        """Make the file, empty."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.touch(mode=0o600)

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size

    def take(self, offset: int, pieces: Iterator[bytes]) -> int:
        """Put *pieces* at the end, the first at *offset*; the size then, and all of it durable. What came before a cut stays.

        Raises `Overtaken` where the file does not end where the next piece begins: a request whose link died may still
        bring bytes while the phone has long gone on with another.
        """
        end = offset
        try:
            for piece in pieces:
                self._append(end, piece)
                end += len(piece)
        except BaseException:
            with suppress(OSError):
                self._make_durable()
            raise
        self._make_durable()
        return end

    def take_checked(self, offset: int, pieces: Iterator[bytes], checksum: Checksum) -> int:
        """As `take`, but only when all of it is there and is what *checksum* says. Raises `Damaged`."""
        digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
        with SpooledTemporaryFile(_IN_MEMORY) as chunk:
            for piece in pieces:
                digest.update(piece)
                chunk.write(piece)
            if digest.digest() != checksum.digest:
                raise Damaged
            chunk.seek(0)
            return self.take(offset, iter(lambda: chunk.read(PIECE), b""))

    def sha256(self) -> str:
        """Of the whole file, in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @contextmanager
    def alone(self) -> Iterator[BinaryIO]:
        """The file, open for reading and for writing at its end, while nobody else writes to it or takes it away."""
        self.size  # noqa: B018  (a lock beside a file that is gone would be left behind)
        with self._lock, cast(BinaryIO, self.path.open("r+b", buffering=0)) as file:
            yield file

    def remove(self) -> None:
        """Take the file away. Who waits for its lock finds it gone."""
        self.path.unlink(missing_ok=True)
        Path(self._lock.lock_file).unlink(missing_ok=True)

    def _append(self, end: int, piece: bytes) -> None:
        with self.alone() as file:
            if file.seek(0, os.SEEK_END) != end:
                raise Overtaken
            written = 0
            while written < len(piece):
                written += file.write(piece[written:])

    def _make_durable(self) -> None:
        with self.path.open("rb") as file:
            os.fsync(file.fileno())


def sweep(folder: Path, before: float) -> None:
    """Remove what nobody has added to since *before* (seconds of the epoch): its upload is over, one way or another."""
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
