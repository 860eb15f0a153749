"""The main path, in Firefox and in WebKit: recorded without a signal, still there after a kill, merged at the centre once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.others import Firefox, OtherPhone, WebKit, missing
from tests.browser.scene import Centre

pytestmark = [pytest.mark.browser, pytest.mark.others]


@pytest.fixture(params=["firefox", "webkit"])
def lan(request: pytest.FixtureRequest, centre: Centre, tmp_path: Path) -> Iterator[OtherPhone]:
    """An officer's phone with another browser, the whole app on it."""
    assert not missing(), f"install {' '.join(missing())}: bin/test does so as root"
    phone = Firefox(tmp_path / "disk", centre.address) if request.param == "firefox" else WebKit(centre.address)
    try:
        phone.sign_in("lan")
        phone.ready_for_the_field()
        yield phone
    finally:
        phone.close()


def test_a_day_without_a_signal_reaches_the_centre_once(centre: Centre, lan: OtherPhone) -> None:
    centre.stop()
    lan.press("new-farmer")
    lan.type("name", "Lò Văn Pâng")
    lan.type("village", "bản Nà Ớt")
    lan.choose("commune", "04123", "chieng mung")
    lan.press("save")
    lan.says("said", "Đã lưu trên máy này")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.choose("crops-0-crop", "COFAR")
    lan.press("draw-boundary")
    lan.at("map")
    for across, down in ((0.3, 0.3), (0.7, 0.32), (0.75, 0.7), (0.35, 0.75)):
        lan.tap("map", across, down)
        lan.driver.execute_async_script("setTimeout(arguments[0], 400)")  # two taps at once are a double tap
    lan.says("drawn-area", "ha")
    lan.press("boundary-done")
    lan.press("save")
    lan.says("area", "ha")
    lan.press("new-harvest")
    lan.type("quantity", "120")
    lan.press("save")
    lan.press("record-harvest")
    lan.press("correct")
    lan.type("quantity", "125,5")
    lan.press("save")
    lan.says("value-quantity", "125,5")
    lan.says("only-here-count", "4")

    lan.die_and_open()
    lan.says("only-here-count", "4")

    centre.start()
    lan.go("/")
    lan.press("sync-now")
    lan.says("only-here-count", "0")
    lan.go("/sync")
    lan.says("went", "Huổi Pá 3")
    lan.says("this-phone", "chỉ gửi khi Nương đang mở")
    assert centre.names() == ["Lò Văn Pâng"]
    assert centre.names("plot") == ["Huổi Pá 3"]
    sets = [each["set"] for each in centre.log()]
    assert [each["quantity"] for each in sets if "quantity" in each] == [120, 125.5]
    assert sum("boundary" in each for each in sets) == 1
