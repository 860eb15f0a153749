"""The taps of docs/comparison.md, counted: each task from home, by somebody who knows the app, to the moment it is saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Centre, Phone
from tests.browser.test_recording import COUNTING, Field

pytestmark = pytest.mark.browser

PAGE = Path(__file__).parent.parent.parent / "docs/comparison.md"
# The task of each row, by the words that its first cell begins with.
ROWS = re.compile(r"^\| \*\*(?P<task>[^*]+)\*\*[^|]*\| (?P<ours>\d+)", re.MULTILINE)


@pytest.fixture
def lan(centre: Centre, in_the_field: Callable[..., Phone]) -> Phone:
    """A phone with a plot of coffee that was picked before; there is no centre now."""
    Field(centre)
    lan = in_the_field("lan")
    lan.go("/find")
    lan.at("record-plot").wait_for()
    centre.stop()
    lan.page.evaluate(COUNTING)
    return lan


def test_the_taps_of_the_comparison_are_those_that_it_takes(lan: Phone) -> None:
    counted = {
        "A harvest": _taps(lan, _harvest),
        "A disease": _taps(lan, _disease),
        "A correction": _taps(lan, _correction),
        "A new plot": _taps(lan, _plot),
        "What is not sent": _taps(lan, _what_is_not_sent),
    }
    assert counted == {row["task"]: int(row["ours"]) for row in ROWS.finditer(PAGE.read_text())}


def _taps(lan: Phone, task: Callable[[Phone], None]) -> int:
    lan.go("/")
    lan.at("contact").wait_for()
    lan.page.evaluate("window.taps = 0")
    task(lan)
    return int(lan.page.evaluate("window.taps"))


def _type(lan: Phone, field: str, text: str) -> None:
    """As a thumb does: into the field, then the keys, which are not counted."""
    lan.press(f"field-{field}")
    lan.type(field, text)


def _to_the_plot(lan: Phone) -> None:
    lan.press("find")
    lan.press("search")
    lan.at("search").fill("huoi pa 3")
    lan.at("record-plot").click()


def _harvest(lan: Phone) -> None:
    _to_the_plot(lan)
    lan.press("new-harvest")
    _type(lan, "quantity", "120")
    lan.press("save")
    expect(lan.at("record-harvest")).to_contain_text("120")


def _disease(lan: Phone) -> None:
    _to_the_plot(lan)
    lan.press("new-observation")
    lan.press("field-found-present")
    lan.press("field-pest-HEMIVA")
    _type(lan, "inspected", "30")
    _type(lan, "affected", "8")
    lan.press("save")
    expect(lan.at("record-observation")).to_contain_text("8/30")


def _correction(lan: Phone) -> None:
    _to_the_plot(lan)
    lan.press("record-harvest")
    lan.press("correct")
    _type(lan, "quantity", "125")
    lan.press("save")
    expect(lan.at("value-quantity")).to_contain_text("125")


def _plot(lan: Phone) -> None:
    _to_the_plot(lan)
    lan.page.locator(".under a").click()
    lan.press("new-plot")
    _type(lan, "name", "Huổi Pá 4")
    lan.press("field-crops-0-crop")
    lan.press("choose-X-PLUM")
    lan.press("draw-boundary")
    lan.page.wait_for_selector(".leaflet-container")
    lan.page.wait_for_timeout(500)  # the map settles: a tap on a moving map lands elsewhere
    box = lan.at("map").bounding_box()
    for across, down in ((0.3, 0.3), (0.7, 0.32), (0.75, 0.7), (0.35, 0.75)):
        lan.page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        lan.page.wait_for_timeout(350)  # two taps at once are a double tap
    lan.press("boundary-done")
    lan.press("save")
    expect(lan.at("area")).to_contain_text("ha")


def _what_is_not_sent(lan: Phone) -> None:
    lan.press("counters")
    expect(lan.at("goes-next")).to_contain_text("Huổi Pá 4")
    expect(lan.at("goes-next")).to_contain_text("Nương · mới ·")
