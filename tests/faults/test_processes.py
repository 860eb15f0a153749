"""Runs with real processes, killed with -9 while phones push: one on each database. `bin/soak` plays more."""

from __future__ import annotations

import random

from tests.faults.stage import Stage
from tests.faults.test_simulator import on_each_database


@on_each_database
def test_every_guarantee_holds_when_real_servers_are_killed(stage: Stage, database: str) -> None:
    happened = stage.play_processes(random.SystemRandom().randrange(10**6, 10**9), database)
    # A run in which nothing broke has shown nothing.
    assert sum(count for what, count in happened.items() if "-9" in what or "back" in what) >= 3
    assert happened["changes saved"] > 50
