"""Sums over shapes. Pure: no clock, no I/O."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from geographiclib.geodesic import Geodesic

_SQUARE_METRES = 10_000


def area_ha(geometry: Mapping[str, Any] | None) -> float | None:
    """Area in ha of a GeoJSON Polygon, holes taken off; None for a point or none.

    Geodesic on WGS 84: C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87 (2013), by GeographicLib.
    """
    if not geometry or geometry.get("type") != "Polygon":
        return None
    outer, *holes = (_ring_area(ring) for ring in geometry["coordinates"])
    return (outer - sum(holes)) / _SQUARE_METRES


def roughly_ha(geometry: Mapping[str, Any] | None) -> float | None:
    """Area in ha of a GeoJSON Polygon on the plane round it, to half a percent of a plot's; None for a point or none.

    For what is asked of many at once, and asked alike on the phone: the twin of `roughlyHa` in pwa/src/map/ring.ts. What is
    said or exported is `area_ha`.
    """
    if not geometry or geometry.get("type") != "Polygon":
        return None
    outer, *holes = (_flat_area(ring) for ring in geometry["coordinates"])
    return (outer - sum(holes)) / _SQUARE_METRES


def _flat_area(ring: list[list[float]]) -> float:
    longitude, latitude = ring[0][:2]
    east = math.cos(math.radians(latitude)) * 111_320
    flat = [((each[0] - longitude) * east, (each[1] - latitude) * 110_700) for each in ring]
    return abs(sum(one[0] * other[1] - other[0] * one[1] for one, other in pairwise(flat))) / 2


def crosses_itself(geometry: Mapping[str, Any] | None) -> bool:
    """Whether a ring of a GeoJSON Polygon crosses itself; touching at a corner is no crossing. False for a point or none.

    The twin of `crossings` in pwa/src/map/geometry.ts.
    """
    if not geometry or geometry.get("type") != "Polygon":
        return False
    return any(_ring_crosses(ring) for ring in geometry["coordinates"])


def _ring_crosses(ring: list[list[float]]) -> bool:
    # From west to east, so that an edge is held only against those that begin before it ends.
    edges = sorted((sorted((one[:2], other[:2])) for one, other in pairwise(ring)), key=lambda edge: edge[0][0])
    for place, (west, east) in enumerate(edges):
        for other_west, other_east in edges[place + 1 :]:
            if other_west[0] > east[0]:
                break
            if _cross(west, east, other_west, other_east):
                return True
    return False


def _cross(a: list[float], b: list[float], c: list[float], d: list[float]) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(p: list[float], q: list[float], r: list[float]) -> int:
    turn = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
    return (turn > 0) - (turn < 0)


def _ring_area(ring: list[list[float]]) -> float:
    polygon = Geodesic.WGS84.Polygon()
    for longitude, latitude, *_ in ring[:-1]:
        polygon.AddPoint(latitude, longitude)
    _, _, area = polygon.Compute(False, True)
    return abs(float(area))
