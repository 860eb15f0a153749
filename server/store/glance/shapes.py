"""A boundary as a map draws it, and the ground that two boundaries share. Pure."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from sync.geometry import area_ha, crosses_itself

# Half a metre: less than any phone can tell.
_DETAIL = 0.000005
# Less than this is how two people walk the same hedge.
LEAST_SHARE, LEAST_HA = 0.02, 0.005


def shape_row(boundary: Any) -> dict[str, Any]:
    """The columns of a plot's row that its boundary makes."""
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


def shape_of(geometry: Mapping[str, Any] | str | None) -> BaseGeometry | None:
    """A GeoJSON point or polygon, flat; None for none, or for one that no map can draw."""
    if not geometry:
        return None
    try:
        text = geometry if isinstance(geometry, str) else orjson.dumps(geometry).decode()
        found = shapely.force_2d(shapely.from_geojson(text))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        return None
    return None if found.is_empty else found


def shared(one: BaseGeometry, other: BaseGeometry) -> tuple[float, float] | None:
    """Hectares that two plots share, and which part of the smaller one that is; None where it is not worth a word."""
    if one.geom_type != "Polygon" or other.geom_type != "Polygon":
        return None
    # A boundary that crosses itself has ground too: what it goes round.
    one, other = (each if each.is_valid else shapely.make_valid(each) for each in (one, other))
    common = _hectares(shapely.intersection(one, other))
    smaller = min(_hectares(one), _hectares(other))
    if smaller <= 0 or common < LEAST_HA or common / smaller < LEAST_SHARE:
        return None
    return common, min(1.0, common / smaller)


def _hectares(shape: BaseGeometry) -> float:
    polygons = [each for each in shapely.get_parts(shape) if each.geom_type == "Polygon"]
    return sum(area_ha(orjson.loads(shapely.to_geojson(each))) or 0 for each in polygons)
