"""The phone packs what the centre unpacks, and the other way round."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync import packing
from tests.pwa.bundled import bundle

MESSAGES = [
    "",
    "{}",
    json.dumps({"id": "01a20ad5-764e-7150-b28a-b092bd0ba70b", "note": "Mưa to, quả rụng"}, ensure_ascii=False),
    json.dumps([f"{n:08x}-0000-7000-8000-{n * 977:012x}" for n in range(3000)]),
    json.dumps({"quoted": 'so "01a20ad5-764e-7150-b28a-b092bd0ba70b" he said', "lone": "\ud800 😀"}),
    "x" * 100_000,
]


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Any]]:
    module = bundle(Path(__file__).parent / "packer.ts", tmp_path_factory.mktemp("packer") / "packer.mjs")
    process = subprocess.Popen(["node", str(module)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout

    def ask(what: str, text: str) -> Any:
        print(json.dumps([what, text]), file=process.stdin, flush=True)
        assert process.stdout
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    process.wait(10)


@pytest.mark.parametrize("message", MESSAGES)
def test_the_centre_unpacks_what_the_phone_packed(phone: Callable[[str, str], Any], message: str) -> None:
    packed = base64.b64decode(phone("pack", message))
    assert packing.unpack(packed, 1_000_000).decode() == message


@pytest.mark.parametrize("message", MESSAGES)
def test_the_phone_unpacks_what_the_centre_packed(phone: Callable[[str, str], Any], message: str) -> None:
    packed = packing.pack(message.encode()) or b""
    assert phone("unpack", base64.b64encode(packed).decode()) == message


def test_the_phone_unpacks_a_page_whose_head_was_packed_apart(phone: Callable[[str, str], Any]) -> None:
    page, head = MESSAGES[3], MESSAGES[2]
    packed = (packing.pack_first(page.encode()) or b"") + (packing.pack_rest(head.encode()) or b"")
    assert phone("unpack", base64.b64encode(packed).decode()) == page + head


def test_neither_packs_what_looks_like_a_shortened_id(phone: Callable[[str, str], Any]) -> None:
    message = '{"note":"~AAAAAAAAAAAAAAAAAAAAAA"}'
    assert phone("pack", message) is None
    assert packing.pack(message.encode()) is None
