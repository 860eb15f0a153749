"""How field apps lose people's work, row by row, and which tests hold each row here.

A test says which rows it holds: `@pytest.mark.loss(12, 21)` in Python, a line `// loss 12, 21` right above it in Node.
`python -m tests.loss` writes the table of docs/testing.md anew. Must never run a test: it only reads their sources.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "testing.md"

ROWS = {
    1: "The browser threw the app's storage away, and nobody noticed",
    2: "An update of the app dropped what was unsent",
    3: "A change of rights purged unsent work",
    4: "The centre dropped a record without an error",
    5: "A sync overwrote the other side's edit",
    6: "A refused record stayed in the queue for ever, and others behind it",
    7: "Clearing the browser's data destroyed the queue",
    8: "An interrupted first sync was taken for a complete one",
    9: "First syncs of many blocked everybody else",
    10: "Ten thousand records made the phone and the centre slow",
    11: "A reader's cursor passed a row that was committed later",
    12: "The answer to a batch was lost, and the retry made doubles",
    13: "Two tabs, or a tab and the worker, sent the queue at once",
    14: "A clock that was years off kept the wrong value for ever",
    15: "A login page answered 200, and the app thought that it had sent",
    16: "Power lost, or the disk full, in mid-write",
    17: "The centre was restored from a backup, and phones never sent again what it had lost",
    18: "One deleted while another edited, and the edit vanished",
    19: "A photo's upload died at 90 % on each try, and the record waited with it",
    20: "Sign-out hung while a sync was stuck, or wiped",
    21: "After a lost reply the phone painted its old value over a newer one",
    22: "A delete was undone by a value in conflict that nobody saw",
    23: "The phone killed the app while the camera was open, and the form was gone",
    24: "A boundary walked with the screen locked lacked most of its points",
    25: "A record moved to another area, and the old phone's edits went nowhere",
    26: "Local files were cleared after a failed sync, and the empty state was pushed",
    27: "A race made two submissions with one id",
    28: "Sync was dead after a restart offline, without a message",
    29: "Signing out deleted what was unsent",
    30: "Two people made the same edit and were asked to settle a conflict",
    31: "A second person on the same phone saw the first one's form and records",
    32: "“Sync now” said success after a time-out",
    33: "A half-filled form could not be opened after an update",
    34: "A boundary that crossed itself was refused while walking, or found only in the office",
    35: "Software repaired a boundary silently, and the proof was gone",
}

_BEGIN, _END = "<!-- loss: begin -->", "<!-- loss: end -->"
_IN_NODE = re.compile(r'^// loss ([\d, ]+)\ntest\("(.+?)", ', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Holder:
    """A test and the rows that it holds; `file` is relative to tests/."""

    file: str
    sentence: str
    rows: tuple[int, ...]


def holders() -> list[Holder]:
    """Every test that says which rows it holds, in the order of files and lines."""
    found: list[Holder] = []
    for file in sorted(HERE.rglob("test_*.py")):
        found += _in_python(file)
    for file in sorted(HERE.rglob("*.test.ts")):
        found += [
            Holder(_named(file), sentence, numbers(rows)) for rows, sentence in _IN_NODE.findall(file.read_text())
        ]
    return found


def in_node(source: str) -> dict[str, tuple[int, ...]]:
    """The rows of each test of a Node file that names any."""
    return {sentence: numbers(rows) for rows, sentence in _IN_NODE.findall(source)}


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(","))


def table() -> str:
    """The rows and their tests, as docs/testing.md shows them."""
    held = holders()
    lines = ["| # | how it happened elsewhere | held here by |", "|---|---|---|"]
    for number, row in ROWS.items():
        tests = [f"`{each.file}` {each.sentence}" for each in held if number in each.rows]
        lines.append(f"| {number} | {row} | {'<br>'.join(tests)} |")
    return "\n".join(lines)


def page(text: str) -> str:
    """docs/testing.md with its table made anew."""
    before, rest = text.split(_BEGIN)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{rest.split(_END)[1]}"


def _in_python(file: Path) -> Iterator[Holder]:
    for each in ast.parse(file.read_text()).body:
        if isinstance(each, ast.FunctionDef) and (rows := tuple(_rows(each))):
            yield Holder(_named(file), each.name.removeprefix("test_").replace("_", " "), rows)


def _rows(function: ast.FunctionDef) -> Iterator[int]:
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.loss":
            yield from (ast.literal_eval(each) for each in mark.args)


def _named(file: Path) -> str:
    return file.relative_to(HERE).as_posix()


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
