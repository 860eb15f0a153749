"""What home lists, and what the number at the top counts: what waits for somebody, and no more than that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Centre, Phone
from tests.browser.test_recording import Field

pytestmark = pytest.mark.browser


def test_home_lists_what_is_due_before_what_is_half_typed_and_a_form_left_empty_leaves_nothing(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    field = Field(centre)
    field.add("task", of=field.plot, what="Xem lại gỉ sắt", due=str(field.day(0)))
    field.add("task", of=field.plot, what="Đo lại ranh giới", due=str(field.day(9)))
    field.pao.sync()
    field.ask(centre, field.harvest, "Ba bao hay bốn?", "quantity")
    lan = in_the_field("lan")
    lan.sync()
    lines = lan.at("today").locator(".line")
    expect(lines).to_have_count(3)

    # The number at the top counts the question, and the page that it leads to has it.
    expect(lan.at("needs-count")).to_have_text("1")
    lan.press("counters")
    expect(lan.at("asked-here")).to_contain_text("Ba bao hay bốn?")
    lan.go("/")

    # Opened and left, as it was: nobody wanted it. A position that the phone took by itself is nothing typed.
    lan.press("new-farmer")
    lan.at("field-name").wait_for()
    lan.page.locator(".back").click()
    expect(lan.at("contact")).to_be_visible()
    expect(lines).to_have_count(3)
    lan.go(f"/plot/{field.plot}")
    lan.press("new-observation")
    expect(lan.at("field-point")).to_contain_text("± 6 m")
    lan.page.go_back()
    lan.at("new-observation").wait_for()
    lan.go("/")
    expect(lines).to_have_count(3)
    assert lan.on_disk("drafts")["drafts"] == []

    # What was typed stays, behind what is due today and before what is due later.
    lan.press("new-farmer")
    lan.type("name", "Quàng Thị Dua")
    lan.page.locator(".back").click()
    expect(lines).to_have_count(4)
    whole = lines.all_inner_texts()
    assert [next(name for name in ("3 bao", "gỉ sắt", "Dua", "ranh giới") if name in each) for each in whole] == [
        "3 bao",
        "gỉ sắt",
        "Dua",
        "ranh giới",
    ]
    lan.press("draft")
    expect(lan.at("field-name")).to_have_value("Quàng Thị Dua")
    lan.page.locator(".back").click()
    expect(lines).to_have_count(4)

    # An answer that is only here goes with the next sending; once it is there, that is said.
    centre.stop()
    lan.go(f"/record/{field.harvest}")
    lan.type("answer", "Ba bao")
    lan.press("save-answer")
    expect(lan.at("answer-goes")).to_contain_text("Lần gửi tới")
    centre.start()
    lan.sync()
    lan.wait_until_sent()
    lan.go(f"/record/{field.harvest}")
    expect(lan.at("answer-goes")).to_contain_text("Đã ở trung tâm")
    expect(lan.at("needs-count")).to_have_count(0)


def test_a_new_household_says_what_is_filled_in_as_last_time_and_who_may_be_here_already(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    field = Field(centre)
    lan = in_the_field("lan")
    lan.sync()
    lan.press("new-farmer")
    expect(lan.at("as-last")).to_have_text("Đã điền như lần trước: Xã Chiềng Mung · bản Nà Ớt")
    expect(lan.at("alike")).to_have_count(0)
    lan.type("name", "lò văn pâng")
    expect(lan.at("alike").locator("a")).to_contain_text("Lò Văn Pâng")
    lan.type("village", "bản Xum")
    expect(lan.at("as-last")).to_have_text("Đã điền như lần trước: Xã Chiềng Mung")
    expect(lan.at("alike")).to_have_count(0)
    lan.type("village", "Nà Ớt")
    lan.at("alike").locator("a").click()
    expect(lan.page.locator("h1")).to_have_text("Lò Văn Pâng")
    assert lan.page.url.endswith(field.farmer)

    # A spray is chosen from the list, though its name was typed with a slip.
    lan.go(f"/plot/{field.plot}")
    lan.press("new-activity")
    lan.press("field-kind-spray")
    lan.press("field-product-list")
    lan.at("search-product-list").fill("mancozep")
    dialog = lan.page.locator("dialog[open]")
    expect(dialog.locator("[data-test=similar]")).to_be_visible()
    expect(dialog.locator("[data-test^=choose-]").first).to_contain_text("mancozeb", ignore_case=True)


def test_a_household_is_deleted_by_two_presses_which_say_what_hangs_on_it(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    field = Field(centre)
    lan = in_the_field("lan")
    lan.sync()
    lan.go(f"/farmer/{field.farmer}")
    lan.page.locator("summary", has_text="Toàn bộ chi tiết").click()
    lan.press("delete")
    # The plot, and what was recorded on it.
    expect(lan.at("sure")).to_contain_text("Xoá Lò Văn Pâng? 3 bản ghi gắn với nó vẫn còn")
    lan.press("keep-record")
    expect(lan.at("sure")).to_have_count(0)
    lan.press("delete")
    lan.press("delete-now")
    expect(lan.page.locator("[data-test=record-farmer]")).to_have_count(0)
    lan.press("undo")
    expect(lan.page.locator("[data-test=record-farmer]")).to_have_count(1)
