"""A change: the one immutable unit that moves between phone, hub and centre; and its envelope.

Must never judge rights, know a database or read a clock: a change is what its text says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.canonical import canonical, is_within
from sync.records import validate_set

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TYPE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")

MOST_FIELDS = 100
MOST_NAMED = 10_000  # change ids in all of `over`, and in `seen`
MOST_BYTES = 3 * 1024 * 1024  # canonical text of one change; a walked track of 20,000 fixes fits
MOST_DEPTH = 12

_NESTS = frozenset({dict, list})
_KEYS = frozenset({"id", "record", "type", "area", "set", "over", "seen", "schema"})


class Refused(ValueError):
    """One change that cannot be accepted: `reason` from the protocol's closed list, `detail` names the field."""

    def __init__(self, reason: str, **detail: Any) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Change:
    """What one edit changed. Shapes as in docs/sync.md; `more` holds keys of a newer app, handed on untouched."""

    id: str
    record: str
    type: str
    area: str
    set: Mapping[str, Any]
    over: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seen: Sequence[str] = ()
    schema: int = 1
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The change as it travels: absent `over` and `seen` stay absent."""
        body: dict[str, Any] = {
            "id": self.id,
            "record": self.record,
            "type": self.type,
            "area": self.area,
            "set": dict(self.set),
        }
        if self.over:
            body["over"] = {name: list(ids) for name, ids in self.over.items()}
        if self.seen:
            body["seen"] = list(self.seen)
        body["schema"] = self.schema
        body.update(self.more)
        return body

    def same_as(self, other: "Change") -> bool:
        """Whether both say the same, to the canonical byte."""
        return canonical(self.as_json()) == canonical(other.as_json())


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the first server that a change reached adds, and later hops keep.

    `author` and `device` come from the credentials, never from the body. `received_at` is RFC 3339 in UTC;
    `skew_ms` how far the device's clock was ahead of that server's when it sent (None: it did not say).
    """

    author: str
    device: str
    received_at: str
    skew_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """A change with its envelope: a row of the log."""

    change: Change
    envelope: Envelope


def as_text(moment: datetime) -> str:
    """A moment as everything that travels has it: RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def edited_at(change_id: str, skew_ms: int | None = None) -> datetime | None:
    """When the edit was made: the time in a UUIDv7, corrected by the device's skew. None for another version, and for a time
    that not every zone has (years 1 and 9999)."""
    if change_id[14] != "7":
        return None
    milliseconds = int(change_id[:8] + change_id[9:13], 16) - (skew_ms or 0)
    try:
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return found if 1 < found.year < 9999 else None


def read_change(raw: Any) -> Change:
    """The change that *raw* (parsed JSON) is.

    Raises `Refused` (`invalid` or `too_large`) and names the field. Content is judged on the change alone by the
    declarations; fields, types and choices that they do not know pass within the bounds above.
    """
    if not isinstance(raw, dict):
        raise Refused("invalid", field="", code="type")
    for key in ("id", "record", "area"):
        _require(isinstance(raw.get(key), str) and ID.fullmatch(raw[key]), key, "id")
    _require(isinstance(raw.get("type"), str) and TYPE_NAME.fullmatch(raw["type"]), "type", "name")
    _require(_is_whole(raw.get("schema", 1)) and raw.get("schema", 1) >= 1, "schema", "type")
    _bounded(raw)
    change = Change(
        id=raw["id"],
        record=raw["record"],
        type=raw["type"],
        area=raw["area"],
        set=_read_set(raw),
        over=_read_over(raw),
        seen=_read_ids(raw.get("seen", []), "seen"),
        schema=int(raw.get("schema", 1)),
        more={key: value for key, value in raw.items() if key not in _KEYS},
    )
    _require(change.id not in change.seen, "seen", "names_itself")
    # `null` clears a field, but a record always lives somewhere.
    _require(change.set.get("area", "") is not None, "area", "missing")
    for fault in validate_set(change.type, change.set):
        raise Refused("invalid", field=fault.path, code=fault.code, **fault.params)
    return change


def change_of(raw: Mapping[str, Any]) -> Change:
    """The change in *raw*, which was judged when it came in: today's rules must not judge it again."""
    return Change(
        id=raw["id"],
        record=raw["record"],
        type=raw["type"],
        area=raw["area"],
        set=raw["set"],
        over=raw.get("over", {}),
        seen=raw.get("seen", ()),
        schema=raw.get("schema", 1),
        more={key: value for key, value in raw.items() if key not in _KEYS},
    )


def depth_of(value: Any, most: int = MOST_DEPTH) -> int:
    """How deep lists and objects nest (a plain value: 0). Stops counting one past *most*."""
    level: list[Any] = [value] if type(value) in _NESTS and value else []
    for depth in range(most + 1):
        if not level:
            return depth
        level = [
            inner
            for each in level
            for inner in (each.values() if type(each) is dict else each)
            if type(inner) in _NESTS and inner
        ]
    return most + 1


def _bounded(raw: dict[str, Any]) -> None:
    if depth_of(raw, MOST_DEPTH + 2) > MOST_DEPTH + 2:
        raise Refused("too_large", field="", code="too_deep", most=MOST_DEPTH)
    try:
        fits = is_within(raw, MOST_BYTES)
    except ValueError as error:
        raise Refused("invalid", field=_culprit(raw), code="characters_or_numbers") from error
    if not fits:
        raise Refused("too_large", field="", code="too_big", most=MOST_BYTES)


def _culprit(raw: dict[str, Any]) -> str:
    """The field whose value has no canonical text, so that the answer can name it."""
    inner = raw.get("set")
    for name, value in inner.items() if isinstance(inner, dict) else ():
        try:
            canonical({name: value})
        except ValueError:
            return str(name).encode("ascii", "replace").decode()
    return ""


def _read_set(raw: dict[str, Any]) -> dict[str, Any]:
    fields = raw.get("set")
    if not isinstance(fields, dict) or not fields:
        raise Refused("invalid", field="set", code="type")
    _require(len(fields) <= MOST_FIELDS, "set", "too_many", most=MOST_FIELDS)
    for name in fields:
        _require(FIELD_NAME.fullmatch(name), "set", "name")
    return fields


def _read_over(raw: dict[str, Any]) -> dict[str, list[str]]:
    over: dict[str, list[str]] = raw.get("over", {})
    _require(isinstance(over, dict), "over", "type")
    named = 0
    for name, ids in over.items():
        # A change may only take the place of values where it puts one: else a value would just vanish.
        _require(name in raw["set"], f"over.{name}"[:80], "not_in_set")
        _read_ids(ids, f"over.{name}")
        _require(raw["id"] not in ids, f"over.{name}", "names_itself")
        named += len(ids)
    _require(named <= MOST_NAMED, "over", "too_many", most=MOST_NAMED)
    return over


def _read_ids(ids: Any, path: str) -> list[str]:
    _require(isinstance(ids, list), path, "type")
    _require(len(ids) <= MOST_NAMED, path, "too_many", most=MOST_NAMED)
    _require(all(isinstance(each, str) and ID.fullmatch(each) for each in ids), path, "id")
    return list(ids)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value < 2**31


def _require(holds: Any, path: str, code: str, **params: Any) -> None:
    if not holds:
        raise Refused("invalid", field=path, code=code, **params)
