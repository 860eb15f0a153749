"""What the phone's store and sync promise: each `*.test.ts` runs in Node once, and each of its tests is a test here."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import loss
from tests.pwa.bundled import bundle

FILES = sorted(Path(__file__).parent.glob("*.test.ts"))
_TEST = re.compile(r'^test\("(.+?)", ', re.MULTILINE)
_RESULT = re.compile(r"^(not ok|ok) \d+ - (.+?)(?: # .*)?$")


@dataclass(frozen=True)
class Run:
    """What Node said of one file, in TAP: of each test the word (`ok`, `not ok`) and what followed it."""

    results: dict[str, tuple[str, str]]
    output: str


def named(file: Path) -> list[str]:
    return _TEST.findall(file.read_text())


def held_by(file: Path, name: str) -> list[pytest.MarkDecorator]:
    rows = loss.in_node(file.read_text()).get(name)
    return [pytest.mark.loss(*rows)] if rows else []


TESTS = [
    pytest.param(file, name, id=f"{file.name}: {name}", marks=held_by(file, name))
    for file in FILES
    for name in named(file)
]


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Run]:
    runs: dict[Path, Run] = {}

    def run_once(file: Path) -> Run:
        if file not in runs:
            module = bundle(file, tmp_path_factory.mktemp("phone") / f"{file.stem}.mjs")
            command = ["node", "--enable-source-maps", "--test-reporter=tap", str(module)]
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
            runs[file] = Run(read(done.stdout), done.stdout + done.stderr)
        return runs[file]

    return run_once


def read(tap: str) -> dict[str, tuple[str, str]]:
    results: dict[str, tuple[str, str]] = {}
    name = ""
    for line in tap.splitlines():
        if found := _RESULT.match(line):
            name = found[2]
            results[name] = (found[1], "")
        elif name and line.startswith("  "):
            word, said = results[name]
            results[name] = (word, f"{said}{line}\n")
    return results


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_phone(run_of: Callable[[Path], Run], file: Path, name: str) -> None:
    run = run_of(file)
    word, said = run.results.get(name, ("not run", run.output))
    assert word == "ok", f"{word}: {name}\n{said}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_test_of_a_file_is_one_here(run_of: Callable[[Path], Run], file: Path) -> None:
    run = run_of(file)
    assert list(run.results) == named(file), run.output
