"""A record's state as a row to be found by. Pure: what it needs besides the state is handed in.

Must never raise over what a state holds: fields of a newer app may be of any shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from server.store.folding import digits_of, fold, sort_key
from sync.change import edited_at
from sync.records import COMMON, TYPES, Lists
from sync.records.harvest import kilograms
from sync.records.lists.own import stated_interval
from sync.seasons import season_of

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
WITHOUT, CHANGED, ANSWERED = "new", "changed", "answered"
_DAY = {"harvest": "date", "activity": "date", "observation": "at", "photo": "taken_at", "task": "due"}
# What nobody types, or a page says in another way.
_NOT_SEARCHED = frozenset({"review", "deleted", "area", "same_as"})
_MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Made:
    """One change of a record, without its body: who made it, and when it came."""

    change: str
    author: str
    received_at: str
    skew_ms: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record belongs, after all joins: its plot, its farmer, and whether it was itself joined into another."""

    plot: str | None
    farmer: str | None
    twin: bool


def row_of(state: Any, made: Sequence[Made], place: Place, lists: Lists) -> dict[str, Any]:
    """The row of a record (a `browse.Seen`) that is not deleted. *made*: its changes, oldest first."""
    fields = state.fields
    first = made[0]
    name = said(fields.get("name"), 200) or said(fields.get("what"), 200)
    day = day_of(state.type, fields) or _day_in(edited_at(first.change, first.skew_ms), first.received_at)
    crop = said(fields.get("crop"), 60)
    return {
        "id": state.id,
        "type": state.type,
        "area": state.area,
        "plot": place.plot,
        "farmer": place.farmer,
        "name": name,
        "name_key": sort_key(name),
        "day": day,
        "season": season_of(crop, day) if state.type == "harvest" else "",
        "crop": crop,
        "kg": _kilograms(fields, lists) if state.type == "harvest" else None,
        "pest": said(fields.get("pest"), 60),
        "found": said(fields.get("found"), 60),
        "inspected": number(fields.get("inspected")),
        "affected": number(fields.get("affected")),
        "phi_until": _phi_until(fields, day, lists) if state.type == "activity" else "",
        "commune": said(fields.get("commune"), 60) if state.type == "farmer" else "",
        "author": first.author,
        "changed_at": _changed_at(state, made),
        "review": review_of(state),
        "conflicted": bool(state.conflicts),
        "twin": place.twin,
        "missing": missing(state.type, fields),
        "text": searched(state.type, fields, lists),
    }


def review_of(state: Any) -> str:
    """Where a record stands with its reviewer."""
    review = state.fields.get("review")
    if not isinstance(review, dict) or not isinstance(review.get("state"), str):
        return WITHOUT
    if review["state"] == "queried" and is_answered(state):
        return ANSWERED
    if state.changed_since_review:
        return CHANGED
    return said(review["state"], 10)


def is_answered(state: Any) -> bool:
    """Whether the officer's answer is one to the query that stands (`sync.records.common`)."""
    answer = state.fields.get("answer")
    asked = {change for change, names in state.heads.items() if "review" in names}
    return isinstance(answer, dict) and answer.get("to") in asked


def missing(type_: str, fields: Mapping[str, Any]) -> str:
    """The declared fields that are empty, between spaces."""
    if type_ not in TYPES:
        return " "
    names = [
        name for name, each in TYPES[type_].fields.items() if not each.hidden and fields.get(name) in (None, "", [])
    ]
    return f" {' '.join(names)} "


def searched(type_: str, fields: Mapping[str, Any], lists: Lists) -> str:
    """All that was typed or chosen, in both languages, folded."""
    words: list[str] = []
    declared = TYPES[type_].all_fields if type_ in TYPES else COMMON
    for name, value in fields.items():
        each = declared.get(name)
        if value is None or name in _NOT_SEARCHED or (each is not None and each.hidden):
            continue
        words += _words(each, value, lists)
    return fold(said(" ".join(words), _MOST_TEXT))


def said(value: Any, most: int) -> str:
    """*value* where it is text, not longer than a column takes."""
    return value[:most].replace("\0", "") if isinstance(value, str) else ""  # no column of PostgreSQL takes a NUL


def number(value: Any) -> float | None:
    """*value* where it is a number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _words(declared: Any, value: Any, lists: Lists) -> list[str]:
    kind = declared.kind if declared else ""
    if kind in ("choice", "choices"):
        codes = value if isinstance(value, list) else [value]
        list_ = declared.limits()["list"]
        return [
            lists.label(list_, code, language) for code in codes if isinstance(code, str) for language in ("vi", "en")
        ]
    if kind == "items" and isinstance(value, list):
        return [
            word
            for item in value
            if isinstance(item, dict)
            for name, inner in item.items()
            if inner is not None
            for word in _words(declared.fields.get(name), inner, lists)
        ]
    if not isinstance(value, str) or kind not in ("text", "", "date"):
        return []
    return [value, digits_of(value)] if kind == "text" and declared.mode == "tel" else [value]


def day_of(type_: str, fields: Mapping[str, Any]) -> str:
    """The day (YYYY-MM-DD, in Vietnam) that a record of a type is about; "" where it says none."""
    value = said(fields.get(_DAY.get(type_, "")), 40)
    try:
        if "T" in value:
            return datetime.fromisoformat(value).astimezone(HERE).date().isoformat()
        return date.fromisoformat(value).isoformat() if value else ""
    except (ValueError, OverflowError):
        return ""


def _day_in(moment: datetime | None, otherwise: str) -> str:
    moment = moment or datetime.fromisoformat(otherwise).replace(tzinfo=UTC)
    return moment.astimezone(HERE).date().isoformat()


def _kilograms(fields: Mapping[str, Any], lists: Lists) -> float | None:
    return kilograms(fields, lists) if number(fields.get("quantity")) is not None else None


def _phi_until(fields: Mapping[str, Any], day: str, lists: Lists) -> str:
    """The last day before any crop may be picked again; which crop may earlier, the check asks (`doubts`)."""
    days = number(stated_interval(fields, (), lists))
    if not days or not said(fields.get("date"), 10) or days > 366:
        return ""
    return (date.fromisoformat(day) + timedelta(days=int(days))).isoformat()


def _changed_at(state: Any, made: Sequence[Made]) -> str:
    """When the newest of what is shown, the review aside, reached the centre."""
    shown = {change for change, names in state.heads.items() if list(names) != ["review"]}
    shown |= {each["change"] for name, rivals in state.conflicts.items() if name != "review" for each in rivals}
    return max((each.received_at for each in made if each.change in shown), default=made[0].received_at)
