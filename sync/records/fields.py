"""The kinds of field that a record can have: what each may hold, and how each describes itself to a form.

Must never coerce: what is stored is what was sent. A fault is a code with parameters; its sentence stands in `faults`.
Every rule here has its twin in pwa/src/records/validate.ts; a test feeds both the same values.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import marshmallow

from sync.canonical import canonical

ID_FORM = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
CODE_FORM = "[A-Za-z0-9][A-Za-z0-9_.:+-]{0,59}"
MOST_VERTICES = 5000
MOST_DEPTH = 12
MOST_BYTES = 64 * 1024
GREATEST_INTEGER = 2**53 - 1

_NUMBERS = frozenset({int, float})
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")  # control characters and lone surrogates
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?(Z|[+-]([0-9]{2}):([0-9]{2}))"
)


@dataclass(frozen=True, slots=True)
class Words:
    """A label or hint in both languages of the declarations; a third is looked up by the English."""

    vi: str
    en: str

    def as_json(self) -> dict[str, str]:
        return {"vi": self.vi, "en": self.en}


Unit = str | Words
"""What stands beside a value: a sign that all languages share, or words."""

DAYS = Words("ngày", "days")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value: the path to it, a stable code, and what the code's sentence needs."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Declared(marshmallow.fields.Field[Any]):
    """A declared field. `asked`: the form asks for it (never a rule of content); `unit` stands beside the value;
    `hidden`: no form and no page shows it; `shown_when`: it is asked only while each of these fields has one of these
    values (`sync.records.declaration.is_shown`), and what it holds already is never dropped for that."""

    kind = ""

    def __init__(
        self,
        label: Words,
        *,
        hint: Words | None = None,
        asked: bool = False,
        default: Any = None,
        unit: Unit | None = None,
        hidden: bool = False,
        shown_when: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(allow_none=True, metadata={"description": label.en})
        self.label = label
        self.hint = hint
        self.asked = asked
        self.form_default = default
        self.unit = unit
        self.hidden = hidden
        self.shown_when = {name: tuple(values) for name, values in (shown_when or {}).items()}

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        """What is wrong with *value* (never None), the first fault first."""
        raise NotImplementedError

    def limits(self) -> dict[str, Any]:
        """What a form needs to know beside kind and label."""
        return {}

    def unit_in(self, say: Callable[[Words], str]) -> str:
        """What stands beside a value, in the language of *say*; empty where nothing does."""
        return say(self.unit) if isinstance(self.unit, Words) else self.unit or ""

    def describe(self) -> dict[str, Any]:
        """The field as the declarations' JSON has it."""
        found: dict[str, Any] = {"kind": self.kind, "label": self.label.as_json()}
        if self.hint:
            found["hint"] = self.hint.as_json()
        if self.asked:
            found["required"] = True
        if self.form_default is not None:
            found["default"] = self.form_default
        if self.unit:
            found["unit"] = self.unit.as_json() if isinstance(self.unit, Words) else self.unit
        if self.hidden:
            found["hidden"] = True
        if self.shown_when:
            found["shown_when"] = {name: list(values) for name, values in self.shown_when.items()}
        return found | self.limits()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = list(self.faults(value, attr or ""))
        if found:
            raise marshmallow.ValidationError(found)
        return value


def text_fault(value: Any, most: int) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with a text of at most *most* code points."""
    if not isinstance(value, str):
        return "type", {"kind": "text"}
    if _UNWRITABLE.search(value):
        return "characters", {}
    if not unicodedata.is_normalized("NFC", value):
        return "not_nfc", {}
    if len(value) > most:
        return "too_long", {"most": most}
    return None


class Text(Declared):
    """Text in NFC of at most `most` code points; `form`, where given, a pattern that it has as a whole.

    A form offers what was typed here lately (`recent`) and the entries of a list (`suggest`); an entry that is taken
    `fills` other fields from its own: field to key of the entry.
    """

    kind = "text"

    def __init__(
        self,
        label: Words,
        most: int = 200,
        *,
        form: str = "",
        lines: bool = False,
        mode: str = "",
        recent: bool = False,
        suggest: str = "",
        fills: Mapping[str, str] | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(label, **kw)
        self.most, self.form, self.lines, self.mode = most, form, lines, mode
        self.recent, self.suggest, self.fills = recent, suggest, dict(fills or {})

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if found := text_fault(value, self.most):
            yield Fault(path, *found)
        elif self.form and value and not re.fullmatch(self.form, value):
            yield Fault(path, "format")

    def limits(self) -> dict[str, Any]:
        found: dict[str, Any] = {"max_length": self.most}
        if self.form:
            found["pattern"] = self.form
        if self.lines:
            found["multiline"] = True
        if self.mode:
            found["mode"] = self.mode
        if self.recent:
            found["recent"] = True
        if self.suggest:
            found |= {"suggest": self.suggest, "fills": self.fills}
        return found


class Number(Declared):
    """A finite number from `least` to `greatest`; `decimals` is how a form shows it."""

    kind = "number"

    def __init__(self, label: Words, least: float, greatest: float, *, decimals: int = 2, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.least, self.greatest, self.decimals = least, greatest, decimals

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            yield Fault(path, "type", {"kind": "number"})
        elif self.kind == "integer" and isinstance(value, float) and not value.is_integer():
            yield Fault(path, "whole")
        elif value < self.least:
            yield Fault(path, "too_small", {"least": self.least})
        elif value > self.greatest:
            yield Fault(path, "too_great", {"most": self.greatest})

    def limits(self) -> dict[str, Any]:
        found: dict[str, Any] = {"min": self.least, "max": self.greatest}
        return found if self.kind == "integer" else found | {"decimals": self.decimals}


class Integer(Number):
    """A whole number; JSON does not tell 5 from 5.0, so neither do we."""

    kind = "integer"


class Year(Integer):
    """A year of the calendar: a whole number that is written without a mark at the thousands."""

    def limits(self) -> dict[str, Any]:
        return super().limits() | {"year": True}


class Date(Declared):
    """A day of the calendar, YYYY-MM-DD, 1900 to 2100."""

    kind = "date"

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(path, "type", {"kind": "date"})
        elif not is_day(value):
            yield Fault(path, "date")


class Instant(Declared):
    """A moment with its zone, RFC 3339."""

    kind = "instant"

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(path, "type", {"kind": "instant"})
        elif not is_instant(value):
            yield Fault(path, "instant")


def is_day(text: str) -> bool:
    """Whether *text* is a day from 1900 to 2100, written YYYY-MM-DD."""
    found = _DATE.fullmatch(text)
    if not found:
        return False
    try:
        return 1900 <= date(*(int(part) for part in found.groups())).year <= 2100
    except ValueError:
        return False


def is_instant(text: str) -> bool:
    """Whether *text* is a moment as RFC 3339 writes it (no leap seconds)."""
    found = _INSTANT.fullmatch(text)
    if not found or not is_day(found[1]):
        return False
    hour, minute, second = int(found[2]), int(found[3]), int(found[4])
    return hour < 24 and minute < 60 and second < 60 and int(found[7] or 0) < 24 and int(found[8] or 0) < 60


class Choice(Declared):
    """A code. The list is for the form: one that is not in it comes from a newer app, and is kept.

    `pictures`: a form draws each entry; `fills`: what the entry that is chosen says of other fields.
    """

    kind = "choice"

    def __init__(
        self,
        label: Words,
        list_: str,
        *,
        pictures: bool = False,
        fills: Mapping[str, str] | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(label, **kw)
        self.list, self.pictures, self.fills = list_, pictures, dict(fills or {})

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(path, "type", {"kind": "choice"})
        elif not re.fullmatch(CODE_FORM, value):
            yield Fault(path, "code")

    def limits(self) -> dict[str, Any]:
        found: dict[str, Any] = {"list": self.list}
        if self.pictures:
            found["pictures"] = True
        if self.fills:
            found["fills"] = self.fills
        return found


class Choices(Declared):
    """Several codes."""

    kind = "choices"
    MOST = 30

    def __init__(self, label: Words, list_: str, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.list = list_

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        yield from _each(value, path, self.MOST, CODE_FORM, "code")

    def limits(self) -> dict[str, Any]:
        return {"list": self.list, "max_items": self.MOST}


class Flag(Declared):
    """True or false."""

    kind = "flag"

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, bool):
            yield Fault(path, "type", {"kind": "flag"})


class Reference(Declared):
    """The id of a record of one of the types in `to` (none: any record). It need not have arrived yet."""

    kind = "reference"

    def __init__(self, label: Words, *to: str, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.to = to

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(path, "type", {"kind": "reference"})
        elif not re.fullmatch(ID_FORM, value):
            yield Fault(path, "id")

    def limits(self) -> dict[str, Any]:
        return {"to": list(self.to)}


class Ids(Declared):
    """A list of ids."""

    kind = "ids"
    MOST = 10_000

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        yield from _each(value, path, self.MOST, ID_FORM, "id")

    def limits(self) -> dict[str, Any]:
        return {"max_items": self.MOST}


class Geometry(Declared):
    """A GeoJSON geometry (RFC 7946) of one of `types`, WGS 84, [longitude, latitude]; rings closed, four positions."""

    kind = "geometry"

    def __init__(self, label: Words, *types: str, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.types = types

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path, "type", {"kind": "geometry"})
            return
        if value.get("type") not in self.types or not isinstance(value.get("type"), str):
            yield Fault(path, "geometry_type", {"types": ", ".join(self.types)})
            return
        code = geometry_fault(value["type"], value.get("coordinates"))
        if code:
            yield Fault(path, code, {"most": MOST_VERTICES} if code == "too_many" else {})

    def limits(self) -> dict[str, Any]:
        return {"types": list(self.types), "max_vertices": MOST_VERTICES}


def geometry_fault(type_: str, coordinates: Any) -> str | None:
    """What is wrong with the coordinates of a Point or Polygon: a code, or None."""
    if type_ == "Point":
        return None if _is_position(coordinates) else "coordinates"
    if not isinstance(coordinates, list) or not coordinates or not all(isinstance(ring, list) for ring in coordinates):
        return "coordinates"
    if sum(len(ring) for ring in coordinates) > MOST_VERTICES:
        return "too_many"
    for ring in coordinates:
        if not all(_is_position(position) for position in ring):
            return "coordinates"
        if len(ring) < 4:
            return "ring_short"
        if ring[0][:2] != ring[-1][:2]:
            return "ring_open"
    return None


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 2 <= len(value) <= 3
        and _NUMBERS.issuperset(map(type, value))  # true and false are none
        and -180 <= value[0] <= 180
        and -90 <= value[1] <= 90
        and (len(value) == 2 or -1000 <= value[2] <= 10_000)
    )


class Items(Declared):
    """A list of objects with declared fields; keys that are not declared are kept."""

    kind = "items"

    def __init__(self, label: Words, fields: Mapping[str, Declared], most: int, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.fields, self.most = fields, most

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(path, "type", {"kind": "items"})
            return
        if len(value) > self.most:
            yield Fault(path, "too_many", {"most": self.most})
            return
        for number, item in enumerate(value):
            yield from object_faults(self.fields, item, f"{path}.{number}")

    def limits(self) -> dict[str, Any]:
        return {"max_items": self.most, "fields": describe_all(self.fields)}


class Object(Declared):
    """One object with declared fields."""

    kind = "object"

    def __init__(self, label: Words, fields: Mapping[str, Declared], **kw: Any) -> None:
        super().__init__(label, **kw)
        self.fields = fields

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        yield from object_faults(self.fields, value, path)

    def limits(self) -> dict[str, Any]:
        return {"fields": describe_all(self.fields)}


def object_faults(fields: Mapping[str, Declared], value: Any, path: str) -> Iterator[Fault]:
    """What is wrong with an object: the faults of its declared fields, in their order."""
    if not isinstance(value, dict):
        yield Fault(path, "type", {"kind": "object"})
        return
    for name, declared in fields.items():
        if value.get(name) is not None:
            yield from declared.faults(value[name], f"{path}.{name}")


def describe_all(fields: Mapping[str, Declared]) -> dict[str, Any]:
    """Fields as the declarations' JSON has them, in order."""
    return {name: declared.describe() for name, declared in fields.items()}


def unknown_fault(value: Any) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with the value of a field that the declarations do not know: only bounds."""
    if (code := _plain_fault(value, MOST_DEPTH)) is not None:
        return code, {"most": MOST_DEPTH} if code == "too_deep" else {}
    if len(canonical(value)) > MOST_BYTES:
        return "too_big", {"most": MOST_BYTES}
    return None


def _plain_fault(value: Any, room: int) -> str | None:
    if isinstance(value, str):
        return "characters" if any("\ud800" <= c <= "\udfff" for c in value) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if -GREATEST_INTEGER <= value <= GREATEST_INTEGER else "number"
    if not isinstance(value, dict | list):
        return None
    if room == 0:
        return "too_deep"
    inner: Sequence[Any] = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    return next((code for each in inner if (code := _plain_fault(each, room - 1))), None)


def _each(value: Any, path: str, most: int, form: str, code: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, "type", {"kind": "list"})
    elif len(value) > most:
        yield Fault(path, "too_many", {"most": most})
    else:
        for number, each in enumerate(value):
            if not isinstance(each, str) or not re.fullmatch(form, each):
                yield Fault(f"{path}.{number}", code)
