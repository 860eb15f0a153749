"""The numbers of an area: each carries the digest of all that took one before it, in an old database too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, text

from server.store import migrate
from server.store.tables import db
from tests.conftest import Centre, LeftBy, put_rows

CHAINED = ("area", "change", "departure")


def test_a_database_from_before_has_the_chain_that_the_same_work_makes_today(centre: Centre, left_by: LeftBy) -> None:
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
    with left_by("0008").app_context():
        with db.engine.begin() as connection:
            for table, there in rows.items():
                assert "chain" not in {column["name"] for column in inspect(connection).get_columns(table)}
                put_rows(connection, table, there)
        migrate.upgrade(db.engine)
        after = {table: db.session.execute(text(f'SELECT * FROM "{table}"')).mappings().all() for table in CHAINED}
        db.session.remove()
    for table in CHAINED:
        assert _chains(after[table]) == _chains(rows[table])
        assert all(row["chain"] for row in rows[table])


def _chains(rows: Any) -> list[tuple[str, int, str]]:
    return sorted((row.get("area", row.get("id")), row.get("seq", row.get("counter")), row["chain"]) for row in rows)
