"""What records say together: the same cases go through the phone's twin (tests/pwa/check.test.ts)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sync.checks import findings
from sync.records import Lists

CASES = json.loads((Path(__file__).parent / "checks.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_the_checks_find_what_a_case_says(case: dict[str, Any]) -> None:
    found = findings(case["records"], date.fromisoformat(case["today"]), Lists(case.get("lists")))
    assert [{"rule": each.rule, "records": list(each.records), "params": dict(each.params)} for each in found] == case[
        "findings"
    ]
