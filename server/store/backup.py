"""Everything in one file, and back: the same form for either database, so that one can be restored into the other.

A tar of `manifest.json` and, for each table, JSON lines in gzip, each with its SHA-256 in the manifest; and the pictures,
each under its own SHA-256. Maps are large and seldom new: they lie in a folder beside the file (`server.maps.beside`). It is
read in one transaction, so the file is one moment of the database. Must never touch the database before the whole file was
checked.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from dataclasses import replace as replace_in
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Table, func, select

from server.maps.beside import beside, bring
from server.pictures.disk import DiskShelf
from server.pictures.kinds import HEAD, kind_of
from server.pictures.shelf import Shelf
from server.store import epoch, maps, migrate, pictures
from server.store.engine import one_moment, reading, shut_out, writing
from server.store.tables import Base, Installation, Moment
from sync.problem import Problem, sentence

FORM = 1
_ROWS = 1000
_IN_MEMORY = 1024 * 1024
_PICTURES = "pictures/"
# What is on its way in has no whole picture yet: its phone begins it anew. What is seen at a glance is made from the records.
# A link that was used must not be good again.
_LEFT_OUT = ("upload", "invitation", "glance", "glance_plot", "glance_overlap", "glance_mark")
# What is there before anybody is: the history's name, the link for the first administrator, and that it was made.
_NO_DATA = ("installation", "invitation", "audit")
# Whose rows the database numbers by itself.
_NUMBERED = ("quarantine", "audit")


@dataclass(frozen=True, slots=True)
class Saved:
    """What went into a backup, or came out: rows by table, pictures, maps; and those that should have, but were not whole."""

    rows: dict[str, int]
    pictures: int
    lacking: list[str]
    maps: int = 0
    maps_lacking: list[str] = field(default_factory=list)


def write(file: Path, shelf: Shelf | None = None, packs: DiskShelf | None = None) -> Saved:
    """Write all tables into *file*, the pictures that are on *shelf*, and the maps on *packs* into the folder beside it.
    The file takes its name only when it is whole.

    A picture or a map that is lost or damaged does not stop the others: it is among those lacking.
    """
    manifest: dict[str, Any] = {"nuong": FORM, "tables": {}}
    kept, lacking = 0, list[str]()
    sizes, no_maps = dict[str, int](), list[str]()
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with one_moment() as connection, tarfile.open(draft, "w") as archive:
            manifest["revision"] = migrate.current(connection)
            for table in _tables():
                with tempfile.TemporaryFile() as part:
                    manifest["tables"][table.name] = _write_table(connection, table, part)
                    _add(archive, f"{table.name}.jsonl.gz", part)
            if shelf:
                kept, lacking = _write_pictures(connection, archive, shelf)
            if packs:
                sizes = maps.all_kept(connection)
                no_maps = bring(sizes, packs, beside(file))
            _add(archive, "manifest.json", io.BytesIO(json.dumps(manifest, indent=1).encode()))
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    rows = {name: part["rows"] for name, part in manifest["tables"].items()}
    return Saved(rows, kept, lacking, len(sizes) - len(no_maps), no_maps)


def restore(file: Path, *, replace: bool, shelf: Shelf | None = None, packs: DiskShelf | None = None) -> Saved:
    """Put the content of *file* in, in one transaction, and raise the epoch; its pictures on *shelf*, before; and the maps
    that lie beside it on *packs*.

    Raises `Problem`: `bad_backup` for a file that is not whole, `not_empty` where there is data and *replace* is False,
    `newer_backup` for one that this version does not know.
    """
    with tarfile.open(file) if tarfile.is_tarfile(file) else _refuse_file() as archive:
        manifest = _checked(archive)

        def work(connection: Connection) -> dict[str, int]:
            # Every exchange looks there first: none may begin in one history and end in another.
            shut_out(connection, Installation.__table__)
            _make_room(connection, replace)
            counts = {}
            for table in _tables():
                counts[table.name] = _read_table(connection, table, archive)
            epoch.raise_epoch(connection)
            return counts

        if manifest["revision"] != migrate.head():
            raise Problem(
                "newer_backup",
                409,
                sentence(
                    "The backup is of another version (%(theirs)s, not %(ours)s). Restore it with that version, then upgrade."
                ),
                params={"theirs": manifest["revision"], "ours": migrate.head()},
            )
        if not replace:
            with reading() as connection:
                _refuse_where_there_is_data(connection)
        count = _read_pictures(archive, shelf) if shelf else 0
        rows = writing(work)
        saved = Saved(rows, count, _lacking(shelf) if shelf else [])
        return _with_maps(saved, file, packs) if packs else saved


def _with_maps(saved: Saved, file: Path, packs: DiskShelf) -> Saved:
    with reading() as connection:
        sizes = maps.all_kept(connection)
    lacking = bring(sizes, beside(file), packs)
    return replace_in(saved, maps=len(sizes) - len(lacking), maps_lacking=lacking)


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT]


def _write_table(connection: Connection, table: Table, part: Any) -> dict[str, Any]:
    rows = 0
    digest = hashlib.sha256()
    with gzip.GzipFile(fileobj=part, mode="wb", mtime=0) as packed:
        found = connection.execution_options(yield_per=_ROWS).execute(
            select(table).order_by(*table.primary_key.columns)
        )
        for row in found.mappings():
            line = json.dumps(dict(row), default=_plain, ensure_ascii=False).encode() + b"\n"
            packed.write(line)
            digest.update(line)
            rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _add(archive: tarfile.TarFile, name: str, part: Any) -> None:
    member = tarfile.TarInfo(name)
    member.size = part.seek(0, io.SEEK_END)
    part.seek(0)
    archive.addfile(member, part)


def _write_pictures(connection: Connection, archive: tarfile.TarFile, shelf: Shelf) -> tuple[int, list[str]]:
    kept, lacking = 0, []
    for picture in pictures.all_kept(connection):
        if _write_picture(archive, shelf, picture.sha256):
            kept += 1
        else:
            lacking.append(picture.sha256)
    return kept, lacking


def _write_picture(archive: tarfile.TarFile, shelf: Shelf, sha256: str) -> bool:
    """Put a picture in; False where it is not there, or is not what its name says."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as part:
        try:
            with closing(shelf.open(sha256)) as content:
                shutil.copyfileobj(content, part)
        except FileNotFoundError:
            return False
        part.seek(0)
        if _sha256(part) != sha256:
            return False
        _add(archive, _PICTURES + sha256, part)
        return True


def _pictures(archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in archive:
        part = archive.extractfile(member) if member.name.startswith(_PICTURES) else None
        if part is not None:
            with part:
                yield member.name.removeprefix(_PICTURES), part


def _read_pictures(archive: tarfile.TarFile, shelf: Shelf) -> int:
    count = 0
    for sha256, part in _pictures(archive):
        with tempfile.NamedTemporaryFile() as file:
            shutil.copyfileobj(part, file)
            file.flush()
            file.seek(0)
            shelf.put(sha256, kind_of(file.read(HEAD)) or "application/octet-stream", Path(file.name))
        count += 1
    return count


def _sha256(part: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := part.read(_IN_MEMORY):
        digest.update(piece)
    return digest.hexdigest()


def _lacking(shelf: Shelf) -> list[str]:
    """The pictures that the database says are kept, and are not there: phones are asked for them again."""
    with reading() as connection:
        names = [picture.sha256 for picture in pictures.all_kept(connection)]
    here = shelf.having(names)
    return [name for name in names if name not in here]


def _lines(archive: tarfile.TarFile, table: str) -> Iterator[bytes]:
    part = archive.extractfile(f"{table}.jsonl.gz")
    if part is None:
        raise _bad()
    with gzip.open(part) as packed:
        yield from packed


def _checked(archive: tarfile.TarFile) -> dict[str, Any]:
    """The manifest, once every table was read through and is what it says."""
    try:
        part = archive.extractfile("manifest.json")
        manifest: dict[str, Any] = json.load(part) if part else {}
        if manifest.get("nuong") != FORM:
            raise _bad()
        for table in _tables():
            said = manifest["tables"].get(table.name, {"rows": 0, "sha256": hashlib.sha256().hexdigest()})
            digest = hashlib.sha256()
            for line in _lines(archive, table.name):
                digest.update(line)
            if digest.hexdigest() != said["sha256"]:
                raise _bad()
        for sha256, part in _pictures(archive):
            if _sha256(part) != sha256:
                raise _bad()
    except (KeyError, OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
        raise _bad() from error
    return manifest


def _make_room(connection: Connection, replace: bool) -> None:
    if not replace:
        _refuse_where_there_is_data(connection)
    for table in reversed(Base.metadata.sorted_tables):
        connection.execute(table.delete())


def _refuse_where_there_is_data(connection: Connection) -> None:
    tables = [table for table in Base.metadata.sorted_tables if table.name not in _NO_DATA]
    there = {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
    held = {name: count for name, count in there.items() if count}
    if held:
        raise Problem(
            "not_empty",
            409,
            sentence("There is data here already (%(rows)s rows). To put the backup in its place, add --replace."),
            params={"rows": sum(held.values())},
        )


def _read_table(connection: Connection, table: Table, archive: tarfile.TarFile) -> int:
    moments = [column.name for column in table.columns if isinstance(column.type, Moment)]
    rows: list[dict[str, Any]] = []
    count = 0
    for line in _lines(archive, table.name):
        row = json.loads(line)
        for name in moments:
            row[name] = datetime.fromisoformat(row[name]) if row[name] else None
        rows.append(row)
        count += 1
        if len(rows) == _ROWS:
            connection.execute(table.insert(), rows)
            rows.clear()
    if rows:
        connection.execute(table.insert(), rows)
    if table.name in _NUMBERED and connection.dialect.name == "postgresql":
        # Numbers were given, not drawn: the next one must come after them.
        next_one = select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery()
        connection.execute(select(func.setval(f"{table.name}_id_seq", next_one)))
    return count


def _refuse_file() -> Any:
    raise _bad()


def _bad() -> Problem:
    return Problem("bad_backup", 422, sentence("This is not a whole backup of Nương. Take another copy of it."))
