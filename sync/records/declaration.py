"""What a record type is: one declaration, from which validation, forms, columns, pages and the API follow.

Must never know the types themselves: each has a file of its own beside this one.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import marshmallow

from sync.geometry import crosses_itself, roughly_ha
from sync.records.common import COMMON
from sync.records.fields import Declared, Fault, Reference, Words, describe_all, unknown_fault

# Percent that a declared area may be off the measured one before anybody is asked: papers and paces are no better.
AREA_WITHIN = 20


@dataclass(frozen=True, slots=True)
class Check:
    """What several fields say together, or a field and the calendar: a warning, never a refusal.

    `rule`: `not_greater` (the first field is at most the second), `not_future` (a day, a moment or a year), `not_crossing` (a
    boundary), `area_agrees` (a declared area with the boundary's) or `not_doubtful` (nothing stands in the field).
    """

    rule: str
    fields: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "fields": list(self.fields)}


@dataclass(frozen=True)
class RecordType:
    """A declared type. `identity`: the fields by which a person tells one record from another; `open`: how many of its
    questions stand open in a form, the rest being behind "more"; `counted`: two fields that are counted together, how
    many were looked at and how many of them are affected."""

    name: str
    label: Words
    plural: Words
    identity: Sequence[str]
    fields: Mapping[str, Declared]
    checks: Sequence[Check] = field(default_factory=tuple)
    open: int = 6
    counted: Sequence[str] = ()

    @property
    def all_fields(self) -> dict[str, Declared]:
        """The type's own fields, then those that every record has."""
        return {**self.fields, **COMMON}

    def schema(self) -> type[marshmallow.Schema]:
        """The marshmallow schema: fields that it does not know are kept."""
        options = type("Meta", (), {"unknown": marshmallow.INCLUDE})
        return type(f"{self.name.title()}Schema", (marshmallow.Schema,), {**self.all_fields, "Meta": options})

    def describe(self) -> dict[str, Any]:
        return {
            "label": self.label.as_json(),
            "plural": self.plural.as_json(),
            "identity": list(self.identity),
            "fields": describe_all(self.fields),
            "checks": [check.as_json() for check in self.checks],
            "open": self.open,
            "counted": list(self.counted),
        }


def faults_of(fields: Mapping[str, Declared], values: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with the content of *values*, by declared *fields*; bounds only for those that are not declared.

    Only what is there is looked at: a change sets a few fields of many, and most set one.
    """
    found: list[Fault] = []
    for name, value in values.items():
        if name not in fields and value is not None and (wrong := unknown_fault(value)):
            found.append(Fault(name, *wrong))
    for name, declared in fields.items():
        if values.get(name) is not None:
            found.extend(declared.faults(values[name], name))
    return found


def check_state(declared: RecordType, fields: Mapping[str, Any], today: date) -> list[Fault]:
    """What a person should look at in a record's state: what the form asks for and is not there, what is there though
    the form would not ask for it, and the declared checks."""
    found = list(_missing_or_left_over(declared, fields))
    for check in declared.checks:
        values = [fields.get(name) for name in check.fields]
        if any(value is None for value in values):
            continue
        if check.rule == "not_greater" and values[0] > values[1]:  # type: ignore[operator]
            found.append(Fault(check.fields[0], "not_greater", {"one": check.fields[0], "other": check.fields[1]}))
        if check.rule == "not_future" and _day_of(values[0]) > today.isoformat():
            found.append(Fault(check.fields[0], "not_future"))
        if check.rule == "not_crossing" and crosses_itself(values[0]):
            found.append(Fault(check.fields[0], "not_crossing"))
        if check.rule == "area_agrees" and (off := _off(values[0], values[1])):
            found.append(Fault(check.fields[0], "area_agrees", {"percent": off}))
        if check.rule == "not_doubtful" and values[0]:
            found.append(Fault(check.fields[0], "not_doubtful"))
    return found


def _day_of(value: Any) -> str:
    """The day of a day or a moment; of a year what comes before all its days. JSON does not tell 2026 from 2026.0."""
    return str(int(value) if isinstance(value, float) else value)[:10]


def is_shown(field: Declared, fields: Mapping[str, Any]) -> bool:
    """Whether a form asks for *field* of a record that holds *fields*."""
    return all(fields.get(name) in values for name, values in field.shown_when.items())


def _missing_or_left_over(declared: RecordType, fields: Mapping[str, Any]) -> Iterator[Fault]:
    for name, each in declared.fields.items():
        there, shown = not _empty(fields.get(name)), is_shown(each, fields)
        if each.asked and shown and not there:
            yield Fault(name, "missing")
        # Over a question that stands open nothing can be said.
        if there and not shown and not any(_empty(fields.get(other)) for other in each.shown_when):
            yield Fault(name, "not_asked", {"other": next(iter(each.shown_when))})


def _off(declared: Any, boundary: Any) -> int:
    """By how many percent a declared area is off the measured one; 0 where that is within what eyes and papers are off by."""
    measured = roughly_ha(boundary) if isinstance(boundary, Mapping) else None
    if not measured or not isinstance(declared, int | float) or declared <= 0:
        return 0
    percent = math.floor(abs(measured / declared - 1) * 100)
    return percent if percent > AREA_WITHIN else 0


def references(declared: RecordType) -> list[str]:
    """The fields that name other records."""
    return [name for name, each in declared.fields.items() if isinstance(each, Reference)]


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == []
