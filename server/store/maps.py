"""Packs of maps in the database: which area has which.

Must never say to anybody that an area has a map which is not theirs.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from server.maps.pack import Pack
from server.store.engine import insert_or_leave, reading, writing
from server.store.people import new_id
from server.store.tables import Area, MapPack
from sync.problem import Problem, sentence


@dataclass(frozen=True, slots=True)
class Offered:
    """A pack that an area has. `bounds`: west, south, east, north; `pieces`: the SHA-256 of each piece."""

    id: str
    area: str
    area_name: str
    name: str
    sha256: str
    size: int
    tiles: str
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    attribution: str
    pieces: tuple[str, ...]
    added_at: datetime


def add(area: str, name: str, pack: Pack, by: str | None) -> str:
    """Say that *area* has *pack*, whose file is on the shelf; its id. The same file once more changes nothing.

    Raises `Problem` ``no_area`` (422).
    """
    row = {
        "id": new_id(),
        "area": area,
        "name": name,
        "sha256": pack.sha256,
        "size": pack.size,
        "tiles": pack.tiles,
        "min_zoom": pack.min_zoom,
        "max_zoom": pack.max_zoom,
        "bounds": json.dumps(pack.bounds),
        "attribution": pack.attribution,
        "pieces": json.dumps(pack.pieces),
        "added_by": by,
        "added_at": datetime.now(UTC),
    }

    def work(connection: Connection) -> str:
        if not connection.scalar(select(Area.id).where(Area.id == area)):
            raise no_area()
        insert_or_leave(connection, MapPack.__table__, [row])
        same = select(MapPack.id).where(MapPack.area == area, MapPack.sha256 == pack.sha256)
        return str(connection.scalar(same))

    return writing(work)


def give(pack: str, area: str, by: str | None) -> str:
    """Let another area have a pack that one has; its id there. Raises `Problem` (`no_map`, `no_area`)."""

    def work(connection: Connection) -> str:
        row = connection.execute(select(MapPack.__table__).where(MapPack.id == pack)).mappings().first()
        if row is None:
            raise no_map()
        if not connection.scalar(select(Area.id).where(Area.id == area)):
            raise no_area()
        new = {**row, "id": new_id(), "area": area, "added_by": by, "added_at": datetime.now(UTC)}
        insert_or_leave(connection, MapPack.__table__, [new])
        same = select(MapPack.id).where(MapPack.area == area, MapPack.sha256 == row["sha256"])
        return str(connection.scalar(same))

    return writing(work)


def offered(areas: Collection[str] | None = None) -> list[Offered]:
    """The packs of *areas* (None: of all), by area and name."""
    wish = _SELECT.order_by(Area.name, MapPack.name, MapPack.id)
    with reading() as connection:
        rows = connection.execute(wish if areas is None else wish.where(MapPack.area.in_(areas)))
        return [_read(row) for row in rows]


def one(pack: str, areas: Collection[str]) -> Offered | None:
    """The pack, where it is of one of *areas*."""
    with reading() as connection:
        row = connection.execute(_SELECT.where(MapPack.id == pack, MapPack.area.in_(areas))).first()
    return _read(row) if row else None


def remove(pack: str) -> str | None:
    """Take a pack from its area; the SHA-256 of its file where no other area has it, None where one does.

    Raises `Problem` ``no_map`` (404).
    """

    def work(connection: Connection) -> str | None:
        sha256 = connection.scalar(select(MapPack.sha256).where(MapPack.id == pack))
        if sha256 is None:
            raise no_map()
        connection.execute(delete(MapPack).where(MapPack.id == pack))
        others = connection.scalar(select(func.count()).select_from(MapPack).where(MapPack.sha256 == sha256))
        return None if others else str(sha256)

    return writing(work)


def all_kept(connection: Connection) -> dict[str, int]:
    """Every file that an area has: its SHA-256 and its size in bytes."""
    return dict(connection.execute(select(MapPack.sha256, MapPack.size)).all())


_SELECT = select(
    MapPack.id, MapPack.area, Area.name.label("area_name"), MapPack.name, MapPack.sha256, MapPack.size, MapPack.tiles,
    MapPack.min_zoom, MapPack.max_zoom, MapPack.bounds, MapPack.attribution, MapPack.pieces, MapPack.added_at,
).join(Area, Area.id == MapPack.area)  # fmt: skip


def _read(row: Any) -> Offered:
    bounds, pieces = tuple(json.loads(row.bounds)), tuple(json.loads(row.pieces))
    return Offered(**{**row._asdict(), "bounds": bounds, "pieces": pieces})


def no_map() -> Problem:
    """There is none, or it is of an area that is not theirs: one answer, so that it tells nobody which."""
    return Problem("no_map", 404, sentence("There is no such map here, or it belongs to an area that is not yours."))


def no_area() -> Problem:
    """Said where a map is handed in for an area that there is not."""
    return Problem("no_area", 422, sentence("There is no such area. “nuong area list” shows them."))
