"""A picture from the camera to the centre and to another officer's phone, whatever happens on the way."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from sync.client import Client
from tests.browser.gate import Gate
from tests.browser.scene import PASSWORD, Centre, Phone
from tests.browser.test_refused import register_a_farmer

pytestmark = pytest.mark.browser

# What a camera gives: more pixels than anybody needs, and on its side. No two parts of it are alike.
DRAWN = """async ([width, height]) => {
  const canvas = document.createElement("canvas");
  canvas.width = width; canvas.height = height;
  const pen = canvas.getContext("2d");
  let seed = 7;
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let spot = 0; spot < 4000; spot++) {
    pen.fillStyle = `hsl(${chance() * 140} 60% ${20 + chance() * 60}%)`;
    pen.fillRect(chance() * width, chance() * height, chance() * 90, chance() * 90);
  }
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (const each of bytes) text += String.fromCharCode(each);
  return btoa(text);
}"""

STORED = """async () => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => /^nuong-[0-9a-f]{8}-/.test(each));
  const opening = indexedDB.open(name);
  await new Promise((done) => (opening.onsuccess = done));
  const all = opening.result.transaction("pictures").objectStore("pictures").getAll();
  await new Promise((done) => (all.onsuccess = done));
  opening.result.close();
  return all.result.map(({ sha256, kind, state, size }) => ({ sha256, kind, state, size }));
}"""


def from_a_camera(page: Page) -> bytes:
    """A JPEG of 2,400 x 1,800 as it lies on the sensor; its EXIF says “turn me right”, and where it was taken."""
    jpeg = base64.b64decode(page.evaluate(DRAWN, [2400, 1800]))
    # TIFF, big-endian (CIPA DC-008): orientation 6, and a GPS block with one latitude.
    orientation = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    gps_at = 8 + 2 + 2 * 12 + 4
    gps_pointer = struct.pack(">HHII", 0x8825, 4, 1, gps_at)
    latitude_at = gps_at + 2 + 12 + 4
    gps = struct.pack(">H", 1) + struct.pack(">HHII", 2, 5, 3, latitude_at) + struct.pack(">I", 0)
    gps += struct.pack(">6I", 21, 1, 14, 1, 1337, 100)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 2) + orientation + gps_pointer + struct.pack(">I", 0) + gps
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG before its picture begins (ITU T.81)."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return found


def size_of(jpeg: bytes) -> tuple[int, int]:
    """Width and height, from the frame header."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    height, width = struct.unpack(">HH", jpeg[at + 5 : at + 9])
    return width, height


def take(phone: Phone, picture: bytes) -> None:
    """Press the button, and hold the camera."""
    with phone.page.expect_file_chooser() as camera:
        phone.press("take-photo")
    camera.value.set_files({"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": picture})


def observe(phone: Phone, picture: bytes) -> None:
    """On the plot that stands open: coffee rust, with a picture; the form stays open."""
    phone.press("new-observation")
    phone.page.locator("[data-test=field-found] button").first.click()
    take(phone, picture)
    phone.page.locator("[data-test=photo] img").wait_for()


@pytest.mark.loss(19, 23)
def test_a_picture_taken_without_a_signal_outlives_the_phone_and_a_bad_link_and_reaches_the_other_officer(
    centre: Centre, gate: Gate, phone: Callable[[str], Phone], in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan", gate.address)
    gate.no_way_to = "/"
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    lan.press("save")
    lan.at("area").wait_for()
    observe(lan, from_a_camera(lan.page))
    lan.page.locator("[data-test=photo] input").fill("Mặt dưới lá")
    lan.page.wait_for_timeout(400)  # the pause after which a draft is written, and the disk: nothing tells of it

    # The phone dies with the form open. Picture and words are there again.
    lan.kill()
    lan.open()
    lan.page.locator("[data-test=photo] img").wait_for()
    expect(lan.page.locator("[data-test=photo] input")).to_have_value("Mặt dưới lá")
    lan.save()
    lan.go("/")
    expect(lan.at("pictures-waiting")).to_contain_text("1 ảnh chờ gửi")

    # The link comes back; in the middle of the full picture the centre dies, and the answer with it.
    whole = {each["kind"]: each for each in lan.page.evaluate(STORED)}
    assert 0 < whole["preview"]["size"] <= 15_000
    assert 0 < whole["full"]["size"] <= 200_000
    middle = gate.hold_answer("/api/v1/photos/", when=lambda asked: asked.method == "PATCH")
    gate.no_way_to = ""
    lan.send_until(middle.reached)
    assert {each["state"] for each in lan.page.evaluate(STORED) if each["kind"] == "preview"} == {"sent"}
    assert len(centre.log()) == 4, "the records are at the centre before the full picture is"
    centre.stop()
    middle.lose()
    expect(lan.at("sync-now")).to_be_enabled(timeout=30_000)
    assert [each["state"] for each in lan.page.evaluate(STORED) if each["kind"] == "full"] == ["waiting"]
    centre.start()
    before = len(gate.asked)
    lan.sync()
    expect(lan.at("pictures-waiting")).to_have_count(0, timeout=30_000)
    assert any(each.method == "HEAD" for each in gate.asked[before:]), "it asked where to go on"
    assert {each["state"] for each in lan.page.evaluate(STORED)} == {"sent"}

    # At the centre: the very bytes, upright, small enough, and nothing in them but the picture.
    client = Client(centre.address)
    client.sign_in("lan", PASSWORD)
    client.sync()
    photo = next(each["fields"] for each in client.replica.base.values() if each["type"] == "photo")
    assert photo["caption"] == "Mặt dưới lá"
    assert photo["point"]["coordinates"] == pytest.approx([104.0715, 21.2361])
    for name in ("sha256", "preview_sha256"):
        jpeg = client._send("GET", f"/api/v1/photos/{photo[name]}").content
        assert hashlib.sha256(jpeg).hexdigest() == photo[name]
        # APP1 and above hold EXIF, GPS, XMP; comments are 0xFE. JFIF (APP0) holds nothing of anybody.
        assert not [each for each in segments(jpeg) if 0xE1 <= each <= 0xEF or each == 0xFE]
    assert size_of(client._send("GET", f"/api/v1/photos/{photo['sha256']}").content) == (
        photo["width"],
        photo["height"],
    )
    assert photo["height"] == pytest.approx(photo["width"] * 4 / 3, abs=1)
    assert 800 < photo["height"] <= 1600

    # Another officer sees it.
    pao = phone("pao")
    pao.sign_in("pao")
    pao.at("contact").wait_for()
    pao.wait_until_sent()
    observation = next(each["id"] for each in client.replica.base.values() if each["type"] == "observation")
    pao.go(f"/record/{observation}")
    pao.page.locator("[data-test=photo] img").wait_for()
    pao.page.locator("[data-test=photo]").click()
    expect(pao.page.locator("dialog img")).to_have_js_property("naturalWidth", photo["width"])


def test_a_file_that_is_no_picture_is_said_and_takes_nothing(in_the_field: Callable[[str], Phone]) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    take(lan, b"GIF89a, or so it says")
    expect(lan.page.locator("[data-test=photos] .fault")).to_contain_text("Máy không đọc được ảnh này")
    assert lan.page.evaluate(STORED) == []
    expect(lan.at("field-name")).to_have_value("Huổi Pá 3")


HOLD_DEVELOPING = """() => {
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  const held = new Promise((done) => (window.letGo = done));
  crypto.subtle.digest = async (...all) => (await held, digest(...all));
}"""


@pytest.mark.loss(19, 23)
def test_a_picture_that_is_done_while_the_boundary_is_drawn_stays_with_the_plot_and_so_does_the_boundary(
    in_the_field: Callable[[str], Phone],
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    picture = from_a_camera(lan.page)
    lan.page.evaluate(HOLD_DEVELOPING)
    take(lan, picture)
    lan.press("draw-boundary")
    corners = (104.0710, 21.2360), (104.0720, 21.2360), (104.0720, 21.2369), (104.0710, 21.2369)
    for corner, (longitude, latitude) in enumerate(corners, 1):
        lan.stand_at(longitude, latitude, corner)
        expect(lan.page.locator(".measure .quiet")).to_contain_text(f"± {corner} m")
        lan.press("here")
        if corner == 3:
            lan.page.evaluate("window.letGo()")
            lan.eventually(lambda: len(lan.page.evaluate(STORED)) == 2, "the picture is on disk")
    lan.press("boundary-done")
    lan.page.locator("[data-test=photo] img").wait_for()
    lan.press("save")
    expect(lan.at("area")).to_contain_text("ha")
    lan.page.locator("[data-test=photo] img").wait_for()


def test_a_picture_that_is_done_when_its_form_was_left_and_opened_again_is_in_it(
    in_the_field: Callable[[str], Phone],
) -> None:
    lan = in_the_field("lan")
    register_a_farmer(lan, "Lò Văn Pâng")
    lan.press("new-plot")
    lan.type("name", "Huổi Pá 3")
    route = lan.page.evaluate("location.hash.slice(1)")
    picture = from_a_camera(lan.page)
    lan.page.evaluate(HOLD_DEVELOPING)
    take(lan, picture)
    lan.go("/")
    lan.go(route)
    lan.type("name", "Huổi Pá 4")
    lan.page.evaluate("window.letGo()")
    lan.page.locator("[data-test=photo] img").wait_for()
    lan.type("name", "Huổi Pá 5")
    lan.press("save")
    lan.page.locator("[data-test=photo] img").wait_for()
    expect(lan.page.locator("h1")).to_contain_text("Huổi Pá 5")
