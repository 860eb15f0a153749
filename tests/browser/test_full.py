"""A phone that is full of records: it opens, finds and saves at once, and what comes and goes meanwhile is not lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from benchmarks.phone import ten_thousand
from benchmarks.workload import as_change
from sync.client import Client
from tests.browser.scene import PASSWORD, Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser


@pytest.mark.loss(10)
def test_ten_thousand_records_are_found_and_worked_with_from_the_first_moment(
    centre: Centre, phone: Callable[..., Phone]
) -> None:
    hoa = Client(centre.address)
    hoa.sign_in("pao", PASSWORD)
    hoa.replica.outbox = [as_change(entry, centre.area) for entry in ten_thousand().base]
    hoa.sync(batch=500)
    lan = phone("lan")
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    # While they come in, a household is registered: neither waits for the other.
    register_a_farmer(lan, "Sùng Mí Vừ")
    lan.go("/")
    expect(lan.at("still-reading")).to_have_count(0, timeout=120_000)
    lan.wait_until_sent()
    lan.ready_for_the_field()
    before = centre.log()
    lan.eventually(
        lambda: any("records" in each for each in lan.on_disk("meta")["meta"] if isinstance(each, dict)), "a glance"
    )
    centre.stop()
    # Killed and opened again without a signal: home says how many there are, and the rest follows.
    lan.kill()
    lan.open()
    expect(lan.at("contact")).to_contain_text("10.001")
    lan.press("find")
    lan.at("search").fill("sunh mi")
    expect(lan.at("record-farmer")).to_contain_text("Sùng Mí Vừ")
    expect(lan.page).to_have_url(re.compile(r"q=sunh\+mi"))
    household = lan.at("record-farmer").get_attribute("data-id")
    lan.press("record-farmer")
    lan.press("correct")
    lan.type("phone", "0912 345 678")
    lan.press("save")
    lan.at("correct").wait_for()
    # Back leads past the form that is done, to the search as it was left.
    lan.page.locator(".back").click()
    expect(lan.at("search")).to_have_value("sunh mi")
    # A link to another search, where one stands already, begins that one.
    lan.page.evaluate("location.hash = '#/find?q=ho+0007&order=name'")
    expect(lan.at("search")).to_have_value("ho 0007")
    expect(lan.at("order-name")).to_have_attribute("aria-pressed", "true")
    lan.page.go_back()
    expect(lan.at("search")).to_have_value("sunh mi")
    lan.page.go_back()
    lan.at("contact").wait_for()
    # A link into the midst of it, from nothing: the page comes as soon as it is read, and “back” leads to the search.
    lan.page.goto("about:blank")
    lan.go(f"/farmer/{household}")
    expect(lan.page.get_by_role("heading", name="Sùng Mí Vừ")).to_be_visible()
    lan.page.locator(".back").click()
    lan.at("search").wait_for()
    centre.start()
    lan.sync()
    lan.wait_until_sent()
    sent = [each for each in centre.log() if each["id"] not in {known["id"] for known in before}]
    assert [each["set"] for each in sent] == [{"phone": "0912 345 678"}]
