"""Are the pictures that the centre says it keeps really there, byte for byte? And which have not come yet?

Must never mend by itself: it tells.
"""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from server.pictures.shelf import Shelf
from server.store import pictures
from server.store.engine import reading

_PIECE = 1024 * 1024


@dataclass(slots=True)
class Found:
    """What became of the pictures. `awaited`: named by a record, and not arrived; `records`: who names each."""

    whole: int = 0
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)
    records: Mapping[str, list[str]] = field(default_factory=dict)


def check(shelf: Shelf) -> Found:
    """Read every kept picture."""
    with reading() as connection:
        kept = [picture.sha256 for picture in pictures.all_kept(connection)]
        found = Found(records=pictures.names_by_picture(connection))
    for sha256 in kept:
        try:
            if _sha256(shelf, sha256) == sha256:
                found.whole += 1
            else:
                found.damaged.append(sha256)
        except FileNotFoundError:
            found.lost.append(sha256)
    found.awaited = sorted(set(found.records) - set(kept))
    return found


def _sha256(shelf: Shelf, sha256: str) -> str:
    digest = hashlib.sha256()
    with closing(shelf.open(sha256)) as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
