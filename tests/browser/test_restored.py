"""The centre comes back from an older copy of itself, told or untold: phones send again what it has lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Centre, Phone
from tests.browser.test_killed import ON_BOTH
from tests.browser.test_photos import from_a_camera, take
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser


def _works_and_sends(lan: Phone, *names: str) -> None:
    for name in names:
        register_a_farmer(lan, name)
    lan.go("/")
    lan.wait_until_sent()


@ON_BOTH
@pytest.mark.loss(17)
def test_after_a_restore_the_phone_sends_again_what_the_backup_lacks(
    centre: Centre, in_the_field: Callable[..., Phone], tmp_path: Path
) -> None:
    lan = in_the_field("lan")
    _works_and_sends(lan, "Lò Văn Pâng")
    backup = tmp_path / "last-night.nuong"
    centre.nuong("backup", str(backup))
    _works_and_sends(lan, "Quàng Thị Dua")
    centre.stop()
    centre.nuong("restore", str(backup), "--replace")
    assert centre.names() == ["Lò Văn Pâng"]
    register_a_farmer(lan, "Cà Văn Hặc")
    centre.start()
    lan.sync()
    lan.wait_until_sent()
    assert centre.names() == ["Cà Văn Hặc", "Lò Văn Pâng", "Quàng Thị Dua"]
    assert lan.names_kept() == centre.names()
    assert len(centre.log()) == 3


@pytest.mark.loss(17, 19)
def test_an_old_database_file_put_back_behind_everybodys_back_is_noticed_and_pictures_come_again_too(
    centre: Centre, in_the_field: Callable[..., Phone], tmp_path: Path
) -> None:
    lan, pao = in_the_field("lan"), in_the_field("pao")
    _works_and_sends(lan, "Lò Văn Pâng")
    pao.sync()
    centre.stop()
    shutil.copytree(centre.home, tmp_path / "snapshot")
    centre.start()
    lan.press("new-farmer")
    lan.type("name", "Quàng Thị Dua")
    take(lan, from_a_camera(lan.page))
    lan.page.locator("[data-test=photo] img").wait_for()
    lan.save()
    lan.go("/")
    lan.wait_until_sent()
    expect(lan.at("pictures-waiting")).to_have_count(0, timeout=30_000)
    sent = centre.pictures()
    assert len(sent) == 2
    _works_and_sends(pao, "Vàng A Dếnh")
    lan.sync()
    centre.stop()
    shutil.rmtree(centre.home)
    shutil.copytree(tmp_path / "snapshot", centre.home)
    centre.start()
    assert centre.pictures() == set()
    # Somebody else's work takes the very numbers that were lost.
    lan.kill()
    _works_and_sends(pao, "Sùng Thị Mai")
    lan.open()
    for each in (lan, pao, lan):
        each.sync()
        each.wait_until_sent()
    everything = ["Lò Văn Pâng", "Quàng Thị Dua", "Sùng Thị Mai", "Vàng A Dếnh"]
    assert centre.names() == everything
    lan.eventually(lambda: centre.pictures() == sent, "the pictures at the centre again")
    for each in (lan, pao):
        assert each.names_kept() == everything
        expect(each.at("needs-count")).to_have_count(0)
