"""Two tabs and the service worker at once: nothing is sent twice, and what two tabs write stands once, all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.gate import Gate
from tests.browser.scene import Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser

# A browser whose tabs do not know of each other: everybody gets every lock at once.
NO_LOCKS = """() => {
  navigator.locks.request = (name, ...rest) => Promise.resolve(rest.at(-1)({ name, mode: "exclusive" }));
}"""


def _both_press_while_the_worker_sends(gate: Gate, lan: Phone, beside: Phone) -> None:
    """All three have something to send, and begin while the first request is still on its way."""
    gate.no_way_to = "/api/"
    register_a_farmer(lan, "Lò Văn Pâng")
    register_a_farmer(beside, "Quàng Thị Dua")
    register_a_farmer(lan, "Lường Văn Ín")
    for each in (lan, beside):
        each.go("/")
        expect(each.at("only-here-count")).to_have_text("3")
        expect(each.at("sync-now")).to_be_enabled(timeout=20_000)
    gate.asked.clear()
    gate.no_way_to = ""
    first = gate.hold_answer(when=lambda asked: bool(asked.changes))
    lan.send_until(first.reached)
    beside.press("sync-now")
    lan.background_sync(f"nuong-sync-{lan.person()}")
    register_a_farmer(beside, "Cà Văn Hặc")
    first.let_go()
    for each in (lan, beside):
        each.go("/")
        each.wait_until_sent()


@pytest.mark.loss(13)
def test_two_tabs_and_the_worker_send_each_change_once(
    centre: Centre, gate: Gate, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan", gate.address)
    beside = lan.tab()
    beside.at("contact").wait_for()
    _both_press_while_the_worker_sends(gate, lan, beside)
    assert Counter(gate.sent()) == Counter(each["id"] for each in centre.log())
    assert centre.names() == ["Cà Văn Hặc", "Lò Văn Pâng", "Lường Văn Ín", "Quàng Thị Dua"]
    assert lan.names_kept() == centre.names()


@pytest.mark.loss(12, 13, 27)
def test_even_without_the_lock_what_is_sent_twice_is_there_once(
    centre: Centre, gate: Gate, in_the_field: Callable[..., Phone]
) -> None:
    """The control of the story above, and the second wall behind the lock."""
    lan = in_the_field("lan", gate.address)
    beside = lan.tab()
    beside.at("contact").wait_for()
    for each in (lan, beside):
        each.page.evaluate(NO_LOCKS)
    _both_press_while_the_worker_sends(gate, lan, beside)
    assert max(Counter(gate.sent()).values()) > 1, "nothing was sent twice: the story above would see nothing"
    assert centre.names() == ["Cà Văn Hặc", "Lò Văn Pâng", "Lường Văn Ín", "Quàng Thị Dua"]
    assert len(centre.log()) == 4
    assert lan.names_kept() == centre.names()


@pytest.mark.loss(5, 23)
def test_two_tabs_with_the_same_record_open_both_keep_what_was_typed(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    record = lan.page.url.rsplit("/", 1)[-1]
    lan.go("/")
    lan.wait_until_sent()
    beside = lan.tab()
    beside.at("contact").wait_for()
    for each in (lan, beside):
        each.go(f"/edit/farmer/{record}")
        each.at("field-phone").wait_for()
    lan.type("phone", "0912 345 678")
    beside.type("village", "bản Xum")
    for typed in ("bản Xum", "0912 345 678"):
        lan.until_kept(typed)

    # One tab saves its form: what stands typed in the other is still on disk.
    lan.save()
    lan.until_kept("bản Xum")
    beside.save()
    for each in (lan, beside):
        each.go("/")
        each.wait_until_sent()
        each.go(f"/farmer/{record}")
        expect(each.page.locator("main")).to_contain_text("0912 345 678")
        expect(each.page.locator("main")).to_contain_text("bản Xum")
    changes = [each["set"] for each in centre.log()]
    assert changes[1:] == [{"phone": "0912 345 678"}, {"village": "bản Xum"}]
