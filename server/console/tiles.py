"""The map's tiles: shapes where one can see them, dots where one can't, so that 20,000 fields stay smooth.

A tile is JSON: `shapes` [[id, name, farmer, state, rings], …], `dots` [[longitude, latitude, count, state, id, name, farmer], …].
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, abort, request, url_for
from sqlalchemy import Row

from server.console.gate import areas_named, manager_only
from server.console.pages import console
from server.store import filters, glance, plot_list
from server.store.filters import Filter

# From here on half a hectare is some pixels wide.
FIRST_SHAPES = 14
# Dots of one cell are one; a tile of 256 pixels has so many cells a side, and draws those round it too, whose dots reach in.
_CELLS = 32
_DECIMALS = 6


@console.get("/tiles/<int(max=22):zoom>/<int:x>/<int:y>.json")
@manager_only
def tile(zoom: int, x: int, y: int) -> Response:
    """One tile, for the filter in the address."""
    if x >= 2**zoom or y >= 2**zoom:
        abort(404)
    wish = filters.read(request.args, areas_named()).wish
    box = bounds(zoom, x, y)
    edge = [(box[2] - box[0]) / _CELLS, (box[3] - box[1]) / _CELLS]
    reach = (box[0] - edge[0], box[1] - edge[1], box[2] + edge[0], box[3] + edge[1])
    found = plot_list.on_tile(wish, *reach, shapes=zoom >= FIRST_SHAPES)
    shaped = zoom >= FIRST_SHAPES and len(found) <= plot_list.MOST_SHAPES
    drawn = {"shapes": [_shape(row) for row in found if row.shape], "dots": []} if shaped else {
        "shapes": [], "dots": _dots(found, box),
    }  # fmt: skip
    answer = Response(orjson.dumps(drawn), content_type="application/json")
    # The page has a mark of what it shows in the tiles' addresses.
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def drawing(wish: Filter, box: Sequence[float] | None, selected: str = "") -> dict[str, str]:
    """What the map's element says: where its tiles are, what it shows first, which plot is marked."""
    query = wish.as_args(sort="name") | {"seen": glance.mark(wish.areas)}
    return {
        "tiles": url_for("console.tile", zoom=0, x=0, y=0).removesuffix("0/0/0.json"),
        "query": urlencode(query, doseq=True),
        "box": ",".join(str(each) for each in box or ()),
        "link": url_for("console.plot", record="ID"),
        "selected": selected,
    }


def shapes_of(rivals: Sequence[Mapping[str, Any]]) -> str:
    """The boundaries in dispute, for the map to draw: GeoJSON."""
    features = [
        {"type": "Feature", "properties": {"place": place}, "geometry": each["value"]}
        for place, each in enumerate(rivals)
        if isinstance(each["value"], dict)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features}).decode()


def bounds(zoom: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile of the web's usual grid (spherical Mercator)."""
    side = 2**zoom
    north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * each / side)))) for each in (y, y + 1))
    return x / side * 360 - 180, south, (x + 1) / side * 360 - 180, north


def state_of(row: Row[Any]) -> str:
    """What a shape's colour says: what needs a person first."""
    if row.conflicted or row.review in ("queried", "rejected"):
        return "needs"
    if row.disease is not None:
        return "disease"
    return "approved" if row.review == "approved" else "waits"


def _shape(row: Row[Any]) -> list[Any]:
    geometry = orjson.loads(row.shape)
    if geometry["type"] == "Point":
        rings: Any = [[geometry["coordinates"]]]
    else:
        rings = geometry["coordinates"]
    return [row.id, row.name, row.farmer_name, state_of(row), rings]


def _dots(found: list[Row[Any]], box: tuple[float, float, float, float]) -> list[list[Any]]:
    """One dot for the plots of each cell, at the place of one of them; the state that needs a person most."""
    west, south, east, north = box
    cells: defaultdict[tuple[int, int], list[Row[Any]]] = defaultdict(list)
    for row in found:
        x, y = (row.west + row.east) / 2, (row.south + row.north) / 2
        column, line = (x - west) / (east - west) * _CELLS, (y - south) / (north - south) * _CELLS
        if -1 <= column < _CELLS + 1 and -1 <= line < _CELLS + 1:
            cells[math.floor(column), math.floor(line)].append(row)
    # The same one on the tile beside.
    return [_dot(sorted(rows, key=lambda row: row.id)) for rows in cells.values()]


def _dot(rows: list[Row[Any]]) -> list[Any]:
    states = {state_of(row) for row in rows}
    first = rows[0]
    place = [round((first.west + first.east) / 2, _DECIMALS), round((first.south + first.north) / 2, _DECIMALS)]
    state = next(each for each in ("needs", "disease", "waits", "approved") if each in states)
    return [*place, len(rows), state, *((first.id, first.name, first.farmer_name) if len(rows) == 1 else ())]
