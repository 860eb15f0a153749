"""What is typed stands, whatever comes in between: a late position, a slow disk, a full one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Phone
from tests.browser.test_main_path import register_a_farmer_and_a_plot

pytestmark = pytest.mark.browser

# GPS as in the hills: the first fix takes its time. The test lets it come.
SLOW_GPS = """() => {
  navigator.geolocation.getCurrentPosition = (take) => {
    window.fix = () => take({ coords: { longitude: 104, latitude: 21, accuracy: 5 }, timestamp: Date.now() });
  };
}"""

# A worn-out memory card: each draft keeps its transaction open until the test lets it go.
SLOW_DISK = """() => {
  const put = IDBObjectStore.prototype.put;
  window.held = true;
  IDBObjectStore.prototype.put = function (...args) {
    const request = put.apply(this, args);
    if (this.name === "drafts") {
      const spin = () => { if (window.held) this.get("x").onsuccess = spin; };
      spin();
    }
    return request;
  };
}"""

# The same card on saving; and a thumb that goes elsewhere the moment that “saved” is said.
SLOW_SAVE = """() => {
  const add = IDBObjectStore.prototype.add;
  window.held = true;
  IDBObjectStore.prototype.add = function (...args) {
    const request = add.apply(this, args);
    const spin = () => { if (window.held) this.get("x").onsuccess = spin; };
    spin();
    return request;
  };
}"""
HASTY = """() => new MutationObserver((_, watch) => {
  if (!document.querySelector("[data-test=said]")?.textContent) return;
  watch.disconnect();
  location.hash = "#/find";
}).observe(document, { childList: true, subtree: true })"""

FULL_DISK = """() => {
  IDBObjectStore.prototype.put = function () {
    this.transaction.abort();
    throw new DOMException("no room", "QuotaExceededError");
  };
}"""


def test_a_position_that_comes_late_takes_nothing_of_what_was_typed(in_the_field: Callable[[str], Phone]) -> None:
    lan = in_the_field("lan")
    register_a_farmer_and_a_plot(lan)
    lan.page.evaluate(SLOW_GPS)
    lan.press("new-observation")
    lan.press("field-found-present")
    lan.type("inspected", "100")
    lan.choose("pest", "HEMIVA")
    lan.page.evaluate("window.fix()")
    expect(lan.at("field-point")).to_contain_text("± 5 m")
    expect(lan.at("field-inspected")).to_have_value("100")
    expect(lan.at("field-found-present")).to_have_attribute("aria-pressed", "true")
    lan.press("save")
    expect(lan.at("record-observation")).to_contain_text("Gỉ sắt cà phê")


@pytest.mark.loss(23)
def test_the_last_corner_is_in_the_form_though_the_disk_is_slow(in_the_field: Callable[[str], Phone]) -> None:
    lan = in_the_field("lan")
    plot = register_a_farmer_and_a_plot(lan)
    lan.go(f"/edit/plot/{plot}")
    lan.press("draw-boundary")
    lan.page.wait_for_selector(".leaflet-container")
    lan.page.wait_for_timeout(700)  # the map settles: a tap on a moving map lands elsewhere
    before = lan.at("drawn-area").inner_text()
    lan.page.evaluate(SLOW_DISK)
    box = lan.at("map").bounding_box()
    lan.page.mouse.click(box["x"] + box["width"] * 0.12, box["y"] + box["height"] * 0.55)
    expect(lan.at("drawn-area")).not_to_have_text(before)
    drawn = lan.at("drawn-area").inner_text()
    lan.press("boundary-done")
    expect(lan.page.locator(".land p")).to_have_text(drawn)
    lan.page.evaluate("window.held = false")
    lan.press("save")
    expect(lan.at("area")).to_contain_text(drawn[:3])


@pytest.mark.loss(16)
def test_a_full_disk_is_said_while_typing_and_the_form_stays(in_the_field: Callable[[str], Phone]) -> None:
    lan = in_the_field("lan")
    lan.press("new-farmer")
    lan.type("name", "Lò Văn")
    lan.page.evaluate(FULL_DISK)
    lan.type("name", "Lò Văn Pâng")
    expect(lan.at("disk-trouble")).to_contain_text("Máy hết chỗ")
    expect(lan.at("field-name")).to_have_value("Lò Văn Pâng")


@pytest.mark.parametrize("hasty", [False, True], ids=["while-it-is-saved", "as-soon-as-it-is-said"])
def test_who_goes_elsewhere_while_the_form_is_saved_stays_there(
    in_the_field: Callable[[str], Phone], hasty: bool
) -> None:
    lan = in_the_field("lan")
    lan.press("new-farmer")
    lan.type("name", "Lò Văn Pâng")
    lan.type("village", "bản Nà Ớt")
    lan.choose("commune", "04123", "chieng mung")
    lan.page.evaluate(SLOW_SAVE)
    lan.press("save")
    if hasty:
        lan.page.evaluate(HASTY)
    else:
        lan.go("/find")
        lan.at("search").wait_for()
    lan.page.evaluate("window.held = false")
    expect(lan.at("said")).to_contain_text("Đã lưu trên máy này")
    expect(lan.at("record-farmer")).to_contain_text("Lò Văn Pâng")
    assert lan.page.url.endswith("#/find")


def test_a_number_says_how_it_is_understood_and_only_the_one_that_is_wrong_is_marked(
    in_the_field: Callable[[str], Phone],
) -> None:
    lan = in_the_field("lan")
    plot = register_a_farmer_and_a_plot(lan)
    lan.press("new-harvest")
    lan.type("quantity", "4.210")
    expect(lan.at("understood-quantity")).to_have_text("= 4210")
    lan.type("quantity", "4,210")
    lan.press("save")
    expect(lan.at("fault-quantity")).to_contain_text("4210")
    expect(lan.at("field-quantity")).to_be_focused()
    expect(lan.at("understood-quantity")).to_have_count(0)
    lan.type("quantity", "4.210")
    lan.press("save")
    expect(lan.at("record-harvest")).to_contain_text("4.210 kg")

    lan.go(f"/edit/plot/{plot}")
    lan.type("crops-0-plants", "vài")
    lan.press("save")
    expect(lan.at("fault-crops-0-plants")).to_contain_text("Giá trị không đúng kiểu")
    expect(lan.at("field-crops-0-plants")).to_be_focused()
    expect(lan.page.locator(".wrong")).to_have_count(1)
    lan.type("crops-0-plants", "1.200")
    lan.press("save")
    expect(lan.page.locator("dl")).to_contain_text("1.200 cây")
