"""What every kind of file becomes: columns, and rows of cells that are plain JSON values. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from server.bring.cells import as_text
from sync.problem import Problem, sentence

MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CELL = 10_000  # characters
SHAPE = "shape"  # the name of the column that holds the geometry of a row

_VIETNAMESE = frozenset(
    unicodedata.normalize("NFC", c) for c in "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
)
# What the letters of TCVN3 (.VnTime) and VNI look like where a program takes them for Western ones, and no word has here.
_ONLY_OLD = frozenset("®µ¸¶·¹¨»¾¼½§©«¬ªÆÐßïøöæçåä")


@dataclass(slots=True)
class Table:
    """A file that was opened. `rows`: the number of the row as its program shows it, and its cells.

    A cell is a text, a number, a truth value, None, a geometry, or `{"fault": code, …}` where it cannot be used.
    `about`: what a person should know of how it was read (sheet, sheets, encoding).
    """

    columns: list[str]
    rows: Iterator[tuple[int, list[Any]]]
    about: Mapping[str, Any] = field(default_factory=dict)


def plain(cell: Any) -> Any:
    """A cell as JSON can hold it; a day without a time is a day."""
    if cell is None or isinstance(cell, bool | int | dict):
        return cell
    if isinstance(cell, float):
        return cell if abs(cell) < 1e300 else as_text(cell)
    if isinstance(cell, datetime | date | time):
        return as_text(cell)
    return as_text(cell)[:MOST_CELL]


def fault(code: str, **params: Any) -> dict[str, Any]:
    """A cell that cannot be used, and why."""
    return {"fault": code, **params}


def refuse_old_font(text: str) -> None:
    """Raise `Problem` ``old_font`` where *text* was typed for a font of before Unicode: its letters are not what they seem."""
    odd = sum(c in _ONLY_OLD for c in text)
    right = sum(c.casefold() in _VIETNAMESE for c in text)
    if odd >= 3 and odd * 3 > right:
        raise Problem(
            "old_font",
            422,
            sentence(
                "The text is typed for an old font (TCVN3/.VnTime or VNI). Convert it to Unicode (UniKey: Ctrl+Shift+F6),"
                " save, and bring it again."
            ),
        )


def too_many_rows() -> Problem:
    """What is said to a file of a million rows."""
    return Problem(
        "too_many_rows",
        422,
        sentence("The file has more than %(most)s rows. Part it, and bring the parts one after the other."),
        params={"most": MOST_ROWS},
    )


def unreadable(kind: str) -> Problem:
    """What is said to a file that is not what it seems."""
    return Problem(
        "unreadable_file",
        422,
        sentence("This %(kind)s file cannot be read: it is cut off or damaged. Save it anew, and bring it again."),
        params={"kind": kind},
    )


def empty_file() -> Problem:
    return Problem(
        "empty_file",
        422,
        sentence("There is no row in this file. Look whether it is the right one, and the right sheet."),
    )
