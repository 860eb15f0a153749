"""Where the console begins to doubt: thresholds of the checks over a whole area. Pure; never a reason to refuse.

The yields are what nobody would believe, in tonnes a hectare and season of what was weighed (cherries, fresh fruit, latex as
it runs): our own guesses from the high side, to be edited by whoever runs the installation.
"""

from collections.abc import Mapping
from math import cos, hypot, radians
from statistics import median

MOST_T_HA: Mapping[str, float] = {
    "COFAR": 35, "X-MANGO": 40, "DMCLO": 40, "X-PLUM": 40, "CAHSI": 40, "PAQED": 60, "CIDSI": 60, "1MUBG": 80, "X-CASSAVA": 60,
    "X-MACADAMIA": 12, "X-CINNAMON": 40, "HVEBR": 12, "X-GINSENG": 20, "X-CARDAMOM": 15, "X-MEDICINAL": 60, "ORYSA": 15,
    "X-MAIZE": 25,
}  # fmt: skip
# For a crop that is not in the list.
MOST_OTHER = 80.0

# A declared area is worth a look when it differs from the measured one by a third, and by more than 0.1 ha.
AREA_SHARE, AREA_HA = 1 / 3, 0.1

# Two phones that stand on the same spot say so to within this.
SPOT_M = 15.0

# The boundary of a commune is a line on somebody's map: a plot at its edge may lie on the other side of it.
OUTSIDE_KM = 0.2

KM_A_DEGREE = 111.2
_LEAST_KM, _TIMES = 15.0, 6.0
_LEAST_OTHERS = 5


def area_differs(declared: float, measured: float) -> bool:
    """Whether what was declared and what was measured cannot both be nearly right."""
    apart = abs(declared - measured)
    return apart > AREA_HA and apart > AREA_SHARE * max(declared, measured)


def far_off(places: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Which of *places* (longitude, latitude) of one commune lie far from all others: id to km from their middle.

    There are no boundaries of communes at hand: so far means more than 15 km, and six times as far as half of them lie. With
    fewer than five others nothing is said.
    """
    if len(places) <= _LEAST_OTHERS:
        return {}
    middle = median(x for x, _y in places.values()), median(y for _x, y in places.values())
    away = {each: km_between(place, middle) for each, place in places.items()}
    limit = max(_LEAST_KM, _TIMES * median(away.values()))
    return {each: km for each, km in away.items() if km > limit}


def km_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far two places (longitude, latitude) of one district lie from each other."""
    return KM_A_DEGREE * hypot((one[0] - other[0]) * cos(radians(other[1])), one[1] - other[1])
