"""How a safety copy comes in: in the name of whoever wrote it, judged like any batch; its pictures go on the shelf.

Must never write anything before the whole file was checked, and never let an importer do more than they could themselves.
"""

import logging
import tempfile
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from server.config import Settings
from server.pictures import shelf_of
from server.pictures.intake import room
from server.pictures.kinds import HEAD, kind_of
from server.safety.file import PIECE, Copy, bytes_of, read
from server.store import imports, people, pictures
from server.store.people import Sender
from server.store.pictures import Kept
from sync.change import Envelope, as_text
from sync.problem import FieldError, Problem, sentence

_log = logging.getLogger("nuong")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a copy. `refused`: (reason, field) to how many."""

    author: str
    made_at: str
    new: int
    known: int
    refused: Counter[tuple[str, str]]
    drafts: int
    pictures: int


def take_in(
    file: BinaryIO, settings: Settings, importer: Sender | None, otherwise: str | None = None, *, dry_run: bool = False
) -> Report:
    """Take in the safety copy in *file*, or (*dry_run*) only say what would become of it.

    *importer*: the manager or administrator at the console; None: whoever runs the installation. *otherwise*: the user name to
    whose account the work goes where the user that the file names is not here. Raises `Problem` (those of `file.read`, and
    `unknown_author`, `areas_not_yours`); then nothing was written.
    """
    copy = read(file, settings.picture_bytes)
    _check_areas(copy, importer)
    author = _author(copy, importer, otherwise)
    now = as_text(datetime.now(UTC))
    envelope = Envelope(author=author.user_id, device=copy.device_id, received_at=now)
    kept = 0 if dry_run else _keep_pictures(file, copy, settings)
    outcome = imports.take_in(author, copy.changes, copy.rejected, envelope, dry_run=dry_run)
    report = Report(
        author=author.name,
        made_at=copy.made_at,
        new=len(outcome.fresh),
        known=outcome.accepted - len(outcome.fresh),
        refused=Counter((each.reason, str(each.detail.get("field", ""))) for each in outcome.rejected),
        drafts=copy.drafts,
        pictures=len(copy.pictures) if dry_run else kept,
    )
    if not dry_run:
        who = importer.username if importer else "the command line"
        _log.warning(
            "%s read in a safety copy of %s: %s new, %s known, %s refused",
            who, author.username, report.new, report.known, report.refused.total(),
        )  # fmt: skip
    return report


def _check_areas(copy: Copy, importer: Sender | None) -> None:
    if importer and not importer.is_admin and any(not importer.manages(area) for area in copy.areas()):
        raise Problem(
            "areas_not_yours",
            403,
            sentence(
                "This safety copy holds work of areas that you do not manage. Ask an administrator to read it in."
            ),
        )


def _author(copy: Copy, importer: Sender | None, otherwise: str | None) -> Sender:
    """Whose work it is, with no right that the importer has not: nothing in the file proves who wrote it."""
    author = people.sender_without_device(copy.user_id)
    if author is None and otherwise:
        author = people.sender_without_device(people.user_id_of(otherwise) or "")
    if author is None:
        raise Problem(
            "unknown_author",
            422,
            sentence("The user “%(name)s”, whose copy this is, is not here. Say to whose account the work goes."),
            params={"name": copy.username[:100] or copy.user_id},
            errors=[FieldError("as", "unknown")],
        )
    if importer is None or importer.is_admin:
        return replace(author, device_id=copy.device_id)
    roles = {area: role for area, role in author.roles.items() if importer.manages(area)}
    return replace(author, device_id=copy.device_id, roles=roles, is_admin=False)


def _keep_pictures(file: BinaryIO, copy: Copy, settings: Settings) -> int:
    """Put the pictures on the shelf; how many. What is none, the centre leaves out, as it does when a phone sends it."""
    if not copy.pictures:
        return 0
    count = 0
    with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory() as folder:
        for sha256, size in copy.pictures.items():
            place = Path(folder, sha256)
            with room(), bytes_of(archive, sha256) as content, place.open("wb") as draft:
                mime = kind_of(head := content.read(HEAD))
                draft.write(head)
                while piece := content.read(PIECE):
                    draft.write(piece)
            if mime is not None:
                with room():
                    shelf_of(settings).put(sha256, mime, place)
                pictures.keep(Kept(sha256, size, mime))
                count += 1
            place.unlink()
    return count
