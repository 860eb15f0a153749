"""The app as an app: walked boundaries, updates, its place under a path, and sending when nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.gate import Gate
from tests.browser.scene import Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser


@pytest.mark.loss(23, 35)
def test_a_boundary_is_walked_with_gps(centre: Centre, in_the_field: Callable[[str], Phone], manager: Page) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.choose("crops-0-crop", "COFAR")
    lan.press("draw-boundary")
    lan.press("way-walked")
    lan.stand_at(104.0710, 21.2360)
    lan.press("walk")
    # Round a field of 100 by 100 metres; in one place the sky is closed.
    for longitude, latitude, accuracy in (
        (104.0710, 21.2360, 5),
        (104.0715, 21.2360, 5),
        (104.0720, 21.2360, 60),
        (104.07196, 21.2360, 6),
        (104.07196, 21.2369, 5),
        (104.0710, 21.2369, 5),
    ):
        lan.stand_at(longitude, latitude, accuracy)
        if accuracy > 30:
            expect(lan.at("boundary-words")).to_contain_text("60 m")
        else:
            expect(lan.page.locator(".measure .quiet")).to_contain_text(f"± {accuracy} m")
    lan.press("walk")
    expect(lan.at("drawn-area")).to_contain_text("0,9")

    # The phone dies before “Done”: every fix was on disk.
    drawn = lan.at("drawn-area").inner_text()
    lan.page.wait_for_timeout(300)  # the disk of this machine, which nothing on the screen tells of
    lan.kill()
    lan.open()
    expect(lan.at("drawn-area")).to_have_text(drawn)
    lan.press("boundary-done")
    expect(lan.page.locator(".land p")).to_have_text(drawn)
    lan.press("save")
    expect(lan.at("area")).to_contain_text("0,9")
    centre.start()
    lan.sync()
    lan.wait_until_sent()
    manager.reload()
    manager.click("tbody tr th a")
    expect(manager.locator("body")).to_contain_text("Đi quanh")


# Tells when the app asks for the screen to stay on, and when it lets it go; the browser's own lock is held meanwhile.
WAKE_LOCKS = """() => {
  window.wake = [];
  const request = navigator.wakeLock.request.bind(navigator.wakeLock);
  navigator.wakeLock.request = async (kind) => {
    window.wake.push(kind);
    const lock = await request(kind);
    lock.addEventListener("release", () => window.wake.push("released"));
    return lock;
  };
}"""


@pytest.mark.loss(24)
def test_a_gap_in_a_walk_is_said_and_drawn_and_the_walk_goes_on_from_there(in_the_field: Callable[..., Phone]) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.page.evaluate(WAKE_LOCKS)
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.press("draw-boundary")
    lan.press("way-walked")
    lan.stand_at(104.0710, 21.2360)
    lan.press("walk")
    # Steps of 20 m; between the third and the fourth the phone was asleep in a pocket, for 90 m.
    steps = [(104.0710, 21.2360), (104.0712, 21.2360), (104.0714, 21.2360), (104.0714, 21.2368), (104.0712, 21.2368)]
    for number, (longitude, latitude) in enumerate(steps):
        lan.stand_at(longitude, latitude, 5 + number)
        expect(lan.page.locator(".measure .quiet")).to_contain_text(f"± {5 + number} m")
        expect(lan.at("gaps")).to_have_count(0 if number < 3 else 1)
    expect(lan.at("gaps")).to_contain_text("89 m")
    expect(lan.page.locator("path.gap")).to_have_count(1)
    assert lan.page.evaluate("window.wake") == ["screen"]
    lan.press("walk")
    lan.until("window.wake.includes('released')")
    expect(lan.at("gaps")).to_contain_text("89 m")
    lan.press("boundary-done")
    lan.press("draw-boundary")
    expect(lan.page.locator("path.gap")).to_have_count(1)
    track = lan.on_disk("drafts")["drafts"][0]["typed"]["track"]
    assert list(dict.fromkeys(tuple(each["point"]["coordinates"]) for each in track)) == steps


@pytest.mark.loss(2)
def test_an_update_waits_until_nothing_is_half_typed_and_costs_nothing(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/")
    lan.press("new-farmer")
    lan.type("name", "Quàng")
    centre.stop()
    centre.start(version="newer")
    lan.page.evaluate("navigator.serviceWorker.ready.then((each) => each.update())")
    lan.page.evaluate(
        "navigator.serviceWorker.ready.then((each) => each.waiting ? null : new Promise((done) => {"
        " const look = () => each.waiting ? done() : setTimeout(look, 50); look(); }))"
    )
    expect(lan.at("use-update")).to_have_count(0)
    expect(lan.at("field-name")).to_have_value("Quàng")
    lan.type("name", "Quàng Thị Dua")
    lan.go("/")
    assert lan.version() != "newer"
    lan.press("use-update")
    lan.at("contact").wait_for()
    lan.page.wait_for_load_state()
    expect(lan.at("use-update")).to_have_count(0)
    assert lan.version() == "newer"
    lan.press("draft")
    expect(lan.at("field-name")).to_have_value("Quàng Thị Dua")


def test_what_waits_is_sent_by_the_browser_when_no_page_is_open(
    centre: Centre, in_the_field: Callable[[str], Phone], manager: Page
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.go("/")
    person = lan.person()
    lan.page.goto("about:blank")
    centre.start()
    lan.background_sync(f"nuong-sync-{person}")
    lan.page.goto(f"{centre.address}/#/find")
    manager.goto(f"{centre.address}/console/devices")
    lan.page.goto(f"{centre.address}/#/")
    expect(lan.at("only-here-count")).to_have_text("0")


@pytest.fixture
def under_a_path(centre: Centre) -> Iterator[str]:
    """A reverse proxy that serves the centre under /nuong, as beside other programs of a province's server."""
    centre.stop()
    centre.start(proxies=1)

    with Gate(centre.port, "/nuong") as gate:
        yield gate.address


def test_the_app_and_the_console_work_under_a_path(
    centre: Centre, under_a_path: str, playwright: Playwright, tmp_path: Path
) -> None:
    lan = Phone(playwright, tmp_path / "phone-under", under_a_path)
    try:
        lan.sign_in("lan")
        lan.at("contact").wait_for()
        lan.ready_for_the_field()
        centre.stop()
        register_a_farmer(lan, "Lò Văn Pâng")
        lan.kill()
        lan.open()
        expect(lan.at("only-here-count")).to_have_text("1")
        centre.start(proxies=1)
        lan.sync()
        lan.wait_until_sent()
        scope = lan.page.evaluate("navigator.serviceWorker.ready.then((each) => each.scope)")
        assert scope == f"{under_a_path}/"
        lan.page.goto(f"{under_a_path}/console/")
        lan.page.fill("[name=username]", "hoa")
        lan.page.fill("[name=password]", "mua-rao-2026")
        lan.press("sign-in")
        lan.at("count").wait_for()
        assert lan.page.url.startswith(f"{under_a_path}/console")
    finally:
        lan.close()
