"""What the records say together: yields over real hectares, weeks, pests with what was not found, coverage, land."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.store import people
from sync.client import Client
from tests.conftest import Centre
from tests.server.test_console import RING, sign_in

SHAPE = {"type": "Polygon", "coordinates": [RING]}  # 4.6 ha
QUESTIONS = ("yields", "weeks", "pests", "coverage", "land")


def plot(officer: Client, area: str, name: str, **values: Any) -> str:
    fields = {"name": name, "commune": "04048", "crops": [{"crop": "COFAR", "variety": "Catimor"}], **values}
    return officer.new_change(None, "plot", area, fields).record


def pick(
    officer: Client, area: str, plot: str, day: str, quantity: float, unit: str = "kg", crop: str = "COFAR"
) -> str:
    values = {"plot": plot, "date": day, "quantity": quantity, "unit": unit, "crop": crop}
    return officer.new_change(None, "harvest", area, values).record


def look(officer: Client, area: str, plot: str, day: str, found: str, **values: Any) -> None:
    fields = {"plot": plot, "at": f"{day}T02:00:00Z", "found": found, **values}
    officer.new_change(None, "observation", area, fields)


def table(page: Any, address: str) -> list[list[str]]:
    """The rows of the page's table, as text."""
    text = page.get(address).text.partition('data-test="table"')[2].partition("</table>")[0].partition("<tbody>")[2]
    rows = re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


@pytest.fixture
def page(centre: Centre) -> Any:
    area = centre.area()
    lan = centre.officer(area)
    mapped = plot(lan, area, "Huổi Pá 1", boundary=SHAPE)
    declared = plot(lan, area, "Huổi Pá 2", declared_area_ha=2, crops=[{"crop": "COFAR"}, {"crop": "X-PLUM"}])
    bare = plot(lan, area, "Pá Ổ", crops=[])
    pick(lan, area, mapped, "2025-11-10", 20, "ta")
    pick(lan, area, mapped, "2025-11-12", 600)
    pick(lan, area, declared, "2025-11-24", 1.4, "tan")
    pick(lan, area, bare, "2025-12-01", 100)
    pick(lan, area, declared, "2024-11-13", 900)
    look(lan, area, mapped, "2025-11-10", "present", pest="HEMIVA", inspected=30, affected=6)
    look(lan, area, declared, "2025-11-11", "absent", pest="HEMIVA", inspected=30, affected=0)
    lan.sync()
    centre.manager(area)
    found = sign_in(centre, "hoa")
    found.get("/console/?lang=en")
    return found


def test_a_yield_is_tonnes_over_the_hectares_that_they_came_from(page: Any) -> None:
    rows = table(page, "/console/seeing/yields?season=2025-26")
    ((crop, season, t_ha, tonnes, hectares, plots, unmeasured),) = rows
    assert (crop, season, tonnes, plots, unmeasured) == ("Arabica coffee", "2025-26", "4", "2", "0.1")
    assert float(t_ha) == pytest.approx(4 / float(hectares), abs=0.01)
    assert float(hectares) == pytest.approx(6.6, abs=0.1)
    varieties = {row[0] for row in table(page, "/console/seeing/yields?by=variety&season=2025-26")}
    assert "catimor" in {each.casefold() for each in varieties}


def test_a_yield_that_nobody_would_believe_flattens_no_other(centre: Centre, page: Any) -> None:
    phone = centre.phone("lan")
    phone.sync()
    (area,) = [each["id"] for each in people.list_areas()]
    small = plot(phone, area, "Pá Cha", declared_area_ha=0.01, crops=[{"crop": "X-PLUM"}])
    pick(phone, area, small, "2025-11-20", 400, "tan", "X-PLUM")
    phone.sync()
    shown = page.get("/console/seeing/yields").text
    widths = [
        float(each) for each in re.findall(r'<rect class="one[^"]*" x="320" y="[0-9.]+" width="([0-9.]+)"', shown)
    ]
    assert sorted(widths)[1:] == [540.0, 540.0]  # the longest that is believed, and what is not
    assert 200 < min(widths) < 540
    assert shown.count('class="one doubtful"') == 1
    assert "▲ 40,000" in shown
    assert "One yield is hard to believe" in shown
    assert '/console/checks/yield"' in shown
    assert ["Plum", "2025", "40,000"] in [row[:3] for row in table(page, "/console/seeing/yields")]


def test_weeks_lie_beside_those_of_the_season_before_and_the_empty_ones_are_there(page: Any) -> None:
    rows = table(page, "/console/seeing/weeks?season=2025-26")
    assert [row[0] for row in rows] == ["01/12/2025", "24/11/2025", "17/11/2025", "10/11/2025"]
    assert [row[1] for row in rows] == ["0.1", "1.4", "0", "2.6"]
    assert rows[-1][2] == "0.9"


def test_a_plot_of_two_crops_counts_once_for_each_and_their_tonnes_are_not_summed(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    both = plot(lan, area, "Xen canh", declared_area_ha=2, crops=[{"crop": "X-PLUM"}, {"crop": "X-MANGO"}])
    pick(lan, area, both, "2025-05-10", 4, "tan", "X-PLUM")
    pick(lan, area, both, "2025-06-10", 6, "tan", "X-MANGO")
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    rows = table(page, "/console/seeing/yields?by=commune&lang=en")
    assert {tuple(row[1:7]) for row in rows} == {
        ("Plum", "2025", "2", "4", "2", "1"),
        ("Mango", "2025", "3", "6", "2", "1"),
    }


def test_a_mistyped_year_takes_no_week_out_of_the_table(centre: Centre, page: Any) -> None:
    lan = centre.phone("lan")
    lan.sync()
    (area,) = lan.replica.cursors
    for day in ("2022-03-07", "2062-11-20"):
        lan.new_change(None, "harvest", area, {"date": day, "quantity": 1, "unit": "tan", "crop": "COFAR"})
    lan.sync()
    page.get("/console/")
    rows = table(page, "/console/seeing/weeks")
    assert sum(float(row[1]) for row in rows) == pytest.approx(5.0 + 2)
    assert rows[0][0] == "20/11/2062"
    shown = page.get("/console/seeing/weeks").text
    assert "/25</text>" in shown
    assert "/62</text>" not in shown


def test_the_season_goes_along_to_another_question_and_is_said_there(centre: Centre, page: Any) -> None:
    lan = centre.phone("lan")
    lan.sync()
    (area,) = lan.replica.cursors
    bare = plot(lan, area, "Không thu hoạch")
    look(lan, area, bare, "2025-11-12", "present", pest="X-STEMBORER")
    look(lan, area, bare, "2023-11-12", "present", pest="DACUDO")
    lan.sync()
    page.get("/console/")
    shown = page.get("/console/seeing/pests?season=2025-26&lang=en").text
    assert "season 2025-26 ×" in shown
    weeks = {row[0] for row in table(page, "/console/seeing/pests?season=2025-26")}
    assert weeks == {"10/11/2025"}
    assert len(table(page, "/console/seeing/pests?season=2025-26")) == 2


def test_the_land_of_one_crop_names_no_other(page: Any) -> None:
    assert {row[0] for row in table(page, "/console/seeing/land?crop=X-PLUM")} == {"Plum"}


def test_what_was_looked_for_and_not_found_counts(page: Any) -> None:
    ((week, _pest, looked, found, absent, inspected, affected, incidence),) = table(page, "/console/seeing/pests")
    assert (week, looked, found, absent, inspected, affected, incidence) == (
        "10/11/2025",
        "2",
        "1",
        "1",
        "60",
        "6",
        "10",
    )


def test_coverage_says_what_is_mapped_and_measured_of_what_is_declared(page: Any) -> None:
    ((_commune, plots, mapped, _visited, measured, declared),) = table(page, "/console/seeing/coverage")
    assert (plots, mapped, declared) == ("3", "1", "2")
    assert float(measured) == pytest.approx(4.6, abs=0.1)


def test_land_is_shared_among_the_crops_of_a_plot(page: Any) -> None:
    rows = {row[0]: float(row[2]) for row in table(page, "/console/seeing/land")}
    assert rows["Plum"] == 1
    assert rows["Arabica coffee"] == pytest.approx(5.6, abs=0.1)


def test_nothing_of_another_area_is_counted_and_an_empty_answer_says_so(centre: Centre) -> None:
    there = centre.area("Kia")
    pao = centre.officer(there, name="pao")
    pick(pao, there, plot(pao, there, "Xa", boundary=SHAPE), "2025-11-10", 20, "ta")
    pao.sync()
    centre.manager(centre.area("Đây"))
    page = sign_in(centre, "hoa")
    for question in QUESTIONS:
        assert table(page, f"/console/seeing/{question}?area={there}") == []
    assert page.get("/console/seeing/all").status_code == 404


@pytest.mark.parametrize(
    "query", ["?season=x", "?season=9999-00", "?by=;", "?crop=%00", "?area=x", "?season=2025-26&season=1"]
)
def test_an_address_by_hand_gets_a_page(page: Any, query: str) -> None:
    for question in QUESTIONS:
        assert page.get(f"/console/seeing/{question}{query}").status_code == 200


def test_a_chart_is_drawn_by_the_server_and_asks_nobody_else(page: Any) -> None:
    for question in QUESTIONS:
        text = page.get(f"/console/seeing/{question}").text
        assert "<svg" in text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
        assert " style=" not in text


def test_a_harvest_counts_for_the_varieties_of_its_own_crop(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    crops = [{"crop": "COFAR", "variety": "Catimor"}, {"crop": "X-PLUM", "variety": "Tam Hoa"}, {"crop": "X-MANGO"}]
    both = plot(lan, area, "Huổi Pá 1", boundary=SHAPE, crops=crops)
    for crop in ("COFAR", "X-PLUM", "X-MANGO"):
        pick(lan, area, both, "2025-11-10", 500, crop=crop)
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    rows = table(page, "/console/seeing/yields?by=variety&lang=en")
    found = {row[0].casefold(): row[1] for row in rows}
    assert found == {"catimor": "Arabica coffee", "tam hoa": "Plum", "not said": "Mango"}
