"""A record type is declared once, and everything else follows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sync.records import (
    LISTS,
    SCHEMA,
    TYPES,
    RecordType,
    check_state,
    describe,
    is_shown,
    reference_fields,
    validate_set,
)
from sync.records.__main__ import markdown
from sync.records.declaration import faults_of
from sync.records.farmer import RECORD as FARMER
from sync.records.fields import Number, Words
from sync.records.harvest import kilograms

ROOT = Path(__file__).parents[3]


def test_docs_records_is_what_the_declarations_say() -> None:
    assert (ROOT / "docs/records.md").read_text() == markdown()


@pytest.mark.parametrize("type_", TYPES)
def test_every_field_has_a_label_in_both_languages(type_: str) -> None:
    for name, field in TYPES[type_].all_fields.items():
        assert field.label.vi, name
        assert field.label.en, name


def test_every_list_that_a_field_names_is_there() -> None:
    for declared in TYPES.values():
        for field in declared.all_fields.values():
            if name := field.limits().get("list"):
                assert LISTS[name], name


def test_the_codes_of_a_list_are_different_and_say_where_they_are_from() -> None:
    for name, entries in LISTS.items():
        assert len({each["code"] for each in entries}) == len(entries), name
    assert all(each["source"] for each in [*LISTS["crop"], *LISTS["pest"]])


def test_adding_a_field_in_one_place_reaches_validation_forms_columns_and_the_api() -> None:
    from apispec import APISpec
    from apispec.ext.marshmallow import MarshmallowPlugin

    goats = Number(Words("Số dê", "Goats"), 0, 50, unit="con")
    declared = RecordType("farmer", FARMER.label, FARMER.plural, FARMER.identity, {**FARMER.fields, "goats": goats})
    assert [fault.code for fault in faults_of(declared.all_fields, {"goats": 51})] == ["too_great"]
    assert declared.describe()["fields"]["goats"] == {
        "kind": "number", "label": {"vi": "Số dê", "en": "Goats"}, "unit": "con", "min": 0, "max": 50, "decimals": 2,
    }  # fmt: skip
    spec = APISpec("x", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.schema("farmer", schema=declared.schema())
    assert "goats" in spec.to_dict()["components"]["schemas"]["farmer"]["properties"]


def test_a_unit_is_a_sign_or_words_of_both_languages() -> None:
    assert TYPES["harvest"].describe()["fields"]["moisture_percent"]["unit"] == "%"
    assert TYPES["activity"].describe()["fields"]["phi_days"]["unit"] == {"vi": "ngày", "en": "days"}


def test_references_are_known() -> None:
    assert reference_fields("harvest") == ("plot",)
    assert reference_fields("beehive") == ()


def test_null_clears_any_field() -> None:
    for declared in TYPES.values():
        assert validate_set(declared.name, dict.fromkeys(declared.all_fields)) == []


def test_no_field_is_demanded() -> None:
    assert validate_set("harvest", {"note": "chỉ có ghi chú"}) == []


def test_what_fields_say_together_is_a_warning() -> None:
    found = check_state(
        TYPES["observation"], {"affected": 31, "inspected": 30, "at": "2027-01-01T00:00:00Z"}, date(2026, 11, 23)
    )
    assert {(each.path, each.code) for each in found} >= {
        ("affected", "not_greater"),
        ("at", "not_future"),
        ("plot", "missing"),
    }


def test_the_declarations_name_their_version() -> None:
    assert describe()["schema"] == SCHEMA >= 2


def test_a_question_is_asked_while_the_others_say_so_and_what_it_holds_otherwise_is_worth_a_look() -> None:
    severity = TYPES["observation"].fields["severity"]
    assert is_shown(severity, {"found": "present"})
    assert not is_shown(severity, {"found": "absent"})
    assert not is_shown(severity, {})
    found = check_state(TYPES["observation"], {"found": "absent", "severity": "2"}, date(2026, 11, 23))
    assert [(each.path, dict(each.params)) for each in found if each.code == "not_asked"] == [
        ("severity", {"other": "found"})
    ]


def test_every_question_that_depends_on_another_names_one_that_is_there_with_values_that_it_has() -> None:
    for declared in TYPES.values():
        for field in declared.fields.values():
            for other, values in field.shown_when.items():
                codes = {each["code"] for each in LISTS[declared.fields[other].limits()["list"]]}
                assert codes.issuperset(values), other


def test_what_an_entry_fills_in_is_a_field_that_takes_it() -> None:
    for declared in TYPES.values():
        for field in declared.fields.values():
            limits = field.limits()
            for target, key in limits.get("fills", {}).items():
                said = [each[key] for each in LISTS[limits.get("list") or limits["suggest"]] if key in each]
                assert said, key
                assert not [fault for each in said for fault in declared.fields[target].faults(each, target)]


@pytest.mark.parametrize(
    ("said", "weight"),
    [
        ({"quantity": 2, "unit": "bao", "unit_kg": 60}, 120),
        ({"quantity": 2, "unit": "bao"}, 100),
        ({"quantity": 2, "unit": "ta", "unit_kg": 60}, 200),
        ({"quantity": 2}, 2),
        ({"quantity": 2, "unit": "gùi"}, None),
        ({"unit": "kg"}, None),
    ],
)
def test_a_harvest_weighs_what_its_entry_says(said: dict[str, object], weight: float | None) -> None:
    assert kilograms(said) == weight
