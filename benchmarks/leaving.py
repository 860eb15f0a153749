"""Files that leave the console with everything in them: rows a second, and how far the memory of the process that answers
rises: it must not grow with the file.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from benchmarks.centre import Served, peak_of, served
from benchmarks.table import Row

# What a stream of some hundred rows takes at its worst, in MB: whatever the file's size.
_AIM_MB = 64.0
_AIM_RATE = 1000.0
_FILES = ("harvest.csv", "harvest.xlsx", "plot.csv", "plot.xlsx", "plot.geojson", "observation.geojson")


def rows(kind: str, settings: Mapping[str, str], counts: Mapping[str, int]) -> list[Row]:
    """The figures of the centre with *settings*, which has so many records of each type."""
    found = []
    with served(settings) as centre, peak_of(centre.worker) as risen:
        for file in _FILES:
            count = counts[file.partition(".")[0]]
            seconds, size = _taken(centre, file)
            what = f"{kind}: {file}, {count:,} rows, {size / 1e6:.0f} MB"
            found.append(Row(what, count / seconds, "/s", _AIM_RATE, None, "", True))
    return [*found, Row(f"{kind}: memory that they take at most", risen[0], "MB", _AIM_MB)]


def _taken(centre: Served, file: str) -> tuple[float, int]:
    """Seconds and bytes."""
    session = centre.signed_in("m0")
    start, size = time.perf_counter(), 0
    with session.get(f"{centre.address}/console/out/{file}", stream=True, timeout=600) as answer:
        answer.raise_for_status()
        for piece in answer.iter_content(65536):
            size += len(piece)
    return time.perf_counter() - start, size
