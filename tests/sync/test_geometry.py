"""Area is geodesic."""

import pytest

from sync.geometry import area_ha, crosses_itself


def test_a_square_of_a_thousandth_of_a_degree_at_the_equator() -> None:
    ring = [[0, 0], [0.001, 0], [0.001, 0.001], [0, 0.001], [0, 0]]
    # 111.319 m by 110.574 m on WGS 84.
    assert area_ha({"type": "Polygon", "coordinates": [ring]}) == pytest.approx(1.23090, abs=0.0001)


def test_a_hole_is_taken_off_and_direction_does_not_matter() -> None:
    outer = [[104, 21], [104.002, 21], [104.002, 21.002], [104, 21.002], [104, 21]]
    inner = [[104.0005, 21.0005], [104.0005, 21.001], [104.001, 21.001], [104.001, 21.0005], [104.0005, 21.0005]]
    whole = area_ha({"type": "Polygon", "coordinates": [outer]})
    assert whole == pytest.approx(area_ha({"type": "Polygon", "coordinates": [outer[::-1]]}))
    assert area_ha({"type": "Polygon", "coordinates": [outer, inner]}) < whole


def test_a_point_has_no_area() -> None:
    assert area_ha({"type": "Point", "coordinates": [104, 21]}) is None


BOW = [[104, 21], [104.001, 21.001], [104.001, 21], [104, 21.001], [104, 21]]
SQUARE = [[104, 21], [104.001, 21], [104.001, 21.001], [104, 21.001], [104, 21]]


@pytest.mark.loss(34)
@pytest.mark.parametrize("turn", range(4))
def test_a_ring_that_crosses_itself_is_seen_wherever_it_begins(turn: int) -> None:
    ring = BOW[turn:-1] + BOW[:turn]
    assert crosses_itself({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})


def test_a_ring_that_does_not_is_not() -> None:
    assert not crosses_itself({"type": "Polygon", "coordinates": [SQUARE]})
    # A corner that touches an edge, and a place that was walked twice, are no crossing.
    assert not crosses_itself({"type": "Polygon", "coordinates": [[*SQUARE[:2], SQUARE[1], *SQUARE[2:]]]})
    assert not crosses_itself({"type": "Point", "coordinates": [104, 21]})
    assert not crosses_itself(None)
