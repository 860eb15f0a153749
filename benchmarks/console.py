"""How long the console's pages take over 200,000 records, 20,000 of them plots, and how many questions each asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event, select

from benchmarks.postgres import database, postgres
from benchmarks.table import Row
from benchmarks.workload import Workload, as_change
from server.app import create_app
from server.config import load
from server.store import glance, log, migrate, people
from server.store.engine import writing
from server.store.glance.tables import Glance
from server.store.tables import db
from sync.change import Envelope

RECORDS = 200_000  # filling and following them takes some minutes on each database
_BATCH = 1000
_TIMES = 5
_AIM_MS = 500.0
_AIM_TILE_MS = 300.0


def rows(work: Path) -> list[Row]:
    """The figures of the console. *work*: an empty folder."""
    found = _measured("SQLite", work / "sqlite", "")
    with postgres() as server, database(server, "console") as address:
        found += _measured("PostgreSQL", work / "postgres", address)
    return found


def _measured(kind: str, home: Path, address: str) -> list[Row]:
    app = create_app(load({"NUONG_HOME": str(home), "NUONG_DATABASE_URL": address}))
    with app.app_context():
        area, manager = _filled()
        start = time.perf_counter()
        glance.follow([area], most=10**9)
        rate = RECORDS / (time.perf_counter() - start)
        plot = _some_plot()
        db.session.remove()
    found = [Row(f"{kind}: seen at a glance", rate, "/s", None, None, "", True)]
    client = app.test_client()
    with client.session_transaction() as session:
        session["user"] = manager
    for what, page in _pages(plot):
        milliseconds, questions = _asked(app, client, page)
        aim = _AIM_TILE_MS if "tiles" in page else _AIM_MS
        found.append(Row(f"{kind}: {what} ({questions} questions)", milliseconds, "ms", aim))
    with app.app_context():
        db.engine.dispose()
    return found


def _pages(plot: str) -> Iterator[tuple[str, str]]:
    yield "plots", "/console/"
    yield "plots, found by a word", "/console/?text=huoi+pa"
    yield "plots of a crop and season, by yield", "/console/?crop=COFAR&season=2025-26&sort=-yield"
    yield "plots, a page in the middle", f"/console/?after={plot}"
    yield "a tile of all plots", "/console/tiles/8/201/112.json"
    yield "a tile from near", "/console/tiles/14/12923/7226.json"
    yield "one plot", f"/console/plot/{plot}"
    yield "review", "/console/review?type=harvest"
    yield "review, found by a word", "/console/review?type=harvest&text=mua+to"
    yield "what needs a person", "/console/attention"
    yield "checks, counted before", "/console/checks"
    for rule in ("overlap", "yield", "not_free", "twice"):
        yield f"check {rule}", f"/console/checks/{rule}"


def _filled() -> tuple[str, str]:
    """An area with the workload in it, and its manager."""
    migrate.upgrade(db.engine)
    area = people.add_area("HTX Chiềng Mung")
    officer = people.add_user("o0", "mua-rao-2026", people.OFFICER, [area])
    manager = people.add_user("m0", "mua-rao-2026", people.MANAGER, [area])
    sender = people.sender_without_device(officer)
    assert sender
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelope = Envelope(author=officer, device="bench", received_at=now)
    entries = iter(Workload(RECORDS).base)
    while batch := [as_change(entry, area) for entry in islice(entries, _BATCH)]:
        writing(lambda connection, batch=batch: log.accept(connection, sender, batch, envelope))  # type: ignore[misc]
    return area, manager


def _some_plot() -> str:
    with db.engine.connect() as connection:
        asked = select(Glance.id).where(Glance.type == "plot").order_by(Glance.name_key).offset(RECORDS // 20)
        return str(connection.scalar(asked.limit(1)))


def _asked(app: Any, client: Any, page: str) -> tuple[float, int]:
    """The median milliseconds of a page that was opened before, and its questions to the database."""
    with app.app_context():
        engine = db.engine
    taken = []
    for _ in range(_TIMES + 1):
        with _counting(engine) as asked:
            start = time.perf_counter()
            answer = client.get(page)
            taken.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{page}: {answer.status}")
    return median(taken[1:]), len(asked)


@contextmanager
def _counting(engine: Any) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_other: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)
