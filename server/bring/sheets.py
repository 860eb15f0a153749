"""Spreadsheets: CSV in whatever encoding, and XLSX. A row at a time, so that a large one needs no more memory.

Must never compute a formula or guess at a merged cell: the one is read as it was saved, the other is said.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NoReturn
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils import get_column_letter, range_boundaries

from server.bring import archive, columns
from server.bring.cells import as_text, is_empty
from server.bring.table import (
    MOST_COLUMNS,
    MOST_ROWS,
    Table,
    empty_file,
    fault,
    plain,
    refuse_old_font,
    too_many_rows,
    unreadable,
)
from sync.problem import Problem, sentence

_LOOKED_AT = 25  # rows within which the headings must stand
_SAMPLE = 256 * 1024
_MERGED = re.compile(rb'<mergeCell [^>]*ref="([A-Z0-9:]+)"')
_ERRORS = frozenset(("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))
# A row with something in it; spreadsheets save many that were only coloured.
_FILLED = re.compile(rb"<row\b(?:[^<]|<(?!row\b|v>|is>))*<(?:v|is)>")
_GUARDED = re.compile(r"'[=+\-@\t\r]")

Rows = Iterator[tuple[int, list[Any]]]


def read_csv(path: Path, type_: str) -> Table:
    """A CSV of any delimiter. Raises `Problem` (`not_text`, `old_font`, `empty_file`, `unreadable_file`)."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        sample = unicodedata.normalize("NFC", file.read(_SAMPLE))
    refuse_old_font(sample)
    return _table(_csv_rows(path, encoding, _delimiter(sample)), type_, {"encoding": encoding})


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Rows:
    try:
        with path.open(encoding=encoding, newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), 1):
                if number == 1 and len(cells) <= 2 and cells and cells[0].startswith("sep="):
                    continue
                # What we wrote so that no spreadsheet takes it for a formula comes back without its guard.
                yield number, [each[1:] if _GUARDED.match(each) else each for each in cells]
    except (csv.Error, UnicodeError) as error:
        raise unreadable("CSV") from error


def _encoding(path: Path) -> str:
    """How the text is written: by its mark, else UTF-8, else the Vietnamese page of Windows."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name if _decodes(path, name) else _refuse_text()
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le" if _decodes(path, "utf-16-le") else _refuse_text()
    if 0 in head:
        return _refuse_text()
    for name in ("utf-8", "cp1258"):
        if _decodes(path, name):
            return name
    return _refuse_text()


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(_SAMPLE):
                pass
    except UnicodeError:
        return False
    return True


def _refuse_text() -> NoReturn:
    raise Problem(
        "not_text",
        422,
        sentence(
            "This file is of no kind that is known here. In the spreadsheet choose “Save as”: CSV UTF-8, or XLSX."
        ),
    )


def _delimiter(sample: str) -> str:
    lines = sample.splitlines()[:_LOOKED_AT]
    return max((",", ";", "\t", "|"), key=lambda mark: sum(line.count(mark) for line in lines))


def read_xlsx(path: Path, type_: str, sheet: str | None = None) -> Table:
    """A sheet of an XLSX: the one called *sheet*, else the first that is not hidden. Raises `Problem`."""
    with archive.opened(path) as packed:
        archive.refuse_entities(packed, [name for name in packed.namelist() if name.endswith((".xml", ".rels"))])
        _refuse_far_too_many(packed)
    try:
        # As open files: by its name alone the library takes none that has no ending.
        book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
        seen = [each for each in book.worksheets if each.sheet_state == "visible"] or book.worksheets
        if not seen:
            raise unreadable("XLSX")
        chosen = next((each for each in seen if each.title == sheet), seen[0])
        with ZipFile(path) as packed:
            has_formulas, merged = _look(packed, chosen._worksheet_path)
        formulas = None
        if has_formulas:
            formulas = openpyxl.load_workbook(path.open("rb"), read_only=True, keep_links=False)[chosen.title]
        rows = _careful(_xlsx_rows(chosen, formulas, merged))
        return _table(rows, type_, {"sheet": chosen.title, "sheets": [each.title for each in seen]}, len(merged))
    except Problem:
        raise
    except _BROKEN as error:
        raise unreadable("XLSX") from error


def _refuse_far_too_many(packed: ZipFile) -> None:
    """Raise `Problem` ``too_many_rows`` where no sheet can be taken: the library would first read every text."""
    sheets = [name for name in packed.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
    if sheets and all(_is_far_too_long(packed, name) for name in sheets):
        raise too_many_rows()


def _is_far_too_long(packed: ZipFile, name: str) -> bool:
    # Twice what is taken: a short row at the seam of two pieces is counted twice.
    rows = 0
    for piece in archive.pieces(packed, name):
        rows += len(_FILLED.findall(piece))
        if rows > 2 * MOST_ROWS:
            return True
    return False


_BROKEN = (
    BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError,
)  # fmt: skip


def _careful(rows: Rows) -> Rows:
    try:
        yield from rows
    except _BROKEN as error:
        raise unreadable("XLSX") from error


def _look(packed: ZipFile, part: str) -> tuple[bool, dict[tuple[int, int], str]]:
    """Whether the sheet has formulas, and of each covered cell (row, column, from 1) the one that it is merged with."""
    formulas, ranges = False, set[bytes]()
    for piece in archive.pieces(packed, part.lstrip("/")):
        formulas = formulas or b"<f>" in piece or b"<f " in piece
        ranges.update(_MERGED.findall(piece))
    covered: dict[tuple[int, int], str] = {}
    for each in ranges:
        left, top, right, bottom = range_boundaries(each.decode())
        first = f"{get_column_letter(left)}{top}"
        for row in range(top, min(bottom, top + MOST_ROWS) + 1):
            for column in range(left, min(right, left + MOST_COLUMNS) + 1):
                if (row, column) != (top, left) and len(covered) < 1_000_000:
                    covered[row, column] = first
    return formulas, covered


def _xlsx_rows(sheet: Any, formulas: Any, merged: dict[tuple[int, int], str]) -> Rows:
    written = formulas.iter_rows(values_only=True) if formulas is not None else None
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        by_hand = next(written, ()) if written is not None else ()
        yield (
            number,
            [
                _cell(cell, by_hand[place] if place < len(by_hand) else None, merged.get((number, place + 1)))
                for place, cell in enumerate(cells)
            ],
        )


def _cell(cell: Any, by_hand: Any, merged_with: str | None) -> Any:
    if merged_with:
        return fault("merged", cell=merged_with)
    if isinstance(cell, str) and cell in _ERRORS:
        return fault("formula_error", value=cell)
    if cell is None and isinstance(by_hand, str) and by_hand.startswith("="):
        return fault("formula")
    return cell


def _table(rows: Rows, type_: str, about: dict[str, Any], merged: int = 0) -> Table:
    """The rows under the headings; what stands above these is a title and no row."""
    head = list(islice(rows, _LOOKED_AT))
    refuse_old_font(" ".join(as_text(cell) for _number, cells in head for cell in cells if isinstance(cell, str)))
    place = _heading(head, type_)
    if place is None:
        raise empty_file()
    names = [as_text(cell) if not isinstance(cell, dict) else "" for cell in head[place][1]][:MOST_COLUMNS]
    while names and not names[-1]:
        names.pop()
    below = chain(head[place + 1 :], rows)
    return Table(names, _rows(below, len(names)), {**about, "heading_row": head[place][0]})


def _heading(head: list[tuple[int, list[Any]]], type_: str) -> int | None:
    """Which of the first rows holds the headings: the one with most names that are known, else the first with two texts."""
    best, most = None, 1
    for place, (_number, cells) in enumerate(head):
        texts = [as_text(cell) for cell in cells if isinstance(cell, str)]
        known = len(set(columns.guess(type_, texts).values()))
        if known > most:
            best, most = place, known
    if best is not None:
        return best
    return next(
        (place for place, (_n, cells) in enumerate(head) if sum(not is_empty(cell) for cell in cells) > 1), None
    )


def _rows(rows: Rows, width: int) -> Rows:
    count = 0
    for number, cells in rows:
        kept = [plain(cell) for cell in cells[:width]]
        if all(is_empty(cell) or (isinstance(cell, dict) and cell.get("fault") == "merged") for cell in kept):
            continue
        count += 1
        if count > MOST_ROWS:
            raise too_many_rows()
        yield number, kept + [None] * (width - len(kept))
