"""XLSX, a row at a time into a file on disk, which is then sent. A text is a text, whatever it begins with."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from server.exports.rows import Line

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDING = "xlsx"
MOST_ROWS = 1_000_000  # of a sheet; what is more goes on the next
_PIECE = 256 * 1024
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def written(headings: list[str], lines: Iterable[Line]) -> Iterator[bytes]:
    """The file, once it is whole on disk, in pieces."""
    book = Workbook(write_only=True)
    sheet: Any = None
    count = MOST_ROWS
    for line in lines:
        if count == MOST_ROWS:
            sheet, count = _begun(book, headings), 0
        sheet.append([_cell(sheet, value) for value in line.cells])
        count += 1
    if sheet is None:
        _begun(book, headings)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _begun(book: Any, headings: list[str]) -> Any:
    sheet = book.create_sheet()
    sheet.append([_cell(sheet, each) for each in headings])
    return sheet


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
