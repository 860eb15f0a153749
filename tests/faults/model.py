"""The obvious model: what a record is, said once more in the plainest way, to hold the real merge against.

Must never import the product: a mistake that both made would be no mistake here. It is as slow as it is plain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Change = Mapping[str, Any]


@dataclass
class Truth:
    """What a record says, by all its changes. `candidates`: field to {change id: value}."""

    type: str
    area: str
    deleted: bool
    candidates: dict[str, dict[str, Any]] = field(default_factory=dict)

    def shown(self, name: str) -> Any:
        """The value of the candidate with the greatest id."""
        standing = self.candidates.get(name, {})
        return standing[max(standing)] if standing else None

    def disputed(self, name: str) -> bool:
        return len({plain(value) for value in self.candidates.get(name, {}).values()}) > 1


def truths(changes: Iterable[Change]) -> dict[str, Truth]:
    """The truth of every record that *changes* speak of."""
    by_record: dict[str, dict[str, Change]] = {}
    for change in changes:
        by_record.setdefault(change["record"], {})[change["id"]] = change
    return {record: _truth(list(known.values())) for record, known in by_record.items()}


def _truth(changes: list[Change]) -> Truth:
    candidates: dict[str, dict[str, Any]] = {}
    for change in changes:
        for name, value in change["set"].items():
            if not any(change["id"] in other.get("over", {}).get(name, []) for other in changes):
                candidates.setdefault(name, {})[change["id"]] = value
    first = min(changes, key=lambda change: change["id"])
    truth = Truth(first["type"], first["area"], False, candidates)
    if isinstance(truth.shown("area"), str):
        truth.area = truth.shown("area")
    if truth.shown("deleted") is True:
        deleting = [
            change for change in changes if change["id"] in candidates["deleted"] and change["set"]["deleted"] is True
        ]
        before_eyes = {each for change in deleting for each in [*change.get("seen", []), change["id"]]}
        others = {each for name, standing in candidates.items() if name != "deleted" for each in standing}
        truth.deleted = others <= before_eyes
    return truth


def differences(truth: Truth, record: Mapping[str, Any]) -> list[str]:
    """What a record on the wire says otherwise than the truth does; empty where they agree."""
    found = []
    for name in ("type", "area", "deleted"):
        if record.get(name, False) != getattr(truth, name):
            found.append(f"{name}: {record.get(name)!r}, and should be {getattr(truth, name)!r}")
    told = told_of(record)
    should = expected_of(truth)
    found += [
        f"{name}: {told.get(name)!r}, and should be {should.get(name)!r}"
        for name in sorted(set(told) | set(should))
        if told.get(name) != should.get(name)
    ]
    return found


def told_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Field to [value as text, ids that it comes from, candidates]: what a record on the wire says of each."""
    fields = record.get("fields", {})
    heads = record.get("heads", {})
    if isinstance(heads, str):
        heads = {heads: [*fields, *(["deleted"] if record.get("deleted") else [])]}
    told: dict[str, Any] = {}
    for change, names in heads.items():
        for name in names:
            told.setdefault(name, [plain(fields.get(name)), [], {}])[1].append(change)
    for name, rivals in record.get("conflicts", {}).items():
        told.setdefault(name, [plain(fields.get(name)), [], {}])[2] = {
            each["change"]: plain(each["value"]) for each in rivals
        }
    for name in told:
        told[name][1].sort()
    return told


def expected_of(truth: Truth) -> dict[str, Any]:
    """The same, as the truth has it. A deleted record tells only of `deleted`."""
    expected: dict[str, Any] = {}
    for name, standing in truth.candidates.items():
        if truth.deleted and name != "deleted":
            continue
        # Somebody deleted and somebody edited: that is a dispute although only one of them set `deleted`.
        won_back = name == "deleted" and truth.shown("deleted") is True and not truth.deleted
        disputed = truth.disputed(name) or won_back
        expected[name] = [
            plain(None if name in ("area", "deleted") else truth.shown(name)),
            [max(standing)] if disputed else sorted(standing),
            {change: plain(value) for change, value in standing.items()} if disputed else {},
        ]
    return expected


def plain(value: Any) -> str:
    """A value as text: two that are the same have the same text (1 and 1.0 are one number)."""
    return json.dumps(_whole(value), sort_keys=True, ensure_ascii=False)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return value
