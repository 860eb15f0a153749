"""What a record says in a file: its columns in the reader's language, its values as a person or a program reads them.

Must never round a number or show a field that no page shows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sync.geometry import area_ha
from sync.records import COMMON, TYPES, reference_fields
from sync.records.fields import Declared, Words

STEP = 500
_HECTARES = Words("Diện tích đo (ha)", "Measured area (ha)")
_LONGITUDE, _LATITUDE = Words("Kinh độ", "Longitude"), Words("Vĩ độ", "Latitude")

Say = Callable[[Words], str]
# How a value is said (the declaration, the value, the names of records): as a page says it.
Show = Callable[[Declared, Any, Mapping[str, str]], str]
NamesOf = Callable[[list[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A record on its way into a file. `cells`: text, numbers or None, in the order of `columns`; `shape`: GeoJSON or None."""

    id: str
    cells: list[Any]
    shape: Any


def columns(type_: str, say: Say) -> list[str]:
    """The headings."""
    found = ["id"]
    for declared in _fields(type_).values():
        unit = f" ({declared.unit_in(say)})" if declared.unit else ""
        found.append(say(declared.label) + unit)
    if type_ == "plot":
        found.append(say(_HECTARES))
    if _shape_field(type_):
        found += [say(_LONGITUDE), say(_LATITUDE)]
    return found


def lines(type_: str, records: Iterable[Any], names_of: NamesOf, show: Show) -> Iterator[Line]:
    """The records as lines, `STEP` in memory at a time. *names_of*: what the records and people behind ids are called."""
    fields, references, shape_field = _fields(type_), reference_fields(type_), _shape_field(type_)
    for some in _batched(records, STEP):
        named = {str(each.fields[name]) for each in some for name in references if each.fields.get(name)}
        names = names_of(sorted(named))
        for each in some:
            cells: list[Any] = [each.id]
            cells += [_cell(declared, each.fields.get(name), names, show) for name, declared in fields.items()]
            shape = each.fields.get(shape_field) if shape_field else None
            if type_ == "plot":
                cells.append(area_ha(shape))
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
    if declared.kind in ("number", "integer", "date", "instant"):
        return value
    return show(declared, value, names)


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
