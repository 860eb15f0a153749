"""Who looked at whose details is written down, once a day, after the page was sent, and keeps no page from its reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from server.store import audit, browse
from server.store.engine import in_passing, writing
from server.store.looks import KEPT
from server.store.tables import Audit, db
from tests.conftest import Centre
from tests.server.test_console import plot_of, sign_in


def looks(**wish: Any) -> list[tuple[str, str]]:
    return [(row["who"], row["record"]) for row in audit.page(None, what="looked", **wish)]


def opened(page: Any, *paths: str) -> list[int]:
    """As a browser does: each page to its end."""
    return [page.get(path, buffered=True).status_code for path in paths]


@pytest.fixture
def field(centre: Centre) -> dict[str, str]:
    """An officer's household and plot, and two managers."""
    area = centre.area()
    lan = centre.officer(area)
    plot = plot_of(lan, area)
    seen = browse.one(plot, [area])
    assert seen
    centre.manager(area, name="hoa")
    centre.manager(area, name="la")
    return {"area": area, "farmer": seen.fields["farmer"], "plot": plot}


def test_each_record_that_is_looked_at_is_written_down_once_a_day_for_each_person(
    centre: Centre, field: dict[str, str]
) -> None:
    pages = (f"/console/plot/{field['plot']}", f"/console/farmer/{field['farmer']}")
    for name in ("hoa", "la"):
        assert opened(sign_in(centre, name), *pages, *pages, f"/console/record/{field['plot']}/history") == [200] * 5
    assert sorted(looks()) == sorted((name, record) for name in ("Hoa", "La") for record in
                                     (field["plot"], field["farmer"]))  # fmt: skip
    centre.app.extensions["nuong_looks"].__init__()  # another worker, or the same one started anew
    opened(sign_in(centre, "hoa"), *pages)
    assert len(looks()) == 4
    writing(lambda connection: connection.execute(update(Audit).values(at=Audit.at)))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    writing(lambda connection: connection.execute(update(Audit).values(at=yesterday)))
    centre.app.extensions["nuong_looks"].__init__()
    opened(sign_in(centre, "hoa"), pages[0])
    assert len(looks()) == 5


def test_the_audit_page_is_filtered_by_person_what_record_and_day(centre: Centre, field: dict[str, str]) -> None:
    page = sign_in(centre, "hoa")
    opened(page, f"/console/plot/{field['plot']}", f"/console/farmer/{field['farmer']}")
    opened(sign_in(centre, "la"), f"/console/plot/{field['plot']}", "/console/out/plot.csv")
    today = datetime.now(audit.HERE).date()
    for query, count in (
        ("", 4),
        ("?who=la", 2),
        ("?who=la&what=looked", 1),
        (f"?record={field['plot']}", 2),
        (f"?since={today}", 4),
        (f"?until={today - timedelta(days=1)}", 0),
        (f"?since={today}&until={today}&record={field['farmer']}", 1),
        ("?since=gestern", 4),
        ("?record=x'--", 0),
    ):
        shown = page.get(f"/console/audit{query}").text
        assert shown.count('data-test="audit"') == count, query
    assert "“gestern”" in page.get("/console/audit?since=gestern").text
    assert "Lò Văn Pâng" in page.get("/console/audit").text
    assert f"/console/audit?record={field['plot']}" in page.get(f"/console/record/{field['plot']}/history").text


def test_while_the_database_takes_no_writer_the_page_comes_and_the_look_is_written_later(
    centre: Centre, field: dict[str, str]
) -> None:
    page = sign_in(centre, "hoa")
    opened(page, "/console/")  # what came in is followed
    with db.engine.execution_options(writing=True).begin() as busy:
        if busy.dialect.name == "postgresql":
            busy.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
        assert opened(page, f"/console/farmer/{field['farmer']}") == [200]
    assert looks() == []
    opened(page, f"/console/plot/{field['plot']}")
    assert sorted(looks()) == sorted([("Hoa", field["farmer"]), ("Hoa", field["plot"])])


def test_what_says_who_looked_goes_after_a_year_and_nothing_else(centre: Centre, field: dict[str, str]) -> None:
    page = sign_in(centre, "hoa")
    opened(page, f"/console/plot/{field['plot']}", "/console/out/plot.csv")
    long_ago = datetime.now(UTC) - KEPT - timedelta(days=1)
    writing(lambda connection: connection.execute(update(Audit).values(at=long_ago)))
    centre.app.extensions["nuong_looks"].__init__()
    opened(page, f"/console/farmer/{field['farmer']}")
    assert [row["what"] for row in audit.page(None)] == ["looked", "exported"]


def test_what_is_written_in_passing_waits_for_nobody_and_then_the_database_is_patient_again(centre: Centre) -> None:
    assert in_passing(lambda connection: connection.execute(text("SELECT 1")))
    assert not in_passing(lambda connection: connection.execute(text("INSERT INTO nowhere VALUES (1)")))
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 20_000
