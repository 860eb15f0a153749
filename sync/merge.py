"""Changes in, state and conflicts out: the state of a record is a pure function of the set of its changes.

Must never depend on order, repetition, arrival time, or anything but the changes and their envelopes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sync.canonical import canonical
from sync.change import Envelope, Logged, as_text, edited_at

AREA = "area"
DELETED = "deleted"


class Candidate(NamedTuple):
    """One value that a field may have, and where it came from."""

    change: str
    value: Any
    envelope: Envelope

    def as_json(self) -> dict[str, Any]:
        edited = edited_at(self.change, self.envelope.skew_ms)
        return {
            "change": self.change,
            "value": self.value,
            "by": self.envelope.author,
            "at": as_text(edited) if edited else self.envelope.received_at,
        }


@dataclass(frozen=True, slots=True)
class State:
    """A record as every replica shows it.

    `fields`: shown values, without those that were cleared. `heads`: change id to the sorted fields whose shown value
    is its own; where several people made the same edit a field stands under each. `conflicts`: field to all its
    candidates, least id first.
    """

    id: str
    type: str
    area: str
    fields: Mapping[str, Any]
    heads: Mapping[str, list[str]]
    conflicts: Mapping[str, list[Candidate]]
    deleted: bool

    def as_json(self) -> dict[str, Any]:
        """The record as it travels, without its number in the area."""
        body: dict[str, Any] = {"id": self.id, "type": self.type, "area": self.area}
        if not self.deleted:
            body["fields"] = dict(self.fields)
        body["heads"] = _short(self.heads, set(body.get("fields", ())) | ({DELETED} if self.deleted else set()))
        if self.conflicts:
            body["conflicts"] = {
                name: [each.as_json() for each in candidates] for name, candidates in self.conflicts.items()
            }
        body["deleted"] = self.deleted
        return body


def fold(log: Iterable[Logged]) -> State:
    """The state of the one record that all changes of *log* belong to; in any order, with any repetition.

    Raises ``ValueError`` when *log* is empty.
    """
    known = {entry.change.id: entry for entry in log}
    if not known:
        raise ValueError("a record without a change has no state")
    first = known[min(known)].change
    candidates = _candidates(known)
    shown = {name: each[-1].value for name, each in candidates.items()}
    conflicts = {name: each for name, each in candidates.items() if _differ(each)}
    deleted = shown.get(DELETED) is True and not _unseen(candidates, known)
    if shown.get(DELETED) is True and not deleted:
        conflicts[DELETED] = candidates[DELETED]
    if deleted:
        # What is deleted shows no fields, so it has no values to settle but the one that hides it.
        candidates = {DELETED: candidates[DELETED]}
        conflicts = {name: each for name, each in conflicts.items() if name == DELETED}
    area = shown.get(AREA)
    return State(
        id=first.record,
        type=first.type,
        area=area if isinstance(area, str) else first.area,
        fields={
            name: shown[name] for name in sorted(candidates) if shown[name] is not None and name not in (AREA, DELETED)
        },
        heads=_heads(candidates, conflicts),
        conflicts=dict(sorted(conflicts.items())),
        deleted=deleted,
    )


def _candidates(known: Mapping[str, Logged]) -> dict[str, list[Candidate]]:
    """For every field the changes that set it and that no known change names in its `over` for that field."""
    replaced: defaultdict[str, set[str]] = defaultdict(set)
    for entry in known.values():
        for name, ids in entry.change.over.items():
            if name in entry.change.set:
                replaced[name].update(each for each in ids if each != entry.change.id)
    found: defaultdict[str, list[Candidate]] = defaultdict(list)
    for change_id in sorted(known):
        entry = known[change_id]
        for name, value in entry.change.set.items():
            if change_id not in replaced.get(name, ()):
                found[name].append(Candidate(change_id, value, entry.envelope))
    return dict(found)


def _unseen(candidates: Mapping[str, list[Candidate]], known: Mapping[str, Logged]) -> bool:
    """Whether a value stands that none of those who deleted had before their eyes."""
    deleting = [each.change for each in candidates[DELETED] if each.value is True]
    # Who deletes and sets other fields besides has of course seen what they set; who restores deletes nothing.
    seen = {*deleting, *(each for change in deleting for each in known[change].change.seen)}
    return any(each.change not in seen for name, standing in candidates.items() if name != DELETED for each in standing)


def _differ(candidates: list[Candidate]) -> bool:
    if len(candidates) < 2:
        return False
    return len({canonical(each.value) for each in candidates}) > 1


def _heads(candidates: Mapping[str, list[Candidate]], conflicts: Mapping[str, list[Candidate]]) -> dict[str, list[str]]:
    heads: defaultdict[str, list[str]] = defaultdict(list)
    for name, standing in sorted(candidates.items()):
        for each in standing[-1:] if name in conflicts else standing:
            heads[each.change].append(name)
    return dict(sorted(heads.items()))


def _short(heads: Mapping[str, list[str]], told: set[str]) -> Any:
    """Just the one change, where it made all that is *told* and nothing else.

    A field that was cleared is not told, but whoever sets it again must name the change that cleared it.
    """
    if len(heads) == 1:
        change, names = next(iter(heads.items()))
        if set(names) == told:
            return change
    return dict(heads)
