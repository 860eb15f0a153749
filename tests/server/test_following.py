"""What comes in by the thousand: no page waits for it, each says how much it does not show yet, and no file lacks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from server.console import following
from server.store import glance
from server.store.glance.follow import _alone
from server.store.tables import db
from tests.conftest import Centre
from tests.server.test_console import plot_of, sign_in


@contextmanager
def nobody_may_look() -> Iterator[None]:
    """Inside, whoever would look at what came in waits."""
    with db.engine.execution_options(writing=True).begin() as connection:
        _alone(connection)
        yield


def much(centre: Centre) -> str:
    """An area into which more has just come than a page looks at by itself."""
    area = centre.area()
    lan = centre.officer(area)
    plot = plot_of(lan, area)
    for weight in range(1, following.AT_ONCE + 100):
        lan.new_change(None, "harvest", area, {"plot": plot, "quantity": weight, "unit": "kg", "date": "2026-11-20"})
    lan.sync()
    centre.manager(area)
    return area


def test_much_that_came_in_is_looked_at_beside_the_page_which_says_so(centre: Centre) -> None:
    area = much(centre)
    page = sign_in(centre, "hoa")
    with nobody_may_look():
        shown = page.get("/console/?lang=en").text
        assert "changes are still to be looked at" in shown
        assert 'data-left="0"' not in page.get("/console/behind").text
        refused = page.get("/console/out/harvest.csv")
        assert refused.status_code == 503
        assert "the file would lack them" in refused.text
    following.follower(centre.app).wait()
    assert glance.behind([area]) == 0
    assert "All that came in has been looked at." in page.get("/console/behind").text
    assert "still to be looked at" not in page.get("/console/").text
    assert page.get("/console/out/harvest.csv", buffered=True).text.count("\n") == following.AT_ONCE + 101


def test_a_little_that_came_in_stands_on_the_page_at_once(centre: Centre) -> None:
    area = centre.area()
    plot_of(centre.officer(area), area)
    centre.manager(area)
    shown = sign_in(centre, "hoa").get("/console/?lang=en").text
    assert "still to be looked at" not in shown
    assert "Huổi Pá 3" in shown


def test_a_record_that_is_looked_at_costs_no_look_at_all_the_others_of_its_area(centre: Centre) -> None:
    """SQLite knows nothing of how many rows have a value: of two indexes it must never take the area's alone."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL counts how many rows have a value, and chooses by that")
    area = centre.area()
    lan = centre.officer(area)
    plot = plot_of(lan, area)
    lan.new_change(None, "harvest", area, {"plot": plot, "quantity": 1, "unit": "kg", "date": "2026-11-20"})
    lan.sync()
    with asked() as statements:
        assert glance.follow([area]) == 0
    assert statements
    assert looks_at_a_whole_area(statements) == []


FILTERS = ("crop=COFAR&season=2025-26&sort=-yield", "since=2026-03-01&until=2026-03-31&pest=any")


@pytest.mark.parametrize("filter_", FILTERS)
def test_a_plot_that_is_found_by_what_was_recorded_there_costs_no_look_at_its_whole_area(
    centre: Centre, filter_: str
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL counts how many rows have a value, and chooses by that")
    area = centre.area()
    lan = centre.officer(area)
    for _plot in range(30):
        plot = plot_of(lan, area)
        for weight in range(40):
            fields = {"plot": plot, "quantity": weight + 1, "unit": "kg", "date": "2026-11-20"}
            lan.new_change(None, "harvest", area, fields)
    lan.sync()
    centre.manager(area)
    glance.follow([area])
    page = sign_in(centre, "hoa")
    with asked() as statements:
        assert page.get(f"/console/?{filter_}").status_code == 200
    assert looks_at_a_whole_area(statements) == []


def looks_at_a_whole_area(statements: list[tuple[str, Any]]) -> list[str]:
    """The plans of those that read all rows of an area, once or for each row of another table."""
    with db.engine.connect() as connection:
        plans = [
            f"{row[3]}: {statement}"
            for statement, values in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    return [each for each in plans if re.search(r"ix_glance_area_\w+ \(area=\?\)", each)]


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """What the database is asked inside."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            found.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
