"""A morning on which 300 phones read 5,000 records each at once, while officers go on sending their day's work: into
the area that is being read, and into another, in turn."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import quantiles

from benchmarks.centre import Centre
from benchmarks.postgres import database, postgres
from benchmarks.table import Row
from benchmarks.thin import Thin, ready
from benchmarks.wire import fill
from benchmarks.workload import Workload, as_change

PHONES = 300
DAY = 75
EVERY = 0.5  # seconds between two pushes, whether or not the one before was answered


def rows(work: Path) -> list[Row]:
    """The figures of the storm, on each database. *work*: an empty folder."""
    found = _storm("SQLite", work / "sqlite", "")
    with postgres() as server, database(server, "storm") as address:
        found += _storm("PostgreSQL", work / "postgres", address)
    return found


def _storm(where: str, home: Path, address: str) -> list[Row]:
    with Centre(home, 2, 2, address) as centre:
        fill(centre.client(0), centre.area, Workload())
        given = home / "tokens.json"
        given.write_text(json.dumps({"area": centre.area, "tokens": centre.phones(PHONES)}))
        calm = asyncio.run(_pushes(centre, 5, seed=101))
        # The crowd is a process of its own: what it takes must not hold up the watch on the pushes.
        command = [sys.executable, "-m", "benchmarks.storm", str(centre.port), str(given)]
        start = time.perf_counter()
        crowd = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        times = asyncio.run(_pushes(centre, 150, seed=102, until=crowd))
        said = json.loads(crowd.communicate()[0])
        seconds = time.perf_counter() - start
    cuts = quantiles(times, n=100)
    return [
        Row(f"{where}: a push in the storm, 99th percentile", cuts[98], "s", 2),
        Row(f"{where}: the same, median", cuts[49], "s", None, quantiles(calm, n=2)[0], "itself in calm"),
        Row(f"{where}: until all {PHONES} have read all", seconds, "s"),
        Row(f"{where}: of their requests, told to come again", said["turned_away"] / said["requests"] * 100, "%"),
    ]


async def _pushes(centre: Centre, most_s: float, seed: int, until: subprocess.Popen[str] | None = None) -> list[float]:
    """Seconds that each push of a day's work took, begun at a steady pace: one that waits holds up no other."""
    workload = Workload(DAY * round(most_s / EVERY), seed=seed)
    days = []
    for number in range(len(workload.base) // DAY):
        entries = workload.base[number * DAY : (number + 1) * DAY]
        days.append((number % 2, ready([as_change(each, centre.areas[number % 2]) for each in entries])))
    tokens = [centre.phones(len(days), officer) for officer in (0, 1)]
    times: list[float] = []

    async def bring(number: int, where: int, day: bytes) -> None:
        phone = Thin(centre.port, tokens[where][number], centre.areas[where])
        start = time.perf_counter()
        answer = await phone.push(day, limit=1)
        times.append(time.perf_counter() - start)
        phone.close()
        if answer.accepted != DAY:
            raise RuntimeError(f"{answer} to a day's work")

    begin = time.perf_counter()
    under_way = []
    for number, (where, day) in enumerate(days):
        if time.perf_counter() - begin > most_s or (until and until.poll() is not None):
            break
        under_way.append(asyncio.create_task(bring(number, where, day)))
        await asyncio.sleep(max(0, begin + (number + 1) * EVERY - time.perf_counter()))
    await asyncio.gather(*under_way)
    return times


async def _crowd(port: int, area: str, tokens: list[str]) -> dict[str, int]:
    phones = [Thin(port, token, area) for token in tokens]
    requests = sum(await asyncio.gather(*(phone.first_sync() for phone in phones)))
    return {"requests": requests, "turned_away": sum(phone.turned_away for phone in phones)}


if __name__ == "__main__":
    words = argparse.ArgumentParser(description="The crowd of the storm.")
    words.add_argument("port", type=int)
    words.add_argument("given", type=Path)
    asked = words.parse_args()
    told = json.loads(asked.given.read_text())
    print(json.dumps(asyncio.run(_crowd(asked.port, told["area"], told["tokens"]))))
