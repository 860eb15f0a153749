"""What managers decide about refused changes: who decided stays, nothing is deleted, and the author hears of it."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from server.store import people, quarantine, refused
from sync.client import Client, new_id
from tests.conftest import Centre
from tests.server.test_console import sign_in


def press(page: Any, address: str, **form: Any) -> Any:
    """Send a form of the page at *address*, as it stands there but for *form*."""
    shown = page.get(address).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert token
    return page.post(address, data={"csrf_token": token[1], **form})


def first(page: Any) -> str:
    """The address of the newest refused change that waits."""
    found = re.search(r'href="(/console/refused/\d+)"', page.get("/console/refused").text)
    assert found
    return found[1]


def wrong_harvest(centre: Centre, area: str, **values: Any) -> Client:
    lan = centre.officer(area)
    lan.new_change(None, "harvest", area, {"quantity": "một tạ", "unit": "kg", "date": "2026-11-20", **values})
    lan.sync()
    return lan


def test_a_mended_change_comes_in_with_the_mender_as_its_author(centre: Centre) -> None:
    area = centre.area()
    lan = wrong_harvest(centre, area)
    hoa = centre.manager(area)
    page = sign_in(centre, "hoa")
    address = first(page)
    assert "Số lượng" in page.get(address).text
    answer = press(page, address, how="mend", **{"field-quantity": "1,5"})
    assert answer.status_code == 302
    lan.sync()
    (harvest,) = [each for each in lan.replica.base.values() if each["type"] == "harvest"]
    assert harvest["fields"] == {"quantity": 1.5, "unit": "kg", "date": "2026-11-20"}
    settled = page.get("/console/refused?show=settled&lang=en").text
    assert "mended and accepted · Hoa" in settled
    assert "Nothing waits" in page.get("/console/refused?lang=en").text
    hoa.sync()


def test_what_cannot_be_mended_so_is_said_at_its_field_and_nothing_is_written(centre: Centre) -> None:
    area = centre.area()
    lan = wrong_harvest(centre, area)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    answer = press(page, first(page), how="mend", **{"field-quantity": "nhiều", "lang": "vi"})
    assert answer.status_code == 422
    assert "nhiều" in answer.text
    assert 'id="fault-quantity"' in answer.text
    lan.sync()
    assert lan.replica.base == {}


def test_a_value_can_be_left_out(centre: Centre) -> None:
    area = centre.area()
    lan = wrong_harvest(centre, area)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    press(page, first(page), how="mend", **{"leave-quantity": "on"})
    lan.sync()
    (harvest,) = lan.replica.base.values()
    assert "quantity" not in harvest["fields"]


@pytest.mark.loss(6)
def test_what_an_officer_had_no_right_to_is_accepted_in_the_name_of_the_officer(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(here)
    lan.new_change(None, "farmer", there, {"name": "Lò Văn Pâng"})
    lan.sync()
    hoa = centre.manager(there)
    page = sign_in(centre, "hoa")
    press(page, first(page), how="accept")
    hoa.sync()
    (farmer,) = hoa.replica.base.values()
    assert farmer["fields"]["name"] == "Lò Văn Pâng"
    (entry,) = [each for each in centre_log() if each.change.record == farmer["id"]]
    assert entry.envelope.author == people.user_id_of("lan")


def centre_log() -> list[Any]:
    from server.store import browse
    from server.store.engine import reading
    from server.store.tables import Record

    with reading() as connection:
        ids = list(connection.scalars(Record.__table__.select().with_only_columns(Record.id)))
    return [entry for entries in browse.history(ids).values() for entry in entries]


def test_a_manager_of_elsewhere_decides_nothing(centre: Centre) -> None:
    area = centre.area()
    wrong_harvest(centre, area)
    centre.manager(area)
    address = first(sign_in(centre, "hoa"))
    centre.manager(centre.area("Nơi khác"), name="la")
    other = sign_in(centre, "la")
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/console/").text)
    assert token
    assert other.get(address).status_code == 404
    assert other.post(address, data={"csrf_token": token[1], "how": "away"}).status_code == 404
    assert "Lan" not in other.get("/console/refused").text


def test_what_is_put_away_is_kept_with_its_answer_and_can_be_taken_out_again(centre: Centre) -> None:
    area = centre.area()
    lan = wrong_harvest(centre, area)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    address = first(page)
    press(page, address, how="away", answer="Ghi lại bằng số giúp chị nhé")
    assert "đã cất đi" in page.get(address).text or "put away" in page.get(f"{address}?lang=en").text
    lan.sync()
    (task,) = [each for each in lan.replica.base.values() if each["type"] == "task"]
    assert "Ghi lại bằng số giúp chị nhé" in task["fields"]["what"]
    press(page, address, how="out")
    assert first(page) == address


def test_an_answer_about_a_harvest_stands_with_its_plot_among_the_tasks(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plot = lan.new_change(None, "plot", area, {"name": "Huổi Pá 3"}).record
    fields = {"plot": plot, "quantity": 1, "unit": "kg", "date": "2026-11-20"}
    harvest = lan.new_change(None, "harvest", area, fields).record
    lan.sync()
    lan.new_change(harvest, "harvest", area, {"quantity": "một tạ"})
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    press(page, first(page), how="away", answer="Ghi bằng số nhé")
    lan.sync()
    (task,) = [each for each in lan.replica.base.values() if each["type"] == "task"]
    assert task["fields"]["of"] == plot
    (group,) = re.findall(r'data-test="group"><th scope="row"><a href="([^"]+)"', page.get("/console/tasks").text)
    assert "Huổi Pá 3" in page.get(html.unescape(group)).text


def test_what_was_sent_in_no_form_of_ours_is_mended_all_the_same(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    change = {"id": new_id(), "type": "farmer", "area": area, "set": {"name": "Pâng"}, "over": ["a"], "schema": 1}
    body = {"protocol": 1, "epoch": None, "areas": {}, "changes": [{**change, "record": change["id"]}]}
    lan._send("POST", "/api/v1/sync", json=body)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    assert press(page, first(page), how="mend").status_code == 302
    lan.sync()
    assert [each["fields"]["name"] for each in lan.replica.base.values()] == ["Pâng"]


def test_two_managers_decide_once(centre: Centre) -> None:
    area = centre.area()
    wrong_harvest(centre, area)
    for name in ("hoa", "mai"):
        centre.manager(area, name=name)
    hoa, mai = sign_in(centre, "hoa"), sign_in(centre, "mai")
    address = first(hoa)
    assert press(hoa, address, how="mend", **{"field-quantity": "100"}).status_code == 302
    late = press(mai, address, how="mend", **{"field-quantity": "200"})
    assert late.status_code == 409
    assert 'data-test="wrong">' in late.text
    assert 'data-test="mend"' not in late.text
    assert len(centre_log()) == 1


@pytest.mark.loss(6)
def test_beyond_its_bound_what_is_refused_is_counted_and_a_manager_is_told(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST_ROWS", 3)
    area = centre.area()
    lan = centre.officer(area)
    for number in range(5):
        lan.new_change(None, "harvest", area, {"quantity": f"{number} tạ"})
    lan.sync()
    (row,) = refused.not_kept([area])
    assert (row.name, row.reason, row.times) == ("Lan", "invalid", 2)
    assert len(refused.page([area])) == 3
    centre.manager(area)
    shown = sign_in(centre, "hoa").get("/console/refused?lang=en").text
    assert "counted only" in shown


def test_a_message_too_large_to_be_read_stands_at_the_centre_as_a_counted_note(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    token = lan._http.headers.get("Authorization") or f"Bearer {lan.token}"
    for _ in range(2):
        answer = centre.post("/api/v1/sync", data=b" " * (2 * 1024 * 1024 + 1), headers={"Authorization": str(token)})
        assert answer.status_code == 413
    (row,) = refused.not_kept([area])
    assert (row.reason, row.times) == ("unread", 2)


@pytest.mark.parametrize("query", ["?before=x", "?before=99999999999999999999", "?author=;", "?reason=%00", "?show=?"])
def test_an_address_by_hand_gets_a_page(centre: Centre, query: str) -> None:
    centre.manager(centre.area())
    assert sign_in(centre, "hoa").get("/console/refused" + query).status_code == 200


@pytest.mark.parametrize(("how", "told"), [("mend", "mended"), ("away", "put_away"), ("accept", "accepted")])
def test_the_phone_is_told_what_became_of_what_was_refused_when_it_asks(centre: Centre, how: str, told: str) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan, mai = centre.officer(here), centre.officer(here, name="mai")
    change = lan.new_change(None, "farmer", there, {"name": "Lò Văn Pâng"})
    lan.sync()
    centre.manager(there)

    def asked_by(phone: Any, *ids: str) -> Any:
        body = {"protocol": 1, "epoch": None, "areas": {}, "changes": [], "refused": list(ids)}
        answer = centre.post("/api/v1/sync", json=body, headers={"Authorization": f"Bearer {phone.token}"})
        assert answer.status_code == 200
        return answer.json.get("settled")

    assert asked_by(lan, change.id) is None  # nobody has decided: nothing travels
    page = sign_in(centre, "hoa")
    press(page, first(page), how=how, **({"field-name": "Lò Văn Pâng"} if how == "mend" else {}))
    assert asked_by(lan, change.id, change.record) == {change.id: told}
    assert asked_by(mai, change.id) is None  # somebody else's is nobody's business
    assert asked_by(lan) is None
    wrong = centre.post(
        "/api/v1/sync", json={"protocol": 1, "refused": "x"}, headers={"Authorization": f"Bearer {lan.token}"}
    )
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (400, "refused")


@pytest.mark.parametrize("name", ["Lò Văn Pâng", "một người khác"])
def test_a_phone_is_told_that_a_change_came_in_by_itself_only_where_it_is_the_same(centre: Centre, name: str) -> None:
    there = centre.area("Kia")
    lan, mai = centre.officer(centre.area("Đây")), centre.officer(there, name="mai")
    change = lan.new_change(None, "farmer", there, {"name": "Lò Văn Pâng"})
    lan.sync()

    def exchange(phone: Any, **said: Any) -> Any:
        body = {"protocol": 1, "epoch": None, "areas": {}, **said}
        return centre.post("/api/v1/sync", json=body, headers={"Authorization": f"Bearer {phone.token}"}).json

    # Under the same id somebody with the right to it brings it, or something else.
    brought = {**change.as_json(), "set": {"name": name}}
    assert exchange(mai, changes=[brought])["accepted"] == 1
    told = exchange(lan, changes=[], refused=[change.id]).get("settled")
    assert told == ({change.id: "accepted"} if name == "Lò Văn Pâng" else None)


@pytest.mark.loss(6)
def test_what_nobodys_phone_sent_for_no_area_that_there_is_is_seen_by_whoever_manages_all(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    assert hoa
    people.set_role(people.user_id_of("lan") or "", area, None)
    refusal = lan.exchange([lan.new_change(None, "farmer", people.new_id(), {"name": "Lò Văn Pâng"})]).rejected[0]
    assert refusal["reason"] == "forbidden"
    other = centre.area("Nơi khác")
    assert refused.page([area]) == []
    assert [each.author for each in refused.page([area, other])] == ["Lan"]
    centre.admin()
    shown = sign_in(centre, "quan-tri").get("/console/attention").text
    assert "Lò Văn Pâng" in shown
    assert "Lò Văn Pâng" not in sign_in(centre, "hoa").get("/console/attention").text
