"""The main path, as a story: recorded without a signal, merged at the centre, seen by the manager."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import Centre, Phone

pytestmark = pytest.mark.browser


@pytest.mark.loss(5, 16)
def test_a_day_without_a_signal_reaches_the_centre_and_both_officers_agree_in_the_end(
    centre: Centre, phone: Callable[[str], Phone], manager: Page
) -> None:
    lan = phone("lan")
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    lan.ready_for_the_field()

    # There is no centre now, for the whole day.
    centre.stop()
    plot = register_a_farmer_and_a_plot(lan)
    _record_a_harvest_and_correct_it(lan)
    _record_an_observation(lan)

    # The battery falls out. There still is no centre.
    lan.kill()
    lan.open()
    lan.at("contact").wait_for()
    expect(lan.at("only-here-count")).to_have_text("5")
    _all_is_there(lan, plot)

    # Back at the pass.
    centre.start()
    lan.go("/")
    lan.press("sync-now")
    lan.wait_until_sent()
    _the_manager_sees_it_once(manager)

    # Another officer's phone gets it.
    pao = phone("pao")
    pao.sign_in("pao")
    pao.at("contact").wait_for()
    pao.ready_for_the_field()
    _all_is_there(pao, plot)

    _edits_of_different_fields_merge(centre, lan, pao, plot)
    _edits_of_the_same_field_keep_both_values(centre, lan, pao, plot, manager)


def register_a_farmer_and_a_plot(lan: Phone) -> str:
    lan.press("new-farmer")
    lan.type("name", "Lò Văn Pâng")
    lan.type("village", "bản Nà Ớt")
    lan.choose("commune", "04123", "chieng mung")
    lan.save()
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.choose("crops-0-crop", "COFAR")
    lan.press("draw-boundary")
    lan.page.wait_for_selector(".leaflet-container")
    lan.page.wait_for_timeout(500)  # the map settles: a tap on a moving map lands elsewhere
    box = lan.at("map").bounding_box()
    for across, down in ((0.3, 0.3), (0.7, 0.32), (0.75, 0.7), (0.35, 0.75)):
        lan.page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        lan.page.wait_for_timeout(350)  # two taps at once are a double tap
    expect(lan.at("drawn-area")).to_contain_text("ha")
    lan.press("boundary-done")
    lan.press("save")
    expect(lan.at("area")).to_contain_text("ha")
    return lan.page.url.rsplit("/", 1)[-1]


def _record_a_harvest_and_correct_it(lan: Phone) -> None:
    lan.press("new-harvest")
    lan.type("quantity", "120")
    lan.press("save")
    lan.press("record-harvest")
    lan.press("correct")
    lan.type("quantity", "125,5")
    lan.press("save")
    expect(lan.at("value-quantity")).to_have_text("125,5")
    lan.page.go_back()


def _record_an_observation(lan: Phone) -> None:
    lan.go("/find")
    lan.press("record-plot")
    lan.press("new-observation")
    lan.press("field-found-present")
    lan.choose("pest", "HEMIVA")
    lan.type("inspected", "30")
    lan.type("affected", "8")
    lan.press("save")
    expect(lan.at("record-observation")).to_contain_text("Gỉ sắt cà phê 8/30")


def _all_is_there(phone: Phone, plot: str) -> None:
    phone.go(f"/plot/{plot}")
    expect(phone.page.locator("h1")).to_have_text("Huổi Pá 3")
    expect(phone.page.locator(".under")).to_contain_text("Lò Văn Pâng")
    expect(phone.at("area")).to_contain_text("ha")
    expect(phone.at("record-harvest")).to_contain_text("125,5 kg Cà phê chè")
    expect(phone.at("record-observation")).to_contain_text("Gỉ sắt cà phê 8/30")


def _the_manager_sees_it_once(manager: Page) -> None:
    manager.reload()
    expect(manager.locator("[data-test=count]")).to_contain_text("1 nương")
    manager.click("tbody tr th a")
    expect(manager.locator("[data-test=harvest]")).to_have_count(1)
    expect(manager.locator("[data-test=harvest]")).to_contain_text("125,5 kg")
    expect(manager.locator("[data-test=harvest]")).to_contain_text("Lò Thị Lan")
    expect(manager.locator("[data-test=observation]")).to_have_count(1)
    expect(manager.locator("[data-test=observation]")).to_contain_text("8/30")


def _correct(phone: Phone, plot: str, field: str, text: str) -> None:
    phone.go(f"/edit/plot/{plot}")
    phone.page.wait_for_selector("[data-test=save]")
    more = phone.page.locator("details.details:not([open]) > summary")
    if more.count():
        more.first.click()
    phone.type(field, text)
    phone.save()


def _edits_of_different_fields_merge(centre: Centre, lan: Phone, pao: Phone, plot: str) -> None:
    centre.stop()
    _correct(lan, plot, "certificate", "BK 123456")
    _correct(pao, plot, "declared_area_ha", "1,3")
    centre.start()
    for each in (lan, pao, lan):
        each.sync()
        each.wait_until_sent()
    for each in (lan, pao):
        each.go(f"/plot/{plot}")
        each.page.locator("details.details > summary").click()
        expect(each.at("value-certificate")).to_have_text("BK 123456")
        expect(each.at("value-declared_area_ha")).to_have_text("1,3 ha")
        expect(each.at("conflicts")).to_have_count(0)


def _edits_of_the_same_field_keep_both_values(centre: Centre, lan: Phone, pao: Phone, plot: str, manager: Page) -> None:
    centre.stop()
    _correct(lan, plot, "certificate", "BK 777")
    _correct(pao, plot, "certificate", "BK 888")
    centre.start()
    for each in (lan, pao, lan):
        each.sync()
        each.wait_until_sent()
    for each in (lan, pao):
        each.go(f"/plot/{plot}")
        expect(each.at("conflict-certificate")).to_contain_text("BK 777")
        expect(each.at("conflict-certificate")).to_contain_text("BK 888")
        expect(each.at("needs-count")).to_have_text("1")
    manager.goto(f"{centre.address}/console/attention")
    expect(manager.locator("[data-test=conflict-certificate]")).to_contain_text("BK 777")
    expect(manager.locator("[data-test=conflict-certificate]")).to_contain_text("BK 888")

    # One press settles it, and every screen agrees.
    lan.page.locator("[data-test=conflict-certificate] button", has_text="BK 888").click()
    lan.sync()
    pao.sync()
    pao.go(f"/plot/{plot}")
    expect(pao.at("conflicts")).to_have_count(0)
    manager.reload()
    expect(manager.locator("[data-test=conflict-certificate]")).to_have_count(0)
