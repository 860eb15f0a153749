"""Plays runs of the simulator for as long as asked, says what happened in them, and stops at the first that fails.

python -m tests.faults [MINUTES] [--seed N] [--database sqlite|postgres] [--processes]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.faults.postgres import Postgres, own_home
from tests.faults.promises import Broken
from tests.faults.stage import DATABASES, Stage


def main() -> int:
    words = _words()
    databases = [words.database] if words.database else list(DATABASES)
    happened: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="nuong-soak-") as place:
        stage = Stage(Path(place), lambda: Postgres(own_home("soak-postgres")))
        try:
            runs = _play(words, databases, stage, happened)
        except Broken as broken:
            print("FAILED\n", broken, *getattr(broken, "__notes__", ()), sep="\n")
            return 1
        finally:
            stage.close()
        print(f"\n{runs} runs, and every guarantee held. What happened in them:")
        for what, count in sorted(happened.items(), key=lambda each: (-each[1], each[0])):
            print(f"  {count:7}  {what}")
    return 0


def _play(words: argparse.Namespace, databases: list[str], stage: Stage, happened: Counter[str]) -> int:
    first = words.seed if words.seed is not None else random.SystemRandom().randrange(10**6, 10**9)
    until = time.monotonic() + words.minutes * 60
    runs = 0
    while True:
        for database in databases:
            for kind, play in _kinds(words, stage):
                start = time.monotonic()
                print(f"seed {first + runs // len(databases)}  {database:8}  {kind}  ", end="", flush=True)
                counts = play(first + runs // len(databases), database)
                happened.update(counts)
                print(f"{time.monotonic() - start:5.1f} s  {counts['changes saved']:4} changes", flush=True)
            runs += 1
        if words.seed is not None or time.monotonic() > until:
            return runs


def _kinds(words: argparse.Namespace, stage: Stage) -> list[tuple[str, Callable[[int, str], Counter[str]]]]:
    def on_the_wire(seed: int, database: str) -> Counter[str]:
        # One run in three is of phones that their own backups put back.
        world = stage.play(seed, database, backed_up=words.backed_up or (words.seed is None and seed % 3 == 0))
        return Counter({"changes saved": len(world.saved)}) + world.network.faults + world.done

    wire = ("in one process", on_the_wire)
    real = ("real processes", stage.play_processes)
    return [real] if words.processes else [wire] if words.seed is not None else [wire, real]


def _words() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="bin/soak", description="The simulator, for as long as asked.")
    words.add_argument("minutes", nargs="?", type=float, default=10, help="how long (10)")
    words.add_argument("--seed", type=int, help="only the run of this seed")
    words.add_argument("--database", choices=DATABASES, help="only on this database")
    words.add_argument("--backed-up", action="store_true", help="phones are put back by backups of their own")
    words.add_argument("--processes", action="store_true", help="only the runs with real processes")
    return words.parse_args()


if __name__ == "__main__":
    sys.exit(main())
