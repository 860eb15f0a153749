"""The checks: what the records say together that a manager should look at, and what is right as it is."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest

from server.store import communes, doubts, glance, people
from sync.limits import area_differs, far_off
from sync.records import BUILT_IN
from tests.conftest import Centre
from tests.server.test_console import sign_in
from tests.server.test_glance import a_field, square

TODAY = date(2026, 11, 24)


class Valley:
    """An area with an officer, a manager, and what the test puts there."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.area = centre.area()
        self.lan = centre.officer(self.area)
        centre.manager(self.area)
        self.page = sign_in(centre, "hoa")

    def field(self, name: str, west: float = 104.0, **other: Any) -> str:
        return a_field(self.lan, self.area, name, boundary=other.pop("boundary", square(west, 21.0)), **other)

    def put(self, type_: str, **fields: Any) -> str:
        return self.lan.new_change(None, type_, self.area, fields).record

    def change(self, record: str, type_: str, **fields: Any) -> None:
        self.lan.sync()
        self.lan.new_change(record, type_, self.area, fields)
        self.lan.sync()

    def found(self, rule: str) -> list[tuple[str, str]]:
        self.lan.sync()
        glance.follow([self.area])
        return [(each.record, each.other) for each in doubts.of_rule(rule, [self.area], TODAY)]


@pytest.fixture
def valley(centre: Centre) -> Valley:
    return Valley(centre)


def test_plots_that_share_ground_are_found_the_worst_first(valley: Valley) -> None:
    one, half, all_ = valley.field("1"), valley.field("2", 104.001), valley.field("3", 104.0)
    valley.field("4", 104.1)
    pairs = valley.found("overlap")
    assert pairs[0] == tuple(sorted((one, all_)))
    assert len(pairs) == 3
    valley.change(half, "plot", boundary=square(104.2, 21.0))
    assert valley.found("overlap") == pairs[:1]


def test_a_declared_area_is_held_against_the_measured_one(valley: Valley) -> None:
    wrong = valley.field("1", declared_area_ha=1.2)
    valley.field("2", 104.1, declared_area_ha=4.5)
    assert valley.found("area") == [(wrong, "")]
    assert not area_differs(0.05, 0.12)  # a garden: a tenth of a hectare is not worth a word
    assert area_differs(0.3, 0.6)


def test_a_boundary_that_crosses_itself_is_a_case(valley: Valley) -> None:
    bow = [[104.0, 21.0], [104.002, 21.002], [104.002, 21.0], [104.0, 21.002], [104.0, 21.0]]
    assert valley.found("crossing") == []
    crossed = valley.field("1", boundary={"type": "Polygon", "coordinates": [bow]})
    assert valley.found("crossing") == [(crossed, "")]


def test_a_plot_far_from_the_others_of_its_commune_is_a_case(valley: Valley) -> None:
    for number in range(6):
        valley.field(f"{number}", 104.0 + number / 100, commune="04123")
    assert valley.found("far") == []
    away = valley.field("xa", 105.0, commune="04123")
    assert valley.found("far") == [(away, "")]
    assert far_off({"a": (104.0, 21.0), "b": (105.0, 21.0)}) == {}


def test_a_yield_above_its_crops_limit_is_a_case_and_the_limit_is_an_administrators_to_change(valley: Valley) -> None:
    plot = valley.field("1")
    for tonnes in (100, 90):  # of 4.6 ha, in one season
        valley.put("harvest", plot=plot, quantity=tonnes, unit="tan", date="2026-11-20", crop="COFAR")
    valley.put("harvest", plot=plot, quantity=90, unit="tan", date="2026-03-20", crop="COFAR")
    assert valley.found("yield") == [(plot, "")]
    assert (
        valley.page.post("/console/checks/limits", data=_form(valley.page, "/console/checks/limits")).status_code == 403
    )
    valley.centre.admin()
    desk = sign_in(valley.centre, "quan-tri")
    form = _form(desk, "/console/checks/limits")
    wrong = desk.post("/console/checks/limits", data=form | {"most-COFAR": "nhiều", "most-CAHSI": "50"})
    assert wrong.status_code == 422
    assert 'data-test="wrong-COFAR"' in wrong.text
    assert 'name="most-CAHSI" inputmode="decimal" value="50"' in wrong.text
    desk.post("/console/checks/limits", data=form | {"most-COFAR": "45,5"})
    assert valley.found("yield") == []
    # A page that was opened before puts nothing back that it did not change.
    desk.post("/console/checks/limits", data=form | {"most-COFAR": form["was-COFAR"], "most-CAHSI": "50"})
    assert valley.found("yield") == []
    desk.post("/console/checks/limits", data=form | {"most-COFAR": ""})
    assert valley.found("yield") == [(plot, "")]


def test_a_harvest_within_a_pre_harvest_interval_is_a_case(valley: Valley) -> None:
    plot, other = valley.field("1"), valley.field("2", 104.1)
    spray = valley.put("activity", plot=plot, kind="spray", date="2026-11-10", phi_days=14)
    early = valley.put("harvest", plot=plot, quantity=1, unit="kg", date="2026-11-23", crop="COFAR")
    for at, day in ((plot, "2026-11-24"), (plot, "2026-11-09"), (other, "2026-11-12")):
        valley.put("harvest", plot=at, quantity=1, unit="kg", date=day, crop="COFAR")
    assert valley.found("not_free") == [(early, spray)]


def test_counts_and_days_that_cannot_be_are_cases(valley: Valley) -> None:
    plot = valley.field("1")
    said = {"plot": plot, "found": "present", "at": "2026-11-20T02:00:00Z"}
    wrong = valley.put("observation", inspected=8, affected=30, **said)
    valley.put("observation", inspected=30, affected=8, **said)
    assert valley.found("affected") == [(wrong, "")]
    ahead = valley.put("harvest", plot=plot, quantity=1, unit="kg", date=str(TODAY + timedelta(days=3)), crop="COFAR")
    valley.put("harvest", plot=plot, quantity=2, unit="kg", date=str(TODAY), crop="COFAR")
    assert valley.found("future") == [(ahead, "")]


def test_the_same_basket_under_two_records_is_a_case(valley: Valley) -> None:
    plot = valley.field("1")
    basket = {"plot": plot, "unit": "kg", "date": "2026-11-20", "crop": "COFAR"}
    first = valley.put("harvest", quantity=100, **basket)
    second = valley.put("harvest", **(basket | {"quantity": 1, "unit": "ta"}))
    valley.put("harvest", quantity=90, **basket)
    assert valley.found("twice") == [(second, first)]


def test_farmers_and_plots_that_may_be_one_are_cases_until_they_are_joined(valley: Valley) -> None:
    lo = {"name": "Lò Văn Pâng", "village": "bản Nà Ớt", "phone": "0912 345 678"}
    first = valley.put("farmer", **lo)
    twin = valley.put("farmer", **(lo | {"name": "LO VAN PANG", "village": "Bản Na Ơt"}))
    phone = valley.put("farmer", name="Người khác", village="bản Xum", phone="0912345678")
    valley.put("farmer", name="Lò Văn Pâng", village="bản Xum")
    assert valley.found("double_farmer") == [(twin, first), (phone, first)]
    one = valley.put("plot", name="Huổi Pá 3", farmer=first)
    other = valley.put("plot", name="huoi pa 3", farmer=first)
    assert valley.found("double_plot") == [(other, one)]
    hoa = valley.centre.phone("hoa")
    hoa.sync()
    hoa.new_change(other, "plot", valley.area, {"same_as": one})
    hoa.sync()
    assert valley.found("double_plot") == []


def test_a_household_that_stands_in_two_areas_of_a_manager_is_told_and_is_moved_before_it_is_joined(
    valley: Valley,
) -> None:
    elsewhere, foreign = valley.centre.area("HTX Mường Bon"), valley.centre.area("HTX Xa")
    lo = {"name": "Lò Văn Pâng", "village": "bản Nà Ớt"}
    pao = valley.centre.officer(elsewhere, foreign, name="pao")
    pao.new_change(None, "farmer", foreign, lo)
    there = pao.new_change(None, "farmer", elsewhere, lo).record
    pao.sync()
    here = valley.put("farmer", **lo)
    twin = valley.put("farmer", **lo)
    assert valley.found("double_farmer") == [(twin, here)]
    assert "Mường Bon" not in valley.page.get("/console/checks/double_farmer").text
    people.set_role(people.must_know("hoa"), elsewhere, people.MANAGER)
    shown = html.unescape(valley.page.get("/console/checks/double_farmer").text)
    # Of several the one in the same area: the two can be joined.
    assert shown.count('data-test="doubt"') == 2
    assert f"/console/record/{twin}/do/join?with={here}" in shown
    assert "hộ kia ở HTX Mường Bon" in shown
    assert "HTX Xa" not in shown
    assert f"/console/record/{here}/do/join" not in shown
    address = f"/console/record/{here}/do/move?to={elsewhere}"
    assert address in shown
    assert f'<option value="{elsewhere}" selected>' in valley.page.get(address).text
    assert there in shown


def test_what_is_right_as_it_is_leaves_the_list_and_comes_back_when_it_changed(valley: Valley) -> None:
    wrong = valley.field("1", declared_area_ha=1.2)
    valley.lan.sync()
    address = "/console/checks/area"
    assert "1,2 ha" in valley.page.get(address).text
    assert 'data-test="rule-area"' in valley.page.get("/console/checks").text
    valley.page.post(address, data=_form(valley.page, address) | {"note": "giấy cũ"})
    assert valley.found("area") == []
    shown = valley.page.get(address).text
    assert "giấy cũ" in shown
    assert "Hoa" in shown
    valley.change(wrong, "plot", declared_area_ha=1.3)
    assert valley.found("area") == [(wrong, "")]
    valley.page.post(address, data=_form(valley.page, address))
    assert valley.found("area") == []
    valley.page.post(address, data=_form(valley.page, address) | {"again": "yes"})
    assert valley.found("area") == [(wrong, "")]
    assert valley.page.get("/console/checks/nonsense").status_code == 404
    assert valley.page.get(f"{address}?from=-1").status_code == 200


def test_nobody_sees_or_calms_the_doubts_of_another_area(valley: Valley) -> None:
    wrong = valley.field("1", declared_area_ha=1.2)
    valley.lan.sync()
    valley.centre.manager(valley.centre.area("Kia"), name="la")
    stranger = sign_in(valley.centre, "la")
    assert wrong not in stranger.get("/console/checks/area").text
    form = _form(stranger, "/console/review") | {"record": wrong, "other": "", "print": ""}
    assert stranger.post("/console/checks/area", data=form).status_code == 404


def test_every_rule_has_its_page(valley: Valley) -> None:
    for rule in doubts.RULES:
        assert valley.page.get(f"/console/checks/{rule}").status_code == 200, rule


def _form(page: Any, address: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.get(address).text))


def test_two_points_on_one_spot_and_a_point_within_a_boundary_may_be_one_plot(valley: Valley) -> None:
    def point(east: float, north: float) -> dict[str, Any]:
        return {"type": "Point", "coordinates": [104 + east / 103_700, 21 + north / 110_740]}  # metres

    first = valley.field("Ở đây", boundary=point(0, 0))
    near = valley.field("Cũng ở đây", boundary=point(8, 6))
    valley.field("Cách xa", boundary=point(0, 40))
    walked = valley.field("Đi quanh", 104.1)
    inside = valley.field("Trong nương", boundary={"type": "Point", "coordinates": [104.101, 21.001]})
    assert valley.found("double_plot") == [(near, first), (inside, walked)]
    shown = valley.page.get("/console/checks/double_plot").text
    assert "hai điểm, cách nhau 10 m" in shown
    address = re.search(r'href="(/console/record/[^"]+/do/join\?with=[^"]+)"', shown)
    assert address
    joining = valley.page.get(address[1]).text
    assert re.search(r'value="([^"]+)" required checked', joining)[1] == first  # type: ignore[index]
    # Of the page the form of the last case is taken.
    valley.page.post("/console/checks/double_plot", data=_form(valley.page, "/console/checks/double_plot"))
    assert valley.found("double_plot") == [(near, first)]
    valley.change(inside, "plot", boundary={"type": "Point", "coordinates": [104.1012, 21.001]})
    assert valley.found("double_plot") == [(near, first), (inside, walked)]


def test_the_same_phone_with_the_countrys_code_is_the_same(valley: Valley) -> None:
    first = valley.put("farmer", name="Lò Văn Pâng", village="bản Xum", phone="0912 345 678")
    other = valley.put("farmer", name="Anh Pâng", village="bản Nà Ớt", phone="+84 912-345-678")
    assert valley.found("double_farmer") == [(other, first)]


def test_a_plot_far_off_that_is_right_stays_so_while_the_others_move(valley: Valley) -> None:
    for number in range(6):
        valley.field(f"{number}", 104.0 + number / 100, commune="04123")
    away = valley.field("xa", 105.0, commune="04123")
    assert valley.found("far") == [(away, "")]
    valley.page.post("/console/checks/far", data=_form(valley.page, "/console/checks/far"))
    valley.field("thêm", 103.9, commune="04123")
    assert valley.found("far") == []
    valley.change(away, "plot", boundary=square(105.1, 21.0))
    assert valley.found("far") == [(away, "")]


def around(west: float, south: float, size: float = 0.05, **properties: Any) -> dict[str, Any]:
    """A commune as a map has it, a few kilometres wide."""
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def hand_in(page: Any, content: bytes | str) -> Any:
    address = "/console/admin/communes"
    form = _form(page, address) | {
        "file": (io.BytesIO(content.encode() if isinstance(content, str) else content), "xa.geojson")
    }
    return page.post(address, data=form, content_type="multipart/form-data")


def test_a_plot_outside_of_its_commune_is_a_case_once_somebody_has_handed_in_where_that_lies(valley: Valley) -> None:
    code = next(each["code"] for each in BUILT_IN.all("commune") if each["vi"].endswith("Chiềng Mung"))
    inside = valley.field("trong", 104.02, commune=code)
    away = valley.field("ngoài", 104.2, commune=code)
    edge = valley.field("mép", 104.0499, commune=code)
    elsewhere = valley.field("khác", 105.0, commune="03256")
    assert inside
    assert elsewhere
    assert valley.found("outside") == []
    valley.centre.admin()
    page = sign_in(valley.centre, "quan-tri")
    file = {
        "type": "FeatureCollection",
        "features": [around(104.0, 20.98, ten="Chiềng Mung"), around(1, 1, ten="Berlin")],
    }
    shown = hand_in(page, json.dumps(file)).text
    assert "1 xã" in shown
    assert "Berlin" in shown
    assert valley.found("outside") == [(away, "")]
    assert edge
    assert "15,7 km" in valley.page.get("/console/checks/outside").text
    valley.page.post("/console/checks/outside", data=_form(valley.page, "/console/checks/outside"))
    assert valley.found("outside") == []
    valley.change(away, "plot", boundary=square(104.3, 21.0))
    assert valley.found("outside") == [(away, "")]
    page.post("/console/admin/communes", data=_form(page, "/console/admin/communes") | {"away": "yes"})
    assert valley.found("outside") == []


def test_a_commune_with_a_boundary_is_held_against_it_alone(valley: Valley) -> None:
    for number in range(6):
        valley.field(f"{number}", 104.0 + number / 100, commune="04123")
    away = valley.field("xa", 105.0, commune="04123")
    assert valley.found("far") == [(away, "")]
    valley.centre.admin()
    file = {"type": "FeatureCollection", "features": [around(103.9, 20.9, 2, ma_xa=4123)]}
    assert hand_in(sign_in(valley.centre, "quan-tri"), json.dumps(file)).status_code == 200
    assert (valley.found("far"), valley.found("outside")) == ([], [])


@pytest.mark.parametrize(
    "content",
    ["", "{", '{"features": 3}', '{"features": [3]}', '{"features": [{"properties": {"a": "Berlin"}}]}', b"\xff\x00"],
)
def test_a_file_that_holds_no_commune_is_told_so_and_changes_nothing(valley: Valley, content: Any) -> None:
    valley.centre.admin()
    page = sign_in(valley.centre, "quan-tri")
    answer = hand_in(page, content)
    assert answer.status_code == 422
    assert re.search('class="(fault|warning)"', answer.text)
    assert communes.known() == {}
    assert valley.page.get("/console/admin/communes").status_code == 403
