"""20,000 fields moved in a real browser: how even the frames are while somebody drags and zooms, and what the tiles weigh."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.centre import PASSWORD, served
from benchmarks.table import Row
from tests.browser.scene import QUIET, chromium

_AIM_FRAME_MS = 50.0
_AIM_LONG_MS = 200.0
_SCREENS: Mapping[str, tuple[dict[str, Any], int]] = {
    "laptop": ({"viewport": {"width": 1280, "height": 800}}, 1),
    "phone, 4 times slower": (
        {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True},
        4,
    ),
}
_WATCH = """() => {
  window.taken = { frames: [], long: [] };
  let last = performance.now();
  const frame = (now) => { taken.frames.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  const note = (list) => list.getEntries().forEach((each) => taken.long.push(each.duration));
  new PerformanceObserver(note).observe({ type: "longtask" });
}"""


def rows(settings: Mapping[str, str]) -> list[Row]:
    """The figures of the centre with *settings*, which has the season in it."""
    found = []
    with served(settings) as centre, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        for name, (screen, slower) in _SCREENS.items():
            page = browser.new_context(**screen).new_page()
            _sign_in(page, centre.address)
            sizes: list[int] = []
            page.on("response", lambda answer, sizes=sizes: "/tiles/" in answer.url and sizes.append(_size(answer)))
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
            page.goto(f"{centre.address}/console/")
            page.locator("#map canvas.leaflet-tile-loaded").first.wait_for()
            page.evaluate(_WATCH)
            _wander(page)
            taken = page.evaluate("taken")
            found += _told(name, taken, sizes)
        browser.close()
    return found


def _told(name: str, taken: Mapping[str, list[float]], sizes: list[int]) -> list[Row]:
    frames, long = taken["frames"], taken["long"]
    return [
        Row(f"map on a {name}: a frame, median", median(frames), "ms"),
        Row(f"map on a {name}: a frame, 95 % of {len(frames)}", quantiles(frames, n=20)[-1], "ms", _AIM_FRAME_MS),
        Row(f"map on a {name}: the longest task of {len(long)} over 50 ms", max(long, default=0), "ms", _AIM_LONG_MS),
        Row(f"map on a {name}: {len(sizes)} tiles, the heaviest", max(sizes) / 1000, "KB"),
        Row(f"map on a {name}: all tiles", sum(sizes) / 1000, "KB"),
    ]


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/console/sign-in")
    page.locator("input[name=username]").fill("m0")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button").click()
    page.locator("#map").wait_for()


def _size(answer: Any) -> int:
    """What travelled, its headers too."""
    sizes = answer.request.sizes()
    return int(sizes["responseBodySize"] + sizes["responseHeadersSize"])


def _wander(page: Page) -> None:
    """From all of it down to where the fields have shapes, across them, on down, and back up again."""
    box = page.locator("#map").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reach = min(box["width"], box["height"]) / 3
    for step in ("+", "+", "drag", "+", "drag", "+", "drag", "drag", "+", "drag", "-", "-", "-", "drag"):
        if step == "drag":
            for way in ((-1, 0), (0, -1), (1, 0), (0, 1)):
                page.mouse.move(*middle)
                page.mouse.down()
                page.mouse.move(middle[0] + way[0] * reach, middle[1] + way[1] * reach, steps=20)
                page.mouse.up()
        else:
            page.locator(".leaflet-control-zoom-in" if step == "+" else ".leaflet-control-zoom-out").click()
        # Until the last tile stands, and no longer: frames in which nothing moves are none that count.
        expect(page.locator("#map .leaflet-tile:not(.leaflet-tile-loaded)")).to_have_count(0, timeout=60_000)
