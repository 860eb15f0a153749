"""How a picture comes in: announced, taken byte by byte, checked, put on the shelf, and only then said to be kept.

Must never say that a picture is here before it is durable under its hash, and never know HTTP.
"""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from filelock import Timeout

from server.config import Settings
from server.pictures import shelf_of
from server.pictures.arriving import Arriving, Checksum, Damaged, Overtaken, sweep
from server.pictures.kinds import HEAD, kind_of
from server.pictures.shelf import Shelf
from server.store import pictures
from server.store.engine import no_room
from server.store.people import Sender
from server.store.pictures import Coming, Kept
from sync.problem import Problem, sentence

_DAY = 24 * 60 * 60
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Intake:
    """Where pictures come in: a folder of files that grow, and the shelf that they end on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home / "uploads"
        # A picture on 2G holds its thread for a minute: half of them stay free for those who bring records.
        self._places = BoundedSemaphore(max(1, settings.threads // 2))

    @property
    def shelf(self) -> Shelf:
        """Where they end. Made when it is first asked for: a worker must not share its connections with another."""
        return shelf_of(self._settings)

    def begin(self, sender: Sender, sha256: str, length: int, described: str) -> Coming:
        """Announce a picture. What was given up long ago makes room."""
        sweep(self._folder, time.time() - self._settings.upload_days * _DAY)
        upload, ended = pictures.begin(sender, sha256, length, described, self._settings.upload_days)
        for each in ended:
            Arriving(self._folder, each).remove()
        with room():
            self._file(upload).begin()
        return upload

    def find(self, sender: Sender, upload: str) -> Coming:
        """The upload of *sender*. Raises `Problem`: `no_upload` (404), `upload_expired` (410)."""
        found = pictures.coming(sender, upload)
        if found is None:
            raise _no_upload()
        if not found.kept and found.expires_at.timestamp() < time.time():
            raise Problem(
                "upload_expired", 410, sentence("This picture was not sent to its end in time. Begin it anew.")
            )
        return found

    def offset(self, upload: Coming) -> int:
        """How much is here; all of it only when the picture is kept: what was stopped half-way is brought to its end first."""
        if upload.kept:
            return self._kept(upload)
        file = self._file(upload)
        try:
            size = file.size
            if size == upload.length:
                self._finish(upload, file)
        except FileNotFoundError:
            return self._kept_meanwhile(upload)
        return size

    def take(self, upload: Coming, offset: int, pieces: Iterator[bytes], checksum: Checksum | None) -> int:
        """Take in *pieces*, the first of which stands at *offset*; how much is here then. All of it: the picture is kept.

        Raises `Problem`: `other_offset` (409), `checksum_mismatch` (460), `hash_mismatch` and `not_a_picture` (422, and
        the upload is over), `no_room` (507), `pictures_away` (503; all is here, and the next request finishes it).
        """
        if offset != self.offset(upload):
            raise _other_offset()
        if offset == upload.length:
            return offset
        file = self._file(upload)
        try:
            with self._place():
                end = self._take(file, offset, pieces, checksum)
            if end == upload.length:
                self._finish(upload, file)
        except FileNotFoundError:
            return self._kept_meanwhile(upload)
        return end

    def end(self, upload: Coming) -> None:
        """Give the upload up. A picture that is kept stays."""
        self._file(upload).remove()
        pictures.end(upload.id)

    def _file(self, upload: Coming) -> Arriving:
        return Arriving(self._folder, upload.id)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Problem(
                "crowded",
                503,
                sentence("Many pictures are coming in just now. Try again in a moment."),
                headers={"Retry-After": "5"},
            )
        try:
            yield
        finally:
            self._places.release()

    def _take(self, file: Arriving, offset: int, pieces: Iterator[bytes], checksum: Checksum | None) -> int:
        try:
            with room():
                return file.take_checked(offset, pieces, checksum) if checksum else file.take(offset, pieces)
        except Overtaken:
            raise _other_offset() from None
        except Damaged:
            raise Problem(
                "checksum_mismatch",
                460,
                sentence("A part of the picture was damaged on its way. Send that part again."),
            ) from None
        except Timeout:
            raise _busy() from None

    def _finish(self, upload: Coming, file: Arriving) -> None:
        """Check the whole, shelve it, say so. Whatever stops this half-way, doing it again brings it to its end."""
        try:
            with room(), file.alone() as content:
                mime = self._checked(upload, file, content.read(HEAD))
                self.shelf.put(upload.sha256, mime, file.path)
                pictures.keep(Kept(upload.sha256, upload.length, mime), upload.id)
                file.remove()
        except Timeout:
            raise _busy() from None

    def _checked(self, upload: Coming, file: Arriving, head: bytes) -> str:
        """The media type of a picture that is what its hash says. Anything else is over, and raises `Problem`."""
        if file.sha256() != upload.sha256:
            self.end(upload)
            raise Problem(
                "hash_mismatch",
                422,
                sentence("What arrived is not the picture that its SHA-256 names. Send it anew, from its beginning."),
            )
        mime = kind_of(head)
        if mime is None:
            self.end(upload)
            raise Problem("not_a_picture", 422, sentence("This is not a picture. Send JPEG, PNG or WebP."))
        return mime

    def _kept(self, upload: Coming) -> int:
        if upload.sha256 in self.shelf.having([upload.sha256]):
            return upload.length
        # The pictures were lost since then: the phone must not take this one for safe.
        return self._given_up(upload)

    def _kept_meanwhile(self, upload: Coming) -> int:
        """Where the file is gone: another request brought it to its end, or gave it up."""
        if pictures.is_kept(upload.id):
            return self._kept(upload)
        return self._given_up(upload)

    def _given_up(self, upload: Coming) -> int:
        pictures.end(upload.id)
        raise _no_upload()


@contextmanager
def room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise no_room() from error
        raise


def _no_upload() -> Problem:
    return Problem("no_upload", 404, sentence("No such picture is on its way. Begin it anew."))


def _other_offset() -> Problem:
    return Problem(
        "other_offset", 409, sentence("More or less of the picture is here. Ask how much, and go on from there.")
    )


def _busy() -> Problem:
    return Problem(
        "upload_busy",
        503,
        sentence("This picture is just being put away. Ask again in a moment."),
        headers={"Retry-After": "5"},
    )
