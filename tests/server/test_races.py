"""What changes between two steps of one request: rights, tokens, the history, the disk, the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, func, select

from server.config import Settings
from server.store import backup, browse, imports, people
from server.store.exchange import exchange
from server.store.tables import Area, LoggedChange, Quarantined, Record, db
from sync.change import Change, Envelope
from sync.client import Answered, Client, new_id, now
from sync.problem import Problem
from sync.protocol import parse_json, read_request, write_request
from tests.conftest import Centre
from tests.server.test_photos import fill_the_disk_of_the_database
from tests.writers import Writers

FARMER = {"name": "Lò Văn Pâng"}
on_postgres = pytest.mark.parametrize("settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
def writers(centre: Centre) -> Iterator[Writers]:
    with Writers(db.engine).watching() as writers:
        yield writers


def written() -> tuple[int, ...]:
    """How much stands in the log, the records, the quarantine, and what the areas have counted."""
    with db.engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(each)) for each in (LoggedChange, Record, Quarantined)
        ]
        return (*(count or 0 for count in counts), int(connection.scalar(select(func.sum(Area.counter))) or 0))


def send(phone: Client) -> None:
    """One request with all that waits. (A whole sync would wait and try again, as it is told to.)"""
    phone.exchange(list(phone.replica.outbox))


def asked_as(sender: people.Sender, phone: Client, *changes: Change) -> dict[str, Any]:
    """The answer to a request of *phone* whose sender was known a while ago."""
    body = write_request(epoch=None, areas={}, changes=changes, schema=1, sent_at=now())
    answer: dict[str, Any] = parse_json(exchange(sender, read_request(parse_json(body))).text())
    return answer


# Rights ------------------------------------------------------------------------------------------------------------


def test_an_area_taken_away_after_the_token_was_looked_at_is_neither_read_nor_written(centre: Centre) -> None:
    here, there = centre.area(), centre.area("HTX Mường Ảng")
    lan = centre.officer(here, there)
    lan.new_change(None, "farmer", here, FARMER)
    lan.sync()
    sender = people.sender_of(lan.token or "", 180)
    people.set_role(sender.user_id, here, None)
    change = lan.new_change(None, "farmer", here, FARMER)
    for answer in (asked_as(sender, lan), asked_as(sender, lan, change)):
        assert set(answer["areas"]) == {there}
        assert answer["records"] == []
    assert [each["reason"] for each in answer["rejected"]] == ["forbidden"]


def test_a_phone_cut_off_after_its_token_was_looked_at_writes_nothing(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    sender = people.sender_of(lan.token or "", 180)
    people.revoke_device(lan.device)
    before = written()
    for changes in ([], [lan.new_change(None, "farmer", area, FARMER)]):
        with pytest.raises(Problem) as refused:
            asked_as(sender, lan, *changes)
        assert (refused.value.code, refused.value.status) == ("token_revoked", 401)
    assert written() == before


@on_postgres
def test_whoever_takes_an_area_away_waits_for_what_is_being_written_there(
    centre: Centre, writers: Writers, app: Any
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    made = lan.new_change(None, "farmer", area, FARMER)

    def take_away() -> None:
        with app.app_context():
            people.set_role(lan.user["id"], area, None)

    slow = writers.hold(lan.sync)
    takes_away = writers.start(take_away)
    assert not takes_away.is_done()
    slow.end()
    takes_away.end()
    # It was written while it was hers to write, and from then on it is not hers to read.
    assert set(browse.history([made.record])) == {made.record}
    lan.sync()
    assert lan.replica.base == {}


# The history -------------------------------------------------------------------------------------------------------


@pytest.mark.loss(17)
def test_a_sync_in_the_middle_of_a_restore_waits_and_loses_nothing(
    centre: Centre, writers: Writers, tmp_path: Path, app: Any
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    file = tmp_path / "backup.tar"
    backup.write(file)
    lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    third = lan.new_change(None, "farmer", area, FARMER)

    def restore() -> None:
        with app.app_context():
            backup.restore(file, replace=True)

    restoring = writers.hold(restore, after="UPDATE installation")
    sync = writers.start(lan.sync)
    assert not sync.is_done()
    restoring.end()
    sync.end()
    lan.sync()
    assert lan.replica.refused == {}
    assert len(lan.replica.base) == 3
    assert third.record in browse.history([third.record])


@pytest.mark.loss(17)
def test_a_restore_waits_for_whoever_writes_without_a_phone(
    centre: Centre, writers: Writers, tmp_path: Path, app: Any
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    file = tmp_path / "backup.tar"
    backup.write(file)
    sender = people.sender_without_device(people.user_id_of("lan"))
    assert sender is not None
    change = Change(new_id(), record := new_id(), "farmer", area, FARMER)

    def bring() -> None:
        with app.app_context():
            imports.take_in(sender, [change], [], Envelope(sender.user_id, "a file", now()), dry_run=False)

    def restore() -> None:
        with app.app_context():
            backup.restore(file, replace=True)

    bringing = writers.hold(bring)
    restoring = writers.start(restore)
    restoring.thread.join(1)  # as far as it comes
    assert not restoring.is_done()
    bringing.end()
    restoring.end()
    assert record not in browse.history([record])
    with db.engine.connect() as connection:
        last = connection.scalar(select(func.max(LoggedChange.seq)).where(LoggedChange.area == area))
        assert last == connection.scalar(select(Area.counter).where(Area.id == area))
    for _ in range(4):
        lan.new_change(None, "farmer", area, FARMER)
        lan.sync()
    assert len(lan.replica.base) == 5


# The disk and the database -----------------------------------------------------------------------------------------


@pytest.mark.loss(16)
def test_a_full_disk_leaves_nothing_half_written_and_reading_goes_on(centre: Centre) -> None:
    area = centre.area()
    lan, hoa = centre.officer(area), centre.officer(area, name="hoa")
    first = lan.new_change(None, "farmer", area, FARMER)
    lan.sync()
    before = written()
    fill_the_disk_of_the_database()
    for number in range(40):
        lan.new_change(None, "farmer", area, {"name": f"Lò Văn {number}", "note": "x" * 900})
    with pytest.raises(Answered) as refused:
        send(lan)
    assert (refused.value.status, refused.value.problem["code"]) == (507, "no_room")
    assert written() == before
    hoa.sync()
    assert set(hoa.replica.base) == {first.record}


@on_postgres
def test_a_database_that_goes_away_in_mid_request_is_said_and_found_again(
    centre: Centre, writers: Writers, settings: Settings
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    made = lan.new_change(None, "farmer", area, FARMER)
    name = db.engine.url.database
    slow = writers.hold(lambda: send(lan))
    administrator = psycopg.connect(settings.database_url.replace(f"/{name}", "/postgres"), autocommit=True)
    with administrator as other:
        other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        with pytest.raises(Answered) as cut:
            slow.end()
        with pytest.raises(Answered) as gone:
            send(lan)
        answer = lan._send("POST", "/api/v1/sync", json={"protocol": 1})
        other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    for refused in (cut.value, gone.value):
        assert (refused.status, refused.problem["code"]) == (503, "no_database")
    assert answer.headers["Retry-After"] == "5"
    assert written() == (0, 0, 0, 0)
    lan.sync()
    assert set(browse.history([made.record])) == {made.record}


@on_postgres
def test_a_database_lost_while_rows_are_copied_in_is_said_too(centre: Centre, settings: Settings) -> None:
    area = centre.area()
    lan = centre.officer(area)
    made = lan.new_change(None, "farmer", area, FARMER)
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"
        )
        connection.exec_driver_sql("CREATE TRIGGER cut BEFORE INSERT ON record EXECUTE FUNCTION cut()")
    with pytest.raises(Answered) as refused:
        send(lan)
    assert (refused.value.status, refused.value.problem["code"]) == (503, "no_database")
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER cut ON record")
    assert written() == (0, 0, 0, 0)
    lan.sync()
    assert set(browse.history([made.record])) == {made.record}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_writer_who_never_ends_is_waited_for_a_while_and_then_said(
    centre: Centre, writers: Writers, monkeypatch: Any
) -> None:
    monkeypatch.setattr("server.store.engine.TRIES", 2)
    area = centre.area()
    lan, pao = centre.officer(area), centre.officer(area, name="pao")
    for phone in (lan, pao):
        phone.new_change(None, "farmer", area, FARMER)
    slow = writers.hold(lambda: send(lan))
    event.listen(db.engine, "checkout", lambda held, *_rest: held.execute("PRAGMA busy_timeout = 10"))
    with pytest.raises(Answered) as refused:
        send(pao)
    assert (refused.value.status, refused.value.problem["code"]) == (503, "no_database")
    slow.end()
    pao.sync()
    assert len(pao.replica.base) == 2
