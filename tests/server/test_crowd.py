"""Sixteen who write at once: on one area, on many, on the same records, across areas in opposite orders.

No deadlock, no lost update; where the database asks for another try, it gets one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, select

from server.config import Settings
from server.store import browse, people
from server.store.tables import Area, Departure, LoggedChange, Record, db
from sync.change import Change
from sync.client import Client
from sync.merge import fold
from tests.conftest import PASSWORD, Centre
from tests.serving import Served
from tests.writers import LONG, Writers

CROWD = 16
TURNS = 3
on_postgres = pytest.mark.parametrize("settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


class Crowd:
    """Sixteen phones, half of them managers', each with a role in all of *areas*; and what they have made so far."""

    def __init__(self, areas: Sequence[str], phone: Callable[[str], Client]) -> None:
        self.areas = areas
        self.phones: list[Client] = []
        self.made: list[Change] = []
        for number in range(CROWD):
            role = people.MANAGER if number % 2 else people.OFFICER
            people.add_user(f"p{number}", PASSWORD, role, areas)
            self.phones.append(phone(f"p{number}"))

    def share(self, records: int) -> list[str]:
        """Records that everybody holds."""
        first = self.phones[0]
        changes = [
            first.new_change(None, "farmer", self.areas[each % len(self.areas)], {"name": f"Farmer {each}"})
            for each in range(records)
        ]
        self.made += changes
        for phone in self.phones:
            phone.sync()
        return [change.record for change in changes]

    def write_at_once(self, edit: Callable[[Client, random.Random], Sequence[Change]]) -> None:
        """Everybody edits and syncs, turn after turn, all at the same moment."""
        together = Barrier(CROWD)

        def work(number: int) -> list[Change]:
            phone, dice = self.phones[number], random.Random(number)
            made: list[Change] = []
            for _ in range(TURNS):
                made += edit(phone, dice)
                together.wait(LONG)
                phone.sync()
            return made

        with ThreadPoolExecutor(CROWD) as pool:
            for made in pool.map(work, range(CROWD)):
                self.made += made


def agree(crowd: Crowd) -> None:
    """Nothing that the crowd made is lost, doubled or half there; and all phones show what the log says."""
    with db.engine.connect() as connection:
        logged = connection.execute(select(LoggedChange.id, LoggedChange.area, LoggedChange.seq)).all()
        left = connection.execute(select(Departure.area, Departure.seq)).all()
        counters = dict(connection.execute(select(Area.id, Area.counter)).all())
        records = connection.execute(select(Record.id, Record.area, Record.seq, Record.wire)).all()
    assert sorted(each.id for each in logged) == sorted(each.id for each in crowd.made)
    numbers: dict[str, list[int]] = {area: [] for area in counters}
    for area, seq in [*((each.area, each.seq) for each in logged), *left]:
        numbers[area].append(seq)
    for area, count in counters.items():
        assert sorted(numbers[area]) == list(range(1, count + 1)), "a hole or a double in an area's numbers"
    histories = browse.history([each.id for each in records])
    for each in records:
        assert json.loads(each.wire) == {"seq": each.seq} | json.loads(json.dumps(fold(histories[each.id]).as_json()))
    for phone in crowd.phones:
        phone.sync()
        assert phone.replica.outbox == []
        assert phone.replica.refused == {}
        assert phone.replica.base == crowd.phones[0].replica.base
    assert set(crowd.phones[0].replica.base) == {each.id for each in records}


def new_farmers(crowd: Crowd) -> Callable[[Client, random.Random], list[Change]]:
    return lambda phone, dice: [
        phone.new_change(None, "farmer", dice.choice(crowd.areas), {"name": phone.user["name"]})
        for _ in range(dice.randint(1, 4))
    ]


def edits_and_moves(crowd: Crowd, shared: Sequence[str]) -> Callable[[Client, random.Random], list[Change]]:
    """Every turn each edits all the shared records, in an order of his own; managers move some besides."""

    def edit(phone: Client, dice: random.Random) -> list[Change]:
        made = []
        for record in dice.sample(shared, len(shared)):
            home = phone.replica.base[record]["area"]
            made.append(phone.new_change(record, "farmer", home, {"note": f"{phone.user['name']} {dice.random()}"}))
            if int(phone.user["username"][1:]) % 2 and dice.random() < 0.3:
                made.append(phone.new_change(record, "farmer", home, {"area": dice.choice(crowd.areas)}))
        return made

    return edit


@pytest.mark.loss(4)
def test_sixteen_write_into_one_area_and_every_change_is_there_once(centre: Centre) -> None:
    crowd = Crowd([centre.area()], centre.phone)
    crowd.write_at_once(new_farmers(crowd))
    agree(crowd)


@pytest.mark.loss(4)
def test_sixteen_write_into_many_areas_and_every_change_is_there_once(centre: Centre) -> None:
    crowd = Crowd([centre.area(f"HTX {number}") for number in range(5)], centre.phone)
    crowd.write_at_once(new_farmers(crowd))
    agree(crowd)


@pytest.mark.loss(5, 25)
def test_sixteen_edit_and_move_the_same_records_and_no_edit_is_lost(centre: Centre) -> None:
    crowd = Crowd([centre.area(f"HTX {number}") for number in range(4)], centre.phone)
    crowd.write_at_once(edits_and_moves(crowd, crowd.share(6)))
    agree(crowd)


@pytest.mark.loss(4, 5)
def test_sixteen_phones_before_two_workers_lose_nothing(app: Any, settings: Settings) -> None:
    areas = [people.add_area(f"HTX {number}") for number in range(4)]
    with Served(settings) as served:
        crowd = Crowd(areas, served.phone)
        shared = crowd.share(4)
        crowd.write_at_once(new_farmers(crowd))
        crowd.write_at_once(edits_and_moves(crowd, shared))
        agree(crowd)


@pytest.fixture
def writers(centre: Centre) -> Iterator[Writers]:
    with Writers(db.engine).watching() as writers:
        yield writers


@pytest.fixture
def said(app: Any) -> Iterator[list[str]]:
    """The SQLSTATEs that PostgreSQL answered with, as they come."""
    states: list[str] = []

    def heard(failure: Any) -> None:
        states.append(getattr(failure.original_exception, "sqlstate", None) or "")

    event.listen(db.engine, "handle_error", heard)
    yield states
    event.remove(db.engine, "handle_error", heard)


@contextmanager
def stranger(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else at the same database: a dump, a person with psql. He never gives way."""
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("SET deadlock_timeout = '60s'")
        connection.commit()
        yield connection


def until_somebody_waits(connection: psycopg.Connection[Any]) -> None:
    """Return once another transaction of this database waits for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(connection.info.dsn, autocommit=True) as watch:
        while not watch.execute(asked).fetchone()[0]:  # type: ignore[index]
            pass


@on_postgres
def test_a_deadlock_that_a_stranger_made_is_tried_again(
    centre: Centre, settings: Settings, writers: Writers, said: list[str]
) -> None:
    one, two = sorted([centre.area("HTX 1"), centre.area("HTX 2")])
    lan = centre.officer(one, two)
    made = [lan.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"}) for area in (one, two)]
    with stranger(settings) as other:
        other.execute("SELECT 1 FROM area WHERE id = %s FOR UPDATE", [two])
        writing = writers.start(lan.sync)
        until_somebody_waits(other)
        other.execute("SELECT 1 FROM area WHERE id = %s FOR UPDATE", [one])
        other.commit()
    writing.end()
    assert said == ["40P01"]
    assert set(lan.replica.base) == {change.record for change in made}


@on_postgres
def test_a_transaction_that_cannot_be_serialized_is_tried_again(
    centre: Centre, settings: Settings, writers: Writers, said: list[str]
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    made = lan.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"})
    with stranger(settings) as other:
        # An administrator made the database stricter than it is by itself.
        other.execute(f"ALTER DATABASE {other.info.dbname} SET default_transaction_isolation = 'repeatable read'")
        other.commit()
        db.engine.dispose()
        other.execute("UPDATE area SET name = 'HTX Mường Ảng' WHERE id = %s", [area])
        writing = writers.start(lan.sync)
        until_somebody_waits(other)
        other.commit()
    writing.end()
    assert said == ["40001"]
    assert set(lan.replica.base) == {made.record}
