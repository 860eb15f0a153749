"""The hills of the demonstration: heights, contour lines, streams and paths round its villages.

Invented like everything there. Must never be taken for the land of anybody.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Place = tuple[float, float]  # longitude, latitude
_STEP = 0.0006  # degrees between two heights: some 60 m
_INTERVAL, _THICK = 20, 100  # metres from one contour line to the next, and to the next that is drawn thick
_EVERY = 6  # of the heights on the edge one in so many has a stream that begins there
_LONGEST = 400  # steps of a stream


@dataclass(frozen=True, slots=True)
class Line:
    """A line on the map: its layer, what is said of it, where it runs."""

    layer: str
    said: dict[str, str | int]
    places: list[Place]


def hills(west: float, south: float, east: float, north: float, villages: Sequence[tuple[str, Place]]) -> list[Line]:
    """All lines of a map from *west* to *east*, and a point for each of the villages (name, place)."""
    found = [
        Line("contours", {"height": level, "thick": int(level % _THICK == 0)}, places)
        for level, places in _contours(west, south, east, north)
    ]
    found += [Line("water", {"kind": "stream"}, places) for places in _streams(west, south, east, north)]
    found += [Line("roads", {"kind": "path"}, _path(one[1], other[1])) for one, other in pairwise(villages)]
    return found + [Line("places", {"kind": "village", "name": name}, [place]) for name, place in villages]


def height(longitude: float, latitude: float) -> float:
    """Metres above the sea: a few ranges that run from north-west to south-east, as they do there."""
    x, y = longitude * 111.32 * math.cos(math.radians(21.2)), latitude * 110.57  # km
    along, across = (x - y) / math.sqrt(2), (x + y) / math.sqrt(2)
    return (
        850
        + 170 * math.sin(across * 1.35 + 0.4 * math.sin(along * 0.7))
        + 75 * math.sin(along * 1.9 + across * 0.6)
        + 30 * math.sin(x * 4.1) * math.cos(y * 3.7)
    )


def _contours(west: float, south: float, east: float, north: float) -> Iterator[tuple[int, list[Place]]]:
    """Marching squares: each cell of four heights gives the pieces of each level that pass through it."""
    columns, rows = (math.ceil((end - start) / _STEP) + 1 for start, end in ((west, east), (south, north)))
    heights = [[height(west + c * _STEP, south + r * _STEP) for c in range(columns)] for r in range(rows)]
    pieces: defaultdict[int, list[tuple[Place, Place]]] = defaultdict(list)
    for row in range(rows - 1):
        for column in range(columns - 1):
            ring = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
            own = [heights[r][c] for c, r in ring]
            for level in range(math.ceil(min(own) / _INTERVAL) * _INTERVAL, math.floor(max(own)) + 1, _INTERVAL):
                crossed = [
                    _between(ring[each], ring[(each + 1) % 4], own[each], own[(each + 1) % 4], level)
                    for each in range(4)
                    if (own[each] < level) != (own[(each + 1) % 4] < level)
                ]
                pieces[level] += zip(crossed[::2], crossed[1::2], strict=False)
    for level, found in pieces.items():
        for chain in _joined(found):
            yield level, [(west + x * _STEP, south + y * _STEP) for x, y in chain]


def _between(one: tuple[int, int], other: tuple[int, int], low: float, high: float, level: int) -> Place:
    # From the lesser corner to the greater, so that two cells find the very same place on the edge that they share.
    if one > other:
        one, other, low, high = other, one, high, low
    share = (level - low) / (high - low)
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])


def _joined(pieces: list[tuple[Place, Place]]) -> Iterator[list[Place]]:
    """Pieces that meet, as lines."""
    beside: defaultdict[Place, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        for end in piece:
            beside[end].append(number)
    left = set(range(len(pieces)))
    while left:
        first = left.pop()
        line = list(pieces[first])
        for _ in range(2):
            while (following := next((each for each in beside[line[-1]] if each in left), None)) is not None:
                left.remove(following)
                one, other = pieces[following]
                line.append(other if one == line[-1] else one)
            line.reverse()
        yield line


def _streams(west: float, south: float, east: float, north: float) -> Iterator[list[Place]]:
    """Where water would run from some places, always down."""
    step = _STEP / 2
    for column in range(0, math.ceil((east - west) / _STEP), _EVERY * 3):
        for row in range(0, math.ceil((north - south) / _STEP), _EVERY * 3):
            place = (west + column * _STEP, south + row * _STEP)
            line = [place]
            while len(line) < _LONGEST:
                around = [(place[0] + x * step, place[1] + y * step) for x in (-1, 0, 1) for y in (-1, 0, 1)]
                lowest = min(around, key=lambda each: height(*each))
                if lowest == place or not (west < lowest[0] < east and south < lowest[1] < north):
                    break
                place = lowest
                line.append(place)
            if len(line) > _EVERY * 4:
                yield line[_EVERY * 2 :]  # water comes together a while below the ridge


def _path(one: Place, other: Place) -> list[Place]:
    """A path from village to village: not straight, since no path there is."""
    across = (other[1] - one[1], one[0] - other[0])
    parts = 40
    return [
        (
            one[0] + (other[0] - one[0]) * each / parts + across[0] * 0.12 * math.sin(each * math.pi * 3 / parts),
            one[1] + (other[1] - one[1]) * each / parts + across[1] * 0.12 * math.sin(each * math.pi * 3 / parts),
        )
        for each in range(parts + 1)
    ]
