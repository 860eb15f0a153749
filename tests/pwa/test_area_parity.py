"""The area that the phone says while a boundary is drawn is GeographicLib's, as the centre computes it."""

from __future__ import annotations

import json
import math
import random
import subprocess
from pathlib import Path

from sync.geometry import area_ha, roughly_ha
from tests.pwa.bundled import bundle

COUNT = 500


def rings() -> list[list[list[float]]]:
    """Fields between 10 m and 3 km across, of 3 to 40 corners, with dents, all over the world and mostly where we are."""
    chance = random.Random(20)
    found = []
    for number in range(COUNT):
        longitude, latitude = (104 + chance.uniform(-2, 2), 21.3 + chance.uniform(-1, 1))
        if number % 10 == 0:
            longitude, latitude = chance.uniform(-179, 179), chance.uniform(-75, 75)
        across = 10 ** chance.uniform(1, 3.5) / 2
        corners = chance.randint(3, 40)
        ring = []
        for corner in range(corners):
            turn, reach = 2 * math.pi * corner / corners, across * chance.uniform(0.4, 1)
            east = reach * math.cos(turn) / (111_320 * math.cos(math.radians(latitude)))
            ring.append([round(longitude + east, 6), round(latitude + reach * math.sin(turn) / 110_574, 6)])
        if number % 2:
            ring.reverse()
        found.append([*ring, ring[0]])
    return found


def test_the_phone_and_the_centre_measure_the_same(tmp_path: Path) -> None:
    module = bundle(Path(__file__).parent / "measurer.ts", tmp_path / "measurer.mjs")
    asked = "\n".join(json.dumps(ring) for ring in rings())
    said = subprocess.run(["node", str(module)], input=asked, capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line) for line in said.splitlines()]
    assert len(answers) == COUNT
    for ring, (exact, rough) in zip(rings(), answers, strict=True):
        shape = {"type": "Polygon", "coordinates": [ring]}
        measured = area_ha(shape)
        assert measured is not None
        assert math.isclose(exact, measured, rel_tol=1e-7, abs_tol=1e-8)
        assert math.isclose(rough, roughly_ha(shape) or 0, rel_tol=1e-9, abs_tol=1e-9)
        # On the plane it is good enough to ask a question by, where our fields are.
        if 20 < ring[0][1] < 23:
            assert math.isclose(rough, measured, rel_tol=0.01, abs_tol=1e-4)
