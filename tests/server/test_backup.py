"""A backup is one file, and comes back whole."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from server.app import settings_of
from server.maps import intake, maps_shelf
from server.pictures import shelf_of
from server.pictures.shelf import Shelf
from server.store import backup, maps
from sync.problem import Problem
from tests.conftest import Centre
from tests.maps import of_lines, of_pictures
from tests.pictures import Sending, get, missing, photo_record, png, sha256

LEAF, FRUIT = png(30), png(200)


@pytest.mark.loss(17)
def test_what_was_backed_up_comes_back_and_phones_send_again_what_it_lacks(centre: Centre, tmp_path: Path) -> None:
    area = centre.area()
    lan = centre.officer(area)
    first = lan.new_change(None, "farmer", area, {"name": "Trước bản sao"})
    lan.sync()
    file = tmp_path / "nuong.backup"
    backup.write(file)
    second = lan.new_change(None, "farmer", area, {"name": "Sau bản sao"})
    lan.sync()
    before = lan.replica.epoch
    backup.restore(file, replace=True)
    lan.sync()
    assert lan.replica.epoch != before
    fresh = centre.phone("lan")
    fresh.sync()
    assert set(fresh.replica.base) == {first.record, second.record}


def test_a_backup_is_not_put_over_data_unasked(centre: Centre, tmp_path: Path) -> None:
    centre.area()
    file = tmp_path / "nuong.backup"
    backup.write(file)
    with pytest.raises(Problem) as refused:
        backup.restore(file, replace=False)
    assert refused.value.code == "not_empty"


@pytest.mark.parametrize("damage", ["cut", "flip", "other"])
def test_a_file_that_is_not_whole_touches_nothing(centre: Centre, tmp_path: Path, damage: str) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"})
    lan.sync()
    file = tmp_path / "nuong.backup"
    backup.write(file)
    content = bytearray(file.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flip":
        place = content.index(b"change.jsonl.gz") + 512 + 40
        content[place] ^= 0xFF
    else:
        content = bytearray(b"not a backup at all")
    file.write_bytes(content)
    with pytest.raises(Problem) as refused:
        backup.restore(file, replace=True)
    assert refused.value.code == "bad_backup"
    fresh = centre.phone("lan")
    fresh.sync()
    assert len(fresh.replica.base) == 1


@pytest.fixture
def shelf(centre: Centre) -> Shelf:
    return shelf_of(settings_of(centre.app))


def lose_the_pictures(centre: Centre) -> None:
    for path in (settings_of(centre.app).home / "pictures").rglob("*"):
        if path.is_file():
            path.unlink()


def test_maps_lie_once_beside_all_backups_and_come_back_or_are_named(centre: Centre, tmp_path: Path) -> None:
    settings = settings_of(centre.app)
    packs, folder = maps_shelf(settings), tmp_path / "backups"
    folder.mkdir()
    for content in (of_lines(), of_pictures()):
        intake.add(BytesIO(content), centre.area(), "đồi", settings, None)
    first, second = folder / "1.backup", folder / "2.backup"
    assert backup.write(first, packs=packs).maps == 2
    kept = {file: file.stat().st_ino for file in (folder / "maps").rglob("*") if file.is_file()}
    assert backup.write(second, packs=packs).maps == 2
    assert {file: file.stat().st_ino for file in (folder / "maps").rglob("*") if file.is_file()} == kept
    assert all(file.stat().st_nlink == 2 for file in kept)  # on one disk they take no room
    for pack in list(maps.offered()):
        intake.remove(pack.id, settings)
    restored = backup.restore(first, replace=True, packs=packs)
    assert (restored.maps, restored.maps_lacking) == (2, [])
    names = {pack.sha256 for pack in maps.offered()}
    assert packs.having(names) == names
    # One is damaged where it lies, the other was not taken along.
    damaged, gone = sorted(kept)
    damaged.unlink()
    damaged.write_bytes(b"PMTiles")
    gone.unlink()
    for name in names:
        packs.drop(name)
    restored = backup.restore(second, replace=True, packs=packs)
    assert (restored.maps, set(restored.maps_lacking)) == (0, names)
    assert packs.having(names) == set()
    assert set(backup.write(folder / "3.backup", packs=packs).maps_lacking) == names
    # Handed in again, they are in the next backup, also in the place of the damaged one.
    for content in (of_lines(), of_pictures()):
        intake.add(BytesIO(content), maps.offered()[0].area, "đồi", settings, None)
    assert backup.write(folder / "4.backup", packs=packs).maps_lacking == []
    assert {file.name: sha256(file.read_bytes()) for file in kept} == {name: name for name in names}


@pytest.mark.loss(17)
def test_pictures_go_along_and_come_back(centre: Centre, shelf: Shelf, tmp_path: Path) -> None:
    area = centre.area()
    lan = centre.officer(area)
    Sending(lan, LEAF).send()
    photo_record(lan, area, LEAF)
    unfinished = Sending(lan, FRUIT)
    unfinished.announce(FRUIT[:20])
    file = tmp_path / "nuong.backup"
    assert backup.write(file, shelf).pictures == 1
    lose_the_pictures(centre)
    restored = backup.restore(file, replace=True, shelf=shelf)
    assert (restored.pictures, restored.lacking) == (1, [])
    lan = centre.phone("lan")
    assert get(lan, sha256(LEAF)).content == LEAF
    assert unfinished.head().status_code == 404


def test_a_picture_that_is_lost_or_damaged_stops_no_backup_and_is_named(
    centre: Centre, shelf: Shelf, tmp_path: Path
) -> None:
    lan = centre.officer(centre.area())
    for each in (LEAF, FRUIT, png(7)):
        Sending(lan, each).send()
    folder = settings_of(centre.app).home / "pictures"
    (folder / sha256(LEAF)[:2] / sha256(LEAF)).unlink()
    (folder / sha256(FRUIT)[:2] / sha256(FRUIT)).write_bytes(FRUIT[:-1])
    saved = backup.write(tmp_path / "nuong.backup", shelf)
    assert (saved.pictures, saved.lacking) == (1, sorted([sha256(LEAF), sha256(FRUIT)]))


@pytest.mark.loss(17)
def test_a_backup_without_pictures_is_restored_and_phones_are_asked_for_them(
    centre: Centre, shelf: Shelf, tmp_path: Path
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    Sending(lan, LEAF).send()
    photo_record(lan, area, LEAF)
    file = tmp_path / "nuong.backup"
    backup.write(file)
    lose_the_pictures(centre)
    assert backup.restore(file, replace=True, shelf=shelf).lacking == [sha256(LEAF)]
    lan = centre.phone("lan")
    assert missing(lan, sha256(LEAF)) == [sha256(LEAF)]
    Sending(lan, LEAF).send()
    assert get(lan, sha256(LEAF)).content == LEAF


def test_a_damaged_picture_in_a_backup_touches_nothing(centre: Centre, shelf: Shelf, tmp_path: Path) -> None:
    lan = centre.officer(centre.area())
    Sending(lan, LEAF).send()
    file = tmp_path / "nuong.backup"
    backup.write(file, shelf)
    content = bytearray(file.read_bytes())
    content[content.index(LEAF) + 40] ^= 1
    file.write_bytes(content)
    lose_the_pictures(centre)
    with pytest.raises(Problem) as refused:
        backup.restore(file, replace=True, shelf=shelf)
    assert refused.value.code == "bad_backup"
    assert missing(lan, sha256(LEAF)) == [sha256(LEAF)]
