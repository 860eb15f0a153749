"""The boundaries of communes, as far as an administrator has handed them in: against them a plot's commune is held.

Must never take a boundary for another commune's: a name that two communes have is no name.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import cos, radians
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from server.store import audit
from server.store.engine import insert_or_update, reading, writing
from server.store.folding import fold
from server.store.glance.shapes import shape_of
from server.store.people import Sender
from server.store.tables import CommuneBoundary
from sync.limits import KM_A_DEGREE
from sync.problem import Problem, sentence
from sync.records import BUILT_IN

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MOST_BYTES = 48 * 1024 * 1024
_DETAIL = 0.0001  # of a degree: ten metres, less than any map of communes is right to
_PREFIXES = ("xã ", "phường ", "thị trấn ", "đặc khu ")


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds: boundaries by the code of their commune, and what each feature is called that is none of ours."""

    shapes: Mapping[str, str]
    strange: list[str]


def read(content: bytes) -> Found:
    """A GeoJSON with a feature for each commune, which one of its properties names by its code or its name.

    Raises `Problem` (`unreadable_file`).
    """
    try:
        told = json.loads(content)
        features = told["features"]
        rows = [(each.get("properties") or {}, each.get("geometry")) for each in features]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Problem(
            "unreadable_communes",
            422,
            sentence(
                "This is no GeoJSON with a feature for each commune. In QGIS: right-click the layer, Export, Save Features As,"
                " GeoJSON, CRS EPSG:4326."
            ),
        ) from error
    import shapely  # as in `glance.shapes`: only who needs it reads it in

    shapes: dict[str, str] = {}
    strange = []
    for properties, geometry in rows:
        values = [str(each).strip() for each in properties.values() if isinstance(each, str | int)]
        code = next((found for value in values if (found := _codes().get(_named(value)))), None)
        shape = shape_of(geometry) if isinstance(geometry, dict) else None
        if (
            code is None
            or shape is None
            or shape.geom_type not in ("Polygon", "MultiPolygon")
            or not _in_degrees(shape)
        ):
            strange.append(", ".join(values)[:80] or "–")
            continue
        ground = shape if shape.is_valid else shapely.make_valid(shape)
        shapes[code] = shapely.to_geojson(shapely.simplify(ground, _DETAIL))
    return Found(shapes, strange)


def put(sender: Sender, found: Found) -> None:
    """Have these boundaries stand, in the place of those that these communes had."""
    rows = [{"code": code, "shape": shape, "at": datetime.now(UTC)} for code, shape in found.shapes.items()]

    def work(connection: Any) -> None:
        insert_or_update(connection, CommuneBoundary.__table__, rows, ["code"])
        audit.note(connection, sender.user_id, "communes_set", None, count=len(rows))

    if rows:
        writing(work)


def take_away(sender: Sender) -> None:
    """Without any boundary again."""

    def work(connection: Any) -> None:
        connection.execute(delete(CommuneBoundary))
        audit.note(connection, sender.user_id, "communes_set", None, count=0)

    writing(work)


def known() -> dict[str, datetime]:
    """The communes whose boundary is here, and since when."""
    with reading() as connection:
        return dict(connection.execute(select(CommuneBoundary.code, CommuneBoundary.at)).all())


def outside(places: Mapping[str, tuple[str, float, float]]) -> dict[str, float]:
    """Of plots (id to commune, longitude, latitude): which lie outside of their commune, and how many kilometres. Of a commune
    without a boundary nothing is said."""
    import shapely

    shapes = _shapes(mark())
    by_commune: defaultdict[str, list[str]] = defaultdict(list)
    for record, (commune, _x, _y) in places.items():
        if commune in shapes:
            by_commune[commune].append(record)
    found = {}
    for commune, records in by_commune.items():
        shape, narrower = shapes[commune]
        points = shapely.points([(x * narrower, y) for _commune, x, y in (places[record] for record in records)])
        for record, degrees in zip(records, shapely.distance(shape, points), strict=True):
            if degrees > 0:
                found[record] = float(degrees) * KM_A_DEGREE
    return found


def mark() -> tuple[int, str]:
    """Another one whenever a boundary was handed in or taken away."""
    with reading() as connection:
        count, newest = connection.execute(select(func.count(), func.max(CommuneBoundary.at))).one()
    return count, str(newest)


@lru_cache(maxsize=1)
def _shapes(_mark: tuple[int, str]) -> "dict[str, tuple[BaseGeometry, float]]":
    """By code: the boundary with degrees of longitude as long as those of latitude, and how much shorter they are there."""
    import shapely
    import shapely.affinity

    with reading() as connection:
        rows = connection.execute(select(CommuneBoundary.code, CommuneBoundary.shape)).all()
    found = {}
    for code, text in rows:
        shape = shapely.from_geojson(text)
        narrower = cos(radians(shape.centroid.y))
        even = shapely.affinity.scale(shape, narrower, 1, origin=(0, 0))
        shapely.prepare(even)
        found[code] = even, narrower
    return found


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    """A commune's code by all that it may be called; what two are called is nobody's name."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for each in BUILT_IN.all("commune"):
        for name in (each["code"], each["code"].lstrip("0"), each["vi"]):
            found[_named(name)].add(each["code"])
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


def _named(text: str) -> str:
    """A name without what kind of commune it is of."""
    bare = text.strip().casefold()
    return fold(next((bare[len(each) :] for each in _PREFIXES if bare.startswith(each)), bare))


def _in_degrees(shape: "BaseGeometry") -> bool:
    west, south, east, north = shape.bounds
    return west >= -180 and south >= -90 and east <= 180 and north <= 90


def named(codes: Collection[str]) -> list[str]:
    """What communes are called, in the order of their names."""
    return sorted(str(each["vi"]) for each in BUILT_IN.all("commune") if each["code"] in codes)
