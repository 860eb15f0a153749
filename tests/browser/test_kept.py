"""What is only on a phone: carried to another in a file, kept for its author on a shared phone, missed when it is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.gate import Gate
from tests.browser.scene import Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser

# As a browser that needs room throws an origin's databases away, and leaves the rest.
THROWN_AWAY = """async () => {
  for (const { name } of await indexedDB.databases())
    await new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; });
}"""


def write_a_copy(phone: Phone, to: Path) -> Path:
    phone.go("/sync")
    with phone.page.expect_download() as coming:
        phone.press("write-copy")
    coming.value.save_as(to)
    return to


@pytest.mark.loss(7)
def test_a_safety_copy_of_one_phone_is_read_in_on_another_and_reaches_the_centre_once(
    centre: Centre, in_the_field: Callable[..., Phone], tmp_path: Path
) -> None:
    lan = in_the_field("lan")
    pao = in_the_field("pao")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/")
    lan.press("new-farmer")
    lan.type("name", "Quàng Thị Dua")
    lan.until_kept("Quàng Thị Dua")
    copy = write_a_copy(lan, tmp_path / "copy.zip")

    pao.go("/sync")
    for expected in ("Đã nạp: 1 mục, 1 bản nháp", "Đã nạp: 0 mục, 0 bản nháp"):
        pao.at("read-copy").set_input_files(copy)
        expect(pao.at("copy-said")).to_contain_text(expected)
    expect(pao.at("only-here-count")).to_have_text("1")
    foreign = tmp_path / "photo.zip"
    foreign.write_bytes(b"no copy of ours")
    pao.at("read-copy").set_input_files(foreign)
    expect(pao.at("copy-wrong")).to_contain_text("không phải bản sao an toàn")
    centre.start()
    for each in (pao, lan):
        each.sync()
        each.wait_until_sent()
    assert centre.names() == ["Lò Văn Pâng"]
    assert len(centre.log()) == 1
    expect(pao.at("draft")).to_contain_text("Quàng Thị Dua")


@pytest.mark.loss(20, 29, 31)
def test_who_signs_out_while_a_sync_hangs_leaves_nothing_to_see_and_finds_everything_again(
    gate: Gate, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan", gate.address)
    hanging = gate.hold("/api/v1/sync")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/sync")
    hanging.wait()
    lan.press("sign-out")
    expect(lan.at("leaving")).to_contain_text("1 mục")
    lan.press("sign-out-really")
    lan.at("sign-in").wait_for()
    expect(lan.at("storage-lost")).to_have_count(0)
    hanging.lose()

    lan.sign_in("pao")
    lan.at("contact").wait_for()
    expect(lan.at("only-here-count")).to_have_text("0")
    expect(lan.page.locator("body")).not_to_contain_text("Lò Văn Pâng")
    lan.go("/sync")
    lan.press("sign-out")
    lan.press("sign-out-really")

    gate.no_way_to = "/api/v1/sync"
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    expect(lan.at("only-here-count")).to_have_text("1")
    gate.no_way_to = ""
    lan.sync()
    lan.wait_until_sent()


@pytest.mark.loss(1)
def test_what_the_browser_threw_away_is_said_and_reported(
    centre: Centre, in_the_field: Callable[..., Phone], manager: Page
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.page.evaluate(THROWN_AWAY)
    lan.page.reload()
    expect(lan.at("storage-lost")).to_contain_text("1 mục chưa tới trung tâm")
    centre.start()
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    expect(lan.at("storage-lost")).to_contain_text("Trình duyệt đã xoá")
    lan.at("storage-lost").locator("button").click()
    lan.sync()
    lan.page.reload()
    lan.at("contact").wait_for()
    expect(lan.at("storage-lost")).to_have_count(0)
    manager.goto(f"{centre.address}/console/devices")
    expect(manager.locator("table")).to_contain_text("Dữ liệu trên máy đã bị xoá")
