"""What a made-up id, a flood of refusals, a review and a join may and may not do at the centre."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.store import browse, people, quarantine
from server.store.tables import Quarantined, db
from sync.change import Change
from sync.client import Client, new_id
from tests.conftest import Centre
from tests.server.test_console import plot_of, sign_in

LOW = "00000000-0000-7000-8000-000000000001"


def send(phone: Client, *changes: Change) -> Any:
    phone.replica.outbox.extend(changes)
    return phone.exchange(list(changes))


def home(record: str, *areas: str) -> str | None:
    found = browse.one(record, areas)
    return found.area if found else None


@pytest.mark.loss(25)
def test_a_made_up_low_id_moves_no_record_between_the_areas_of_an_officer(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(here, there)
    record = lan.new_change(None, "farmer", here, {"name": "Lò Văn Pâng"}).record
    lan.sync()
    reply = send(lan, Change(LOW, record, "farmer", there, {"village": "bản A"}))
    assert reply.rejected == [{"id": LOW, "reason": "forbidden", "detail": {"field": "area", "code": "managers_alone"}}]
    assert home(record, here, there) == here


def test_nor_within_one_batch(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(here, there)
    record = new_id()
    reply = send(
        lan,
        Change(record, record, "farmer", here, {"name": "Lò Văn Pâng"}),
        Change(LOW, record, "farmer", there, {"village": "bản A"}),
    )
    assert (reply.accepted, [each["id"] for each in reply.rejected]) == (1, [LOW])
    assert home(record, here, there) == here


def test_a_manager_of_one_of_the_areas_alone_moves_nothing_by_it(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    hoa = centre.manager(here)
    people.set_role(hoa.user["id"], there, people.OFFICER)
    record = hoa.new_change(None, "farmer", here, {"name": "Lò Văn Pâng"}).record
    hoa.sync()
    assert send(hoa, Change(LOW, record, "farmer", there, {"village": "bản A"})).accepted == 0


def test_a_manager_of_both_may_and_every_phone_is_told(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    hoa, lan, xa = centre.manager(here, there), centre.officer(here), centre.officer(there, name="xa")
    record = lan.new_change(None, "farmer", here, {"name": "Lò Văn Pâng"}).record
    lan.sync()
    assert send(hoa, Change(LOW, record, "farmer", there, {"village": "bản A"})).accepted == 1
    lan.sync()
    xa.sync()
    assert record not in lan.replica.base
    assert xa.replica.base[record]["fields"] == {"name": "Lò Văn Pâng", "village": "bản A"}


def test_a_low_id_that_names_the_old_area_is_an_edit_once_a_record_was_moved(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    hoa, lan = centre.manager(here, there), centre.officer(here, there)
    record = hoa.new_change(None, "farmer", here, {"name": "Lò Văn Pâng"}).record
    hoa.new_change(record, "farmer", here, {"area": there})
    hoa.sync()
    # The clock of this phone is years behind: what it sends is no move, and is not refused as one.
    assert send(lan, Change(LOW, record, "farmer", here, {"village": "bản A"})).accepted == 1
    assert home(record, here, there) == there


def test_a_review_says_when_something_changed_since(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    plot = plot_of(lan, area)
    hoa.sync()
    hoa.new_change(plot, "plot", area, {"review": {"state": "approved", "seen": hoa.replica.view(plot)}})
    hoa.sync()
    page = sign_in(centre, "hoa")
    shown = page.get(f"/console/plot/{plot}").text
    assert 'data-test="review"' in shown
    assert "changed-since-review" not in shown
    lan.sync()
    lan.new_change(plot, "plot", area, {"note": "thêm"})
    lan.sync()
    assert "changed-since-review" in page.get(f"/console/plot/{plot}").text


def test_a_rival_value_too_is_a_change_since_the_review(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    plot = plot_of(lan, area)
    hoa.sync()
    hoa.new_change(plot, "plot", area, {"name": "Huổi Pá 4"})
    hoa.sync()
    hoa.new_change(plot, "plot", area, {"review": {"state": "approved", "seen": hoa.replica.view(plot)}})
    hoa.sync()
    send(lan, Change(LOW, plot, "plot", area, {"name": "Huổi Pá 9"}))
    found = browse.one(plot, [area])
    assert found
    assert found.fields["name"] == "Huổi Pá 4"
    assert found.changed_since_review


def test_what_was_recorded_of_a_household_registered_twice_stands_in_one_place(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    plot = plot_of(lan, area)
    twin = lan.replica.base[plot]["fields"]["farmer"]
    kept = lan.new_change(None, "farmer", area, {"name": "Lò Văn Pâng (Co Mạ)"}).record
    lan.sync()
    hoa.sync()
    hoa.new_change(twin, "farmer", area, {"same_as": kept})
    hoa.sync()
    page = sign_in(centre, "hoa")
    assert "Huổi Pá 3" in page.get(f"/console/farmer/{kept}").text
    assert "Lò Văn Pâng (Co Mạ)" in page.get("/console/").text
    assert f"/console/farmer/{kept}" in page.get(f"/console/plot/{plot}").text
    assert 'data-test="same-as"' in page.get(f"/console/farmer/{twin}").text


def test_a_plot_registered_twice_is_listed_once_with_the_harvests_of_both(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    twin, kept = plot_of(lan, area), plot_of(lan, area, name="Huổi Pá 33")
    hoa.sync()
    hoa.new_change(twin, "plot", area, {"same_as": kept})
    hoa.sync()
    page = sign_in(centre, "hoa")
    assert page.get(f"/console/plot/{kept}").text.count('data-test="harvest"') == 2
    assert f"/console/plot/{twin}" not in page.get("/console/").text


@pytest.mark.parametrize("ring", [1, 2, 3])
def test_joins_that_go_in_a_ring_hang_nothing(centre: Centre, ring: int) -> None:
    area = centre.area()
    hoa = centre.manager(area)
    farmers = [hoa.new_change(None, "farmer", area, {"name": f"Hộ {each}"}).record for each in range(ring)]
    plots = [hoa.new_change(None, "plot", area, {"name": f"Nương {each}", "farmer": each}).record for each in farmers]
    hoa.sync()
    for group, type_ in ((farmers, "farmer"), (plots, "plot")):
        for at, record in enumerate(group):
            hoa.new_change(record, type_, area, {"same_as": group[(at + 1) % ring]})
    hoa.sync()
    page = sign_in(centre, "hoa")
    table = page.get("/console/").text
    for at, (farmer, plot) in enumerate(zip(farmers, plots, strict=True)):
        assert page.get(f"/console/farmer/{farmer}").status_code == 200
        assert page.get(f"/console/plot/{plot}").status_code == 200
        assert f"Hộ {at}" in table


def test_an_area_given_later_comes_with_its_name_and_says_it_once(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(here)
    lan.exchange([])
    people.set_role(lan.user["id"], there, people.OFFICER)
    assert lan.exchange([]).areas[there]["name"] == "Kia"
    assert all("name" not in each for each in lan.exchange([]).areas.values())


def kept() -> list[Any]:
    rows = db.session.execute(db.select(Quarantined.body).order_by(Quarantined.id)).scalars().all()
    db.session.rollback()
    return [json.loads(body) for body in rows]


def test_one_persons_quarantine_is_bounded_and_nobody_elses_is_less_for_it(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(quarantine, "MOST_ROWS", 6)
    area = centre.area()
    lan, xa = centre.officer(area), centre.officer(area, name="xa")
    for at in range(8):
        change = lan.new_change(None, "farmer", area, {"name": "x" * 180, "review": {"state": "approved"}})
        rejected = lan.exchange([change]).rejected[0]
        assert rejected["id"] == change.id
        assert len(kept()) == min(at + 1, 6)
        is_whole = any(body["id"] == change.id and "set" in body for body in kept())
        assert rejected["detail"].get("kept", True) is is_whole
    bodies = kept()
    assert "set" in bodies[0]
    assert set(bodies[-1]) == {"id", "record", "type", "area"}
    send(xa, xa.new_change(None, "farmer", area, {"review": {"state": "approved"}}))
    assert "set" in kept()[-1]


def test_what_was_settled_makes_room_in_a_full_quarantine(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_CHARACTERS", 300)
    area = centre.area()
    lan = centre.officer(area)
    early = [
        lan.new_change(None, "farmer", area, {"name": "x" * 90, "review": {"state": "approved"}}) for _ in range(2)
    ]
    lan.exchange(early)
    people.set_role(lan.user["id"], area, people.MANAGER)
    send(lan, *early)
    people.set_role(lan.user["id"], area, people.OFFICER)
    late = lan.new_change(None, "farmer", area, {"review": {"state": "approved"}})
    lan.exchange([late])
    assert kept() == [late.as_json()]
