"""What records say together that a person should look at: a warning in the field, work for the manager, never a refusal.

Pure: records and the lists of the installation in, findings out. Its twin is pwa/src/records/check.ts; both are held to
tests/sync/checks.json.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sync.records import TYPES, check_state
from sync.records.fields import is_day
from sync.records.harvest import kilograms
from sync.records.lists import BUILT_IN, Lists
from sync.records.lists.own import stated_interval

# A record as replicas show it: `id`, `type`, `fields`, `deleted`. References are to be resolved (`same_as`) before.
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that something breaks. `records`: first the one to look at, then those that it does not go with.

    `params` fill the rule's sentence (`sync.records.faults`); `field`, where there is one, is where it is to be shown.
    """

    rule: str
    records: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)


def findings(records: Iterable[Record], today: date, lists: Lists = BUILT_IN) -> Iterator[Finding]:
    """All findings over *records*: what each says by itself, then what those of one plot say together."""
    of_plot: dict[str, list[Record]] = defaultdict(list)
    for each in records:
        if each.get("deleted"):
            continue
        yield from _alone(each, today)
        if isinstance(plot := each["fields"].get("plot"), str):
            of_plot[plot].append(each)
    for group in of_plot.values():
        yield from on_plot(group, lists)


def on_plot(records: Iterable[Record], lists: Lists = BUILT_IN) -> Iterator[Finding]:
    """What the records of one plot say together."""
    standing = [each for each in records if not each.get("deleted")]
    harvests = [each for each in standing if each["type"] == "harvest" and _day(each)]
    sprayed = [each for each in standing if each["type"] == "activity" and _day(each)]
    for harvest in harvests:
        for activity in sprayed:
            yield from _not_free(harvest, activity, lists)
    yield from _twice(harvests, lists)


def free_from(activity: Record, crops: Collection[str] = (), lists: Lists = BUILT_IN) -> date | None:
    """The first day on which *crops* (none: any) may be picked after an activity; None where it keeps nobody from picking."""
    days = stated_interval(activity["fields"], crops, lists)
    if days is None or not 0 < days <= 365 or not (day := _day(activity)):
        return None
    return date.fromisoformat(day) + timedelta(days=int(days))


def _alone(record: Record, today: date) -> Iterator[Finding]:
    if record["type"] in TYPES:
        for fault in check_state(TYPES[record["type"]], record["fields"], today):
            yield Finding(fault.code, (record["id"],), {**fault.params, "field": fault.path})


def _not_free(harvest: Record, activity: Record, lists: Lists) -> Iterator[Finding]:
    """Picked within the pre-harvest interval of what was sprayed."""
    crop = harvest["fields"].get("crop")
    free = free_from(activity, [crop] if isinstance(crop, str) else [], lists)
    if free and _day(activity) <= _day(harvest) < free.isoformat():
        said = activity["fields"]
        product = str(said.get("product") or said.get("ingredient") or "")
        params = {"product": product, "kind": said.get("kind"), "on": said["date"], "free": free.isoformat()}
        yield Finding("not_free", (harvest["id"], activity["id"]), {**params, "field": "date"})


def _twice(harvests: Iterable[Record], lists: Lists) -> Iterator[Finding]:
    """The same day, crop and weight under two records: one basket written down by two people."""
    first: dict[tuple[Any, ...], str] = {}
    for each in sorted(harvests, key=lambda one: str(one["id"])):
        said = (_day(each), each["fields"].get("crop"), kilograms(each["fields"], lists))
        if not isinstance(said[1], str) or said[2] is None:
            continue
        if said in first:
            yield Finding("twice", (each["id"], first[said]), {"field": "quantity"})
        else:
            first[said] = each["id"]


def _day(record: Record) -> str:
    day = record["fields"].get("date")
    return day if isinstance(day, str) and is_day(day) else ""
