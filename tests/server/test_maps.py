"""Maps for phones: handed in for an area, looked at first, read in parts by those who have a role there, taken away again."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from server import config
from server.app import settings_of
from server.maps import intake, maps_shelf
from server.maps.pack import PIECE
from server.security import policy
from server.store import audit, maps
from sync.problem import Problem
from tests.conftest import Centre
from tests.maps import of_lines, of_pictures
from tests.server.test_console import sign_in


def hand_in(centre: Centre, area: str, content: bytes, name: str = "") -> str:
    return intake.add(BytesIO(content), area, name, settings_of(centre.app), None)


def files(centre: Centre) -> list[str]:
    return [path.name for path in (Path(settings_of(centre.app).home) / "maps").rglob("*") if path.is_file()]


def read(phone: Any, path: str, **headers: str) -> Any:
    headers = {"Authorization": f"Bearer {phone.token}", **headers}
    return phone._http.get(f"http://centre/api/v1/maps{path}", headers=headers)


def problem_of(content: bytes, centre: Centre) -> str:
    with pytest.raises(Problem) as refused:
        hand_in(centre, centre.area(), content, "bản đồ")
    assert files(centre) == [] if (Path(settings_of(centre.app).home) / "maps").exists() else True
    assert maps.offered() == []
    return refused.value.code


# What is told and read ----------------------------------------------------------------------------------------------


def test_officers_are_told_of_the_maps_of_their_areas_and_no_others(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    pack = hand_in(centre, here, of_lines())
    hand_in(centre, there, of_pictures())
    phone = centre.officer(here)
    (told,) = read(phone, "").json()["maps"]
    assert (told["id"], told["area"], told["name"]) == (pack, here, "Đồi quanh bản Nà Ớt")
    assert (told["tiles"], told["min_zoom"], told["max_zoom"]) == ("mvt", 11, 15)
    assert told["size"] == len(of_lines())
    assert told["bounds"] == [104.028, 21.178, 104.109, 21.251]
    assert read(centre.admin(), "").json()["maps"] != []


def test_a_stranger_and_another_area_get_the_same_as_for_no_map(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    pack = hand_in(centre, here, of_lines())
    phone = centre.officer(there)
    for path in (f"/{pack}", f"/{pack}/file", "/01900000-0000-7000-8000-000000000000"):
        answer = read(phone, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_map")
    assert centre.http.get(f"/api/v1/maps/{pack}/file").status_code == 401


def test_each_piece_is_read_by_its_range_and_is_what_its_hash_says(centre: Centre) -> None:
    area = centre.area()
    pack = hand_in(centre, area, of_pictures() + b"\0" * PIECE)
    phone = centre.officer(area)
    told = read(phone, f"/{pack}").json()
    got = b""
    for number, sha256 in enumerate(told["pieces"]):
        part = read(phone, f"/{pack}/file", Range=f"bytes={number * PIECE}-{(number + 1) * PIECE - 1}")
        assert part.status_code == 206
        assert hashlib.sha256(part.content).hexdigest() == sha256
        got += part.content
    assert hashlib.sha256(got).hexdigest() == told["sha256"]
    assert len(got) == told["size"]


def test_reading_goes_on_at_any_byte_and_past_the_end_is_said(centre: Centre) -> None:
    area = centre.area()
    pack = hand_in(centre, area, of_lines())
    phone = centre.officer(area)
    rest = read(phone, f"/{pack}/file", Range="bytes=1001-")
    assert rest.status_code == 206
    assert rest.content == of_lines()[1001:]
    assert rest.headers["Content-Range"] == f"bytes 1001-{len(of_lines()) - 1}/{len(of_lines())}"
    assert read(phone, f"/{pack}/file", Range=f"bytes={len(of_lines())}-").status_code == 416
    whole = read(phone, f"/{pack}/file")
    assert whole.content == of_lines()
    assert read(phone, f"/{pack}/file", **{"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_those_who_read_maps_leave_room_for_those_who_send(centre: Centre) -> None:
    area = centre.area()
    pack = hand_in(centre, area, of_lines())
    phone = centre.officer(area)
    places = centre.app.extensions["nuong_map_places"]
    while places.acquire(blocking=False):
        pass
    answer = read(phone, f"/{pack}/file")
    assert (answer.status_code, answer.json()["code"]) == (503, "maps_busy")
    assert answer.headers["Retry-After"]
    places.release()
    assert read(phone, f"/{pack}/file").status_code == 200
    assert read(phone, f"/{pack}/file").status_code == 200  # each gives its place back


# What is taken in ---------------------------------------------------------------------------------------------------


def test_what_is_no_map_is_refused_and_leaves_nothing(centre: Centre) -> None:
    assert problem_of(b"", centre) == "not_a_map"
    assert problem_of(b"GIF89a" * 100, centre) == "not_a_map"
    assert problem_of(of_lines()[:7] + b"\x02" + of_lines()[8:], centre) == "not_a_map"  # version 2


def test_a_map_that_is_cut_anywhere_is_refused(centre: Centre) -> None:
    whole = of_pictures()
    codes = {problem_of(whole[:length], centre) for length in range(0, len(whole), 1009)}
    assert codes <= {"not_a_map", "map_cut"}


def test_a_damaged_directory_or_tile_is_refused(centre: Centre) -> None:
    for whole in (of_lines(), of_pictures()):
        for at in (130, 140, 200):
            damaged = whole[:at] + bytes(255 - each for each in whole[at : at + 40]) + whole[at + 40 :]
            assert problem_of(damaged, centre) in ("map_cut", "map_not_drawable")
    swapped = of_pictures()[:99] + b"\x03" + of_pictures()[100:]  # says JPEG and holds PNG
    assert problem_of(swapped, centre) == "map_not_drawable"


@pytest.mark.parametrize(
    ("at", "value"),
    [(99, b"\x06"), (98, b"\x03"), (101, b"\x17"), (102, b"\xff\xff\xff\x7f")],
    ids=["MLT tiles", "brotli", "zoom 23", "a west that is east"],
)
def test_what_a_phone_could_not_draw_is_refused(centre: Centre, at: int, value: bytes) -> None:
    content = of_lines()[:at] + value + of_lines()[at + len(value) :]
    assert problem_of(content, centre) == "map_not_drawable"


def test_a_map_that_is_too_large_is_refused(centre: Centre) -> None:
    small = config.Settings(home=settings_of(centre.app).home, secret_key="test", map_bytes=1000)
    with pytest.raises(Problem) as refused:
        intake.add(BytesIO(of_lines()), centre.area(), "", small, None)
    assert refused.value.code == "map_too_large"


def test_a_name_is_needed_and_the_area_must_be_there(centre: Centre) -> None:
    with pytest.raises(Problem) as unnamed:
        hand_in(centre, centre.area(), of_lines(), "x" * 201)
    assert unnamed.value.code == "bad_map_name"
    with pytest.raises(Problem) as nowhere:
        hand_in(centre, "01900000-0000-7000-8000-000000000000", of_lines())
    assert nowhere.value.code == "no_area"


def test_the_same_map_twice_is_one_and_of_two_areas_one_file(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    first = hand_in(centre, here, of_lines())
    assert hand_in(centre, here, of_lines(), "khác") == first
    second = hand_in(centre, there, of_lines())
    assert len(files(centre)) == 1
    intake.remove(first, settings_of(centre.app))
    assert [each.id for each in maps.offered()] == [second]
    assert len(files(centre)) == 1
    intake.remove(second, settings_of(centre.app))
    assert files(centre) == []
    with pytest.raises(Problem) as gone:
        intake.remove(second, settings_of(centre.app))
    assert gone.value.code == "no_map"


def test_a_file_that_was_lost_is_said_and_handed_in_again(centre: Centre) -> None:
    area = centre.area()
    pack = hand_in(centre, area, of_lines())
    phone = centre.officer(area)
    (told,) = maps.offered()
    maps_shelf(settings_of(centre.app)).drop(told.sha256)
    assert read(phone, f"/{pack}/file").json()["code"] == "no_map"
    assert hand_in(centre, area, of_lines()) == pack
    assert read(phone, f"/{pack}/file").content == of_lines()


# The console's page -------------------------------------------------------------------------------------------------


def token(page: Any) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/maps").text)
    assert found
    return found[1]


def test_an_administrator_hands_a_map_in_and_takes_it_away(centre: Centre) -> None:
    area = centre.area()
    centre.admin()
    page = sign_in(centre, "quan-tri")
    form = {"csrf_token": token(page), "area": area, "name": "", "file": (BytesIO(of_lines()), "đồi.pmtiles")}
    shown = page.post("/console/maps", data=form, follow_redirects=True).text
    assert "đồi" in shown
    (offered,) = maps.offered()
    other = centre.area("HTX Ara-Tay")
    page.post(f"/console/maps/{offered.id}/give", data={"csrf_token": token(page), "area": other})
    assert (
        page.post(f"/console/maps/{offered.id}/give", data={"csrf_token": token(page), "area": "x"}).status_code == 422
    )
    (given,) = maps.offered([other])
    assert (given.name, given.sha256, len(files(centre))) == (offered.name, offered.sha256, 1)
    page.post(f"/console/maps/{given.id}/remove", data={"csrf_token": token(page)})
    page.post(f"/console/maps/{offered.id}/remove", data={"csrf_token": token(page)})
    assert maps.offered() == []
    assert [row["what"] for row in audit.page(None)] == ["map_removed", "map_removed", "map_added", "map_added"]


def test_a_file_that_is_no_map_is_said_on_the_page(centre: Centre) -> None:
    area = centre.area()
    centre.admin()
    page = sign_in(centre, "quan-tri")
    form = {"csrf_token": token(page), "area": area, "name": "", "file": (BytesIO(b"no map"), "x.pmtiles")}
    answer = page.post("/console/maps", data=form)
    assert answer.status_code == 422
    assert "PMTiles" in answer.text
    assert page.post("/console/maps", data={"csrf_token": token(page), "area": area}).status_code == 422


def test_a_manager_sees_the_maps_of_her_areas_and_changes_none(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    pack = hand_in(centre, here, of_lines(), "Đồi này")
    hand_in(centre, there, of_pictures(), "Đồi kia")
    centre.manager(here)
    page = sign_in(centre, "hoa")
    shown = page.get("/console/maps").text
    assert "Đồi này" in shown
    assert "Đồi kia" not in shown
    mark = token(page)
    assert page.post(f"/console/maps/{pack}/remove", data={"csrf_token": mark}).status_code == 404
    form = {"csrf_token": mark, "area": here, "file": (BytesIO(of_pictures()), "x.pmtiles")}
    assert page.post("/console/maps", data=form).status_code == 403
    assert len(maps.offered()) == 2


# An online map ------------------------------------------------------------------------------------------------------


def test_nothing_is_asked_of_others_unless_a_setting_names_them() -> None:
    assert "img-src 'self' data: blob:;" in policy()
    assert "img-src 'self' data: blob: https://tiles.example.org;" in policy(
        "https://tiles.example.org/{z}/{x}/{y}.png"
    )


@pytest.mark.parametrize(
    "address",
    ["http://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org/", "https://a; script-src */{z}/{x}/{y}"],
)
def test_an_online_map_that_makes_no_sense_is_said_at_the_start(tmp_path: Path, address: str) -> None:
    with pytest.raises(config.BadSetting):
        config.load({}, home=tmp_path, tiles=address, tiles_attribution="©")
    with pytest.raises(config.BadSetting):
        config.load({}, home=tmp_path, tiles="https://tiles.example.org/{z}/{x}/{y}.png")
