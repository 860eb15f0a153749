"""A boundary as a map draws it, and the ground that two boundaries share. Pure.

Shapely, and NumPy with it, are read in where they are needed: they take 20 MB of a worker, and one that only speaks with phones
never looks at a shape.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from sync.geometry import area_ha, crosses_itself
from sync.limits import km_between

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

# West, south, east, north.
Box = tuple[float, float, float, float]

# Half a metre: less than any phone can tell.
_DETAIL = 0.000005
# Less than this is how two people walk the same hedge.
LEAST_SHARE, LEAST_HA = 0.02, 0.005


def shape_row(boundary: Any) -> dict[str, Any]:
    """The columns of a plot's row that its boundary makes."""
    import shapely

    shape = shape_of(boundary)
    if shape is None:
        return _NOWHERE
    west, south, east, north = (float(each) for each in shape.bounds)
    thin = shapely.set_precision(shapely.simplify(shape, _DETAIL), 0.000001, mode="pointwise")
    return {
        "area_ha": area_ha(boundary),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "shape": shapely.to_geojson(shape if thin.is_empty else thin),
        "crosses": crosses_itself(boundary),
    }


_NOWHERE = {
    "area_ha": None, "west": None, "south": None, "east": None, "north": None, "shape": None, "crosses": False,
}  # fmt: skip


def print_of(*what: Any) -> str:
    """A short print of *what*, by which one sees whether it changed."""
    return sha256(orjson.dumps(what)).hexdigest()[:16]


def shape_of(geometry: Mapping[str, Any] | str | None) -> "BaseGeometry | None":
    """A GeoJSON point or polygon, flat; None for none, or for one that no map can draw."""
    if not geometry:
        return None
    import shapely

    try:
        text = geometry if isinstance(geometry, str) else orjson.dumps(geometry).decode()
        found = shapely.force_2d(shapely.from_geojson(text))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        return None
    return None if found.is_empty else found


def points_near(boxes: Sequence[Box], metres: float) -> list[tuple[int, int]]:
    """Of the plots with these boxes each that is a point, with each other one whose box lies within *metres* of it: their
    places in *boxes*."""
    points = [place for place, (west, south, east, north) in enumerate(boxes) if west == east and south == north]
    if not points:
        return []
    import numpy
    import shapely

    edges = numpy.array(boxes)
    # At the latitudes of any field: a degree of longitude is at most twice as short as one of latitude.
    margin = numpy.array([-2, -1, 2, 1]) * metres / 111_000
    wider: Any = shapely.box(*(edges + margin).T)
    first, second = shapely.STRtree(wider).query(shapely.points(edges[points, :2]))
    return [(points[a], int(b)) for a, b in zip(first, second, strict=True) if points[a] != b]


def metres_to(point: tuple[float, float], shape: "BaseGeometry") -> float | None:
    """How far *point* (longitude, latitude) lies from a plot that is a point; 0 in a plot with a boundary, None outside it."""
    import shapely

    if isinstance(shape, shapely.Point):
        return 1000 * km_between(point, (shape.x, shape.y))
    ground = shape if shape.is_valid else shapely.make_valid(shape)
    return 0.0 if shapely.covers(ground, shapely.points(*point)) else None


def shared(one: "BaseGeometry", other: "BaseGeometry") -> tuple[float, float] | None:
    """Hectares that two plots share, and which part of the smaller one that is; None where it is not worth a word."""
    if one.geom_type != "Polygon" or other.geom_type != "Polygon":
        return None
    import shapely

    # A boundary that crosses itself has ground too: what it goes round.
    one, other = (each if each.is_valid else shapely.make_valid(each) for each in (one, other))
    common = _hectares(shapely.intersection(one, other))
    smaller = min(_hectares(one), _hectares(other))
    if smaller <= 0 or common < LEAST_HA or common / smaller < LEAST_SHARE:
        return None
    return common, min(1.0, common / smaller)


def _hectares(shape: "BaseGeometry") -> float:
    import shapely

    polygons = [each for each in shapely.get_parts(shape) if each.geom_type == "Polygon"]
    return sum(area_ha(orjson.loads(shapely.to_geojson(each))) or 0 for each in polygons)
