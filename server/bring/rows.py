"""A row of a file as the record that it would become, or what is wrong with it, cell by cell. Pure but for what it is told.

Must never write, and never take one household for another: where a name fits two, it says so.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.bring.cells import Unreadable, as_text, fold, is_empty, read, read_number
from server.bring.columns import CODE, FARMER, FARMER_VILLAGE, LATITUDE, LONGITUDE, PLOT, targets
from server.bring.table import SHAPE
from sync.records import BUILT_IN, TYPES, Lists, validate_set

_YEAR = re.compile(r"^[12][0-9]{3}(?=\b)|(?<=[-/. ])[12][0-9]{3}$")
_CROP = ("crop", "variety", "planted_on", "plants")
# Vietnam with its sea, in degrees: what is outside has its coordinates the wrong way round.
_WEST, _EAST, _SOUTH, _NORTH = 102.0, 118.0, 6.0, 24.0


@dataclass(frozen=True, slots=True)
class Known:
    """A record that is here: its id, names folded, what its file's list called it."""

    id: str
    name: str
    village: str
    fields: Mapping[str, Any]


class Here:
    """What is in the area already, found by the names that files use. `codes`: (type, folded code) to record; `lists`: the
    installation's."""

    def __init__(
        self,
        farmers: Iterable[Known],
        plots: Iterable[Known],
        codes: Mapping[tuple[str, str], str],
        lists: Lists = BUILT_IN,
    ) -> None:
        self.lists = lists
        self.codes = codes
        self.coded = frozenset(codes.values())
        self.by_id = {each.id: each for each in (*farmers, *plots)}
        self.farmers: defaultdict[str, list[Known]] = defaultdict(list)
        self.plots: defaultdict[str, list[Known]] = defaultdict(list)
        for each in farmers:
            self.farmers[each.name].append(each)
        for each in plots:
            self.plots[each.name].append(each)

    def farmer(self, text: str, village: str) -> str:
        """The household that *text* (a code or a name) means. Raises `Unreadable`."""
        if found := self.codes.get(("farmer", fold(text))):
            return found
        named = self.farmers.get(fold(text), [])
        if village and len(named) > 1:
            named = [each for each in named if each.village == fold(village)] or named
        if len(named) > 1:
            raise Unreadable("two_farmers", value=text[:60])
        if not named:
            raise Unreadable("no_farmer", value=text[:60])
        return named[0].id

    def plot(self, text: str, farmer: str) -> str:
        """The plot that *text* means, of *farmer* (a code or a name; may be empty). Raises `Unreadable`."""
        if found := self.codes.get(("plot", fold(text))):
            return found
        named = self.plots.get(fold(text), [])
        if farmer:
            whose = self.codes.get(("farmer", fold(farmer)))
            owners = {whose} if whose else {each.id for each in self.farmers.get(fold(farmer), [])}
            named = [each for each in named if each.fields.get("farmer") in owners]
        if len(named) > 1:
            raise Unreadable("two_plots", value=text[:60])
        if not named:
            raise Unreadable("no_plot", value=text[:60])
        return named[0].id


@dataclass(slots=True)
class Read:
    """A row that was read: the values of its record, its code in the file's list, and what is wrong: (column, code, params)."""

    values: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    faults: list[tuple[int, str, Mapping[str, Any]]] = field(default_factory=list)

    def wrong(self, column: int, code: str, **params: Any) -> None:
        self.faults.append((column, code, params))


def read_row(type_: str, cells: Sequence[Any], matched: Mapping[int, str], mark: str, here: Here) -> Read:
    """The record in *cells*. *matched*: column to target; *mark*: the decimal mark, where somebody said which."""
    found = Read()
    place = {name: column for column, name in matched.items()}
    for target in targets(type_):
        column = place.get(target.name)
        cell = cells[column] if column is not None else None
        if column is None:
            continue
        if isinstance(cell, dict) and "fault" in cell:
            found.wrong(column, cell["fault"], **{name: value for name, value in cell.items() if name != "fault"})
        elif is_empty(cell):
            if target.must:
                found.wrong(column, "empty")
        else:
            try:
                _take(found, type_, target.name, cell, _Whole(cells, place, mark, here))
            except Unreadable as error:
                found.wrong(column, error.code, **error.params)
    _check(found, type_, place)
    return found


@dataclass(frozen=True, slots=True)
class _Whole:
    """What a cell may need of its row."""

    cells: Sequence[Any]
    place: Mapping[str, int]
    mark: str
    here: Here

    def text(self, target: str) -> str:
        column = self.place.get(target)
        cell = self.cells[column] if column is not None else None
        return as_text(cell) if cell is not None and not isinstance(cell, dict) else ""


def _take(found: Read, type_: str, name: str, cell: Any, row: _Whole) -> None:
    if name == CODE:
        found.code = as_text(cell)[:200]
    elif name in (FARMER_VILLAGE, LATITUDE, LONGITUDE):
        if name == LATITUDE:
            found.values["boundary"] = _point(row)
    elif name == SHAPE:
        found.values["boundary"] = _in_vietnam(cell)
    elif name == FARMER and type_ == "harvest":
        return  # it only says whose plot is meant
    elif name == FARMER:
        found.values["farmer"] = row.here.farmer(as_text(cell), row.text(FARMER_VILLAGE) or row.text("village"))
    elif name == PLOT:
        found.values["plot"] = row.here.plot(as_text(cell), row.text(FARMER))
    elif type_ == "plot" and name in _CROP:
        crops = found.values.setdefault("crops", [{}])
        crops[0][name] = read(TYPES["plot"].fields["crops"].fields[name], cell, row.mark, row.here.lists)  # type: ignore[attr-defined]
    elif name == "birth_year":
        # Lists have the day of birth where the form asks for the year.
        text = as_text(cell)
        year = _YEAR.search(text)
        found.values[name] = read(TYPES[type_].fields[name], year[0] if year else text, row.mark)
    else:
        found.values[name] = read(TYPES[type_].all_fields[name], cell, row.mark, row.here.lists)


def _point(row: _Whole) -> dict[str, Any]:
    both = [row.text(LONGITUDE), row.text(LATITUDE)]
    if not all(both):
        raise Unreadable("half_a_point")
    # Degrees have no thousands: whichever mark stands there is the decimal one.
    longitude, latitude = (float(read_number(each.rstrip("°ENen "), "," if "," in each else ".")) for each in both)
    return _in_vietnam({"type": "Point", "coordinates": [longitude, latitude]})


def _in_vietnam(shape: Mapping[str, Any]) -> dict[str, Any]:
    position = shape["coordinates"]
    while position and isinstance(position[0], list):
        position = position[0]
    if not position:
        raise Unreadable("no_shape")
    if not (_WEST <= position[0] <= _EAST and _SOUTH <= position[1] <= _NORTH):
        raise Unreadable("not_here")
    return dict(shape)


def _check(found: Read, type_: str, place: Mapping[str, int]) -> None:
    """What the declarations say of the values that could be read."""
    if type_ == "harvest":
        found.values.setdefault("unit", "kg")
    if place.get(LONGITUDE) is not None and LATITUDE not in place:
        found.wrong(place[LONGITUDE], "half_a_point")
    for each in validate_set(type_, found.values):
        name, _, inner = each.path.partition(".")
        target = inner.rpartition(".")[2] if name == "crops" else SHAPE if name == "boundary" else name
        found.wrong(place.get(target, place.get(LATITUDE, 0)), each.code, **each.params)


def key_of(type_: str, read: Read) -> str:
    """By what the same row is known when it comes again: its code, where the list gives one, else what it says."""
    if read.code:
        return f"#{fold(read.code)}"[:64]
    names = {
        "farmer": ("name", "village", "commune", "phone", "id_number"),
        "plot": ("farmer", "name"),
        "harvest": ("plot", "date", "crop", "quantity", "unit", "grade", "form", "buyer"),
    }[type_]
    own = [fold(str(read.values.get(name) or "")) for name in names]
    return hashlib.sha256(json.dumps(own, ensure_ascii=False).encode()).hexdigest()


def same_as(type_: str, read: Read, here: Here) -> str | None:
    """The record that this row is, though no file brought it: an officer may have been there before."""
    values = read.values
    if type_ == "farmer":
        named = here.farmers.get(fold(str(values.get("name") or "")), [])
        fits = [each for each in named if each.village == fold(str(values.get("village") or ""))]
        # A list's own code says more than a name: two of one name with two codes are two.
        fits = [each for each in fits if not (read.code and each.id in here.coded)]
        fits = [each for each in fits if not _differ(each, values, "phone") and not _differ(each, values, "id_number")]
        return fits[0].id if len(fits) == 1 else None
    if type_ == "plot" and not read.code:
        named = here.plots.get(fold(str(values.get("name") or "")), [])
        return next((each.id for each in named if each.fields.get("farmer") == values.get("farmer")), None)
    return None


def _differ(known: Known, values: Mapping[str, Any], name: str) -> bool:
    one, other = known.fields.get(name), values.get(name)
    return bool(one and other) and fold(str(one)).replace(" ", "") != fold(str(other)).replace(" ", "")


def lacking(known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the row says and the record does not yet: the only thing that a file adds to a record that is here."""
    return {name: value for name, value in values.items() if known.get(name) in (None, "", [])}
