"""The review, as a story across both sides: a wrong entry, the manager's question, an answer without a signal, the approval."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import Centre, Phone
from tests.browser.test_main_path import register_a_farmer_and_a_plot

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent.parent.parent / "node_modules/axe-core/axe.min.js"
LAPTOP, SMALL = {"width": 1280, "height": 800}, {"width": 360, "height": 640}
# How the console is read: on a laptop, and on a phone in the other language.
READ = pytest.mark.parametrize(("size", "language"), [(LAPTOP, "vi"), (SMALL, "en")], ids=["laptop-vi", "phone-en"])
NUMBERS = {"vi": ("12.000", "1.200"), "en": ("12,000", "1,200")}


def read(manager: Page, centre: Centre, size: Any, language: str) -> None:
    """The manager reads the console so from now on."""
    manager.set_viewport_size(size)
    manager.goto(f"{centre.address}/console/?lang={language}")


@READ
def test_a_wrong_entry_is_queried_answered_offline_approved_and_a_later_edit_shows(
    centre: Centre, in_the_field: Callable[[str], Phone], manager: Page, size: Any, language: str
) -> None:
    wrong, right = NUMBERS[language]
    read(manager, centre, size, language)
    lan = in_the_field("lan")
    plot = register_a_farmer_and_a_plot(lan)
    _record_a_harvest(lan, plot, "12000")
    lan.sync()
    lan.wait_until_sent()

    # The manager looks at it, by the keys alone.
    manager.goto(f"{centre.address}/console/review?type=harvest")
    expect(manager.locator("[data-test=looked]")).to_contain_text(wrong)
    manager.click("[data-test=about] summary")
    manager.check("[data-test=about] [value=quantity]")
    manager.keyboard.press("q")
    expect(manager.locator("[data-test=note]")).to_be_focused()
    manager.keyboard.type("12 tấn hay 1,2 tấn?")
    manager.keyboard.press("Control+Enter")
    expect(manager.locator("[data-test=nothing]")).to_be_visible()

    # The officer hears of it, and answers where there is no signal.
    lan.sync()
    lan.wait_until_sent()
    centre.stop()
    lan.go(f"/plot/{plot}")
    lan.press("record-harvest")
    expect(lan.at("review")).to_contain_text("12 tấn hay 1,2 tấn?")
    expect(lan.at("review")).to_contain_text("Hỏi về: Số lượng")
    lan.type("answer", "1,2 tấn, gõ thừa số 0")
    lan.press("save-answer")
    expect(lan.at("answer")).to_contain_text("gõ thừa")
    centre.start()
    lan.sync()
    lan.wait_until_sent()

    manager.goto(f"{centre.address}/console/review?type=harvest")
    expect(manager.locator("[data-test=answer]")).to_contain_text("gõ thừa số 0")
    manager.keyboard.press("a")
    expect(manager.locator("[data-test=nothing]")).to_be_visible()

    # What is edited after the approval is not covered by it, and stands out.
    _correct_the_harvest(lan, plot, "1200")
    lan.sync()
    lan.wait_until_sent()
    manager.reload()
    looked = manager.locator("[data-test=looked]")
    expect(looked.locator("[data-test=changed-since-review]")).to_be_visible()
    expect(looked.locator(".fresh")).to_contain_text(right)
    expect(looked.locator(".fresh")).to_contain_text(wrong)
    _what_is_chosen_and_its_buttons_are_in_sight(manager)
    _nothing_is_in_anybodys_way(manager, centre, plot)


def _record_a_harvest(lan: Phone, plot: str, quantity: str) -> None:
    lan.go(f"/plot/{plot}")
    lan.press("new-harvest")
    lan.type("quantity", quantity)
    lan.save()


def _correct_the_harvest(lan: Phone, plot: str, quantity: str) -> None:
    lan.go(f"/plot/{plot}")
    lan.press("record-harvest")
    lan.press("correct")
    lan.type("quantity", quantity)
    lan.press("save")
    expect(lan.at("value-quantity")).to_have_text("1.200")


def _what_is_chosen_and_its_buttons_are_in_sight(page: Page) -> None:
    """On a small screen too, where the record stands far below the filters."""
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    page.locator("[data-test=waiting] a").first.click()
    expect(page.locator("[data-test=looked] h2")).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-test=approve]")).to_be_in_viewport(ratio=1)
    page.click("[data-test=query]")
    expect(page.locator("[data-test=note]")).to_be_focused()
    expect(page.locator("[data-test=note]")).to_be_in_viewport(ratio=1)


def _nothing_is_in_anybodys_way(page: Page, centre: Centre, plot: str) -> None:
    """The pages of this work, on a laptop and on a phone, in both languages: axe finds nothing, nothing sticks out."""
    record = f"/console/record/{plot}"
    addresses = ("/console/", "/console/review", f"/console/plot/{plot}", f"{record}/history", f"{record}/do/move")
    for size, language in ((LAPTOP, "vi"), (SMALL, "en")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for address in (
            *addresses,
            "/console/checks",
            "/console/checks/area",
            "/console/attention",
            "/console/deleted",
        ):
            page.goto(f"{centre.address}{address}?lang={language}")
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{address} is wider than {size}"
            )
            assert _faults(page) == [], address


def _faults(page: Page) -> list[Any]:
    page.evaluate(AXE.read_text())  # a script of the page's own would be against its policy
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]][:4]) for each in found]
