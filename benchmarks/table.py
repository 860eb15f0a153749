"""The table that the bench prints: what, ours, the peer's, the ratio of the two, the aim and whether it is reached."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `aim`: ours is to be below it (above it, where `more_is_better`); `peer`: who, and `theirs`."""

    what: str
    ours: float
    unit: str
    aim: float | None = None
    theirs: float | None = None
    peer: str = ""
    more_is_better: bool = False

    @property
    def reached(self) -> bool | None:
        if self.aim is None:
            return None
        return self.ours >= self.aim if self.more_is_better else self.ours <= self.aim

    @property
    def ratio(self) -> str:
        """How many times better we are than the peer."""
        if not self.theirs or not self.ours:
            return ""
        times = self.ours / self.theirs if self.more_is_better else self.theirs / self.ours
        return f"{times:.1f} x"


def show(rows: list[Row], tell: Callable[[str], None] = print) -> None:
    """Print *rows* as a Markdown table."""
    lines = [("", "ours", "aim", "", "peer's", "better by", "peer")]
    for row in rows:
        sign = ">=" if row.more_is_better else "<="
        lines.append(
            (
                row.what,
                f"{_number(row.ours)} {row.unit}",
                "" if row.aim is None else f"{sign} {_number(row.aim)}",
                {None: "", True: "reached", False: "NOT YET"}[row.reached],
                "" if row.theirs is None else _number(row.theirs),
                row.ratio,
                row.peer,
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for number, line in enumerate(lines):
        tell("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if number == 0:
            tell("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def keep(rows: list[Row], path: Path) -> None:
    """Write *rows* as JSON to *path*."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1))


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
