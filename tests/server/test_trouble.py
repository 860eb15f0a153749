"""The server's own errors: each has a number that its reader is told, and an administrator finds it by that."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from server import trouble
from server.store.engine import writing
from tests.conftest import Centre
from tests.server.test_console import sign_in


def broken(table: str) -> None:
    """Somebody has renamed a table by hand: every question about it fails in a way that nobody has foreseen."""
    writing(lambda connection: connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone")))


def test_an_error_has_a_number_that_its_reader_and_the_page_of_health_know(centre: Centre, settings: Any) -> None:
    centre.admin()
    page = sign_in(centre, "quan-tri")
    broken("bringing")
    seen = page.get("/console/bring?secret=Lò Văn Pâng")
    assert (seen.status_code, seen.mimetype) == (500, "text/html")
    number = re.search(r"[2-9A-Z]{6}", seen.text)
    assert number
    health = page.get("/console/admin").text
    assert number[0] in health
    assert "GET /console/bring" in health
    assert "Pâng" not in (settings.home / "errors.jsonl").read_text()
    (told,) = trouble.last(settings.home)
    assert (told.id, told.status, told.where) == (number[0], 500, "/console/bring")
    assert [count for _day, count in trouble.by_day(settings.home)] == [1, 0, 0, 0, 0, 0, 0]


def test_the_phone_is_told_the_number_too_and_a_page_without_its_database_is_one(centre: Centre, settings: Any) -> None:
    centre.manager(centre.area())
    page = sign_in(centre, "hoa")
    broken("account")
    body = {"username": "lan", "password": "x", "device": {"id": "01960000-0000-7000-8000-000000000001", "name": "x"}}
    answer = centre.post("/api/v1/session", json=body)
    assert answer.status_code == 500
    assert answer.json["trouble"] == trouble.last(settings.home)[0].id
    shown = page.get("/console/")
    assert (shown.status_code, shown.mimetype) == (500, "text/html")
    assert trouble.last(settings.home)[0].id in shown.text


def test_what_many_workers_write_at_once_stays_whole_and_bounded(tmp_path: Path) -> None:
    def write() -> None:
        for number in range(600):
            trouble.note(tmp_path, 500, "GET", f"/{number:0150d}", "ValueError")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = list(tmp_path.glob("errors*.jsonl"))
    assert len(files) == 2
    assert all(file.stat().st_size < trouble.MOST_BYTES + 4096 for file in files)
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert len(lines) == sum(1 for _ in trouble.last(tmp_path, 10**6))
    assert len(lines) == sum(count for _day, count in trouble.by_day(tmp_path))
    later = datetime.now(UTC) + timedelta(days=trouble.DAYS)
    assert sum(count for _day, count in trouble.by_day(tmp_path, later)) == 0


def test_a_line_that_a_full_disk_cut_off_hides_no_other(tmp_path: Path) -> None:
    trouble.note(tmp_path, 500, "GET", "/", "ValueError")
    with (tmp_path / "errors.jsonl").open("a") as file:
        file.write('{"id": "AB')
    assert len(trouble.last(tmp_path)) == 1
    assert trouble.note(tmp_path / "gone", 500, "GET", "/", "ValueError")
