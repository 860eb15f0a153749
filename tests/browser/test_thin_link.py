"""A day's work with its pictures over the link that there is: far, thin, gone every twenty seconds, and once a login page."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from benchmarks.link import Link, Weather
from tests.browser.gate import Gate
from tests.browser.scene import Centre, Phone
from tests.browser.test_killed import SAVES_WITHOUT_REST
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser

AT_THE_PASS = Weather(delay_s=0.3, up_bps=40_000, down_bps=40_000, up_s=20, down_s=2)

# Ten leaves, no two alike.
LEAVES = """async (count) => {
  const found = [];
  for (let leaf = 0; leaf < count; leaf++) {
    const canvas = document.createElement("canvas");
    canvas.width = 640; canvas.height = 480;
    const pen = canvas.getContext("2d");
    let seed = leaf + 1;
    const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let spot = 0; spot < 1500; spot++) {
      pen.fillStyle = `hsl(${chance() * 140} 60% ${20 + chance() * 60}%)`;
      pen.fillRect(chance() * 640, chance() * 480, chance() * 60, chance() * 60);
    }
    found.push(canvas.toDataURL("image/jpeg", 0.9).split(",")[1]);
  }
  return found;
}"""


@pytest.fixture
def thin(gate: Gate) -> Iterator[Link]:
    """The link between the phones and the gate: a good one, until it is told to turn."""
    with Link(int(gate.address.rsplit(":", 1)[1])) as link:
        yield link


@pytest.mark.loss(15, 19)
def test_a_days_work_with_ten_previews_arrives_over_a_link_that_drops_every_twenty_seconds(
    centre: Centre, gate: Gate, thin: Link, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan", thin.address)
    gate.no_way_to = "/"
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    leaves = [base64.b64decode(each) for each in lan.page.evaluate(LEAVES, 10)]
    with lan.page.expect_file_chooser() as shelf:
        lan.press("choose-photo")
    shelf.value.set_files(
        [{"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": each} for number, each in enumerate(leaves)]
    )
    expect(lan.page.locator("[data-test=photo] img")).to_have_count(10, timeout=60_000)
    lan.press("save")
    lan.at("area").wait_for()
    lan.page.evaluate(SAVES_WITHOUT_REST, [0, 63])
    lan.go("/")
    expect(lan.at("only-here-count")).to_have_text("75")
    assert sum(each["size"] for each in previews(lan)) > 60_000

    # A wireless network by the road, with a page of its own.
    gate.no_way_to, gate.login_page = "", True
    lan.sync()
    expect(lan.at("last-try")).to_contain_text("trang đăng nhập")
    expect(lan.at("only-here-count")).to_have_text("75")
    gate.login_page = False

    thin.turn(AT_THE_PASS)
    lan.send()
    expect(lan.at("only-here-count")).to_have_text("0", timeout=120_000)
    lan.eventually(lambda: all(each["state"] == "sent" for each in previews(lan)), "ten previews at the centre")
    thin.turn(Weather())
    assert Counter(each["type"] for each in centre.log()) == {"farmer": 64, "plot": 1, "photo": 10}
    assert centre.pictures() >= {each["sha256"] for each in previews(lan)}


def previews(phone: Phone) -> list[dict[str, object]]:
    return [each for each in phone.on_disk("pictures")["pictures"] if each["kind"] == "preview"]
