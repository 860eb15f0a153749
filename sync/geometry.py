"""Sums over shapes. Pure: no clock, no I/O."""

from collections.abc import Mapping
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


def _ring_area(ring: list[list[float]]) -> float:
    polygon = Geodesic.WGS84.Polygon()
    for longitude, latitude, *_ in ring[:-1]:
        polygon.AddPoint(latitude, longitude)
    _, _, area = polygon.Compute(False, True)
    return abs(float(area))
