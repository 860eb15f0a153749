"""Packed messages: smaller, the same to the byte when unpacked, bounded, and frozen once released."""

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import packing

# What is released is fixed for ever: phones that were last updated years ago pack with it.
RELEASED = {1: "7c7ebbc44ad1b0ebc8cc1d6e7d30a651a667e158a17c4b16d85af3f100c7fc91"}


def test_a_released_dictionary_never_changes() -> None:
    found = {number: hashlib.sha256(packing.dictionary(number)).hexdigest() for number in RELEASED}
    assert found == RELEASED


def test_the_newest_dictionary_is_released() -> None:
    assert max(RELEASED) == packing.NEWEST
    assert packing.dictionary(packing.NEWEST + 1) == b""


@given(st.binary(max_size=400))
def test_what_was_packed_comes_out_the_same(body: bytes) -> None:
    packed = packing.pack(body)
    assert packed is None or packing.unpack(packed, 1000) == body


@given(st.lists(st.one_of(st.uuids().map(str), st.text(alphabet='"~\\-abc019_', max_size=30)), max_size=8))
def test_ids_and_what_looks_like_ids_come_out_the_same(parts: list[str]) -> None:
    body = '"'.join(["", *parts, ""]).encode()
    packed = packing.pack(body)
    assert packed is None or packing.unpack(packed, 10_000) == body


@given(st.lists(st.uuids().map(str), max_size=40), st.lists(st.uuids().map(str), max_size=4))
def test_two_parts_that_were_packed_apart_come_out_as_one(first: list[str], rest: list[str]) -> None:
    page, head = repr(first).replace("'", '"').encode(), repr(rest).replace("'", '"').encode()
    packed = (packing.pack_first(page) or b"") + (packing.pack_rest(head) or b"")
    assert packing.unpack(packed, 10_000) == page + head


def test_what_looks_like_a_shortened_id_is_not_packed() -> None:
    assert packing.pack(b'{"note":"~AAAAAAAAAAAAAAAAAAAAAA"}') is None


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(b" " * 50_000_000) + bomb.flush()
    with pytest.raises(packing.TooLarge):
        packing.unpack(packed, 1_000_000)


@pytest.mark.parametrize("broken", [b"", b"no", b"\xff" * 40, (packing.pack(b"x" * 99) or b"")[:-1]])
def test_what_is_cut_off_is_refused(broken: bytes) -> None:
    with pytest.raises(packing.NotPacked):
        packing.unpack(broken, 1000)


def test_something_after_the_end_is_refused() -> None:
    with pytest.raises(packing.NotPacked):
        packing.unpack((packing.pack(b"{}") or b"") + b"more", 1000)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("application/x.nuong;d=1", 1),
        ("Application/x.nuong; d=1", 1),
        ("application/json, application/x.nuong;d=1;q=0.9", 1),
        ("application/x.nuong;d=99", None),
        ("application/x.nuong", None),
        ("application/json", None),
        ("*/*", None),
        (None, None),
    ],
)
def test_only_a_dictionary_that_we_have_is_spoken(text: str | None, number: int | None) -> None:
    assert packing.number_in(text) == number
