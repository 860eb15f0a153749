"""What a record says in a file: its columns in the reader's language, its values as a person or a program reads them.

Must never round what somebody typed, or show a field that no page shows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sync.records import COMMON, TYPES, reference_fields
from sync.records.fields import Declared, Reference, Words

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
STEP = 500
_LONGITUDE, _LATITUDE = Words("Kinh độ", "Longitude"), Words("Vĩ độ", "Latitude")

Say = Callable[[Words], str]
# How a value is said (the declaration, the value, the names of records): as a page says it.
Show = Callable[[Declared, Any, Mapping[str, str]], str]
NamesOf = Callable[[list[str]], Mapping[str, str]]
# What stands beside the records with these ids: for each of them a cell for each heading of the caller's.
Beside = Callable[[list[str]], Mapping[str, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Line:
    """A record on its way into a file. `cells`: text, numbers, moments in the time of the place or None, in the order of
    `columns`; `shape`: GeoJSON or None."""

    id: str
    cells: list[Any]
    shape: Any


def columns(type_: str, say: Say, beside: Sequence[str] = ()) -> list[str]:
    """The headings; *beside*: those of what the caller puts beside. Of what names another record its id too: by it a program
    finds that record's own line."""
    found = ["id"]
    for declared in _fields(type_).values():
        unit = f" ({declared.unit_in(say)})" if declared.unit else ""
        found.append(say(declared.label) + unit)
        if isinstance(declared, Reference):
            found.append(f"{say(declared.label)} (id)")
    found += beside
    if _shape_field(type_):
        found += [say(_LONGITUDE), say(_LATITUDE)]
    return found


def lines(
    type_: str, records: Iterable[Any], names_of: NamesOf, show: Show, beside: Beside | None = None
) -> Iterator[Line]:
    """The records as lines, `STEP` in memory at a time. *names_of*: what the records and people behind ids are called."""
    fields, references, shape_field = _fields(type_), reference_fields(type_), _shape_field(type_)
    for some in _batched(records, STEP):
        named = {str(each.fields[name]) for each in some for name in references if each.fields.get(name)}
        names = names_of(sorted(named))
        more = beside([each.id for each in some]) if beside else {}
        for each in some:
            cells: list[Any] = [each.id]
            for name, declared in fields.items():
                value = each.fields.get(name)
                cells.append(_cell(declared, value, names, show))
                if isinstance(declared, Reference):
                    cells.append(value or None)
            if beside:
                cells += more[each.id]
            shape = each.fields.get(shape_field) if shape_field else None
            if shape_field:
                cells += _middle(shape)
            yield Line(each.id, cells, shape)


def _fields(type_: str) -> dict[str, Declared]:
    declared = {**TYPES[type_].fields, "note": COMMON["note"]}
    return {name: each for name, each in declared.items() if not each.hidden and each.kind != "geometry"}


def _shape_field(type_: str) -> str | None:
    return next((name for name in ("boundary", "point") if name in TYPES[type_].fields), None)


def _cell(declared: Declared, value: Any, names: Mapping[str, str], show: Show) -> Any:
    if value is None or value == "":
        return None
    if declared.kind in ("number", "integer", "date"):
        return value
    if declared.kind == "instant":
        return _moment(value)
    return show(declared, value, names)


def _moment(text: str) -> datetime | str:
    """A moment in the time of the place: who works with a file looks for the afternoon, not for UTC."""
    try:
        return datetime.fromisoformat(text).astimezone(HERE)
    except (ValueError, OverflowError):
        return text


def _middle(shape: Any) -> list[float | None]:
    """The point, or the middle of the box round a boundary: where to look on a map."""
    if not shape:
        return [None, None]
    ring = [shape["coordinates"]] if shape["type"] == "Point" else shape["coordinates"][0]
    longitudes, latitudes = [each[0] for each in ring], [each[1] for each in ring]
    return [round((min(line) + max(line)) / 2, 6) for line in (longitudes, latitudes)]


def _batched(records: Iterable[Any], size: int) -> Iterator[list[Any]]:
    some: list[Any] = []
    for each in records:
        some.append(each)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
