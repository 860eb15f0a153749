"""The phone and the centre judge the same value alike: what the app accepts offline, the server never refuses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.records import COMMON, LISTS, TYPES, validate_set
from sync.records.fields import Declared
from tests.pwa.bundled import bundle

ID = "01900000-0000-7000-8000-000000000001"


class Phone:
    """One Node process that answers line by line."""

    def __init__(self, program: Path) -> None:
        self._node = subprocess.Popen(
            ["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def verdict(self, type_: str, values: dict[str, Any]) -> list[list[str]]:
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(json.dumps([type_, values], ensure_ascii=True) + "\n")
        self._node.stdin.flush()
        answer: list[list[str]] = json.loads(self._node.stdout.readline())
        return answer

    def close(self) -> None:
        self._node.kill()
        self._node.wait()


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    made = Phone(bundle(Path(__file__).parent / "twin.ts", tmp_path_factory.mktemp("twin") / "twin.mjs"))
    yield made
    made.close()


numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 5.0, 2**53, 2**53 - 1, -(2**53), 1e308, 0.1, 180, -90, 1900, 2100, 100.000001]),
)
texts = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(exclude_categories=[]), max_size=5),  # lone surrogates among them
    st.sampled_from(["", "a" * 121, "a" * 2001, "Lò Văn Pâng", "Lo\u0300", "\x00", "a\nb", "\x7f", "𝕏" * 120, "kg"]),
)
dates = st.one_of(
    st.dates().map(str),
    st.sampled_from(
        [
            "2024-02-30",
            "2024-02-29",
            "2023-02-29",
            "0000-01-01",
            "1899-12-31",
            "2101-01-01",
            "2024-1-1",
            "2024-01-01 ",
            "２024-01-01",
        ]
    ),
)
instants = st.sampled_from(
    [
        "2026-11-23T10:00:00Z", "2026-11-23T10:00:00.123+07:00", "2026-11-23T24:00:00Z", "2026-11-23T10:60:00Z",
        "2026-11-23T10:00:60Z", "2026-11-23 10:00:00Z", "2026-11-23T10:00:00", "2026-02-30T10:00:00Z",
        "2026-11-23T10:00:00+25:00", "2026-11-23T10:00:00.1234567890Z", "2026-11-23T10:00:00z",
    ]
)  # fmt: skip
positions = st.lists(numbers, min_size=1, max_size=4)
good_positions = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(list)
rings = st.one_of(
    st.lists(positions, max_size=6),
    st.lists(good_positions, min_size=2, max_size=6),
    st.lists(good_positions, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]]),
)
geometries = st.one_of(
    st.builds(lambda ring: {"type": "Polygon", "coordinates": [ring]}, rings),
    st.builds(lambda at: {"type": "Point", "coordinates": at}, positions),
    st.builds(lambda at: {"type": "Point", "coordinates": at}, good_positions),
    st.sampled_from(
        [{"type": "LineString", "coordinates": []}, {"type": "Polygon"}, {"type": "Polygon", "coordinates": []}, {}]
    ),
)
codes = st.one_of(
    st.sampled_from([each["code"] for list_ in LISTS.values() for each in list_[:5]]),
    st.sampled_from(["a" * 60, "a" * 61, "-x", "từ mới", "new_code", "A.b:c+d-e"]),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(max_codepoint=0x2FFF), max_size=5), inner, max_size=4),
    ),
    max_leaves=12,
)
deep = st.integers(8, 16).map(lambda levels: json.loads("[" * levels + "]" * levels))
large = st.just("x" * 70_000)


def likely(field: Declared) -> st.SearchStrategy[Any]:
    """Values that come near to what a field holds."""
    inner = getattr(field, "fields", None)
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "text": st.one_of(texts, st.sampled_from(["0912 345 678", "+84912345678", "12ab", "f" * 64, "image/jpeg"])),
        "number": numbers,
        "integer": st.one_of(numbers, st.integers(0, 100), st.floats(0, 100)),
        "date": dates,
        "instant": instants,
        "choice": codes,
        "choices": st.lists(st.one_of(codes, texts), max_size=32),
        "reference": st.sampled_from([ID, ID.upper(), ID[:-1], ID + "0", ""]),
        "ids": st.lists(st.sampled_from([ID, "x"]), max_size=3),
        "flag": st.booleans(),
        "geometry": geometries,
    }
    if inner:
        item = st.fixed_dictionaries(
            {}, optional={name: st.one_of(likely(each), anything) for name, each in inner.items()}
        )
        return st.lists(item, max_size=3) if field.kind == "items" else item
    return by_kind[field.kind]


@st.composite
def sets(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    type_ = draw(st.sampled_from([*TYPES, "beehive"]))
    fields = TYPES[type_].all_fields if type_ in TYPES else dict(COMMON)
    names = draw(st.lists(st.sampled_from([*fields, "of_a_newer_app"]), min_size=1, max_size=5, unique=True))
    values = {}
    for name in names:
        near = likely(fields[name]) if name in fields else st.one_of(deep, large)
        values[name] = draw(st.one_of(near, near, near, anything))
    return type_, values


@settings(max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck))
@given(sets())
def test_the_phone_and_the_centre_find_the_same_faults(phone: Phone, made: tuple[str, dict[str, Any]]) -> None:
    type_, values = made
    # What travels is JSON: an integer that no double holds arrives at the phone as the nearest double.
    ours = sorted([fault.path, fault.code] for fault in validate_set(type_, values))
    assert sorted(phone.verdict(type_, values)) == ours


def test_a_good_record_of_each_type_is_good_on_both_sides(phone: Phone) -> None:
    ring = [[104.0, 21.0], [104.001, 21.0], [104.001, 21.001], [104.0, 21.0]]
    good: dict[str, dict[str, Any]] = {
        "farmer": {"name": "Lò Văn Pâng", "phone": "0912 345 678", "birth_year": 1980, "consent": True},
        "plot": {"farmer": ID, "boundary": {"type": "Polygon", "coordinates": [ring]}, "crops": [{"crop": "COFAR"}]},
        "harvest": {"plot": ID, "date": "2026-11-23", "quantity": 120.5, "unit": "kg", "crop": "COFAR"},
        "observation": {"plot": ID, "at": "2026-11-23T03:00:00Z", "found": "absent", "inspected": 30},
        "activity": {"plot": ID, "kind": "spray", "date": "2026-11-23", "phi_days": 7},
        "photo": {"of": ID, "sha256": "0" * 64, "size_bytes": 1000, "mime": "image/jpeg"},
        "task": {"of": ID, "what": "Xem lại", "due": "2026-12-01"},
    }
    assert set(good) == set(TYPES)
    for type_, values in good.items():
        assert validate_set(type_, values) == []
        assert phone.verdict(type_, values) == []
