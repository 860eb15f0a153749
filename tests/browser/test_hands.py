"""Whose hands the phone is in, and what is theirs: signing out, a second person, areas given and taken away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from server.store import people
from sync.client import Client
from tests.browser.gate import Gate
from tests.browser.scene import PASSWORD, Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser


def _sign_out(phone: Phone) -> None:
    phone.go("/sync")
    phone.press("sign-out")
    phone.press("sign-out-really")
    phone.at("sign-in").wait_for()


@pytest.mark.loss(7, 20, 29, 31)
def test_who_signs_out_while_a_sync_hangs_leaves_nothing_to_see_and_loses_nothing(
    centre: Centre, gate: Gate, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan", gate.address)
    gate.no_way_to = "/api/"
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("correct")
    lan.type("phone", "0912")
    lan.until_kept("0912")
    lan.go("/")
    gate.no_way_to = ""
    hanging = gate.hold(when=lambda asked: bool(asked.changes))
    lan.send_until(hanging.reached)
    lan.go("/sync")
    lan.press("sign-out")
    expect(lan.page.locator(".alarm")).to_contain_text("Chưa tới trung tâm: 1 mục, 1 bản nháp")
    lan.press("sign-out-really")
    lan.at("sign-in").wait_for()

    # Páo borrows the phone: nothing of Lan's is there, and his own work goes though hers still hangs.
    pao = lan
    pao.sign_in("pao")
    pao.at("contact").wait_for()
    expect(pao.at("only-here-count")).to_have_text("0")
    expect(pao.at("draft")).to_have_count(0)
    assert "Lò Văn Pâng" not in pao.page.content()
    register_a_farmer(pao, "Vàng A Dếnh")
    pao.go("/")
    pao.wait_until_sent()
    assert centre.names() == ["Vàng A Dếnh"]
    hanging.lose()
    _sign_out(pao)

    lan.sign_in("lan")
    expect(lan.at("draft")).to_be_visible()
    lan.wait_until_sent()
    lan.press("draft")
    expect(lan.at("field-phone")).to_have_value("0912")
    assert centre.names() == ["Lò Văn Pâng", "Vàng A Dếnh"]
    assert len(centre.log()) == 2


@pytest.mark.loss(3, 25)
def test_work_for_an_area_that_was_taken_away_is_offered_refused_and_kept_with_its_author(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/")
    lan.wait_until_sent()
    centre.stop()
    register_a_farmer(lan, "Quàng Thị Dua")
    with centre.books():
        elsewhere = people.add_area("HTX Nà Sản")
        lan_id = people.user_id_of("lan")
        assert lan_id
        people.set_role(lan_id, centre.area, None)
        people.set_role(lan_id, elsewhere, people.OFFICER)
    centre.start()
    lan.sync()

    # What is at the centre has left the phone; what never got there is still hers, and says why.
    assert lan.on_disk("base")["base"] == []
    lan.go("/sync")
    expect(lan.at("refused")).to_have_count(1)
    expect(lan.at("refused")).to_contain_text("Quàng Thị Dua")
    expect(lan.at("refused")).to_contain_text("không (còn) có quyền")
    lan.kill()
    lan.open()
    expect(lan.at("needs-count")).to_have_text("1")
    with centre.books():
        people.set_role(lan_id, centre.area, people.OFFICER)
    lan.go("/sync")
    lan.at("refused").locator("button", has_text="Gửi lại").click()
    expect(lan.at("refused")).to_have_count(0)
    lan.go("/")
    lan.sync()
    lan.wait_until_sent()
    expect(lan.at("needs-count")).to_have_count(0)
    assert centre.names() == ["Lò Văn Pâng", "Quàng Thị Dua"]
    assert lan.names_kept() == centre.names()


@pytest.mark.loss(25)
def test_an_edit_of_a_record_that_was_moved_away_meanwhile_goes_to_its_author_and_the_manager_never_nowhere(
    centre: Centre, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    record = lan.page.url.rsplit("/", 1)[-1]
    lan.go("/")
    lan.wait_until_sent()
    with centre.books():
        elsewhere = people.add_area("HTX Nà Sản")
        hoa_id = people.user_id_of("hoa")
        assert hoa_id
        people.set_role(hoa_id, elsewhere, people.MANAGER)
    hoa = Client(centre.address)
    hoa.sign_in("hoa", PASSWORD)
    hoa.sync()
    hoa.new_change(record, "farmer", centre.area, {"area": elsewhere})
    hoa.sync()
    centre.stop()
    lan.go(f"/edit/farmer/{record}")
    lan.type("phone", "0912 345 678")
    lan.save()
    centre.start()
    lan.sync()
    assert lan.on_disk("base")["base"] == []
    expect(lan.at("needs-count")).to_have_text("1")
    lan.go("/sync")
    expect(lan.at("refused")).to_contain_text("không (còn) có quyền")
    assert [each["change"]["set"] for each in lan.on_disk("outbox")["outbox"]] == [{"phone": "0912 345 678"}]
    assert centre.quarantined() == [{"phone": "0912 345 678"}]
