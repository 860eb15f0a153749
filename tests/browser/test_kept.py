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

# A form that was half-filled in an app whose harvests had other fields.
FROM_AN_EARLIER_VERSION = """async () => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => /^nuong-[0-9a-f]{8}-/.test(each));
  const opening = indexedDB.open(name);
  await new Promise((done) => (opening.onsuccess = done));
  const work = opening.result.transaction("drafts", "readwrite");
  const store = work.objectStore("drafts");
  const all = store.getAll();
  await new Promise((done) => (all.onsuccess = done));
  const [draft] = all.result;
  store.put({ ...draft, schema: 0, typed: { ...draft.typed, clan: "họ Lò", sex: "?" } });
  await new Promise((done) => (work.oncomplete = done));
  opening.result.close();
}"""

# Another tab opens the database as an app of next year will.
OPENED_BY_A_NEWER_APP = """async () => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => /^nuong-[0-9a-f]{8}-/.test(each));
  const opening = indexedDB.open(name, 99);
  await new Promise((done) => (opening.onsuccess = done));
  opening.result.close();
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
    expect(lan.at("storage-lost")).to_contain_text("Phần chưa về tới trung tâm đã mất khỏi máy này: 1 bản ghi")
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
    expect(manager.locator("table").first).to_contain_text("Dữ liệu trên máy đã bị xoá")


@pytest.mark.loss(33)
def test_a_half_filled_form_of_an_earlier_version_opens_and_what_no_longer_fits_goes_into_the_note(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    lan.press("new-farmer")
    lan.type("name", "Lò Văn Pâng")
    lan.choose("commune", "04123", "chieng mung")
    lan.type("village", "bản Nà Ớt")
    lan.until_kept("bản Nà Ớt")
    lan.go("/")
    lan.page.evaluate(FROM_AN_EARLIER_VERSION)
    lan.page.reload()
    lan.back_home()
    lan.press("draft")
    expect(lan.at("field-name")).to_have_value("Lò Văn Pâng")
    expect(lan.at("unfit")).to_contain_text("clan: họ Lò")
    expect(lan.at("unfit")).to_contain_text("?")

    # It can't be saved over what has no place yet; each goes where its author says.
    lan.press("save")
    expect(lan.at("unfit")).to_be_focused()
    lan.press("to-note-clan")
    lan.at("unfit-sex").get_by_text("Bỏ đi").click()
    expect(lan.at("unfit")).to_have_count(0)
    lan.save()
    lan.go("/")
    lan.wait_until_sent()
    assert centre.log()[0]["set"]["note"] == "clan: họ Lò"


@pytest.mark.loss(2, 13)
def test_a_tab_that_meets_a_newer_version_keeps_what_is_typed_and_an_old_app_leaves_its_records_alone(
    in_the_field: Callable[..., Phone],
) -> None:
    lan = in_the_field("lan")
    beside = lan.tab()
    beside.at("contact").wait_for()
    lan.press("new-farmer")
    lan.type("name", "Lò Văn Pâng")
    beside.page.evaluate(OPENED_BY_A_NEWER_APP)
    expect(lan.at("closed")).to_contain_text("đã được giữ")
    assert [each["typed"]["name"] for each in lan.on_disk("drafts")["drafts"]] == ["Lò Văn Pâng"]
    # This app is the old one now, and there is no newer to load: it says so, and touches nothing.
    lan.press("reload")
    expect(lan.at("load-newest")).to_be_visible()
    assert [each["typed"]["name"] for each in lan.on_disk("drafts")["drafts"]] == ["Lò Văn Pâng"]


@pytest.mark.loss(14)
def test_a_clock_that_is_wrong_is_said_and_put_right_on_the_screen(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    lan.wait_until_sent()
    lan.page.add_init_script("const real = Date.now; Date.now = () => real() - 6 * 3600_000;")
    lan.page.reload()
    lan.at("contact").wait_for()
    lan.sync()
    expect(lan.at("clock-wrong")).to_contain_text("chậm 6 giờ")
    expect(lan.at("last-contact")).to_contain_text("hôm nay")


@pytest.mark.loss(1)
def test_where_room_is_low_and_nothing_is_promised_a_safety_copy_is_offered(in_the_field: Callable[..., Phone]) -> None:
    lan = in_the_field("lan")
    lan.page.add_init_script(
        "navigator.storage.persisted = async () => false;"
        "navigator.storage.estimate = async () => ({ usage: 900e6, quota: 912e6 });"
    )
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.page.reload()
    lan.go("/")
    expect(lan.at("low-space")).to_contain_text("12 MB")
    lan.go("/sync")
    expect(lan.page.locator("main")).to_contain_text("có thể xoá")


@pytest.mark.loss(29, 31)
def test_a_code_opened_where_somebody_is_signed_in_is_used_only_when_they_say_so_and_costs_them_nothing(
    centre: Centre, gate: Gate, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan", gate.address)
    lan.wait_until_sent()
    gate.no_way_to = "/api/v1/sync"
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/enrol/AAAA-AAAA-AA")
    expect(lan.page.locator("main")).to_contain_text("Lò Thị Lan đang đăng nhập")
    lan.press("use-code")
    expect(lan.page.locator("main .fault")).to_contain_text("Mã")
    expect(lan.at("only-here-count")).to_have_text("1")

    lan.go(f"/enrol/{centre.nuong('device', 'enrol', 'pao').split()[0]}")
    lan.press("use-code")
    lan.at("contact").wait_for()
    expect(lan.at("only-here-count")).to_have_text("0")
    gate.no_way_to = ""
    lan.sync()
    assert centre.names() == []
    lan.go("/sync")
    lan.press("sign-out")
    lan.press("sign-out-really")
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    lan.wait_until_sent()
    assert centre.names() == ["Lò Văn Pâng"]
