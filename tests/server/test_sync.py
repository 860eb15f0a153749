"""POST /api/v1/sync: what a phone sends is taken in once, and what is new is answered."""

import gzip
import json
from copy import deepcopy
from typing import Any

import pytest

from server.store import browse, people
from server.store.tables import Quarantined, db
from sync.change import Change
from sync.client import Answered, SignedOut, new_id
from sync.records import SCHEMA
from tests.conftest import Centre

FARMER = {"name": "Lò Văn Pâng", "village": "bản Nà Ớt"}


def kept_in_quarantine() -> list[Any]:
    """What stands in quarantine, as it came."""
    rows = db.session.execute(db.select(Quarantined.body).order_by(Quarantined.id)).scalars()
    return [json.loads(body) for body in rows]


def test_a_saved_record_reaches_another_phone(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    change = lan.new_change(None, "farmer", area, FARMER)
    assert lan.sync() == 1
    hoa.sync()
    assert hoa.replica.base[change.record]["fields"] == FARMER


@pytest.mark.loss(10)
def test_what_an_officer_sends_is_not_sent_back(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    change = lan.new_change(None, "farmer", area, FARMER)
    reply = lan.exchange(lan.replica.outbox)
    assert reply.accepted == 1
    assert reply.records == []
    assert lan.replica.base[change.record]["fields"] == FARMER
    assert lan.exchange([]).records == []


@pytest.mark.loss(12, 21)
def test_a_repeat_is_accepted_once_and_its_record_answered(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    change = lan.new_change(None, "farmer", area, FARMER)
    lan.exchange([change])
    lan.replica.outbox.append(change)
    reply = lan.exchange([change])
    assert (reply.accepted, reply.rejected) == (1, [])
    assert [record["id"] for record in reply.records] == [change.record]


@pytest.mark.loss(5)
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


@pytest.mark.loss(5)
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


@pytest.mark.loss(30)
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


@pytest.mark.loss(18)
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


@pytest.mark.loss(6)
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


@pytest.mark.loss(27)
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
    # As many numbers are given in her own area: what is hidden is so by where it lives, and not by its number.
    own = lan.new_change(None, "farmer", here, FARMER).record
    lan.sync()
    lan.replica.cursors = {here: None, there: None}
    reply = lan.exchange([])
    assert set(reply.areas) == {here}
    assert [each["id"] for each in reply.records] == [own]


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


@pytest.mark.loss(25)
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


@pytest.mark.loss(8)
def test_what_is_accepted_does_not_depend_on_how_the_batches_fall(centre: Centre) -> None:
    # A manager moved a record where they may not, offline, and went on with it there before anybody refused the move.
    here, there = centre.area("Đây"), centre.area("Kia")
    hoa, mai = centre.manager(here), centre.manager(here, name="mai")
    for phone, batch in ((hoa, 3), (mai, 1)):
        record = phone.new_change(None, "farmer", here, FARMER).record
        move = phone.new_change(record, "farmer", here, {"area": there})
        phone.new_change(record, "farmer", there, {"phone": "0912345678"})
        phone.sync(batch)
        assert set(phone.replica.refused) == {move.id}
        assert phone.replica.base[record]["fields"]["phone"] == "0912345678"


def test_a_first_sync_comes_in_pages_and_says_that_there_is_more(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    for number in range(25):
        lan.new_change(None, "farmer", area, {"name": f"Hộ {number}"})
    lan.sync()
    reply = hoa.exchange([], limit=10)
    assert len(reply.records) == 10
    news = reply.areas[area]
    assert (news["more"], news["left"], news["name"]) == (True, 15, "HTX Chiềng Mung")
    assert hoa.sync(limit=10) == 2
    assert "left" not in hoa.exchange([]).areas[area]
    assert len(hoa.replica.base) == 25


def test_an_area_that_is_read_from_nothing_has_its_name_and_no_other(centre: Centre) -> None:
    area = centre.area()
    hoa = centre.officer(area, name="hoa")
    first = hoa.exchange([])
    assert first.areas[area]["name"] == "HTX Chiềng Mung"
    hoa.replica.take(first, [])
    assert set(hoa.exchange([]).areas[area]) == {"cursor", "more", "role"}


@pytest.mark.loss(17)
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


@pytest.mark.loss(17)
def test_a_restored_backup_is_noticed_though_the_same_change_stands_at_the_same_number(centre: Centre) -> None:
    """Lan's change was lost, somebody else's stands in its place, and Páo's, sent again, is where it was before."""
    area = centre.area()
    lan, pao, hoa = (centre.officer(area, name=name) for name in ("lan", "pao", "hoa"))
    sua = centre.officer(area, name="sua")
    with centre.forgetting():
        lost = lan.new_change(None, "farmer", area, {"name": "Mất theo bản cũ"})
        lan.sync()
        again = pao.new_change(None, "farmer", area, {"name": "Gửi lại"})
        before = deepcopy(pao.replica)
        pao.sync()
        pao.replica = before  # the answer was lost on the way
        hoa.sync()
    assert set(hoa.replica.base) == {lost.record, again.record}
    other = sua.new_change(None, "farmer", area, {"name": "Chỗ của người khác"})
    sua.sync()
    pao.sync()
    hoa.sync()
    assert set(hoa.replica.base) == {other.record, again.record}, "what came first meanwhile was passed over"
    lan.sync()
    hoa.sync()
    assert set(hoa.replica.base) == {lost.record, again.record, other.record}


@pytest.mark.loss(3, 17)
@pytest.mark.parametrize("told", [False, True])
def test_a_restored_backup_is_noticed_by_whoever_lost_the_area_meanwhile(centre: Centre, told: bool) -> None:
    area, other = centre.area("A"), centre.area("B")
    lan = centre.officer(area, other)
    with centre.forgetting():
        lost = lan.new_change(None, "farmer", area, FARMER)
        lan.sync()
        if told:
            people.set_role(lan.user["id"], area, None)
            lan.sync()
    people.set_role(lan.user["id"], area, None)
    before = lan.replica.epoch
    lan.sync()
    assert lan.replica.epoch != before
    assert lan.replica.refused[lost.id]["reason"] == "forbidden", "its author is told, and has it still"
    assert [each["id"] for each in kept_in_quarantine()] == [lost.id]


@pytest.mark.loss(17)
def test_a_restored_backup_is_noticed_where_a_broken_program_took_the_lost_id(centre: Centre) -> None:
    area = centre.area()
    lan, broken = centre.officer(area), centre.officer(area, name="pao")
    with centre.forgetting():
        first = lan.new_change(None, "farmer", area, FARMER)
        lan.sync()
    broken.replica.outbox.append(Change(first.id, first.record, "farmer", area, {"note": "?"}, {}, (), SCHEMA))
    broken.sync()
    before = lan.replica.epoch
    lan.sync()
    assert lan.replica.epoch != before
    assert lan.replica.refused[first.id]["reason"] == "id_reused", "its author is told, and has it still"


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


def test_a_boundary_that_is_not_closed_is_refused_alone_with_its_field_and_kept(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    ring = [[104.0, 21.3], [104.001, 21.3], [104.001, 21.301], [104.0, 21.301]]
    open_ring = lan.new_change(None, "plot", area, {"boundary": {"type": "Polygon", "coordinates": [ring]}})
    good = lan.new_change(None, "plot", area, {"boundary": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}})
    assert lan.sync() == 1
    assert good.record in lan.replica.base
    assert lan.replica.refused[open_ring.id]["reason"] == "invalid"
    assert lan.replica.refused[open_ring.id]["detail"] == {"field": "boundary", "code": "ring_open"}
    assert kept_in_quarantine() == [open_ring.as_json()]


def test_a_change_into_an_area_that_there_is_not_is_refused_and_kept(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    lost = lan.new_change(None, "farmer", new_id(), FARMER)
    lan.sync()
    assert lan.replica.refused[lost.id]["reason"] == "forbidden"
    assert lan.replica.refused[lost.id]["detail"]["field"] == "area"
    assert kept_in_quarantine() == [lost.as_json()]


def test_no_record_is_left_without_an_area(centre: Centre) -> None:
    one, other = centre.area("A"), centre.area("B")
    both, only_there = centre.manager(one, other), centre.manager(other, name="mai")
    record = both.new_change(None, "farmer", one, FARMER).record
    both.sync()
    both.new_change(record, "farmer", one, {"area": other})
    both.sync()
    only_there.sync()
    nowhere = only_there.new_change(record, "farmer", other, {"area": None})
    only_there.sync()
    assert only_there.replica.refused[nowhere.id]["detail"] == {"field": "area", "code": "missing"}


def test_a_move_that_leaves_a_rival_standing_goes_where_the_rival_says(centre: Centre) -> None:
    # Two managers moved a record at the same time; a third takes back only the move that is shown.
    home, east, west = centre.area("A"), centre.area("B"), centre.area("C")
    hoa, mai = centre.manager(home, east, west), centre.manager(home, east, west, name="mai")
    record = hoa.new_change(None, "farmer", home, FARMER).record
    hoa.sync()
    to_east, to_west = (
        Change(f"{new_id()[:-2]}{end}", record, "farmer", home, {"area": to})
        for end, to in (("01", east), ("02", west))
    )
    back = Change(
        "00000000-0000-7000-8000-000000000001", record, "farmer", west, {"area": home}, {"area": [to_west.id]}
    )
    only_west_and_home = centre.manager(home, west, name="tam")
    for phone, change in ((hoa, to_east), (mai, to_west), (only_west_and_home, back)):
        phone.replica.outbox.append(change)
        assert phone.exchange([change]).accepted == 1
    hoa.sync()
    assert hoa.replica.base[record]["area"] == east


def test_what_nests_without_end_and_numbers_without_end_cost_the_others_nothing(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    values = ["[" * 500 + "1" + "]" * 500, "1" * 5000, "1e400", "NaN", '"\\ud800"']
    bad = [
        f'{{"id":"{new_id()}","record":"{new_id()}","type":"farmer","area":"{area}","set":{{"x":{value}}},"schema":1}}'
        for value in values
    ]
    good = json.dumps(Change(new_id(), new_id(), "farmer", area, FARMER).as_json())
    body = f'{{"protocol":1,"areas":{{}},"changes":[{",".join([*bad, good])}]}}'
    answer = centre.post("/api/v1/sync", data=body, headers={"Authorization": f"Bearer {lan.token}"})
    assert answer.status_code == 200
    assert answer.json["accepted"] == 1
    assert [each["reason"] for each in answer.json["rejected"]] == ["too_large", *["invalid"] * 4]
    assert len(kept_in_quarantine()) == 5


def test_a_cursor_that_was_never_given_raises_no_epoch(centre: Centre) -> None:
    area, other = centre.area("A"), centre.area("B")
    lan = centre.officer(area, other)
    for _ in range(3):
        lan.new_change(None, "farmer", area, FARMER)
        lan.sync()
    before = lan.replica.epoch
    given = lan.replica.cursors[area]
    for made_up in ("9.aaaaaa~00000000", "9.aaaaaa", given.replace("3.", "9.", 1), "9..9.", "x"):
        lan.replica.cursors[area] = made_up
        lan.exchange([])
        assert lan.replica.epoch == before
    # Nor does one that was given for another area.
    lan.replica.cursors[other] = given
    lan.exchange([])
    assert lan.replica.epoch == before
    assert len(lan.replica.base) == 3


@pytest.mark.loss(35)
def test_a_walk_of_twenty_thousand_fixes_is_taken(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    point = {"type": "Point", "coordinates": [104.071234, 21.236123]}
    track = [{"at": f"2026-11-24T02:00:00.{n % 1000:03}Z", "point": point, "accuracy_m": 4.5} for n in range(20_000)]
    lan.new_change(None, "plot", area, {"name": "Huổi Pá", "track": track})
    assert lan.sync() == 1
    assert lan.replica.refused == {}


@pytest.mark.loss(9)
def test_a_reply_is_cut_by_its_bytes_and_goes_on_where_it_was_cut(centre: Centre, monkeypatch: Any) -> None:
    monkeypatch.setattr("server.store.reading.MOST_REPLY_BYTES", 20_000)
    area = centre.area()
    lan = centre.officer(area)
    for _ in range(60):
        lan.new_change(None, "farmer", area, {"name": "x" * 100, "note": "y" * 1900})
    lan.sync()
    fresh = centre.phone("lan")
    reply = fresh.exchange([])
    assert reply.areas[area]["more"] is True
    assert 1 <= len(reply.records) <= 11
    fresh.sync()
    assert len(fresh.replica.base) == 60


def test_a_history_without_end_is_refused_before_no_phone_can_read_it(centre: Centre, monkeypatch: Any) -> None:
    monkeypatch.setattr("server.store.log.MOST_HISTORY_BYTES", 2_000)
    area = centre.area()
    lan = centre.officer(area)
    record = lan.new_change(None, "farmer", area, {"note": "y" * 2_000}).record
    lan.sync()
    more = lan.new_change(record, "farmer", area, {"note": "z"})
    other = lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    assert lan.replica.refused[more.id]["reason"] == "too_large"
    assert other.record in lan.replica.base


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


@pytest.mark.loss(35)
def test_a_repaired_boundary_leaves_the_walked_track_and_the_boundary_as_it_was_saved(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    ring = [[104.07, 21.23], [104.071, 21.231], [104.071, 21.23], [104.07, 21.231], [104.07, 21.23]]
    walked = {"type": "Polygon", "coordinates": [ring]}
    track = [{"at": "2026-11-23T02:00:00Z", "point": {"type": "Point", "coordinates": ring[0]}, "accuracy_m": 5}]
    saved = lan.new_change(None, "plot", area, {"name": "Huổi Pá 3", "boundary": walked, "track": track})
    lan.sync()
    # What came back from the centre is what was drawn, bow tie and all.
    fresh = centre.phone("lan")
    fresh.sync()
    assert fresh.replica.base[saved.record]["fields"]["boundary"] == walked
    hoa.sync()
    mended = {"type": "Polygon", "coordinates": [[ring[0], ring[2], ring[1], ring[3], ring[0]]]}
    repair = hoa.new_change(saved.record, "plot", area, {"boundary": mended})
    hoa.sync()
    fresh.sync()
    assert fresh.replica.base[saved.record]["fields"]["boundary"] == mended
    assert fresh.replica.base[saved.record]["fields"]["track"] == track
    log = browse.history([saved.record])[saved.record]
    assert {(entry.change.id, entry.envelope.author) for entry in log} == {
        (saved.id, lan.user["id"]),
        (repair.id, hoa.user["id"]),
    }
    assert any(entry.change.set.get("boundary") == walked for entry in log)
