"""The first hour with the app: a tour, practising, help without a signal; and what the phone is asked for, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser

# Counts how often the browser is asked to keep what is saved, and says no.
ASKED = """() => {
  window.asked = 0;
  navigator.storage.persisted = async () => false;
  navigator.storage.persist = async () => (window.asked++, false);
}"""
DATABASES = "indexedDB.databases().then((all) => all.map((each) => each.name))"


def test_somebody_practises_before_signing_in_and_nothing_of_it_is_sent_or_stays(
    centre: Centre, phone: Callable[..., Phone]
) -> None:
    lan = phone("lan")
    asked: list[str] = []
    lan.page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    lan.press("practise")
    expect(lan.at("band")).to_contain_text("Tập thử · không gửi đi đâu")
    expect(lan.page.locator("main")).to_contain_text("có phải 900 không?")
    register_a_farmer(lan, "Người Tập Ghi")
    lan.page.reload()
    expect(lan.at("band")).to_be_visible()
    lan.go("/")
    expect(lan.at("only-here-count")).to_have_text("1")
    lan.press("sync-now")
    expect(lan.at("said")).to_contain_text("Không có gì rời khỏi máy này")
    expect(lan.at("only-here-count")).to_have_text("0")
    lan.press("counters")
    expect(lan.at("sent")).to_contain_text("Người Tập Ghi")
    expect(lan.at("safety-copy")).to_have_count(0)
    expect(lan.at("sign-out")).to_have_count(0)

    # Put away and taken up again; then wiped.
    lan.press("leave-practice")
    lan.press("keep-practice")
    lan.press("practise")
    lan.at("band").wait_for()  # it begins at home, whatever was opened meanwhile
    lan.go("/find")
    expect(lan.page.locator("main")).to_contain_text("Người Tập Ghi")
    lan.press("leave-practice")
    lan.press("wipe-practice")
    lan.at("sign-in").wait_for()
    assert lan.page.evaluate(DATABASES) == ["nuong-device"]
    assert asked == []

    lan.page.fill("[name=password]", "nuon")
    lan.press("show-password")
    expect(lan.page.locator("[name=password]")).to_have_attribute("type", "text")
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    expect(lan.at("storage-lost")).to_have_count(0)
    expect(lan.at("band")).to_have_count(0)
    expect(lan.page.locator("main")).to_contain_text("0 bản ghi")
    lan.sync()
    assert centre.log() == []


def test_the_tour_and_the_help_are_there_without_a_signal_and_before_signing_in(
    centre: Centre, phone: Callable[..., Phone]
) -> None:
    lan = phone("lan")
    lan.at("sign-in").wait_for()
    lan.ready_for_the_field()
    centre.stop()
    lan.page.reload()
    lan.press("help")
    lan.press("help-lost")
    expect(lan.page.locator("h1")).to_have_text("Mất máy, hỏng máy")
    assert lan.page.evaluate("document.activeElement.tagName") == "H1"
    lan.page.go_back()
    lan.press("tour")
    for step in range(1, 6):
        expect(lan.at("tour-step")).to_contain_text(f"{step} / 6")
        lan.press("tour-next")
    lan.press("tour-next")
    lan.at("sign-in").wait_for()
    centre.start()
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    # Whoever has seen it is not asked again.
    expect(lan.at("hint-tour")).to_have_count(0)


def test_the_tour_is_offered_once_and_the_browser_is_asked_to_keep_the_first_entry_not_before(
    phone: Callable[..., Phone],
) -> None:
    lan = phone("lan")
    lan.page.add_init_script(f"({ASKED})()")
    lan.page.reload()
    lan.sign_in("lan")
    lan.press("not-now")
    lan.page.reload()
    lan.at("contact").wait_for()
    expect(lan.at("hint-tour")).to_have_count(0)
    assert lan.page.evaluate("window.asked") == 0
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.until("window.asked === 1")
    lan.go("/sync")
    expect(lan.at("keeping")).to_contain_text("chưa hứa giữ")
    lan.press("ask-to-keep")
    expect(lan.at("keeping")).to_contain_text("Trình duyệt không đồng ý")


def test_the_page_of_sending_says_what_goes_what_went_how_large_it_is_and_what_went_wrong(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/sync")
    expect(lan.at("waiting")).to_contain_text("Lò Văn Pâng")
    expect(lan.at("size")).to_contain_text("1 mục, 0,")
    expect(lan.at("went")).to_contain_text("Chưa có gì")
    expect(lan.at("room")).to_contain_text("còn trống")
    expect(lan.at("last-try")).to_contain_text("Máy sẽ tự thử lại")
    centre.start()
    lan.press("sync-now")
    expect(lan.at("sent")).to_contain_text("Lò Văn Pâng")
    expect(lan.at("went")).to_contain_text("30 ngày qua: 1")
    expect(lan.at("waiting")).to_have_count(0)
    # What went wrong before is still to be read.
    expect(lan.at("last-failure")).to_contain_text("Trục trặc gần nhất")
    lan.press("give-room")
    expect(lan.at("said")).to_contain_text("Không có gì để trả lại")
    lan.press("sent")
    expect(lan.page.locator("h1")).to_have_text("Lò Văn Pâng")
