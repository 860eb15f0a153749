"""Puts measured figures into docs/benchmarks.md: each part stands between marks of its own and is replaced alone."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.table import Row, show

PAGE = Path(__file__).parent.parent / "docs/benchmarks.md"


def put(part: str, title: str, machine: str, rows: list[Row]) -> None:
    """Put the figures of *part* in the place of its last ones, or at the end of the page."""
    lines: list[str] = [f"<!-- {part} -->", f"## {title}", "", f"{machine}; `bash bin/bench {part}`.", ""]
    show(rows, lines.append)
    lines.append(f"<!-- /{part} -->")
    new = "\n".join(lines)
    text = PAGE.read_text()
    old = re.compile(f"<!-- {part} -->.*?<!-- /{part} -->", re.DOTALL)
    text = old.sub(lambda _: new, text) if old.search(text) else f"{text.rstrip()}\n\n{new}\n"
    PAGE.write_text(text)
