"""Prints the table of figures: `python -m benchmarks [part …]`; without a part, all of them."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import bringing, console, installation, page, phone, push, slow, storm, wire
from benchmarks.table import Row, keep, show

ROOT = Path(__file__).parent.parent
PARTS: dict[str, tuple[str, Callable[[Path], list[Row]]]] = {
    "wire": ("Bytes on the TCP connection, both ways, headers included", wire.rows),
    "link": ("The officer's link: the richer day's work, about 510 bytes of JSON a record", slow.rows),
    "push": ("Changes a second into the centre, in batches of 60 over HTTP", push.rows),
    "storm": (
        "300 first syncs of 5,000 records at once, while officers send a day's work each half second",
        storm.rows,
    ),
    "console": ("The console's pages over 200,000 records, 20,000 of them plots: the median of five", console.rows),
    "bringing": ("Bringing in 50,000 rows and 20,000 boundaries, in one worker", bringing.rows),
    "phone": ("The officer's phone with 10,000 records, in Chromium, without a centre", phone.rows),
    "installation": ("Starting and serving", installation.rows),
}


def main() -> None:
    """Measure what was asked for."""
    words = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    words.add_argument("part", nargs="*", metavar="part", help=f"one of: {', '.join(PARTS)}")
    words.add_argument("--write", action="store_true", help="put the figures of these parts into docs/benchmarks.md")
    asked = words.parse_args()
    parts = asked.part or list(PARTS)
    if strange := set(parts) - set(PARTS):
        words.error(f"no such part: {', '.join(sorted(strange))}")
    machine = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    print(machine)
    print("Figures move from machine to machine; the ratios are of one run.")
    measured: list[Row] = []
    for part in parts:
        title, rows = PARTS[part]
        print(f"\n## {title}\n", flush=True)
        with tempfile.TemporaryDirectory() as work:
            found = rows(Path(work))
        show(found)
        if asked.write:
            page.put(part, title, machine, found)
        measured += found
        sys.stdout.flush()
    keep(measured, ROOT / ".tmp/bench.json")
    missed = [row.what for row in measured if row.reached is False]
    print(f"\nNot reached: {', '.join(missed)}" if missed else "\nEvery aim is reached.")


if __name__ == "__main__":
    main()
