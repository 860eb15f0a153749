"""XLSX, a row at a time into a file on disk, which is then sent. A text is a text, whatever it begins with."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from server.exports.rows import Line
from sync.change import ID

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_000_000  # of a sheet; what is more goes on the next
WIDEST = 40  # most names; what is longer is read in its own line
_LOOKED_AT = 50
_BOLD = Font(bold=True)
_PIECE = 256 * 1024
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def written(headings: list[str], lines: Iterable[Line]) -> Iterator[bytes]:
    """The file, once it is whole on disk, in pieces."""
    book = Workbook(write_only=True)
    sheet: Any = None
    count = MOST_ROWS
    rest = iter(lines)
    first = list(islice(rest, _LOOKED_AT))
    widths = _widths(headings, first)
    for line in chain(first, rest):
        if count == MOST_ROWS:
            sheet, count = _begun(book, headings, widths), 0
        sheet.append([_cell(sheet, value) for value in line.cells])
        count += 1
    if sheet is None:
        _begun(book, headings, widths)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _begun(book: Any, headings: list[str], widths: list[int]) -> Any:
    """A new sheet with its heading row. How it looks is written before its first row, or not at all."""
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    head = [_cell(sheet, each) for each in headings]
    for cell in head:
        cell.font = _BOLD
    sheet.append(head)
    return sheet


def _widths(headings: list[str], first: list[Line]) -> list[int]:
    """How wide each column is to be, in characters: by its heading and by what stands in the first rows."""
    columns = zip(headings, *(line.cells for line in first), strict=True)
    return [min(max(10, *(len(_seen(each)) + 2 for each in column)), WIDEST) for column in columns]


def _seen(value: Any) -> str:
    """What of a cell a person wants to see: of an id, which is for programs, nothing."""
    if isinstance(value, str) and ID.fullmatch(value):
        return ""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else "" if value is None else str(value)


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value.replace(tzinfo=None, microsecond=0))  # a spreadsheet knows no zones
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    if not isinstance(value, str):
        return value
    if _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    cell = WriteOnlyCell(sheet, _UNWRITABLE.sub("", value)[:32_767])
    cell.data_type = "s"  # a text that begins with “=” is no formula
    return cell
