"""How long the console's pages take over 200,000 records, 20,000 of them plots, and how many questions each asks; the files
that leave there; and the map in a browser.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event, select

from benchmarks import leaving, moved
from benchmarks.postgres import database, postgres
from benchmarks.season import MIDDLE, RECORDS, Season, fill
from benchmarks.table import Row
from server.app import create_app
from server.config import load
from server.console.following import AT_ONCE
from server.store import doubts, filters, glance, people
from server.store.glance.tables import Glance
from server.store.tables import Record, db

_TIMES = 5
_AIM_MS = 500.0
_AIM_TILE_MS = 300.0
MOST_QUESTIONS = 25


def rows(work: Path) -> list[Row]:
    """The figures of the console. *work*: an empty folder."""
    found = _of_a_centre("SQLite", work / "sqlite", "")
    with postgres() as server, database(server, "console") as address:
        found += _of_a_centre("PostgreSQL", work / "postgres", address)
    return found


def _of_a_centre(kind: str, home: Path, address: str) -> list[Row]:
    settings = {"NUONG_HOME": str(home), "NUONG_DATABASE_URL": address}
    app = create_app(load(settings))
    with app.app_context():
        area, manager, season = fill()
    found = _first_page(kind, app, area, manager)
    found += pages(kind, app, manager, season)
    with app.app_context():
        counts = {type_: filters.count(type_, filters.Filter((area,))) for type_ in ("plot", "harvest", "observation")}
    found += leaving.rows(kind, settings, counts)
    if kind == "SQLite":
        found += moved.rows(settings)
    with app.app_context():
        db.engine.dispose()
    return found


def _first_page(kind: str, app: Any, area: str, manager: str) -> list[Row]:
    """The page that a manager opens after a season has come in at once, and how long all of it is looked at then."""
    client = signed_in(app, manager)
    with app.app_context():
        start = time.perf_counter()
        client.get("/console/")
        first = (time.perf_counter() - start) * 1000
        while glance.behind([area]) > AT_ONCE:
            time.sleep(0.2)
        seconds = time.perf_counter() - start
    return [
        Row(f"{kind}: the first page after 200,000 came in", first, "ms", _AIM_MS),
        Row(f"{kind}: seen at a glance, beside the pages", RECORDS / seconds, "/s", None, None, "", True),
    ]


def pages(kind: str, app: Any, manager: str, season: Season) -> list[Row]:
    """Each page's median time and questions; of the filters that were put together, the slowest."""
    client = signed_in(app, manager)
    found = []
    for what, page in _pages(app, season):
        milliseconds, questions = asked(app, client, page)
        aim = _AIM_TILE_MS if "tiles" in page else _AIM_MS
        found.append(Row(f"{kind}: {what} ({questions} questions)", milliseconds, "ms", aim))
    sorted_by = {
        f"{down}{key}": asked(app, client, f"/console/?text=huoi+pa&crop=COFAR&season=2025-26&sort={down}{key}")
        for key in filters.SORTS
        for down in ("", "-")
    }
    by, (milliseconds, questions) = max(sorted_by.items(), key=lambda each: each[1][0])
    what = f"{kind}: word, crop and season, sorted by each: the slowest, {by} ({questions} questions)"
    return [*found, Row(what, milliseconds, "ms", _AIM_MS)]


def _pages(app: Any, season: Season) -> Iterator[tuple[str, str]]:
    with app.app_context():
        plot, disputed = _some_plot(), _some_dispute()
    farmer = next(each.record for each in season.base if each.type == "farmer")
    yield "plots", "/console/"
    yield "plots, found by a word", "/console/?text=huoi+pa"
    yield "plots, found by a household's name", "/console/?text=lo+van+pang"
    yield "plots of a crop and season, by yield", "/console/?crop=COFAR&season=2025-26&sort=-yield"
    yield "plots visited in a month, with a pest", "/console/?since=2026-03-01&until=2026-03-31&pest=any"
    yield "plots, a page in the middle", f"/console/?after={plot}"
    yield "plots, a page in the middle, by household", f"/console/?after={plot}&sort=-farmer"
    yield "a tile of all plots", f"/console/tiles/{tile(9)}.json"
    yield "a tile from near", f"/console/tiles/{tile(14)}.json"
    yield "a tile from near, of a crop and season", f"/console/tiles/{tile(14)}.json?crop=COFAR&season=2025-26"
    yield "one plot", f"/console/plot/{plot}"
    yield "a plot's history of 60 changes", f"/console/record/{season.much_corrected.record}/history"
    yield "a household", f"/console/farmer/{farmer}"
    yield "review", "/console/review?type=harvest"
    yield "review, found by a word", "/console/review?type=harvest&text=mua+to"
    yield "review of one officer's observations", f"/console/review?type=observation&officer={_officer(app)}"
    yield "what needs a person", "/console/attention"
    yield "a conflict", f"/console/conflict/{disputed}"
    yield "what was refused", "/console/refused"
    yield "deleted records", "/console/deleted"
    yield "checks, counted before", "/console/checks"
    for rule in doubts.RULES:
        yield f"check {rule}", f"/console/checks/{rule}"
    yield "tasks", "/console/tasks"
    yield "a task for all plots of a crop", "/console/tasks/new?crop=COFAR"
    yield "officers and phones", "/console/devices"
    yield "audit log, 100,000 rows", "/console/audit"
    for by in ("crop", "variety", "commune"):
        yield f"yields by {by}", f"/console/seeing/yields?by={by}"
    yield "harvest over the weeks", "/console/seeing/weeks"
    yield "harvest over the weeks, two seasons", "/console/seeing/weeks?season=2025-26&crop=COFAR"
    for by in ("pest", "commune"):
        yield f"outbreaks by {by}", f"/console/seeing/pests?by={by}"
    yield "coverage", "/console/seeing/coverage"
    yield "raw-material areas", "/console/seeing/land"
    yield "take along, counted", "/console/out"


def signed_in(app: Any, user: str) -> Any:
    """A browser of *user*'s, without the password."""
    client = app.test_client()
    with app.app_context(), client.session_transaction() as session:
        session["user"], session["proof"] = user, people.proof_of(user)
    return client


def tile(zoom: int) -> str:
    """The tile in the middle of the season's fields: zoom/x/y."""
    x, y = MIDDLE
    side, radians = 2**zoom, math.radians(y)
    return f"{zoom}/{int((x + 180) / 360 * side)}/{int((1 - math.asinh(math.tan(radians)) / math.pi) / 2 * side)}"


def _some_plot() -> str:
    with db.engine.connect() as connection:
        asked = select(Glance.id).where(Glance.type == "plot").order_by(Glance.name_key).offset(RECORDS // 20)
        return str(connection.scalar(asked.limit(1)))


def _some_dispute() -> str:
    with db.engine.connect() as connection:
        return str(connection.scalar(select(Record.id).where(Record.conflicted).limit(1)))


def _officer(app: Any) -> str:
    with app.app_context(), db.engine.connect() as connection:
        return str(connection.scalar(select(Glance.author).where(Glance.type == "observation").limit(1)))


def asked(app: Any, client: Any, page: str) -> tuple[float, int]:
    """The median milliseconds of a page that was opened before, and its questions to the database."""
    with app.app_context():
        engine = db.engine
    taken = []
    for _ in range(_TIMES + 1):
        with counting(engine) as statements:
            start = time.perf_counter()
            answer = client.get(page)
            taken.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{page}: {answer.status}")
    return median(taken[1:]), len(statements)


@contextmanager
def counting(engine: Any) -> Iterator[list[str]]:
    """Inside, every question to the database is written down."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_other: Any) -> None:
        if statement != "BEGIN":
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
