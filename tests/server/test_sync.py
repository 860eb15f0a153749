"""POST /api/v1/sync: what a phone sends is taken in once, and what is new is answered."""

import gzip
import json

import pytest

from sync.change import Change
from sync.client import Answered, SignedOut, new_id
from tests.conftest import Centre

FARMER = {"name": "Lò Văn Pâng", "village": "bản Nà Ớt"}


def test_a_saved_record_reaches_another_phone(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    change = lan.new_change(None, "farmer", area, FARMER)
    assert lan.sync() == 1
    hoa.sync()
    assert hoa.replica.base[change.record]["fields"] == FARMER


def test_what_an_officer_sends_is_not_sent_back(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    change = lan.new_change(None, "farmer", area, FARMER)
    reply = lan.exchange(lan.replica.outbox)
    assert reply.accepted == 1
    assert reply.records == []
    assert lan.replica.base[change.record]["fields"] == FARMER
    assert lan.exchange([]).records == []


def test_a_repeat_is_accepted_once_and_its_record_answered(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    change = lan.new_change(None, "farmer", area, FARMER)
    lan.exchange([change])
    lan.replica.outbox.append(change)
    reply = lan.exchange([change])
    assert (reply.accepted, reply.rejected) == (1, [])
    assert [record["id"] for record in reply.records] == [change.record]


def test_edits_of_different_fields_merge(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    hoa.sync()
    lan.new_change(record, "farmer", area, {"phone": "0912345678"})
    hoa.new_change(record, "farmer", area, {"village": "bản Co Mạ"})
    lan.sync()
    hoa.sync()
    lan.sync()
    for phone in (lan, hoa):
        held = phone.replica.base[record]
        assert held["fields"] == {"name": "Lò Văn Pâng", "village": "bản Co Mạ", "phone": "0912345678"}
        assert held["conflicts"] == {}


def test_edits_of_the_same_field_keep_both_values_and_say_so_on_both_phones(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    hoa.sync()
    lan.new_change(record, "farmer", area, {"village": "bản A"})
    hoa.new_change(record, "farmer", area, {"village": "bản B"})
    lan.sync()
    hoa.sync()
    lan.sync()
    assert lan.replica.base[record] == hoa.replica.base[record]
    rivals = lan.replica.base[record]["conflicts"]["village"]
    assert [each["value"] for each in rivals] == ["bản A", "bản B"]
    assert lan.replica.people[rivals[0]["by"]] == "Lan"
    # A person settles it with an ordinary change.
    lan.new_change(record, "farmer", area, {"village": "bản A"})
    lan.sync()
    hoa.sync()
    assert hoa.replica.base[record]["conflicts"] == {}
    assert hoa.replica.base[record]["fields"]["village"] == "bản A"


def test_the_same_edit_by_two_people_is_no_conflict_and_can_be_edited_further(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    hoa.sync()
    for phone in (lan, hoa):
        phone.new_change(record, "farmer", area, {"village": "bản A"})
        phone.sync()
    lan.sync()
    assert lan.replica.base[record]["conflicts"] == {}
    lan.new_change(record, "farmer", area, {"village": "bản C"})
    lan.sync()
    hoa.sync()
    assert hoa.replica.base[record]["conflicts"] == {}
    assert hoa.replica.base[record]["fields"]["village"] == "bản C"


def test_an_edit_wins_back_what_another_deleted_and_both_are_told(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    hoa.sync()
    lan.new_change(record, "farmer", area, {"deleted": True})
    hoa.new_change(record, "farmer", area, {"phone": "0912345678"})
    lan.sync()
    hoa.sync()
    lan.sync()
    for phone in (lan, hoa):
        held = phone.replica.base[record]
        assert held["deleted"] is False
        assert [each["value"] for each in held["conflicts"]["deleted"]] == [True]
        assert held["fields"]["phone"] == "0912345678"
    lan.new_change(record, "farmer", area, {"deleted": True})
    lan.sync()
    hoa.sync()
    assert hoa.replica.base[record]["deleted"] is True


def test_a_change_that_is_refused_blocks_no_other_and_is_kept(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    good = lan.new_change(None, "farmer", area, FARMER)
    elsewhere = lan.new_change(None, "farmer", new_id(), FARMER)
    reply = lan.exchange([elsewhere, good])
    assert reply.accepted == 1
    assert reply.rejected == [
        {"id": elsewhere.id, "reason": "forbidden", "detail": {"field": "area", "code": "no_role_in_area"}}
    ]
    assert set(lan.replica.refused) == {elsewhere.id}


def test_a_change_id_used_again_for_something_else_is_refused(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    change = lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    other = Change(change.id, change.record, "farmer", area, {"name": "Khác"})
    lan.replica.outbox.append(other)
    reply = lan.exchange([other])
    assert [each["reason"] for each in reply.rejected] == ["id_reused"]
    assert lan.replica.base[change.record]["fields"] == FARMER


def test_nobody_gets_a_byte_from_an_area_that_is_not_theirs(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan, hoa = centre.officer(here), centre.officer(there, name="hoa")
    hoa.new_change(None, "farmer", there, {"name": "Bí mật"})
    hoa.sync()
    lan.replica.cursors = {here: None, there: None}
    reply = lan.exchange([])
    assert set(reply.areas) == {here}
    assert reply.records == []


def test_only_a_manager_reviews(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    lan.new_change(record, "farmer", area, {"review": {"state": "approved", "seen": []}})
    lan.sync()
    assert [each["detail"]["field"] for each in lan.replica.refused.values()] == ["review"]
    hoa.sync()
    hoa.new_change(record, "farmer", area, {"review": {"state": "approved", "seen": hoa.replica.view(record)}})
    hoa.sync()
    assert hoa.replica.refused == {}


def test_a_record_that_moves_leaves_one_phone_and_comes_to_another(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan, hoa = centre.officer(here), centre.officer(there, name="hoa")
    boss = centre.manager(here, there, name="boss")
    record = lan.new_change(None, "farmer", here, FARMER).record
    for phone in (lan, hoa, boss):
        phone.sync()
    boss.new_change(record, "farmer", here, {"area": there})
    for phone in (boss, lan, hoa):
        phone.sync()
    assert record not in lan.replica.base
    assert hoa.replica.base[record]["fields"] == FARMER
    # What the first phone still had to send is refused and kept, never nowhere.
    late = lan.new_change(record, "farmer", here, {"phone": "0912345678"})
    lan.sync()
    assert lan.replica.refused[late.id]["reason"] == "forbidden"


def test_a_first_sync_comes_in_pages_and_says_that_there_is_more(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    for number in range(25):
        lan.new_change(None, "farmer", area, {"name": f"Hộ {number}"})
    lan.sync()
    reply = hoa.exchange([], limit=10)
    assert len(reply.records) == 10
    assert reply.areas[area]["more"] is True
    assert hoa.sync(limit=10) == 2
    assert len(hoa.replica.base) == 25


def test_a_restored_backup_is_noticed_without_being_told(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    first = lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    with centre.forgetting():
        second = lan.new_change(None, "farmer", area, {"name": "Sau bản sao"})
        lan.sync()
    assert set(lan.replica.base) == {first.record, second.record}
    before = lan.replica.epoch
    lan.sync()
    assert lan.replica.epoch != before
    fresh = centre.phone("lan")
    fresh.sync()
    assert set(fresh.replica.base) == {first.record, second.record}


def test_a_revoked_token_is_refused_and_costs_no_work(centre: Centre) -> None:
    from server.store import people

    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, FARMER)
    people.revoke_device(lan.device)
    with pytest.raises(SignedOut):
        lan.sync()
    assert len(lan.replica.outbox) == 1
    lan.sign_in("lan", "mua-rao-2026")
    lan.sync()
    assert lan.replica.outbox == []


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "not_json"),
        (b"[]", {}, 400, "bad_request"),
        (b'{"protocol": 2}', {}, 400, "bad_protocol"),
        (b'{"protocol": 1, "changes": 5}', {}, 400, "bad_request"),
        (b'{"protocol": 1, "areas": {"x": null}}', {}, 400, "bad_request"),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400, "bad_encoding"),
        (b"x", {"Content-Encoding": "br"}, 415, "bad_encoding"),
        (b" " * (2 * 1024 * 1024 + 1), {}, 413, "body_too_large"),
        (gzip.compress(b" " * (9 * 1024 * 1024)), {"Content-Encoding": "gzip"}, 413, "body_too_large"),
        (b"[" * 100_000, {}, 400, "not_json"),
    ],
)
def test_a_body_that_is_no_good_gets_a_problem_that_says_why(
    centre: Centre, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    lan = centre.officer(centre.area())
    answer = centre.post("/api/v1/sync", data=body, headers={"Authorization": f"Bearer {lan.token}", **headers})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]


def test_a_change_of_the_wrong_shape_is_refused_alone(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    good = Change(new_id(), new_id(), "farmer", area, FARMER).as_json()
    bad = [
        None,
        {**good, "id": "X"},
        {**good, "id": new_id(), "set": {}},
        {**good, "id": new_id(), "set": {"name": "\ud800"}},
        {**good, "id": new_id(), "over": {"phone": [new_id()]}},
        {**good, "id": new_id(), "set": {"unheard_of": 2**60}},
    ]
    body = json.dumps({"protocol": 1, "areas": {area: None}, "changes": [*bad, good]})
    answer = centre.post("/api/v1/sync", data=body, headers={"Authorization": f"Bearer {lan.token}"})
    assert answer.status_code == 200
    reply = json.loads(answer.data)
    assert reply["accepted"] == 1
    assert [each["reason"] for each in reply["rejected"]] == ["invalid"] * len(bad)


def test_a_field_and_a_type_from_a_newer_app_are_kept_and_handed_on(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    one = lan.new_change(None, "beehive", area, {"queen": {"age": 2}})
    two = lan.new_change(None, "farmer", area, {"name": "Lò Thị Dung", "shoe_size": 37})
    lan.sync()
    hoa.sync()
    assert hoa.replica.base[one.record]["fields"] == {"queen": {"age": 2}}
    assert hoa.replica.base[two.record]["fields"]["shoe_size"] == 37


def test_a_wrong_password_is_refused_and_slows_down(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    for _ in range(5):
        with pytest.raises(Answered) as wrong:
            lan.sign_in("lan", "sai")
        assert wrong.value.problem["code"] == "wrong_password"
    with pytest.raises(Answered) as slow:
        lan.sign_in("lan", "mua-rao-2026")
    assert slow.value.problem["code"] == "too_many_attempts"
    assert slow.value.status == 429
