"""A record type is declared once, a file each; everything else follows from that declaration.

`TYPES` finds the files by itself: a new type is one new file that has a `RECORD`.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import marshmallow

from sync.records.common import COMMON
from sync.records.declaration import Check, RecordType, check_state, faults_of, is_shown, references
from sync.records.faults import SENTENCES
from sync.records.fields import Declared, Fault, Words, describe_all
from sync.records.lists import BUILT_IN, LISTS, Lists

__all__ = [
    "BUILT_IN", "COMMON", "LISTS", "SCHEMA", "SENTENCES", "TYPES", "Check", "Fault", "Lists", "RecordType", "Words",
    "check_state", "columns", "describe", "is_shown", "reference_fields", "schema_for", "validate_set",
]  # fmt: skip

# Raised by one whenever a declaration changes; every change carries the number that its editor had.
SCHEMA = 7

# The order in which people meet them; a type that is not named here comes after.
_ORDER = ("farmer", "plot", "harvest", "observation", "activity", "photo", "task")


def _found() -> dict[str, RecordType]:
    modules = (import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__) if each.name[0] != "_")
    types = {module.RECORD.name: module.RECORD for module in modules if hasattr(module, "RECORD")}
    rank = {name: place for place, name in enumerate(_ORDER)}
    return dict(sorted(types.items(), key=lambda each: (rank.get(each[0], len(rank)), each[0])))


TYPES: dict[str, RecordType] = _found()


@cache
def schema_for(type_: str) -> type[marshmallow.Schema]:
    """The marshmallow schema of a type. Raises ``KeyError`` for one that is not declared."""
    return TYPES[type_].schema()


@cache
def _fields(type_: str) -> Mapping[str, Declared]:
    # A type from a newer app: only the fields that every record has are known.
    return TYPES[type_].all_fields if type_ in TYPES else COMMON


def validate_set(type_: str, values: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with what one change sets; empty when nothing is. `None` clears a field and is always right."""
    return faults_of(_fields(type_), values)


@cache
def reference_fields(type_: str) -> tuple[str, ...]:
    """The fields of a type that name other records; none for a type that is not declared."""
    return tuple(references(TYPES[type_])) if type_ in TYPES else ()


@cache
def describe() -> dict[str, Any]:
    """The declarations as JSON: for the phone's forms, for programs, for older apps."""
    return {
        "schema": SCHEMA,
        "lists": LISTS,
        "types": {name: each.describe() for name, each in TYPES.items()},
        "common": describe_all(COMMON),
        "sentences": {code: words.as_json() for code, words in SENTENCES.items()},
    }
