"""Records that are seen otherwise because a list says something else: by another name, of another weight, free on another day.

Must never touch a record: only what is seen of it is made again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import select

from server.store import lists
from server.store.engine import insert_or_update, reading, writing
from server.store.glance.follow import CHUNK, see
from server.store.glance.tables import GlanceMark
from server.store.tables import Installation, Record
from sync.records import TYPES
from sync.records.fields import Choice, Items
from sync.records.lists import Entry

_SLICE = 2000


# In the place of an area: up to which number what was said of the lists was followed.
_LISTS = "lists"


def catch_up() -> int:
    """See anew what names an entry that something was said of and nobody has followed yet, as where the centre ended in
    between; how many records."""
    with reading() as connection:
        newest = connection.scalar(select(Installation.lists)) or 0
        reached = connection.scalar(select(GlanceMark.seq).where(GlanceMark.area == _LISTS)) or 0
        said = lists.since(connection, reached) if reached < newest else {}
    if not said:
        return 0
    count = seen(said)
    row = {"area": _LISTS, "seq": newest}
    writing(lambda connection: insert_or_update(connection, GlanceMark.__table__, [row], ["area"]))
    return count


def seen(said: Mapping[str, Sequence[Entry]]) -> int:
    """See those records anew that name one of the entries that were said something of (list to entries); how many."""
    found = [record for name, entries in said.items() if entries for record in _naming(name, entries)]
    for start in range(0, len(found), CHUNK):
        some = set(found[start : start + CHUNK])
        writing(lambda connection, some=some: see(connection, some))  # type: ignore[misc]
    return len(found)


def _naming(list_: str, entries: Sequence[Entry]) -> Iterable[str]:
    codes = {each["code"] for each in entries}
    if list_ == "product":
        # The diary holds a product's name; and only where it has no interval of its own is it seen otherwise.
        codes = {each[name] for each in entries for name in ("vi", "en") if each.get(name)} | _names_of(codes)
    for type_, names in _fields_of(list_).items():
        yield from _records(type_, names, codes)


def _names_of(codes: Collection[str]) -> set[str]:
    from sync.records import BUILT_IN

    known = [entry for code in codes if (entry := BUILT_IN.entry("product", code))]
    return {str(each[name]) for each in known for name in ("vi", "en")}


def _fields_of(list_: str) -> dict[str, list[str]]:
    """Type to the fields that choose from a list; "crops.crop" is one within the items of another."""
    if list_ == "product":
        return {"activity": ["product"]}
    found: dict[str, list[str]] = {}
    for type_, declared in TYPES.items():
        for name, each in declared.fields.items():
            inner = (
                [f"{name}.{key}" for key, one in each.fields.items() if _is_of(one, list_)]
                if isinstance(each, Items)
                else []
            )
            if names := ([name] if _is_of(each, list_) else inner):
                found.setdefault(type_, []).extend(names)
    return found


def _is_of(declared: Any, list_: str) -> bool:
    return isinstance(declared, Choice) and declared.list == list_


def _records(type_: str, names: Sequence[str], codes: Collection[str]) -> Iterable[str]:
    after = ""
    while True:
        asked = (
            select(Record.id, Record.wire)
            .where(Record.type == type_, Record.id > after)
            .order_by(Record.id)
            .limit(_SLICE)
        )
        with reading() as connection:
            rows = connection.execute(asked).all()
        for record, wire in rows:
            fields = orjson.loads(wire).get("fields") or {}
            if any(value in codes for name in names for value in _values(fields, name)):
                yield record
        if len(rows) < _SLICE:
            return
        after = rows[-1][0]


def _values(fields: Mapping[str, Any], name: str) -> list[str]:
    outer, _, inner = name.partition(".")
    value = fields.get(outer)
    rows = value if isinstance(value, list) else []
    found = [row.get(inner) for row in rows if isinstance(row, dict)] if inner else [value]
    return [each for each in found if isinstance(each, str)]
