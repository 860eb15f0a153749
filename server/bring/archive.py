"""A zip that somebody sent, looked into with care.

Must never write a member to disk under a name from inside, nor unpack more than was agreed beforehand.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.problem import Problem, sentence

MOST_UNPACKED = 256 * 1024 * 1024
MOST_MEMBERS = 2000
_PIECE = 1024 * 1024


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at *path*, once its members were looked at. Raises `Problem` (`bad_zip`, `zip_climbs`, `zip_bomb`)."""
    try:
        with zipfile.ZipFile(path) as archive:
            _look(archive)
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise Problem(
            "bad_zip", 422, sentence("The zip is cut off, damaged or locked. Make it anew without a password.")
        ) from error


def _look(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    for each in members:
        name = each.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
            raise Problem(
                "zip_climbs",
                422,
                sentence("The zip names a file outside of itself (%(name)s). Nothing was unpacked; make the zip anew."),
                params={"name": name[:80]},
            )
    if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_UNPACKED:
        raise Problem(
            "zip_bomb",
            422,
            sentence("Unpacked this takes more than %(most)s MB. Part the file: at most 50,000 rows, no pictures."),
            params={"most": MOST_UNPACKED // 1024 // 1024},
        )


def pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The bytes of a member, some at a time, each beginning with the end of the one before (so nothing hides at a seam)."""
    tail = b""
    with archive.open(name) as member:
        while piece := member.read(_PIECE):
            yield tail + piece
            tail = piece[-200:]


def refuse_entities(archive: zipfile.ZipFile, names: list[str]) -> None:
    """Raise `Problem` ``xml_bomb`` where an XML part defines entities: no spreadsheet does, only who means harm."""
    for name in names:
        if any(b"<!DOCTYPE" in piece or b"<!ENTITY" in piece for piece in pieces(archive, name)):
            raise xml_bomb()


def xml_bomb() -> Problem:
    return Problem(
        "xml_bomb",
        422,
        sentence("The file defines names of its own (XML entities). Save it anew with a usual program."),
    )
