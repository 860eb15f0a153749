"""A hub between phones and the centre: everybody's state is the same to the byte, and nobody gains a right by it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.store import people, upstream
from server.store.tables import LoggedChange, db
from sync.change import Change, Envelope, Logged
from sync.client import Answered, Client, Offline, new_id
from sync.records import SCHEMA
from tests.conftest import PASSWORD, Centre
from tests.hubs import Cut, Hub, envelope_of, state
from tests.server.test_cli import nuong
from tests.server.test_console import sign_in
from tests.server.test_refused import first, press

FARMER = {"name": "Lò Văn Pâng", "village": "bản Nà Ớt"}
MakeHub = Callable[..., Hub]


@pytest.fixture
def hub(centre: Centre, migrated_sqlite: Path, tmp_path: Path) -> Iterator[MakeHub]:
    """Makes hubs of the centre, or of one another."""
    made: list[Hub] = []

    def make(*areas: str, name: str = "tram", above: Any = None) -> Hub:
        made.append(Hub(above or centre.app, migrated_sqlite, tmp_path / name, name, *areas))
        return made[-1]

    yield make
    for each in made:
        with each.inside():
            db.engine.dispose()


def as_hub(centre: Centre, *areas: str) -> Client:
    """Somebody with a hub's token, who says what they like."""
    people.add_user("gia", PASSWORD, people.HUB, areas)
    return centre.phone("gia")


def envelope(author: str, **more: Any) -> Envelope:
    return Envelope(**({"author": author, "device": new_id(), "received_at": "2026-11-24T01:02:03.004Z"} | more))


def farmer(area: str, **values: Any) -> Change:
    id_ = new_id()
    return Change(id_, id_, "farmer", area, FARMER | values, schema=SCHEMA)


def test_what_a_phone_brings_to_a_hub_reaches_the_centre_with_its_envelope(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    lan = centre.officer(area)
    station = hub(area)
    phone = station.phone("lan")
    change = phone.new_change(None, "farmer", area, FARMER)
    phone.sync()
    done = station.sync()
    assert (done.sent, done.refused) == (1, 0)
    with station.inside():
        given = envelope_of(change.id)
    assert envelope_of(change.id) == given
    assert given[:2] == (lan.user["id"], phone.device)
    lan.sync()
    assert lan.replica.base[change.record]["fields"] == FARMER


def test_what_is_at_the_centre_comes_down_with_its_history(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    lan = centre.officer(area)
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    lan.new_change(record, "farmer", area, {"village": "bản A"})
    lan.sync()
    station = hub(area)
    assert station.sync().came == 2
    phone = station.phone("lan")
    phone.sync()
    assert phone.replica.base == lan.replica.base
    assert station.state(area) == state(area)


def test_a_second_sync_has_nothing_to_do(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    centre.officer(area)
    station = hub(area)
    phone = station.phone("lan")
    phone.new_change(None, "farmer", area, FARMER)
    phone.sync()
    station.sync()
    again = station.sync()
    assert (again.sent, again.came) == (0, 0)


@pytest.mark.loss(12)
def test_a_lost_answer_makes_nothing_twice_and_loses_nothing(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    station = hub(area)
    phone = station.phone("lan")
    phone.new_change(None, "farmer", area, FARMER)
    phone.sync()
    Cut.cut = True
    with pytest.raises(Offline):
        station.sync()
    station.sync()
    assert station.state(area) == state(area)
    assert len(state(area)) == 2
    assert len(db.session.execute(db.select(LoggedChange.id)).all()) == 2


def test_a_conflict_across_the_hub_is_the_same_everywhere_and_settled_once(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    lan = centre.officer(area)
    centre.officer(area, name="mai")
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    station = hub(area)
    station.sync()
    phone = station.phone("mai")
    phone.sync()
    lan.new_change(record, "farmer", area, {"village": "bản A"})
    phone.new_change(record, "farmer", area, {"village": "bản B"})
    lan.sync()
    phone.sync()
    station.sync()
    for each in (lan, phone):
        each.sync()
    assert [each["value"] for each in lan.replica.base[record]["conflicts"]["village"]] == ["bản A", "bản B"]
    assert phone.replica.base == lan.replica.base
    assert phone.replica.people == lan.replica.people
    phone.new_change(record, "farmer", area, {"village": "bản B"})
    phone.sync()
    station.sync()
    lan.sync()
    assert lan.replica.base[record]["conflicts"] == {}
    assert station.state(area) == state(area)


def test_a_change_that_took_both_ways_shows_one_author_and_time_everywhere(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    lan = centre.officer(area)
    record = lan.new_change(None, "farmer", area, FARMER).record
    lan.sync()
    station = hub(area)
    station.sync()
    phone = station.phone("lan")
    phone.sync()
    for village in ("bản A", "bản B"):
        rival = Change(new_id(), record, "farmer", area, {"village": village})
        # The clock of the phone was put right between the two ways.
        for client, skew in ((phone, 3_600_000), (lan, 0)):
            send_at(client, [rival], skew)
    assert station.state(area) != state(area)
    station.sync()
    assert station.state(area) == state(area)
    phone.exchange([])
    lan.exchange([])
    assert phone.replica.base == lan.replica.base


def send_at(client: Client, changes: list[Change], skew: int) -> None:
    from datetime import UTC, datetime, timedelta

    from sync.protocol import write_request

    at = datetime.now(UTC) + timedelta(milliseconds=skew)
    body = write_request(epoch=client.replica.epoch, areas={}, changes=changes, schema=SCHEMA, sent_at=at.isoformat())
    assert client._speak(body, len(changes)).rejected == []


@pytest.mark.loss(17)
def test_a_centre_that_lost_history_is_given_all_of_it_again(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    lan = centre.officer(area)
    station = hub(area)
    phone = station.phone("lan")
    with centre.forgetting():
        lan.new_change(None, "farmer", area, FARMER)
        lan.sync()
        phone.new_change(None, "farmer", area, FARMER)
        phone.sync()
        station.sync()
        before = state(area)
        assert len(before) == 2
    assert state(area) == {}
    station.sync()
    assert state(area) == before
    assert station.state(area) == before


@pytest.mark.loss(17)
def test_a_hub_that_is_put_back_from_an_older_copy_gets_all_of_it_again_and_tells_its_phones(
    centre: Centre, hub: MakeHub, tmp_path: Path
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    station = hub(area)
    phone = station.phone("lan")

    def works(client: Client) -> str:
        made = client.new_change(None, "farmer", area, FARMER).record
        client.sync()
        return made

    records = {works(phone)}
    station.sync()
    disk = station.home / "nuong.sqlite3"
    with station.inside():
        db.engine.dispose()
        shutil.copy(disk, tmp_path / "older")
    records |= {works(phone), works(lan)}
    station.sync()
    # This one has reached nobody but the hub.
    records.add(works(phone))
    with station.inside():
        db.engine.dispose()
        for rest in station.home.glob("nuong.sqlite3*"):
            rest.unlink()
        shutil.copy(tmp_path / "older", disk)
    for each in (phone, station, phone):
        each.sync()
    assert set(state(area)) == records
    assert station.state(area) == state(area)
    assert set(phone.replica.base) == records


def test_what_its_author_may_not_do_at_the_centre_is_refused_there_and_stands_on_the_hubs_page(
    centre: Centre, hub: MakeHub
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    centre.manager(area)
    station = hub(area)
    phone = station.phone("lan")
    change = phone.new_change(None, "farmer", area, FARMER)
    phone.sync()
    people.set_role(lan.user["id"], area, None)
    done = station.sync()
    assert (done.sent, done.refused) == (1, 1)
    assert state(area) == {}
    with station.inside():
        page = sign_in(_standing(station), "hoa")
        shown = page.get("/console/attention").text
    assert 'data-test="refused-by-centre"' in shown
    assert station.sync().sent == 0
    people.set_role(lan.user["id"], area, people.OFFICER)
    with station.inside():
        assert upstream.try_again() == 1
    assert station.sync().refused == 0
    assert list(state(area)) == [change.record]


def test_what_was_refused_by_way_of_a_hub_is_accepted_in_its_authors_name_everywhere(
    centre: Centre, hub: MakeHub
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    centre.manager(area)
    station = hub(area)
    phone = station.phone("lan")
    change = phone.new_change(None, "farmer", area, FARMER)
    phone.sync()
    with station.inside():
        given = envelope_of(change.id)
    people.set_role(lan.user["id"], area, None)
    assert station.sync().refused == 1
    page = sign_in(centre, "hoa")
    press(page, first(page), how="accept")
    station.sync()
    assert envelope_of(change.id)[:2] == given[:2] == (lan.user["id"], phone.device)
    with station.inside():
        assert envelope_of(change.id)[:2] == given[:2]


def test_an_area_that_is_taken_from_a_hub_is_closed_there(centre: Centre, hub: MakeHub) -> None:
    kept, taken = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(kept, taken)
    station = hub(kept, taken)
    station.sync()
    people.set_role(people.user_id_of("tram"), taken, None)
    people.set_role(lan.user["id"], taken, None)
    station.sync()
    phone = station.phone("lan")
    phone.new_change(None, "farmer", taken, FARMER)
    phone.sync()
    assert set(phone.replica.cursors) == {kept}
    assert [each["reason"] for each in phone.replica.refused.values()] == ["forbidden"]


def _standing(station: Hub) -> Any:
    scene = Centre(station.app)
    return scene


def test_a_made_up_envelope_from_a_phone_is_not_looked_at(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.manager(area)
    change = farmer(area)
    body = {"protocol": 1, "changes": [change.as_json() | {"envelope": vars_of(envelope(hoa.user["id"]))}]}
    answer = centre.post("/api/v1/sync", json=body, headers={"Authorization": f"Bearer {lan.token}"})
    assert answer.json["accepted"] == 1
    assert envelope_of(change.id)[:2] == (lan.user["id"], lan.device)
    stored = db.session.execute(db.select(LoggedChange.body)).scalar_one()
    assert "envelope" not in stored


def vars_of(given: Envelope) -> dict[str, Any]:
    return {
        "author": given.author,
        "device": given.device,
        "received_at": given.received_at,
        "skew_ms": given.skew_ms,
    }


def test_whoever_is_no_hub_is_told_no_history_and_no_accounts(centre: Centre) -> None:
    area = centre.area()
    for client in (centre.officer(area), centre.manager(area), centre.admin()):
        with pytest.raises(Answered) as refused:
            client.pass_on([], None, {}, 10)
        assert (refused.value.status, refused.value.problem["code"]) == (403, "not_a_hub")
        with pytest.raises(Answered) as refused:
            client.accounts()
        assert refused.value.problem["code"] == "not_a_hub"


def test_a_hub_brings_nothing_for_areas_that_are_not_its_own_nor_for_whom_nobody_knows(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan, admin = centre.officer(here, there), centre.admin()
    fake = as_hub(centre, here)
    reply = fake.pass_on(
        [
            Logged(farmer(here), envelope(lan.user["id"])),
            Logged(farmer(there), envelope(lan.user["id"])),
            Logged(farmer(there), envelope(admin.user["id"])),
            Logged(farmer(here), envelope(new_id())),
            Logged(farmer(here), envelope(fake.user["id"])),
            Logged(farmer(here, review={"state": "approved"}), envelope(lan.user["id"])),
        ],
        None,
        {},
        10,
    )
    assert reply.accepted == 1
    assert [each["detail"] for each in reply.rejected] == [
        {"field": "area", "code": "no_role_in_area"},
        {"field": "area", "code": "no_role_in_area"},
        {"field": "review", "code": "managers_alone"},
        {"field": "envelope.author", "code": "unknown"},
        {"field": "envelope.author", "code": "unknown"},
    ]
    assert set(reply.areas) == {here}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"author": "ai"}, "envelope.author"),
        ({"device": "x" * 37}, "envelope.device"),
        ({"received_at": "hôm qua"}, "envelope.received_at"),
        ({"received_at": "2026-13-24T01:02:03.004Z"}, "envelope.received_at"),
        ({"skew_ms": 2**60}, "envelope.skew_ms"),
    ],
)
def test_an_envelope_that_is_no_good_costs_its_change_alone(centre: Centre, more: dict[str, Any], field: str) -> None:
    area = centre.area()
    lan = centre.officer(area)
    fake = as_hub(centre, area)
    good, bad = farmer(area), farmer(area)
    given = {"author": lan.user["id"]} | more
    entries = [Logged(good, envelope(lan.user["id"])), Logged(bad, envelope(**given))]
    reply = fake.pass_on(entries, None, {}, 10)
    assert [(each["id"], each["detail"]["field"]) for each in reply.rejected] == [(bad.id, field)]
    assert list(state(area)) == [good.record]


def test_a_hub_says_nothing_in_its_own_name(centre: Centre) -> None:
    area = centre.area()
    fake = as_hub(centre, area)
    fake.new_change(None, "farmer", area, FARMER)
    reply = fake.exchange(fake.replica.outbox)
    assert reply.rejected[0]["detail"] == {"field": "envelope", "code": "required"}


@pytest.mark.loss(25)
def test_a_record_that_left_the_hubs_areas_is_gone_there_and_nothing_later_is_told(
    centre: Centre, hub: MakeHub
) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan, hoa = centre.officer(here), centre.manager(here, there)
    record = lan.new_change(None, "farmer", here, FARMER).record
    lan.sync()
    station = hub(here)
    station.sync()
    phone = station.phone("lan")
    phone.sync()
    hoa.sync()
    hoa.new_change(record, "farmer", here, {"area": there})
    hoa.sync()
    hoa.new_change(record, "farmer", there, {"phone": "0912345678"})
    hoa.sync()
    station.sync()
    phone.sync()
    assert phone.replica.base == {}
    assert station.state(here) == state(here) == {}
    with station.inside():
        kept = db.session.execute(db.select(LoggedChange.body)).scalars().all()
        db.session.rollback()
    assert not any("0912345678" in body for body in kept)
    # And back again, with all that happened meanwhile.
    hoa.new_change(record, "farmer", there, {"area": here})
    hoa.sync()
    station.sync()
    phone.sync()
    assert phone.replica.base[record]["fields"]["phone"] == "0912345678"
    assert station.state(here) == state(here)


def test_people_are_copied_without_what_proves_who_they_are(centre: Centre, hub: MakeHub) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(here)
    centre.officer(there, name="xa")
    centre.admin()
    station = hub(here)
    with station.inside():
        users = {each["username"]: each for each in people.list_users()}
        areas = {each["name"] for each in people.list_areas()}
    assert (set(users), areas) == ({"lan", "quan-tri"}, {"Đây"})
    assert users["lan"]["id"] == lan.user["id"]
    assert not users["quan-tri"]["is_admin"]
    told = as_hub(centre, here).accounts()
    assert all(set(each) == {"id", "username", "name", "roles"} for each in told)
    centre.officer(here, name="moi")
    people.set_role(lan.user["id"], here, None)
    station.sync()
    with station.inside():
        names = {each["username"]: each["areas"] for each in people.list_users()}
    assert (names["moi"], names["lan"]) == ({"Đây": "officer"}, {})


def test_a_hub_of_a_hub_passes_everything_through(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    lan = centre.officer(area)
    middle = hub(area, name="huyen")
    far = hub(area, name="ban", above=middle.app)
    phone = far.phone("lan")
    phone.new_change(None, "farmer", area, FARMER)
    phone.sync()
    lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    for station in (far, middle, far):
        station.sync()
    assert len(state(area)) == 2
    assert far.state(area) == middle.state(area) == state(area)


@pytest.mark.parametrize("seed", range(6))
def test_by_any_way_in_any_order_and_repeated_all_end_in_the_same_state(
    centre: Centre, hub: MakeHub, seed: int
) -> None:
    chance = random.Random(seed)
    here, there = centre.area("Đây"), centre.area("Kia")
    for name in ("lan", "mai"):
        centre.officer(here, there, name=name)
    centre.manager(here, there)
    middle = hub(here, there, name="huyen")
    far = hub(here, there, name="ban", above=middle.app)
    aside = hub(here, there, name="kia")
    stations = [far, middle, aside]
    phones = [place.phone(name) for place in (centre, far, middle, aside) for name in ("lan", "mai", "hoa")]
    sent: list[tuple[str, Change]] = []
    for _ in range(60):
        phone = chance.choice(phones)
        act = chance.random()
        if act < 0.6:
            _edit(chance, phone, here, there)
        elif act < 0.75:
            waiting = [(phone.user["username"], change) for change in phone.replica.outbox]
            phone.sync(batch=chance.randint(1, 5))
            sent += waiting
        elif act < 0.85 and sent:
            # The same once more, by another way: its author stands before another server.
            author, change = chance.choice(sent)
            other = chance.choice([each for each in phones if each.user["username"] == author])
            other.replica.outbox.append(change)
            other.sync()
        else:
            chance.choice(stations).sync()
    for phone in phones:
        phone.sync()
    for station in (far, middle, aside, middle, far):
        station.sync()
    for phone in phones:
        phone.sync()
    reached = state(here, there)
    assert len(reached) > 3
    for station in stations:
        assert station.state(here, there) == reached
        with station.inside():
            assert upstream.refused([here, there]) == []
        assert station.sync() == type(station.sync())(0, 0, 0)
    for phone in phones[1:]:
        assert phone.replica.base == phones[0].replica.base


def _edit(chance: random.Random, phone: Client, here: str, there: str) -> None:
    known = [each for each in phone.replica.base.values() if not each["deleted"]]
    if not known or chance.random() < 0.3:
        phone.new_change(None, "farmer", chance.choice([here, there]), {"name": f"Hộ {chance.randint(1, 99)}"})
        return
    record = chance.choice(known)
    values: dict[str, Any] = {chance.choice(["village", "phone", "name"]): f"09{chance.randint(10000000, 99999999)}"}
    if chance.random() < 0.1:
        values = {"deleted": True}
    elif phone.user["username"] == "hoa" and chance.random() < 0.4:
        values = {"area": chance.choice([here, there])}
    phone.new_change(record["id"], "farmer", record["area"], values)


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    unjoined = nuong(tmp_path, "hub", "sync", "--once")
    assert (unjoined.returncode, "hub join" in unjoined.stderr) == (1, True)
    away = nuong(tmp_path, "hub", "join", "http://127.0.0.1:9", "--user", "tram", "--password-stdin", said=PASSWORD)
    assert (away.returncode, "does not answer" in away.stderr) == (1, True)
    assert "Traceback" not in away.stderr + unjoined.stderr
