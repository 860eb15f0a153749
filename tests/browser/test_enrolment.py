"""A phone is signed in by the code that a manager shows: by the camera, or typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Centre, Phone

pytestmark = pytest.mark.browser


def test_the_address_in_the_qr_code_signs_a_phone_in_once(centre: Centre, phone: Callable[..., Phone]) -> None:
    code = centre.nuong("device", "enrol", "lan").strip()
    lan = phone("lan")
    lan.page.goto(f"{centre.address}/#/enrol/{code}")
    expect(lan.page.locator("[name=code]")).to_have_value(code)
    lan.press("sign-in")
    lan.at("contact").wait_for()
    other = phone("other")
    other.page.goto(f"{centre.address}/#/enrol/{code}")
    other.press("sign-in")
    expect(other.at("sign-in-fault")).to_contain_text("dùng rồi")


def test_a_code_is_typed_where_the_camera_does_not_read_it(centre: Centre, phone: Callable[..., Phone]) -> None:
    code = centre.nuong("device", "enrol", "lan").strip()
    lan = phone("lan")
    lan.press("other-way")
    lan.page.fill("[name=code]", "sai-roi")
    lan.press("sign-in")
    expect(lan.at("sign-in-fault")).to_contain_text("không đúng")
    lan.page.fill("[name=code]", code.lower().replace("-", " "))
    lan.press("sign-in")
    lan.at("contact").wait_for()


# A camera before which the manager's screen is held, and a browser that reads codes: Chromium does so on Android alone.
SEEN_BY_THE_CAMERA = """() => {
  window.shown = [];
  window.BarcodeDetector = class { async detect() { return window.shown.map((rawValue) => ({ rawValue })); } };
  window.opened = [];
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    const draw = () => canvas.getContext("2d").fillRect(0, 0, 10, 10);
    const picture = (draw(), canvas.captureStream());
    setInterval(draw, 50);
    window.opened.push(...picture.getTracks());
    return picture;
  };
}"""


def test_the_camera_inside_the_app_reads_the_code_and_is_let_go(centre: Centre, phone: Callable[..., Phone]) -> None:
    code = centre.nuong("device", "enrol", "lan").strip()
    lan = phone("lan")
    lan.page.add_init_script(f"({SEEN_BY_THE_CAMERA})()")
    lan.page.reload()
    lan.press("other-way")
    lan.press("open-scan")
    lan.page.evaluate("window.shown = ['https://example.org/menu']")
    expect(lan.at("scan")).to_contain_text("mã khác")
    lan.page.evaluate("(code) => (window.shown = [`${location.origin}/#/enrol/${code}`])", code)
    expect(lan.page.locator("[name=code]")).to_have_value(code)
    expect(lan.at("scan")).to_have_count(0)
    assert lan.page.evaluate("window.opened.map((each) => each.readyState)") == ["ended"]
    lan.press("sign-in")
    lan.at("contact").wait_for()


def test_where_the_browser_reads_no_codes_the_phones_own_camera_is_named(phone: Callable[..., Phone]) -> None:
    lan = phone("lan")
    lan.press("other-way")
    expect(lan.page.locator("main")).to_contain_text("mở máy ảnh của điện thoại, hướng vào mã")


def test_a_code_that_is_opened_while_practising_leads_out_of_practice(
    centre: Centre, phone: Callable[..., Phone]
) -> None:
    code = centre.nuong("device", "enrol", "lan").strip()
    lan = phone("lan")
    lan.press("practise")
    lan.at("band").wait_for()
    lan.go(f"/enrol/{code}")
    expect(lan.page.locator("[name=code]")).to_have_value(code)
    expect(lan.at("band")).to_have_count(0)
    lan.press("sign-in")
    lan.at("contact").wait_for()
