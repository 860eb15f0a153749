"""Every problem that the code can answer with: its stable code, its status, what it says. Read from the sources.

`python -m tests.problems` writes the table of docs/problems.md anew. Must never run what it reads.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "problems.md"
_BEGIN, _END = "<!-- problems: begin -->", "<!-- problems: end -->"
# Where a code is no word beside `Problem`: the functions that it is handed to, and the tables that it is looked up in.
_HANDED_TO = {("server/store/people.py", "code"): "_signed_out"}
_LOOKED_UP = {("server/security.py", "code"): ("_CODES", "_SENTENCES")}

# What another server answered is passed on as it was: any status.
_PASSED_ON = "answer.status"
ANY = 0

Said = tuple[str, int, str]


def raised() -> list[Said]:
    """(code, status or `ANY`, sentence) of every `Problem(...)` in the sources; one that cannot be read there fails."""
    found: list[Said] = []
    for file in sorted([*(ROOT / "server").rglob("*.py"), *(ROOT / "sync").rglob("*.py")]):
        tree = ast.parse(file.read_text())
        for call in _calls(tree, "Problem"):
            found += _read(file.relative_to(ROOT).as_posix(), tree, call)
    return found


def table() -> str:
    """The problems by code, as docs/problems.md shows them."""
    statuses: defaultdict[str, set[int]] = defaultdict(set)
    sentences: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for code, status, text in raised():
        statuses[code].add(status)
        sentences[code][text] = None
    lines = ["| code | status | what it says |", "|---|---|---|"]
    for code in sorted(statuses):
        numbers = ", ".join(str(each or "any") for each in sorted(statuses[code]))
        lines.append(f"| `{code}` | {numbers} | {'<br>'.join(sentences[code])} |")
    return "\n".join(lines)


def page(text: str) -> str:
    """docs/problems.md with its table made anew."""
    before, rest = text.split(_BEGIN)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{rest.split(_END)[1]}"


def _read(file: str, tree: ast.Module, call: ast.Call) -> list[Said]:
    code, status, message = call.args[:3]
    where = (file, ast.unparse(code))
    if where in _LOOKED_UP:
        codes, texts = (_dictionary(tree, name) for name in _LOOKED_UP[where])
        return [(codes[each], each, texts[each]) for each in codes]
    if isinstance(message, ast.Subscript):
        return [(_word(code), _number(status), _dictionary(tree, ast.unparse(message.value))[_number(status)])]
    if where in _HANDED_TO:
        handed = [_word(each.args[0]) for each in _calls(tree, _HANDED_TO[where])]
        return [(each, _number(status), _sentence(message)) for each in handed]
    return [(_word(code), _number(status), _sentence(message))]


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node


def _dictionary(tree: ast.Module, name: str) -> dict[int, str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name and isinstance(node.value, ast.Dict):
            pairs = zip(node.value.keys, node.value.values, strict=True)
            return {_number(key): _sentence(value) for key, value in pairs if key is not None}
    raise AssertionError(f"no table {name}")


def _sentence(node: ast.expr) -> str:
    return _word(node.args[0] if isinstance(node, ast.Call) else node)


def _word(node: ast.expr) -> str:
    value = ast.literal_eval(node)
    assert isinstance(value, str), f"line {node.lineno}: a code is written where it is raised"
    return value


def _number(node: ast.expr) -> int:
    if ast.unparse(node) == _PASSED_ON:
        return ANY
    value = ast.literal_eval(node)
    assert isinstance(value, int)
    return value


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
