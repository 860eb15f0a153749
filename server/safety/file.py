"""What a safety copy says (docs/sync.md, "Safety copy"), checked through and through before anybody does anything with it.

Must never unpack to disk under a name from the file, and never more than the bounds below.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sync import protocol
from sync.change import ID, Change
from sync.problem import Problem, sentence
from sync.protocol import Rejected

FORM = 1
CHANGES, DRAFTS, PICTURES, BYTES = "changes.json", "drafts.json", "pictures.json", "pictures/"
MOST_CHANGES = 20_000  # most of a year's work of one officer
MOST_TEXT = 64 * 1024 * 1024  # bytes of a part that is JSON, unpacked
MOST_PARTS = 10_000
MOST_UNPACKED = 4 * 1024 * 1024 * 1024  # bytes of all pictures: a phone has no more room than that
PIECE = 64 * 1024

_PICTURE = re.compile(rf"{BYTES}([0-9a-f]{{64}})")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Copy:
    """A safety copy, read. `rejected`: what is no change at all; `pictures`: SHA-256 to size, each checked against it."""

    user_id: str
    username: str
    device_id: str
    made_at: str
    changes: Sequence[Change]
    rejected: Sequence[Rejected]
    drafts: int
    pictures: Mapping[str, int]

    def areas(self) -> set[str]:
        """The areas that its changes name."""
        return {change.area for change in self.changes}


def read(file: BinaryIO, picture_bytes: int) -> Copy:
    """The copy in *file*: a .zip, or its changes.json alone. No picture may be larger than *picture_bytes*.

    Raises `Problem`: `not_a_copy` (foreign), `copy_broken` (cut off, damaged, not as docs/sync.md says), `copy_newer`,
    `copy_too_large`.
    """
    head = file.read(4)
    file.seek(0)
    if head[:2] != b"PK":
        text = file.read(MOST_TEXT + 1)
        if len(text) > MOST_TEXT:
            raise _too_large()
        return _copy(_json(text, _foreign()), drafts=0, pictures={})
    try:
        with zipfile.ZipFile(file) as archive:
            return _read_zip(archive, picture_bytes)
    except _BROKEN as error:
        raise _broken() from error


def bytes_of(archive: zipfile.ZipFile, sha256: str) -> Any:
    """The content of a picture in a copy that `read` has let through."""
    return archive.open(BYTES + sha256)


def _read_zip(archive: zipfile.ZipFile, picture_bytes: int) -> Copy:
    parts = _parts(archive)
    if CHANGES not in parts:
        raise _foreign()
    head = _json(archive.read(CHANGES), _foreign())
    drafts = _list(archive, parts, DRAFTS)
    told = _list(archive, parts, PICTURES)
    names = {match[1]: parts[match[0]].file_size for name in parts if (match := _PICTURE.fullmatch(name))}
    if any(not isinstance(each, dict) or each.get("sha256") not in names for each in told):
        raise _broken()
    if max(names.values(), default=0) > picture_bytes:
        raise _too_large()
    copy = _copy(head, len(drafts), names)
    for sha256 in names:
        _check_picture(archive, sha256)
    return copy


def _parts(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The parts by name. What they say of their sizes holds: reading stops there."""
    found = [each for each in archive.infolist() if each.filename != BYTES]
    if len(found) > MOST_PARTS or sum(each.file_size for each in found) > MOST_UNPACKED:
        raise _too_large()
    parts = {each.filename: each for each in found}
    for name, part in parts.items():
        if not _PICTURE.fullmatch(name):
            if name not in (CHANGES, DRAFTS, PICTURES):
                raise _foreign()
            if part.file_size > MOST_TEXT:
                raise _too_large()
        if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _broken()
    if len(parts) != len(found):
        raise _broken()
    return parts


def _check_picture(archive: zipfile.ZipFile, sha256: str) -> None:
    digest = hashlib.sha256()
    with bytes_of(archive, sha256) as content:
        while piece := content.read(PIECE):
            digest.update(piece)
    if digest.hexdigest() != sha256:
        raise _broken()


def _list(archive: zipfile.ZipFile, parts: Mapping[str, Any], name: str) -> list[Any]:
    found = _json(archive.read(name), _broken()) if name in parts else []
    if not isinstance(found, list):
        raise _broken()
    return found


def _copy(head: Any, drafts: int, pictures: Mapping[str, int]) -> Copy:
    if not isinstance(head, dict) or head.get("nuong") != "safety-copy":
        raise _foreign()
    form = head.get("form")
    if isinstance(form, int) and form > FORM:
        raise Problem(
            "copy_newer",
            422,
            sentence("A newer app wrote this safety copy. Update this installation, then read it in."),
        )
    user, changes = head.get("user"), head.get("changes")
    if form != FORM or not isinstance(user, dict) or not isinstance(changes, list):
        raise _broken()
    if not (_is_id(user.get("id")) and _is_id(head.get("device"))):
        raise _broken()
    if len(changes) > MOST_CHANGES:
        raise _too_large()
    read, rejected = protocol.read_changes(changes)
    return Copy(
        user_id=user["id"],
        username=str(user.get("username") or ""),
        device_id=head["device"],
        made_at=str(head.get("made_at") or "")[:40],
        changes=read,
        rejected=rejected,
        drafts=drafts,
        pictures=pictures,
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(ID.fullmatch(value))


def _json(text: bytes, otherwise: Problem) -> Any:
    try:
        return protocol.parse_json(text)
    except Problem:
        raise otherwise from None


def _foreign() -> Problem:
    return Problem(
        "not_a_copy", 422, sentence("This is not a safety copy of Nương. Choose the file that the phone wrote.")
    )


def _broken() -> Problem:
    return Problem(
        "copy_broken",
        422,
        sentence("This safety copy is cut off or damaged; nothing of it was taken in. Have the phone write it anew."),
    )


def _too_large() -> Problem:
    return Problem(
        "copy_too_large", 422, sentence("This file is larger than any safety copy; nothing of it was taken in.")
    )
