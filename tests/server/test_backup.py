"""A backup is one file, and comes back whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.store import backup
from sync.problem import Problem
from tests.conftest import Centre


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
