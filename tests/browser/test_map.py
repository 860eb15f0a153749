"""A boundary beside its neighbours, and maps that are there without a signal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.gate import Gate
from tests.browser.scene import Centre, Phone
from tests.browser.test_refused import register_a_farmer
from tests.maps import of_lines, of_pictures

pytestmark = pytest.mark.browser


def stand(phone: Phone, longitude: float, latitude: float, accuracy: float) -> None:
    """Be somewhere, and wait until the phone knows; each place with an accuracy of its own, by which it is told."""
    phone.stand_at(longitude, latitude, accuracy)
    expect(phone.page.locator(".measure .quiet")).to_contain_text(f"± {accuracy:.0f} m")


def corner(phone: Phone, longitude: float, latitude: float, accuracy: float) -> None:
    stand(phone, longitude, latitude, accuracy)
    phone.press("here")


def new_plot(phone: Phone, name: str) -> None:
    phone.press("new-plot")
    phone.type("name", name)


def drafted(phone: Phone) -> dict[str, Any]:
    """What stands in the one draft on disk."""
    typed: dict[str, Any] = phone.on_disk("drafts")["drafts"][0]["typed"]
    return typed


def ring_of(phone: Phone) -> list[list[float]]:
    ring: list[list[float]] = drafted(phone)["boundary"]["coordinates"][0]
    return ring


def test_a_plot_is_walked_beside_its_neighbour_and_takes_its_line(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    new_plot(lan, "Huổi Pá 1")
    lan.press("draw-boundary")
    west = [(104.0710, 21.2360), (104.0715, 21.2360), (104.07155, 21.2364), (104.0715, 21.2368), (104.0710, 21.2368)]
    for number, place in enumerate(west, 3):
        corner(lan, *place, number)
    expect(lan.at("corner-words")).to_contain_text("± 7 m")
    lan.press("boundary-done")
    lan.press("save")
    lan.at("area").wait_for()
    centre.stop()

    # The next field begins a little inside of the first: its walk goes along the other's eastern side.
    lan.page.locator("header .under a").click()
    lan.at("new-plot").wait_for()
    new_plot(lan, "Huổi Pá 2")
    lan.type("declared_area_ha", "0.2")
    lan.press("draw-boundary")
    lan.press("way-walked")
    stand(lan, 104.07152, 21.23600, 12)
    lan.press("walk")
    stand(lan, 104.07151, 21.23599, 11)
    expect(lan.at("boundary-words")).to_contain_text("11 m")
    lan.press("here")  # a corner, and the mean of what comes while one stands there
    stand(lan, 104.07151, 21.23601, 4)
    expect(lan.at("corner-words")).to_contain_text("2 lần đo")
    stand(lan, 104.07152, 21.23620, 5)
    stand(lan, 104.0721, 21.2362, 60)  # nowhere near: it is waited for better
    expect(lan.at("boundary-words")).to_contain_text("60 m")
    for number, place in enumerate(((104.07153, 21.23641), (104.07151, 21.23661), (104.07148, 21.23681)), 6):
        stand(lan, *place, number)
    lan.press("walk")
    # A pause, the phone in the pocket, and on from there.
    stand(lan, 104.0718, 21.23680, 9)
    lan.press("walk")
    for number, place in enumerate(((104.0720, 21.2368), (104.0720, 21.2364), (104.0720, 21.2360)), 10):
        stand(lan, *place, number)
    # The app is ended in the midst of it: all that was walked is there, on disk and on the screen.
    lan.eventually(lambda: len(drafted(lan).get("track", [])) == 10, "every fix on disk")
    lan.kill()
    lan.open()
    lan.at("walk").wait_for()
    track = drafted(lan)["track"]
    assert [each["accuracy_m"] for each in track if each["accuracy_m"] > 30] == [60]
    expect(lan.at("overlap")).to_contain_text("Huổi Pá 1 (Lò Văn Pâng)")
    expect(lan.at("overlap")).to_contain_text("m²")
    expect(lan.page.locator("path.overlap")).not_to_have_count(0)
    lan.press("share-line")
    expect(lan.at("overlap")).to_have_count(0)
    shared = [list(place) for place in west[1:4]]
    assert [place for place in ring_of(lan) if place in shared] in (shared, shared[::-1])
    corners = drafted(lan)["corners"]
    assert [each["how"] for each in corners].count("shared") >= 3
    assert all(each.get("accuracy_m") for each in corners if each["how"] in ("walked", "stood"))
    expect(lan.at("declared")).to_contain_text("%")

    # A corner that is wrong: chosen with a thumb, taken away, and brought back.
    count = len(corners)
    lan.until(
        "[...document.querySelectorAll('.corner')].every((each) => each.offsetWidth >= 48 && each.offsetHeight >= 48)"
    )
    handle = lan.page.locator(".corner:not(.between)").last
    handle.click()
    lan.press("delete-corner")
    lan.eventually(lambda: len(drafted(lan)["corners"]) == count - 1, "one corner less")
    lan.press("undo-corner")
    lan.eventually(lambda: len(drafted(lan)["corners"]) == count, "the corner again")
    lan.press("boundary-done")
    lan.press("save")
    lan.at("area").wait_for()
    centre.start()
    lan.sync()
    lan.wait_until_sent()
    plots = [each["set"] for each in centre.log() if "boundary" in each["set"]]
    assert len(plots) == 2  # the neighbour's shape was changed by nobody
    assert all(place in plots[0]["boundary"]["coordinates"][0] for place in shared)
    assert all(place in plots[1]["boundary"]["coordinates"][0] for place in shared)
    assert plots[1]["track"] == track


def test_a_map_comes_over_a_link_that_breaks_and_is_there_without_one(
    centre: Centre, gate: Gate, in_the_field: Callable[..., Phone], tmp_path: Path
) -> None:
    for content, name in ((of_lines() + bytes(600_000), "Đồi"), (of_pictures(), "Ảnh")):
        file = tmp_path / f"{name}.pmtiles"
        file.write_bytes(content)
        centre.nuong("maps", "add", str(file), "--area", centre.area)
    lan = in_the_field("lan", gate.address)
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/maps")
    line = of_map(lan, "Đồi")
    expect(line).to_contain_text("0,8 MB")
    expect(lan.at("free")).to_contain_text("GB")

    # The app is killed while a piece is on its way, and that piece is lost.
    cut = gate.hold_answer("/api/v1/maps/", lambda asked: asked.path.endswith("/file") and files(gate) > 1)
    line.locator("[data-test=fetch-map]").click()
    cut.wait()
    lan.kill()
    cut.lose()
    asked = files(gate)
    lan.open()
    lan.at("counters").wait_for()
    lan.go("/maps")
    line = of_map(lan, "Đồi")
    expect(line.locator("[data-test=map-state]")).to_contain_text("MB")
    line.locator("[data-test=fetch-map]").click()
    expect(line.locator("[data-test=map-state]")).to_contain_text("Đã có trên máy", timeout=60_000)
    assert files(gate) - asked < 4  # what was here already was not asked for again
    of_map(lan, "Ảnh").locator("[data-test=fetch-map]").click()
    expect(lan.page.locator("[data-test=map-state]", has_text="Đã có trên máy")).to_have_count(2)

    centre.stop()
    lan.kill()
    lan.open()
    lan.at("counters").wait_for()
    lan.go("/map")
    expect(lan.page.locator(".leaflet-control-attribution")).to_contain_text("Vẽ để thử")
    lan.press("my-place")
    lan.until("[...document.querySelectorAll('canvas.leaflet-tile')].some((tile) => tile.getContext('2d')"
              ".getImageData(0, 0, tile.width, tile.height).data.some((each) => each))")  # fmt: skip
    lan.until("[...document.querySelectorAll('img.leaflet-tile')].some((tile) => tile.naturalWidth === 256)")
    lan.press("maps")
    expect(lan.page.locator("[data-test=map-line]")).to_have_count(2)
    # What cost data is not gone by one touch of a wet thumb.
    of_map(lan, "Đồi").locator("[data-test=delete-map]").click()
    expect(of_map(lan, "Đồi").locator("[data-test=sure]")).to_contain_text("0,8 MB")
    lan.press("keep-map")
    expect(lan.page.locator("[data-test=map-state]")).to_have_count(2)
    of_map(lan, "Đồi").locator("[data-test=delete-map]").click()
    lan.press("delete-map-now")
    lan.until("document.querySelectorAll('[data-test=map-state]').length === 1")


def of_map(phone: Phone, name: str) -> Any:
    """What the page of maps says of one."""
    return phone.page.locator("[data-test=map-line]", has_text=name)


def files(gate: Gate) -> int:
    """How often a part of a map was asked for."""
    return sum(each.path.endswith("/file") for each in gate.asked)
