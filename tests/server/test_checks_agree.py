"""The console finds with SQL what the phone and `sync.checks` find on the same records: the cases of all three are one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.store import lists, people
from sync.records import validate_set
from tests.server.test_checks import TODAY, Valley, valley

__all__ = ["valley"]

CASES = [
    case
    for case in json.loads((Path(__file__).parent.parent / "sync" / "checks.json").read_text())
    # A plot by itself is no matter of several records.
    if all("plot" in each["fields"] for each in case["records"])
]
# What several records say together. Each of the other rules is of one record, and the console counts them another way.
TOGETHER = ("not_free", "twice")


def _put(valley: Valley, records: list[dict[str, Any]]) -> dict[str, str]:
    """Record what a case says, in the order of its names; name to record id."""
    plots: dict[str, str] = {}
    made: dict[str, str] = {}
    for each in sorted(records, key=lambda one: str(one["id"])):
        fields = dict(each["fields"])
        fields["plot"] = plots.setdefault(fields["plot"], valley.field(fields["plot"], 104 + len(plots) / 10))
        if validate_set(each["type"], fields):
            continue  # the centre would refuse it
        made[each["id"]] = valley.put(each["type"], **fields)
        if each.get("deleted"):
            valley.change(made[each["id"]], each["type"], deleted=True)
    return made


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_the_console_finds_what_the_phone_finds(valley: Valley, case: dict[str, Any]) -> None:
    assert case["today"] == TODAY.isoformat()
    for list_, entries in case.get("lists", {}).items():
        lists.say(people.user_id_of("hoa") or "", list_, entries, "added")
    made = _put(valley, case["records"])
    for rule in TOGETHER:
        said = [each["records"] for each in case["findings"] if each["rule"] == rule]
        expected = {(made[record], made[other]) for record, other in said}
        found = set(valley.found(rule))
        # The console pairs a basket that was written down thrice with each of the others; it names no other record.
        assert expected <= found, rule
        assert {record for record, _ in found} == {record for record, _ in expected}, rule
