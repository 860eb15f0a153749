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
