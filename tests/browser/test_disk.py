"""The phone is full: that is said in plain words before the officer goes on, and nothing is lost or half done by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Centre, Phone
from tests.browser.test_killed import load_the_centre
from tests.browser.test_photos import from_a_camera, take
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser


@pytest.mark.loss(16)
def test_a_full_phone_is_said_on_saving_the_form_stays_and_goes_through_once_there_is_room(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/")
    lan.wait_until_sent()
    lan.press("new-farmer")
    lan.type("name", "Quàng Thị Dua")
    lan.until_kept("Quàng Thị Dua")
    lan.kill()
    lan.open_full()
    lan.press("save")
    expect(lan.page.locator("form [role=alert]")).to_contain_text("hết chỗ")
    expect(lan.at("field-name")).to_have_value("Quàng Thị Dua")
    assert lan.names_kept() == ["Lò Văn Pâng"]
    expect(lan.at("said")).not_to_contain_text("Đã lưu")

    # The next letters are not kept either, and that is said as well.
    lan.type("phone", "0912 345 678")
    expect(lan.at("disk-trouble")).to_contain_text("hết chỗ")
    lan.make_room()
    lan.save()
    expect(lan.at("disk-trouble")).to_have_count(0)
    lan.go("/")
    lan.wait_until_sent()
    assert centre.names() == ["Lò Văn Pâng", "Quàng Thị Dua"]


@pytest.mark.loss(16, 26)
def test_an_answer_that_does_not_fit_leaves_all_as_it_was_and_is_said(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    lan.wait_until_sent()
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    before = lan.on_disk("base", "outbox", "sent")
    # Or it would send by itself as soon as the centre is there.
    lan.kill()
    centre.start()
    load_the_centre(centre, 600)
    lan.open_full()
    lan.sync()
    expect(lan.at("last-try")).to_contain_text("không còn chỗ")
    assert lan.on_disk("base", "outbox", "sent") == before
    expect(lan.at("only-here-count")).to_have_text("1")

    lan.make_room()
    lan.sync()
    lan.wait_until_sent()
    assert lan.names_kept() == centre.names()
    assert len(lan.names_kept()) == 601
    assert len(centre.log()) == 601


@pytest.mark.loss(16, 19)
def test_a_full_phone_says_so_of_a_picture_and_keeps_what_was_typed(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    picture = from_a_camera(lan.page)
    lan.go("/")
    lan.wait_until_sent()
    lan.press("new-farmer")
    lan.type("name", "Quàng Thị Dua")
    lan.until_kept("Quàng Thị Dua")
    lan.kill()
    lan.open_full()
    take(lan, picture)
    expect(lan.at("photos").locator(".fault")).to_contain_text("chỗ", timeout=30_000)
    expect(lan.at("photo")).to_have_count(0)
    expect(lan.at("field-name")).to_have_value("Quàng Thị Dua")
    stored = lan.on_disk("pictures", "drafts")
    assert stored["pictures"] == []
    assert [each["typed"]["name"] for each in stored["drafts"]] == ["Quàng Thị Dua"]

    lan.make_room()
    take(lan, picture)
    lan.page.locator("[data-test=photo] img").wait_for()
    lan.save()
    lan.go("/")
    lan.eventually(
        lambda: {each["state"] for each in lan.on_disk("pictures")["pictures"]} == {"sent"}, "the picture to be sent"
    )
    assert [each["type"] for each in centre.log()] == ["farmer", "farmer", "photo"]


@pytest.mark.loss(1)
def test_a_phone_of_which_everything_was_wiped_begins_with_a_sign_in_and_reads_all_again(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    """Nothing is left on the phone that could know of a loss; it must not pretend that nothing is at the centre."""
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/")
    lan.wait_until_sent()
    lan.lose_storage("all")
    lan.kill()
    lan.open()
    lan.sign_in("lan")
    lan.at("contact").wait_for()
    lan.wait_until_sent()
    expect(lan.at("still-reading")).to_have_count(0)
    assert lan.names_kept() == ["Lò Văn Pâng"]
