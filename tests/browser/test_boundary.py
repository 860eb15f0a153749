"""A boundary that crosses itself is said where it is drawn, kept as it was drawn, and looked at afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

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


def test_a_boundary_says_what_comes_next_and_a_wrong_touch_is_taken_back(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.press("draw-boundary")
    expect(lan.at("drawn-area")).to_contain_text("Chấm từng góc nương")
    lan.press("way-walked")
    expect(lan.at("drawn-area")).to_contain_text("bấm “Bắt đầu đi”")
    # Round once: what came of it stands there, and is not left by the same press.
    lan.press("walk")
    for number, place in enumerate(((104.0715, 21.2361), (104.0720, 21.2361), (104.0720, 21.2365)), 3):
        stand(lan, *place, number)
    lan.press("boundary-done")
    expect(lan.at("walk")).to_have_text("Đi tiếp")
    expect(lan.at("drawn-area")).to_contain_text("ha")
    while lan.at("undo-corner").is_enabled():
        lan.press("undo-corner")
    lan.press("way-tapped")

    # Once it has shown where one stands, the map stays where a thumb put it.
    expect(lan.page.locator(".leaflet-container")).to_be_visible()
    stand(lan, 104.0715, 21.2361, 7)
    lan.page.locator(".leaflet-container").press("ArrowRight")
    lan.page.wait_for_timeout(500)  # until it has come to rest
    where = "document.querySelector('.leaflet-map-pane').style.transform"
    moved = lan.page.evaluate(where)
    stand(lan, 104.0710, 21.2360, 8)
    assert lan.page.evaluate(where) == moved

    lan.press("here")
    expect(lan.at("drawn-area")).to_contain_text("còn thiếu 2 góc")
    for number, place in enumerate(((104.0720, 21.2360), (104.0720, 21.2369)), 9):
        stand(lan, *place, number)
        lan.press("here")
    expect(lan.at("drawn-area")).to_contain_text("ha")
    drawn = lan.at("drawn-area").inner_text()

    # “A point” in place of “Tap”: one press brings the corners back, and the boundary with them.
    lan.press("way-point")
    lan.eventually(lambda: kept_shape(lan) == "Point", "a point in the draft")
    lan.press("undo-corner")
    expect(lan.at("drawn-area")).to_have_text(drawn)
    expect(lan.at("way-tapped")).to_have_attribute("aria-pressed", "true")
    lan.eventually(lambda: kept_shape(lan) == "Polygon", "the boundary again")


def test_a_plot_that_has_a_boundary_is_walked_anew_and_what_is_taken_back_leaves_nothing(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.press("draw-boundary")
    for number, place in enumerate(((104.0710, 21.2360), (104.0730, 21.2360), (104.0720, 21.2379)), 1):
        stand(lan, *place, number)
        lan.press("here")
    saved = lan.at("drawn-area").inner_text()
    lan.press("boundary-done")
    lan.save()

    lan.press("correct")
    lan.press("draw-boundary")
    lan.press("way-walked")
    expect(lan.at("in-place")).to_be_visible()
    expect(lan.at("walk")).to_have_text("Bắt đầu đi")
    # Nothing of the old one is in the new one, though it is walked beside it, and with a gap in it.
    walk(lan, ((104.0741, 21.2361), (104.0750, 21.2361), (104.0750, 21.2370), (104.0741, 21.2370)))
    walked = lan.at("drawn-area").inner_text()
    assert walked.startswith("0,9")
    expect(lan.at("gaps")).to_be_visible()
    expect(lan.at("walk")).to_have_text("Đi tiếp")
    lan.press("undo-corner")
    expect(lan.at("drawn-area")).to_have_text(saved)
    expect(lan.at("gaps")).to_have_count(0)
    lan.eventually(lambda: kept(lan)["boundary"]["coordinates"][0][0] == [104.071, 21.236], "the old boundary")
    assert not kept(lan).get("track")

    # Walked once more, and left: it can be walked on, walked anew, and what was saved can be brought back.
    walk(lan, ((104.0741, 21.2361), (104.0750, 21.2361), (104.0750, 21.2370), (104.0741, 21.2370)))
    expect(lan.at("drawn-area")).to_have_text(walked)
    lan.press("boundary-done")
    lan.press("draw-boundary")
    expect(lan.at("walk")).to_have_text("Đi tiếp")
    lan.press("walk-anew")
    expect(lan.at("walk")).to_have_text("Tạm dừng")
    # It comes to nothing: what stood there stands.
    lan.press("walk")
    expect(lan.at("drawn-area")).to_have_text(walked)
    lan.press("undo-corner")
    expect(lan.at("drawn-area")).to_have_text(saved)

    # The track of a walk that was given up for a point is not the point's.
    walk(lan, ((104.0741, 21.2361), (104.0750, 21.2361), (104.0750, 21.2370), (104.0741, 21.2370)))
    lan.press("way-point")
    lan.eventually(
        lambda: kept(lan)["boundary"]["type"] == "Point" and not kept(lan).get("track"), "a point without track"
    )


def test_where_the_phone_may_not_say_where_it_is_that_is_said_on_every_map(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    lan = in_the_field("lan")
    no = {"permission": {"name": "geolocation"}, "setting": "denied", "origin": centre.address}
    lan.page.context.new_cdp_session(lan.page).send("Browser.setPermission", no)
    lan.go("/map")
    expect(lan.at("forbidden")).to_contain_text("chưa được phép")
    expect(lan.at("my-place")).to_have_text("Chưa có vị trí")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.press("draw-boundary")
    lan.press("here")
    expect(lan.at("forbidden")).to_be_visible()


def stand(phone: Phone, longitude: float, latitude: float, accuracy: float) -> None:
    """Be somewhere, and wait until the phone knows; each place with an accuracy of its own, by which it is told."""
    phone.stand_at(longitude, latitude, accuracy)
    expect(phone.page.locator(".measure .quiet")).to_contain_text(f"± {accuracy:.0f} m")


def walk(phone: Phone, places: Iterable[tuple[float, float]]) -> None:
    """Walk by *places*, and pause."""
    phone.press("walk")
    for number, place in enumerate(places, 4):
        stand(phone, *place, number)
    phone.press("walk")


def kept(phone: Phone) -> dict[str, Any]:
    """What stands in the one draft on disk."""
    typed: dict[str, Any] = phone.on_disk("drafts")["drafts"][0]["typed"]
    return typed


def kept_shape(phone: Phone) -> str:
    """What kind of shape the one draft on disk holds."""
    return str(kept(phone)["boundary"]["type"])
