"""A file of list entries (the Ministry's products, a province's varieties): its rows as entries, or what is wrong with them.

Must never write: it says what would be new, what would change, and what is here already.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.bring import columns, kinds
from server.bring.cells import Unreadable, as_text, fold, is_empty, read, read_choice, read_number
from server.bring.table import Table
from sync.problem import Problem, sentence
from sync.records import Lists
from sync.records.entries import KINDS, MOST_OWN, OVER_BUILT_IN, code_for, faults_in, is_built_in, named
from sync.records.fields import Declared, Items
from sync.records.lists import Entry

_DAYS = re.compile(r"(?P<crop>.+?)\s*[:=]\s*(?P<days>[0-9]+)\D*")
NEW, CHANGED, HERE = "new", "changed", "here"


@dataclass(slots=True)
class Row:
    """A row that was read. `verdict`: new, changed, here; none where there are `faults`: (column, code, params)."""

    number: int
    cells: list[Any]
    entry: Entry = field(default_factory=dict)
    verdict: str = ""
    faults: list[tuple[int, str, Mapping[str, Any]]] = field(default_factory=list)


@dataclass(slots=True)
class Judged:
    """A file as it would be taken in. `matched`: column to what it holds."""

    columns: list[str]
    matched: Mapping[int, str]
    rows: list[Row]

    def of(self, *verdicts: str) -> list[Row]:
        return [each for each in self.rows if each.verdict in verdicts]

    @property
    def faulty(self) -> list[Row]:
        return [each for each in self.rows if each.faults]


def opened(path: Path, list_: str) -> Table:
    """The sheet. Raises `Problem` for a file that is none, or has more rows than a list takes."""
    kind = kinds.kind_of(path)
    if kind in kinds.MAPS:
        raise Problem("not_a_sheet", 422, sentence("A list comes as a spreadsheet: CSV or XLSX."))
    from server.bring import sheets  # as in `kinds.opened`

    reads = sheets.read_xlsx if kind == "xlsx" else sheets.read_csv
    return reads(path, f"list:{list_}")


def judged(path: Path, list_: str, lists: Lists, own: Mapping[str, Entry], wish: Mapping[int, str] | None) -> Judged:
    """All rows of a file. *own*: what the installation says of entries, by code; *wish*: the columns as a person put them."""
    table = opened(path, list_)
    known = KINDS[list_]
    matched = dict(wish) if wish is not None else columns.guess(f"list:{list_}", table.columns)
    matched = {place: name for place, name in matched.items() if name in known and place < len(table.columns)}
    found = Judged(table.columns, matched, [])
    fresh: dict[str, Entry] = {}
    seen: dict[str, Row] = {}
    for number, cells in table.rows:
        if len(found.rows) >= 2 * MOST_OWN:
            raise Problem(
                "too_many_entries",
                422,
                sentence("A list takes %(most)s entries of your own. Leave out what nobody here needs."),
                params={"most": MOST_OWN},
            )
        row = Row(number, cells)
        _judge(row, list_, matched, lists, own, fresh)
        _compare(row, seen)
        found.rows.append(row)
    return found


def _judge(
    row: Row, list_: str, matched: Mapping[int, str], lists: Lists, own: Mapping[str, Entry], fresh: dict[str, Entry]
) -> None:
    said: dict[str, Any] = {}
    place = {name: column for column, name in matched.items()}
    for name, column in place.items():
        cell = row.cells[column]
        if isinstance(cell, dict) and "fault" in cell:
            row.faults.append((column, cell["fault"], {key: value for key, value in cell.items() if key != "fault"}))
        elif not is_empty(cell):
            try:
                said[name] = read_field(KINDS[list_][name], cell, lists)
            except Unreadable as error:
                row.faults.append((column, error.code, error.params))
    there = _there(list_, said, lists)
    row.entry = merged(list_, said, there, own) if there else _made(list_, said, lists, fresh)
    before = there if there and not is_built_in(list_, there["code"]) else None
    if not there or before:
        for fault in faults_in(list_, row.entry, lists, before):
            row.faults.append((place.get(fault.path.split(".")[0], place.get("vi", 0)), fault.code, fault.params))
    if not row.faults:
        if not there:
            row.entry = {"en": row.entry["vi"], **row.entry}
        row.verdict = NEW if not there else CHANGED if _differs(list_, row.entry, there) else HERE
        fresh[row.entry["code"]] = row.entry


def _there(list_: str, said: Mapping[str, Any], lists: Lists) -> Entry | None:
    """The entry that a row means: by its code, else by its name."""
    code = str(said.get("code") or "")
    by_code = (
        next((each for each in lists.all(list_) if each["code"].casefold() == code.casefold()), None) if code else None
    )
    return by_code or (None if code else named(list_, str(said.get("vi") or said.get("en") or ""), lists))


def merged(list_: str, said: Mapping[str, Any], there: Entry, own: Mapping[str, Entry]) -> Entry:
    """What the installation says of an entry once *said* is laid over it: of a built-in one only what it may say."""
    code = there["code"]
    if not is_built_in(list_, code):
        return {**own.get(code, {}), **said, "code": code}
    over = {name: said[name] for name in OVER_BUILT_IN.get(list_, ()) if name in said}
    if not any(there.get(name) != value for name, value in over.items()):
        return {**own.get(code, {}), "code": code}
    return {**own.get(code, {}), **over, "code": code}


def _made(list_: str, said: Mapping[str, Any], lists: Lists, fresh: Mapping[str, Entry]) -> Entry:
    entry = dict(said)
    if "vi" not in entry and "en" in entry:
        entry["vi"] = entry["en"]
    if list_ == "product":
        entry.setdefault("kinds", ["spray"])
    if list_ == "crop":
        entry.setdefault("habit", "herb")
    if not entry.get("code"):
        entry["code"] = code_for(list_, str(entry.get("vi") or ""), lists)
        while entry["code"] in fresh and not _same(fresh[entry["code"]], entry):
            entry["code"] += "-x"
    return entry


def _differs(list_: str, entry: Entry, there: Entry) -> bool:
    return any(there.get(name) != entry.get(name) for name in KINDS[list_] if name in entry)


def _compare(row: Row, seen: dict[str, Row]) -> None:
    """A row that says the same as one above it is no second entry; one that says something else of the same is a fault."""
    if row.faults:
        return
    key = fold(str(row.entry.get("vi") or row.entry["code"]))
    first = seen.setdefault(key, row)
    if first is row:
        return
    if _same(first.entry, row.entry):
        row.verdict = HERE
    else:
        row.verdict = ""
        row.faults.append((0, "twice_in_file", {"row": first.number}))


def _same(one: Entry, other: Entry) -> bool:
    return {key: value for key, value in one.items() if key != "code"} == {
        key: value for key, value in other.items() if key != "code"
    }


def read_field(declared: Declared, cell: Any, lists: Lists) -> Any:
    """A cell as a field of an entry. Intervals by crop stand as “Chè: 14; Cà phê: 7”. Raises `Unreadable`."""
    if not isinstance(declared, Items):
        return read(declared, cell, lists=lists)
    return [_days_of(each, lists) for each in re.split("[;\n]", as_text(cell)) if each.strip()]


def _days_of(text: str, lists: Lists) -> dict[str, Any]:
    found = _DAYS.fullmatch(text.strip())
    if not found:
        raise Unreadable("not_crop_and_days", value=text.strip()[:60])
    return {"crop": read_choice("crop", found["crop"], lists), "days": read_number(found["days"], whole=True)}


def written(list_: str, entries: Sequence[Entry]) -> Iterator[list[str]]:
    """The entries as rows of a file that `judged` reads as they are."""
    for entry in entries:
        yield [_cell(entry.get(name)) for name in KINDS[list_]]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(f"{each['crop']}: {each['days']}" if isinstance(each, dict) else str(each) for each in value)
    return as_text(value)
