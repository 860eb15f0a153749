"""A morning at the co-operative's office: a list is brought in, work given out, done in the field, looked at, taken along."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from server.store import people
from tests.browser.scene import PASSWORD, Centre, Phone
from tests.browser.test_reviewed import LAPTOP, READ, SMALL, _faults, read

pytestmark = pytest.mark.browser

HOUSEHOLDS = "Mã hộ;Họ và tên;Bản;Điện thoại\nH1;Lò Văn Pâng;bản Nà Ớt;0912345678\nH2;Cà Văn Xôm;bản Pá Ổ;gọi sau\n"
PLOTS = "Tên nương;Chủ hộ;Cây trồng;Diện tích (ha)\nHuổi Pá 3;H1;Cà phê chè;1,24\nCo Mạ 1;H1;Mận;0,5\n"


SAID = {"vi": ("Giao việc", "1 nương", "14 ngày"), "en": ("Give a task", "1 plot", "14 days")}


@READ
def test_a_list_becomes_plots_a_task_and_a_file(
    centre: Centre, manager: Page, in_the_field: Callable[..., Phone], size: Any, language: str
) -> None:
    give, one, days = SAID[language]
    read(manager, centre, size, language)
    _bring(manager, centre, "farmer", HOUSEHOLDS)
    expect(manager.locator("[data-test=new]")).to_have_text("1")
    expect(manager.locator("[data-test=fault]")).to_have_text("1")
    with manager.expect_download() as taken:
        manager.click("[data-test=mend]")
    mended = taken.value.path().read_text("utf-8-sig")
    assert "gọi sau" in mended
    assert "Lò Văn Pâng" not in mended
    _nothing_is_in_anybodys_way(manager)
    _write(manager)

    _bring(manager, centre, "plot", PLOTS)
    expect(manager.locator("[data-test=new]")).to_have_text("2")
    _write(manager)
    assert centre.names("plot") == ["Co Mạ 1", "Huổi Pá 3"]

    lan = in_the_field("lan")
    lan.sync()
    expect(lan.at("today")).to_contain_text("Không có việc")
    manager.goto(f"{centre.address}/console/?text=huoi")
    manager.get_by_role("link", name=give).click()
    expect(manager.locator("[data-test=count]")).to_contain_text(one)
    manager.fill("[name=what]", "Đo ranh giới nương")
    manager.fill("[name=due]", "2030-01-31")
    manager.select_option("[name=assignee]", label="Lò Thị Lan")
    manager.click("[data-test=give]")
    expect(manager.locator("[data-test=group]")).to_contain_text("0 / 1")

    # Home stands open: what arrives shows there at once.
    lan.sync()
    expect(lan.at("today")).to_contain_text("Đo ranh giới nương")

    for path in ("seeing/land", "devices", "audit", "out"):
        manager.goto(f"{centre.address}/console/{path}")
        _nothing_is_in_anybodys_way(manager)
    with manager.expect_download() as taken:
        manager.click("[data-test=out-plot] a:has-text('XLSX')")
    book = openpyxl.load_workbook(taken.value.path().open("rb"))
    names = {cell.value for row in book.worksheets[0].iter_rows() for cell in row}
    assert {"Huổi Pá 3", "Lò Văn Pâng"} <= names

    _a_product_of_the_house(manager, centre, days)
    _read(lan, "meta", "Abafax 1.8EC")
    centre.stop()
    _it_binds_the_field(lan, centre.the("plot", "Huổi Pá 3"))


def _a_product_of_the_house(page: Page, centre: Centre, days: str) -> None:
    """The administrator adds it, with the days on its label."""
    with centre.books():
        people.add_user("quantri", PASSWORD, people.ADMIN, ())
    page.context.clear_cookies(name="nuong_console")  # the language stays
    page.goto(f"{centre.address}/console/admin/lists/product")
    page.fill("[name=username]", "quantri")
    page.fill("[name=password]", PASSWORD)
    page.click("[data-test=sign-in]")
    page.wait_for_selector("[data-test=add-entry]")
    _nothing_is_in_anybodys_way(page)
    page.click("[data-test=add-entry]")
    page.fill("[data-test=typed-code]", "abamectin")
    page.fill("[data-test=typed-vi]", "Abafax 1.8EC")
    page.fill("[data-test=typed-phi_days]", "14")
    page.click("[data-test=save-entry]")
    expect(page.locator("[data-test=wrong-code]")).to_contain_text("Abamectin 3.6EC")
    _nothing_is_in_anybodys_way(page)
    page.fill("[data-test=typed-code]", "abafax")
    page.click("[data-test=save-entry]")
    expect(page.locator("[data-test=entry-abafax]")).to_contain_text(days)


def _read(lan: Phone, store: str, text: str) -> None:
    """Send and read, until the phone holds what says *text*."""
    lan.sync()
    lan.eventually(lambda: text in json.dumps(lan.on_disk(store), ensure_ascii=False), f"{text} in {store}")


def _it_binds_the_field(lan: Phone, plot: str) -> None:
    """No signal: the phone offers it, with its days, and warns of a harvest within them."""
    lan.go(f"/plot/{plot}")
    lan.press("new-activity")
    lan.press("field-kind-spray")
    lan.choose("product-list", "abafax", "abaf")
    expect(lan.at("field-phi_days")).to_have_value("14")
    lan.press("save")
    expect(lan.at("not-free")).to_contain_text("Abafax 1.8EC")
    lan.press("new-harvest")
    lan.type("quantity", "20")
    expect(lan.at("warning-date")).to_contain_text("Abafax 1.8EC")


def _bring(page: Page, centre: Centre, type_: str, text: str) -> None:
    """Send a file and have every row checked: the page shows by itself when each is done."""
    page.goto(f"{centre.address}/console/bring")
    page.select_option("[name=type]", type_)
    page.set_input_files("[data-test=file]", {"name": "danh sách.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.click("[data-test=send]")
    page.click("[data-test=check]")
    page.wait_for_selector("[data-state=checked]")


def _write(page: Page) -> None:
    page.click("[data-test=write]")
    page.wait_for_selector("[data-state=done]")


def _nothing_is_in_anybodys_way(page: Page) -> None:
    page.wait_for_load_state()
    before = page.viewport_size
    for size in (LAPTOP, SMALL):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert _faults(page) == [], page.url
    page.set_viewport_size(before)  # type: ignore[arg-type]
