"""The stage on which the simulator's runs are played under pytest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.postgres import Postgres, own_home
from tests.faults.stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Its PostgreSQL is one of its own: it is killed in some runs, and other tests have theirs."""
    stage = Stage(tmp_path_factory.mktemp("faults"), lambda: Postgres(own_home("faults-postgres")))
    yield stage
    stage.close()
