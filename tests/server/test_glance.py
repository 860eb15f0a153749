"""What the console sees at a glance is always what it would be if it were made anew, whatever came in which order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from server.store import filters, glance, migrate, people
from server.store.folding import fold, sort_key
from server.store.glance.tables import Glance, Overlap, PlotGlance
from server.store.tables import db
from sync.client import Client, new_id
from sync.seasons import is_season, season_days, season_of
from tests.conftest import Centre
from tests.server.test_console import sign_in


def square(west: float, south: float, size: float = 0.002) -> dict[str, Any]:
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def kept(*areas: str) -> dict[str, list[dict[str, Any]]]:
    """All that is kept, after following."""
    glance.follow(areas)
    return {table.__tablename__: _rows(table) for table in (Glance, PlotGlance, Overlap)}


def _rows(table: Any) -> list[dict[str, Any]]:
    with db.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(table.__table__)).mappings()]
    return sorted(rows, key=lambda row: (row.get("id") or row["one"], row.get("other", "")))


def is_as_rebuilt(*areas: str) -> dict[str, list[dict[str, Any]]]:
    before = kept(*areas)
    glance.rebuild()
    assert kept(*areas) == before
    return before


def plot_row(plot: str) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(select(PlotGlance).where(PlotGlance.id == plot)).one()


def a_field(phone: Client, area: str, name: str = "Huổi Pá 3", **other: Any) -> str:
    farmer = phone.new_change(None, "farmer", area, {"name": "Lò Văn Pâng", "village": "bản Nà Ớt"}).record
    boundary = other.pop("boundary", square(104.0, 21.0))
    values = {
        "name": name,
        "farmer": farmer,
        "village": "bản Nà Ớt",
        "boundary": boundary,
        "crops": [{"crop": "COFAR"}],
    }
    return phone.new_change(None, "plot", area, values | other).record


def test_what_is_kept_is_what_is_made_anew_after_a_season_of_edits(centre: Centre) -> None:
    area, other = centre.area(), centre.area("Kia")
    lan, hoa = centre.officer(area), centre.manager(area, other)
    one, two = a_field(lan, area), a_field(lan, area, "Co Mạ 1", boundary=square(104.001, 21.001))
    for plot, quantity in ((one, 120), (one, 30), (two, 400)):
        harvest = {"plot": plot, "quantity": quantity, "unit": "kg", "date": "2026-11-20", "crop": "COFAR"}
        lan.new_change(None, "harvest", area, harvest)
        lan.sync()
        is_as_rebuilt(area, other)
    seen = lan.new_change(
        None, "observation", area, {"plot": one, "found": "present", "pest": "HEMIVA", "at": "2026-11-21T02:00:00Z"}
    )
    lan.new_change(None, "photo", area, {"of": seen.record, "taken_at": "2026-11-21T02:00:00Z"})
    lan.sync()
    is_as_rebuilt(area, other)
    assert plot_row(one).disease == "HEMIVA"
    assert plot_row(one).photos == 1
    hoa.sync()
    hoa.new_change(two, "plot", area, {"same_as": one})
    hoa.sync()
    rows = is_as_rebuilt(area, other)
    assert plot_row(one).harvests == 3
    assert rows["glance_overlap"] == []
    hoa.new_change(two, "plot", area, {"same_as": None})
    hoa.sync()
    rows = is_as_rebuilt(area, other)
    assert plot_row(one).harvests == 2
    assert len(rows["glance_overlap"]) == 1
    hoa.new_change(two, "plot", area, {"area": other})
    hoa.sync()
    assert is_as_rebuilt(area, other)["glance_overlap"] == []
    lan.sync()
    lan.new_change(one, "plot", area, {"deleted": True})
    lan.sync()
    rows = is_as_rebuilt(area, other)
    assert [row["id"] for row in rows["glance_plot"]] == [two]
    # What stays behind in an area says nothing on a plot that is in another: its readers need not manage both.
    assert rows["glance_plot"][0]["harvests"] == 0


def test_a_harvest_that_came_before_its_plot_counts_when_the_plot_comes(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plot = people.new_id()
    lan.new_change(
        None, "harvest", area, {"plot": plot, "quantity": 2, "unit": "ta", "date": "2026-11-20", "crop": "COFAR"}
    )
    lan.sync()
    kept(area)
    lan.new_change(plot, "plot", area, {"name": "Huổi Pá 3", "boundary": square(104.0, 21.0)})
    lan.sync()
    is_as_rebuilt(area)
    row = plot_row(plot)
    assert (row.harvests, row.yield_season) == (1, "2026-27")
    assert round(row.yield_t_ha, 3) == round(0.2 / row.area_ha, 3)


def test_what_a_newer_app_sends_breaks_nothing(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    strange = {
        "crops": [{"crop": "X-NEW", "shade": {"trees": [1, "\u0000"]}}],
        "colour": "đỏ\u0000",
        "size": [1, {"a": None}],
    }
    plot = lan.new_change(None, "plot", area, {"name": "Huổi Pá 3", **strange}).record
    lan.new_change(None, "soil_sample", area, {"plot": plot, "ph": 5.4, "name": "Mẫu 1"})
    lan.sync()
    rows = is_as_rebuilt(area)
    assert {row["type"] for row in rows["glance"]} == {"plot", "soil_sample"}


def test_no_record_keeps_the_others_from_being_looked_at(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    last_hours_of_all_years = "e677d17b-1080-7000-8000-000000000000"
    for change, fields in (
        (last_hours_of_all_years, {"name": "Pâng"}),
        (new_id(), {"plot": "a\0b", "of": "\0", "farmer": "x" * 36}),
    ):
        lan.replica.edit(change, change, "soil_sample", area, fields, 1)
    lan.sync()
    assert len(is_as_rebuilt(area)["glance"]) == 2
    centre.manager(area)
    page = sign_in(centre, "hoa")
    assert [page.get(f"/console/{each}").status_code for each in ("", "attention", "devices")] == [200] * 3


def test_what_left_an_area_is_seen_there_no_longer_whoever_looks(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.manager(here, there)
    farmer = lan.new_change(None, "farmer", here, {"name": "Pâng"}).record
    lan.sync()
    glance.follow([here])
    lan.new_change(farmer, "farmer", here, {"area": there})
    lan.sync()
    lan.new_change(farmer, "farmer", there, {"note": "chỉ ở kia"})
    lan.sync()
    assert filters.records([farmer], [here]) == {}
    assert glance.follow([here]) == 0
    assert list(filters.walk("farmer", filters.Filter(areas=(here,)))) == []
    assert [each.id for each in filters.walk("farmer", filters.Filter(areas=(there,)))] == [farmer]


def test_the_boundary_that_crosses_itself_is_seen_and_has_ground_to_share(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    bow = [[104.0, 21.0], [104.002, 21.002], [104.002, 21.0], [104.0, 21.002], [104.0, 21.0]]
    one = a_field(lan, area, boundary={"type": "Polygon", "coordinates": [bow]})
    a_field(lan, area, "Co Mạ 1", boundary=square(104.0, 21.0))
    lan.sync()
    rows = is_as_rebuilt(area)
    assert plot_row(one).crosses
    assert round(rows["glance_overlap"][0]["share"], 2) == 1.0


def test_an_upgraded_installation_sees_what_was_there_before(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    a_field(lan, area)
    lan.sync()
    assert migrate.state(db.engine) == migrate.CURRENT
    assert glance.behind([area]) == 2
    assert glance.follow([area], most=10**9) == 0
    assert glance.behind([area]) == 0


def test_names_sort_as_the_vietnamese_alphabet_does_and_by_the_numbers_in_them() -> None:
    names = ["Nương 2", "Nương 10", "an", "ăn", "ân", "Dao", "Đao", "ma", "mà", "mả", "mã", "má", "mạ", "Nương"]
    assert sorted(names, key=sort_key) == [
        "an", "ăn", "ân", "Dao", "Đao", "ma", "mà", "mả", "mã", "má", "mạ", "Nương", "Nương 2", "Nương 10",
    ]  # fmt: skip
    assert fold("Lò Văn Đèo") == "lo van deo"
    assert all(key.isascii() and key.isdigit() for key in map(sort_key, [*names, "-", "Ω", "日本", ""]))


def test_coffee_is_picked_over_new_year_and_mango_is_not() -> None:
    assert season_of("COFAR", "2026-01-15") == "2025-26"
    assert season_of("COFAR", "2026-11-15") == "2026-27"
    assert season_of("X-MANGO", "2026-06-15") == "2026"
    assert [is_season(text) for text in ("2026", "2025-26", "1999-00", "2025-27", "25", "x", "3026")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
    assert [day.isoformat() for day in season_days("2025-26")] == ["2025-07-01", "2026-06-30"]
