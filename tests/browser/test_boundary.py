"""A boundary that crosses itself is said where it is drawn, kept as it was drawn, and looked at afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser


@pytest.mark.loss(34, 35)
def test_a_boundary_that_crosses_itself_is_said_and_kept_as_it_was_drawn(
    centre: Centre, in_the_field: Callable[[str], Phone], manager: Page
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.press("draw-boundary")
    # Corner after corner, in an order that makes a bow tie.
    for corner, (longitude, latitude) in enumerate(
        ((104.0710, 21.2360), (104.0720, 21.2369), (104.0720, 21.2360), (104.0710, 21.2369)), 1
    ):
        lan.stand_at(longitude, latitude, corner)
        expect(lan.page.locator(".measure .quiet")).to_contain_text(f"± {corner} m")
        lan.press("here")
    expect(lan.at("boundary-words")).to_contain_text("tự cắt")
    lan.press("boundary-done")
    expect(lan.page.locator(".warning")).to_contain_text("tự cắt")
    lan.press("save")
    lan.at("area").wait_for()
    centre.start()
    lan.sync()
    lan.wait_until_sent()

    # Nobody repaired it: the manager sees what was drawn, and that there is something to do.
    manager.reload()
    manager.click("tbody tr th a")
    expect(manager.locator("[data-test=check]", has_text="tự cắt")).to_be_visible()
