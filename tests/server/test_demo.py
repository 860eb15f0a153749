"""The demonstration is made as phones make records, and is worth looking at."""

from __future__ import annotations

from datetime import UTC, datetime

from server import demo
from server.app import settings_of
from server.demo.story import Story
from server.pictures import shelf_of
from server.pictures.check import check
from server.store import browse, people, pictures
from sync.geometry import area_ha
from sync.records import validate_set
from tests.conftest import Centre

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_the_demonstration_fills_an_empty_installation(centre: Centre) -> None:
    shelf = shelf_of(settings_of(centre.app))
    logins = demo.fill(lambda _text: None, shelf, NOW)
    areas = [area["id"] for area in people.list_areas()]
    assert {login["role"] for login in logins} == {"officer", "manager", "admin"}
    assert len(browse.all_of("farmer", areas)) > 40
    plots = browse.all_of("plot", areas)
    assert all(0.05 < (area_ha(plot.fields["boundary"]) or 0) < 4 for plot in plots)
    assert len(browse.conflicted(areas)) == 2
    photos = browse.all_of("photo", areas)
    arrived = pictures.arrived({photo.fields[name] for photo in photos for name in ("sha256", "preview_sha256")})
    assert len(photos) == 4
    assert len(arrived) == 7  # of one only the preview
    assert check(shelf).whole == 7
    rust = [each for each in browse.all_of("observation", areas) if each.fields["pest"] == "HEMIVA"]
    assert sum(each.fields["found"] == "present" for each in rust) > 10


def test_the_same_day_tells_the_same_story_and_all_of_it_is_valid() -> None:
    areas = [f"01900000-0000-7000-8000-00000000000{n}" for n in range(3)]
    one, other = (Story(areas, {}, NOW).tell() for _ in range(2))
    assert one == other
    assert [fault for _, change in one for fault in validate_set(change.type, change.set)] == []
