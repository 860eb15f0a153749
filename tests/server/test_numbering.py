"""The numbers of an area: each carries the digest of all that took one before it, in an old database too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from server.app import create_app
from server.config import Settings
from server.store import migrate
from server.store.tables import db
from tests.conftest import Centre, named, sql

CHAINED = ("area", "change", "departure")


@pytest.fixture
def before_the_chain(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """An installation as version 0008 left it, on the same database as the test's own."""
    home = tmp_path / "before"
    home.mkdir()
    address = None
    if settings.database_url:
        server, name = request.getfixturevalue("postgres_server"), "before_the_chain"
        sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        address = named(server, name)
    before = create_app(Settings(home=home, secret_key="test", database_url=address))
    with before.app_context():
        migrate.upgrade(db.engine, "0008")
    yield before
    with before.app_context():
        db.engine.dispose()
    if address:
        sql(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_from_before_has_the_chain_that_the_same_work_makes_today(
    centre: Centre, before_the_chain: Any
) -> None:
    first, second = centre.area("A"), centre.area("B")
    hoa = centre.manager(first, second)
    moved = [hoa.new_change(None, "farmer", first, {"name": f"Lò Văn {each}"}).record for each in range(5)]
    hoa.new_change(None, "farmer", second, {"name": "Ở đây"})
    hoa.sync()
    for record in moved[:3]:
        hoa.new_change(record, "farmer", first, {"area": second})
    hoa.sync()
    rows = {table: db.session.execute(text(f'SELECT * FROM "{table}"')).mappings().all() for table in CHAINED}
    assert rows["departure"]
    with before_the_chain.app_context():
        with db.engine.begin() as connection:
            for table, there in rows.items():
                known = {column["name"] for column in inspect(connection).get_columns(table)}
                assert "chain" not in known
                for row in there:
                    old = {name: value for name, value in row.items() if name in known}
                    names, marks = ", ".join(old), ", ".join(f":{name}" for name in old)
                    connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), old)
        migrate.upgrade(db.engine)
        after = {table: db.session.execute(text(f'SELECT * FROM "{table}"')).mappings().all() for table in CHAINED}
        db.session.remove()
    for table in CHAINED:
        assert _chains(after[table]) == _chains(rows[table])
        assert all(row["chain"] for row in rows[table])


def _chains(rows: Any) -> list[tuple[str, int, str]]:
    return sorted((row.get("area", row.get("id")), row.get("seq", row.get("counter")), row["chain"]) for row in rows)
