"""CSV that Excel opens rightly by a double click: UTF-8 with its mark, and no cell that it would compute."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from server.exports.cells import guarded
from server.exports.rows import Line

MIME = "text/csv; charset=utf-8"


def written(headings: list[str], lines: Iterable[Line]) -> Iterator[bytes]:
    """The file, a line at a time."""
    yield b"\xef\xbb\xbf" + _line(headings)
    for line in lines:
        yield _line([_text(cell) for cell in line.cells])


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return "" if cell is None else str(cell)


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([guarded(cell) for cell in cells])
    return text.getvalue().encode()
