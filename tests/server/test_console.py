"""The manager's pages: who may see what, and what bad input gets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask_babel import refresh

from server.language import gettext
from sync.client import Client
from tests.conftest import PASSWORD, Centre
from tests.pictures import Sending, photo_record, png, sha256
from tests.wire import Browser

RING = [[104.0, 21.0], [104.002, 21.0], [104.002, 21.002], [104.0, 21.002], [104.0, 21.0]]


def sign_in(centre: Centre, name: str) -> Any:
    page = Browser(centre.app)
    form = page.get("/console/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    page.post("/console/sign-in", data={"csrf_token": token[1], "username": name, "password": PASSWORD})
    return page


def plot_of(officer: Client, area: str, name: str = "Huổi Pá 3") -> str:
    farmer = officer.new_change(None, "farmer", area, {"name": "Lò Văn Pâng", "village": "bản Nà Ớt"}).record
    shape = {"type": "Polygon", "coordinates": [RING]}
    plot = officer.new_change(None, "plot", area, {"name": name, "farmer": farmer, "boundary": shape}).record
    officer.new_change(
        None, "harvest", area, {"plot": plot, "quantity": 120, "unit": "kg", "date": "2026-11-20", "crop": "COFAR"}
    )
    officer.sync()
    return plot


def test_a_manager_sees_plots_with_farmer_area_and_harvests(centre: Centre) -> None:
    area = centre.area()
    plot = plot_of(centre.officer(area), area)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    table = page.get("/console/").text
    assert "Huổi Pá 3" in table
    assert "Lò Văn Pâng" in table
    assert "4,6" in table  # ha, by geodesic area
    one = page.get(f"/console/plot/{plot}").text
    assert "120 kg" in one
    assert "Lan" in one


def test_the_page_of_a_household_says_what_is_to_be_looked_at(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    farmer = lan.new_change(None, "farmer", area, {"name": "Lò Văn Pâng", "birth_year": 2090}).record
    lan.sync()
    centre.manager(area)
    shown = sign_in(centre, "hoa").get(f"/console/farmer/{farmer}").text
    assert "Năm sinh: Thời gian này chưa tới" in shown


def test_a_harvest_says_what_a_sack_weighed_and_what_that_is_in_kilograms(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plot = plot_of(lan, area)
    said: tuple[dict[str, Any], ...] = (
        {"quantity": 20, "unit": "bao", "unit_kg": 55},
        {"quantity": 3, "unit": "ta"},
        {"quantity": 2780, "unit": "kg"},
    )
    for each in said:
        lan.new_change(None, "harvest", area, {"plot": plot, "date": "2026-01-20", "crop": "COFAR", **each})
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    for address in (f"/console/plot/{plot}", "/console/review?type=harvest"):
        shown = page.get(address).text
        assert "20 bao × 55 kg (1.100 kg)" in shown
        assert "3 tạ (300 kg)" in shown
        assert "2.780 kg" in shown
        assert "2.780 kg (" not in shown


def test_no_table_makes_a_page_wider_than_its_screen() -> None:
    """Each lies in a box that is scrolled by itself, by the keyboard too."""
    for template in sorted((Path(__file__).parents[2] / "server/console/templates").rglob("*.html")):
        text = template.read_text()
        boxed = re.findall(r'<div class="table[^"]*" tabindex="0" role="region" aria-label="[^>]+>\s*<table', text)
        assert len(boxed) == text.count("<table"), template.name


def test_a_manager_sees_nothing_of_another_area(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    plot = plot_of(centre.officer(there), there)
    centre.manager(here)
    page = sign_in(centre, "hoa")
    assert "Huổi Pá 3" not in page.get("/console/").text
    assert page.get(f"/console/plot/{plot}").status_code == 404
    for zoom, x, y in ((0, 0, 0), (15, 25850, 14453), (16, 51700, 28906)):
        assert page.get(f"/console/tiles/{zoom}/{x}/{y}.json").json == {"shapes": [], "dots": []}
    assert page.get(f"/console/plot/{plot}/shape.json").status_code == 404
    assert page.get(f"/console/?area={there}").status_code == 200
    assert "Huổi Pá 3" not in page.get(f"/console/?area={there}").text


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(centre: Centre) -> None:
    answer = centre.http.get("/console/devices")
    assert answer.status_code == 302
    assert "/console/sign-in?next=/console/devices" in answer.headers["Location"].replace("%2F", "/")


def test_an_officer_is_told_that_the_console_is_for_managers(centre: Centre) -> None:
    centre.officer(centre.area())
    page = sign_in(centre, "lan")
    assert page.get("/console/").status_code == 302


def test_a_form_without_its_token_is_refused(centre: Centre) -> None:
    centre.manager(centre.area())
    assert centre.http.post("/console/sign-in", data={"username": "hoa", "password": PASSWORD}).status_code == 400


def test_the_way_back_never_leads_elsewhere(centre: Centre) -> None:
    centre.manager(centre.area())
    page = Browser(centre.app)
    for evil in ("//evil.example", "https://evil.example", "/console//evil.example", "/console/\\evil"):
        form = page.get("/console/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token
        data = {"csrf_token": token[1], "username": "hoa", "password": PASSWORD}
        answer = page.post(f"/console/sign-in?next={evil}", data=data)
        assert answer.headers["Location"] == "/console/"


def test_a_name_is_text_whatever_it_holds(centre: Centre) -> None:
    area = centre.area()
    plot = plot_of(centre.officer(area), area, name="<script>alert(1)</script>")
    centre.manager(area)
    page = sign_in(centre, "hoa")
    for path in ("/console/", f"/console/plot/{plot}"):
        assert "<script>alert" not in page.get(path).text


BAD_QUERIES = ("?page=-1", "?page=x", "?page=99999999999999999999", "?sort=;drop", "?crop=%00", "?text=%F0%9F")


@pytest.mark.parametrize("query", [*BAD_QUERIES, "?area=" + "x" * 5000])
def test_a_filter_by_hand_in_the_address_gets_a_page(centre: Centre, query: str) -> None:
    centre.manager(centre.area())
    assert sign_in(centre, "hoa").get("/console/" + query).status_code == 200


def test_search_folds_marks(centre: Centre) -> None:
    area = centre.area()
    plot_of(centre.officer(area), area)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    assert "Huổi Pá 3" in page.get("/console/?text=lo+van+pang").text
    assert "Huổi Pá 3" not in page.get("/console/?text=khong+co").text


def test_a_manager_settles_a_conflict_and_the_phones_agree(centre: Centre) -> None:
    area = centre.area()
    lan, pao = centre.officer(area), centre.officer(area, name="pao")
    plot = plot_of(lan, area)
    pao.sync()
    for phone, value in ((lan, "BK 1"), (pao, "BK 2")):
        phone.new_change(plot, "plot", area, {"certificate": value})
        phone.sync()
    lan.sync()
    rivals = lan.replica.base[plot]["conflicts"]["certificate"]
    centre.manager(area)
    page = sign_in(centre, "hoa")
    shown = page.get("/console/attention").text
    assert "BK 1" in shown
    assert "BK 2" in shown
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert token
    data = {"csrf_token": token[1], "field": "certificate", "change": rivals[0]["change"]}
    data["rival"] = re.findall(r'name="rival" value="([^"]+)"', shown)[:2]
    page.post(f"/console/settle/{plot}", data=data)
    lan.sync()
    assert lan.replica.base[plot]["conflicts"] == {}
    assert lan.replica.base[plot]["fields"]["certificate"] == "BK 1"


@pytest.mark.loss(5)
def test_a_value_that_came_in_after_the_page_was_drawn_is_not_settled_away(centre: Centre) -> None:
    area = centre.area()
    phones = [centre.officer(area), centre.officer(area, name="pao"), centre.officer(area, name="mai")]
    plot = plot_of(phones[0], area)
    for phone in phones[1:]:
        phone.sync()
    for phone, value in zip(phones, ("BK 1", "BK 2", "BK 3"), strict=True):
        phone.new_change(plot, "plot", area, {"certificate": value})
    for phone in phones[:2]:
        phone.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    shown = page.get("/console/attention").text
    form = {name: re.findall(rf'name="{name}" value="([^"]+)"', shown) for name in ("csrf_token", "change", "rival")}
    data = {"csrf_token": form["csrf_token"][0], "field": "certificate", "change": form["change"][0]}
    phones[2].sync()
    page.post(f"/console/settle/{plot}", data=data | {"rival": form["rival"][:2]})
    phones[0].sync()
    values = {each["value"] for each in phones[0].replica.base[plot]["conflicts"]["certificate"]}
    assert values == {"BK 1", "BK 2", "BK 3"}


@pytest.mark.loss(22)
def test_a_manager_settles_that_a_record_is_deleted_with_all_that_the_page_showed_and_nothing_else(
    centre: Centre,
) -> None:
    area = centre.area()
    lan, pao = centre.officer(area), centre.officer(area, name="pao")
    plot = plot_of(lan, area)
    pao.sync()
    pao.new_change(plot, "plot", area, {"note": "tưới nước"})
    lan.new_change(plot, "plot", area, {"deleted": True})
    for phone in (pao, lan, pao):
        phone.sync()
    assert list(pao.replica.base[plot]["conflicts"]) == ["deleted"]
    centre.manager(area)
    page = sign_in(centre, "hoa")
    shown = page.get("/console/attention").text
    form = {
        name: re.findall(rf'name="{name}" value="([^"]+)"', shown) for name in ("csrf_token", "change", "rival", "seen")
    }
    data = {"csrf_token": form["csrf_token"][0], "field": "deleted", "change": form["change"][0]}
    pao.new_change(plot, "plot", area, {"note": "bón phân"})
    page.post(f"/console/settle/{plot}", data=data | {"rival": form["rival"], "seen": form["seen"]})
    lan.sync()
    assert lan.replica.base[plot]["deleted"]
    pao.sync()
    lan.sync()
    assert not lan.replica.base[plot]["deleted"]
    assert lan.replica.base[plot]["fields"]["note"] == "bón phân"


def test_what_was_refused_is_seen_with_its_reason(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "harvest", area, {"quantity": "một tạ"})
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa").get("/console/attention").text
    assert "một tạ" in page
    assert "Số lượng" in page


def test_the_console_speaks_english_when_asked(centre: Centre) -> None:
    centre.manager(centre.area())
    assert "Needs a person" in sign_in(centre, "hoa").get("/console/?lang=en").text


def test_photos_are_shown_and_what_has_not_arrived_is_said(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plot = plot_of(lan, area)
    small, full, later, never = (png(colour) for colour in (1, 2, 3, 4))
    for each in (small, full, later):
        Sending(lan, each).send()
    photo_record(lan, area, full, small, of=plot)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    whole = page.get(f"/console/plot/{plot}").text
    assert f'href="/console/photo/{sha256(full)}"' in whole
    assert f'src="/console/photo/{sha256(small)}"' in whole
    assert "has not arrived yet" not in page.get(f"/console/plot/{plot}?lang=en").text
    photo_record(lan, area, never, later, of=plot)
    waiting = page.get(f"/console/plot/{plot}?lang=en").text
    assert f'src="/console/photo/{sha256(later)}"' in waiting
    assert sha256(never) not in waiting
    assert waiting.count("has not arrived yet") == 1


def test_a_picture_is_for_those_who_manage_where_its_record_is(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(there)
    leaf = png(30)
    Sending(lan, leaf).send()
    photo_record(lan, there, leaf)
    centre.manager(here)
    centre.manager(there, name="pao")
    address = f"/console/photo/{sha256(leaf)}"
    assert sign_in(centre, "hoa").get(address).status_code == 404
    assert Browser(centre.app).get(address).status_code == 302
    answer = sign_in(centre, "pao").get(address)
    assert (answer.status_code, answer.data) == (200, leaf)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.loss(6)
def test_what_was_meant_for_no_area_that_there_is_is_seen_by_the_managers_of_its_author(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", "01900000-0000-7000-8000-00000000dead", {"name": "Chưa có địa bàn"})
    lan.sync()
    centre.manager(area)
    assert "Chưa có địa bàn" in sign_in(centre, "hoa").get("/console/attention").text
    centre.manager(centre.area("Nơi khác"), name="la")
    assert "Chưa có địa bàn" not in sign_in(centre, "la").get("/console/attention").text


def test_what_a_phone_reports_is_shown_and_nonsense_in_it_breaks_no_page(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    report = {
        "app": "1a2b3c4d",
        "unsent": 3,
        "oldest_unsent": "2026-11-20T02:00:00Z",
        "last_error": {"at": "?", "outcome": "timeout"},
    }
    body = {"protocol": 1, "epoch": None, "areas": {}, "changes": [], "report": report}
    lan._send("POST", "/api/v1/sync", json=body)
    centre.manager(area)
    shown = sign_in(centre, "hoa").get("/console/devices").text
    for word in ("1a2b3c4d", "20/11/2026 09:00", "timeout"):
        assert word in shown
    for nonsense in (
        {"oldest_unsent": "0001-01-01T00:00:00+14:00"},
        {"last_error": {"at": "9999-12-31T23:59:59-14:00", "outcome": []}},
        {"free_bytes": 1e308, "unsent": -1, "refused": 10**60, "pictures_waiting": {}},
    ):
        lan._send("POST", "/api/v1/sync", json={**body, "report": nonsense})
        assert sign_in(centre, "hoa").get("/console/devices").status_code == 200, nonsense


@pytest.mark.loss(18)
def test_a_manager_keeps_what_one_deleted_and_another_changed(centre: Centre) -> None:
    area = centre.area()
    lan, pao = centre.officer(area), centre.officer(area, name="pao")
    plot = plot_of(lan, area)
    pao.sync()
    pao.new_change(plot, "plot", area, {"note": "tưới nước"})
    lan.new_change(plot, "plot", area, {"deleted": True})
    for phone in (pao, lan):
        phone.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    shown = page.get("/console/attention").text.partition('data-test="keep"')[2].partition("</form>")[0]
    page.post(f"/console/settle/{plot}", data=dict(re.findall(r'name="([^"]+)" value="([^"]*)"', shown)))
    pao.sync()
    assert pao.replica.base[plot]["conflicts"] == {}
    assert pao.replica.base[plot]["fields"]["note"] == "tưới nước"


def test_a_number_in_a_sentence_is_written_as_its_reader_writes_numbers(centre: Centre) -> None:
    for language, written in (("vi", "19.962"), ("en", "19,962")):
        with centre.app.test_request_context(f"/console/?lang={language}"):
            refresh()  # the scene's own context remembers one language
            assert written in gettext("%(count)s plots, %(area)s ha", count=19_962, area="1")


@pytest.mark.parametrize(
    "address",
    [
        "/console/plot/%00", "/console/record/%00/history", "/console/bring/%00", f"/console/photo/{'%00' * 64}",
        "/console/tasks/new?of=%00", "/api/v1/photos/%00", "/maps/%00",
    ],
)  # fmt: skip
def test_a_nul_in_an_address_leads_nowhere(centre: Centre, address: str) -> None:
    centre.manager(centre.area())
    assert sign_in(centre, "hoa").get(address).status_code in (401, 404)


def test_a_nul_in_a_search_is_no_letter(centre: Centre) -> None:
    area = centre.area()
    plot = plot_of(centre.officer(area), area)
    centre.manager(area)
    assert sign_in(centre, "hoa").get(f"/console/record/{plot}/do/join?text=Hu%00").status_code == 200


def test_an_address_that_leads_nowhere_is_a_page_for_people_and_a_problem_for_programs(centre: Centre) -> None:
    centre.manager(centre.area())
    page = sign_in(centre, "hoa")
    for address, status in (("/console/nothing", 404), ("/console/sign-out", 405)):
        answer = page.get(address)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert page.get("/api/v1/nothing").mimetype == "application/problem+json"
