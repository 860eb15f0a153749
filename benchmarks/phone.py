"""The officer's phone with 10,000 records: Chromium at 360 x 640 with its processor slowed down 4 and 6 times.

What a thumb waits for is measured in the page, from the touch to the frame that shows what it led to; the centre is off
while anything is opened, found or saved.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from benchmarks.centre import PASSWORD, Centre, free_port
from benchmarks.table import Row
from benchmarks.wire import HERE, fill, prepare_peers
from benchmarks.workload import Entry, Workload

RECORDS = 10_000
FARMERS = 1_000
SLOWER = (4, 6)
OPENINGS = 5
SAVES = 5
READING = 4_000  # ms in which the rest of the book comes in: what moves by then would move under a thumb
# What an officer types who looks for somebody: without marks, with a slip, a village, the end of a number, a plot's name.
WISHES = ("lo van pang", "quang thi", "hua nguong", "345", "nuong huoi 4")

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

_WATCH = """
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) window.longest = Math.max(window.longest, each.duration);
  }).observe({ type: "longtask", buffered: true });
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
  }).observe({ type: "layout-shift", buffered: true });
  window.seen = (look) => new Promise((done) => {
    const shown = () => look() && requestAnimationFrame(() => setTimeout(() => done(performance.now())));
    if (look()) return shown();
    const watch = new MutationObserver(() => look() && (watch.disconnect(), shown()));
    watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  window.usable = window.seen(() => document.querySelector("[data-test=contact]") && document.querySelector("[data-test=find]"));
"""

# From a letter to the frame that shows what it finds, each letter by itself; ms.
_TYPE = """async (wish) => {
  const input = document.querySelector("[data-test=search]");
  const took = [];
  for (let end = 1; end <= wish.length; end++) {
    const began = performance.now();
    input.value = wish.slice(0, end);
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    took.push(performance.now() - began);
  }
  return took;
}"""

# From the press to the frame that says that it is saved; ms.
_SAVE = """async () => {
  const said = window.seen(() => document.querySelector("[data-test=said]")?.textContent);
  const began = performance.now();
  document.querySelector("[data-test=save]").click();
  return await said - began;
}"""


def rows(work: Path) -> list[Row]:
    """The figures of the phone. *work*: an empty folder."""
    with sync_playwright() as playwright:
        return [row for slower in SLOWER for row in _phone(playwright, work / str(slower), slower)]


def ten_thousand() -> Workload:
    """10,000 records as a valley has them: households, their plots, and what was recorded there."""
    workload = Workload(RECORDS - FARMERS, seed=13)
    owners = [entry.fields["farmer"] for entry in workload.base if entry.type == "plot"]
    owners += [workload.id() for _ in range(FARMERS - len(owners))]
    workload.base[:0] = [Entry(each, "farmer", _household(number)) for number, each in enumerate(owners)]
    return workload


def _household(number: int) -> dict[str, Any]:
    family = ("Lò", "Quàng", "Cà", "Lường", "Vàng", "Giàng", "Hà", "Tòng")[number % 8]
    middle = ("Văn", "Thị", "A", "Xuân", "Đức")[number // 8 % 5]
    given = ("Pâng", "Ún", "Dua", "Hặc", "Páo", "Mẩy", "Thương", "Bình", "Sương", "Inh")[number // 40 % 10]
    village = ("bản Nà Ớt", "bản Xum", "bản Co Mạ", "bản Huổi Pá", "bản Khóng", "bản Hua Nguống")[number // 7 % 6]
    return {
        "name": f"{family} {middle} {given}",
        "phone": f"09{10 + number % 80} {number % 1000:03} {number * 7 % 1000:03}",
        "village": village,
        "commune": "03667",
        "consent": number % 3 > 0,
    }


def _phone(playwright: Playwright, work: Path, slower: int) -> list[Row]:
    work.mkdir()
    slow = f", {slower} x slower"
    last = slower == SLOWER[-1]
    with ExitStack() as here:
        centre = here.enter_context(Centre(work / "home", officers=2))
        fill(centre.client(0), centre.area, ten_thousand())
        marks = _lighthouse(playwright, work / "lighthouse", centre) if last else []
        context = here.enter_context(_browser(playwright, work / "disk", centre))
        page = _opened(context, centre, slower)
        page.wait_for_selector("[name=username]")
        syncing, seconds = _first_sync(page)
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        heap, stored = _memory(page)
        page.close()
        # From here on there is no centre: all that is measured is the phone's own.
        centre.stop()
        opened, shifted = _openings(context, centre, slower)
        page = _opened(context, centre, slower)
        typed, saved = _search(page), _saves(page)
    found = [
        Row(f"opening offline to a usable home{slow}", _middle(opened), "ms", aim=1000),
        Row(f"the same, the slowest of {len(opened)}{slow}", max(opened), "ms"),
        Row(f"what moved by itself meanwhile{slow}", shifted, "CLS", aim=0.01),
        Row(f"a letter to what it finds{slow}", _middle(typed), "ms", aim=100),
        Row(f"the same, the slowest of {len(typed)}{slow}", max(typed), "ms"),
        Row(f"saving, until it says so{slow}", _middle(saved), "ms", aim=100),
        Row(f"longest task in a first sync of 10,000{slow}", syncing, "ms", aim=200),
        Row(f"that first sync{slow}", seconds, "s"),
    ]
    if last:
        found += [
            Row("memory with 10,000 records, JS heap", heap / 1e6, "MB"),
            Row("room that they take on the phone, the app too", stored / 1e6, "MB"),
            *marks,
        ]
    return found


def _lighthouse(playwright: Playwright, disk: Path, centre: Centre) -> list[Row]:
    """Lighthouse's marks for the app as somebody meets it who opens it the first time; the middle of three runs."""
    prepare_peers()
    port = free_port()
    runs = []
    with _browser(playwright, disk, centre, f"--remote-debugging-port={port}"):
        for _ in range(3):
            command = ["node", "lighthouse.mjs", centre.address, str(port)]
            done = subprocess.run(command, cwd=HERE / "peers", capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"Lighthouse did not get through:\n{done.stderr}")
            runs.append(json.loads(done.stdout))
    return [
        Row(f"Lighthouse, {name.replace('-', ' ')}", _middle([run[name] for run in runs]), "", 95, more_is_better=True)
        for name in runs[0]
    ]


@contextmanager
def _browser(playwright: Playwright, disk: Path, centre: Centre, *more: str) -> Iterator[BrowserContext]:
    context = playwright.chromium.launch_persistent_context(
        str(disk),
        executable_path=_chromium(),
        args=[*_FLAGS, *more],
        viewport={"width": 360, "height": 640},
        is_mobile=True,
        has_touch=True,
        locale="vi-VN",
        permissions=["geolocation"],
        geolocation={"longitude": 104.0715, "latitude": 21.2361, "accuracy": 6},
    )
    context.add_init_script(_WATCH)
    context.set_default_timeout(120_000)
    try:
        yield context
    finally:
        context.close()


def _chromium() -> str:
    found = os.environ.get("NUONG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise RuntimeError("no Chromium: run bin/test, which installs it, or name one in NUONG_CHROMIUM")
    return found


def _opened(context: BrowserContext, centre: Centre, slower: int) -> Page:
    """The app opened in a tab of its own, on a processor that is so many times slower."""
    page = context.new_page()
    page.set_default_timeout(120_000)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(f"{centre.address}/")
    return page


def _first_sync(page: Page) -> tuple[float, float]:
    """Sign in, and read all that is there: the longest task, ms, and the seconds that all took."""
    page.fill("[name=username]", "o1")
    page.fill("[name=password]", PASSWORD)
    page.evaluate("window.longest = 0")
    began = time.monotonic()
    page.click("[data-test=sign-in]")
    page.wait_for_selector("[data-test=contact]")
    page.wait_for_selector("[data-test=still-reading]", state="detached")
    page.wait_for_selector("[data-test=sync-now]:not([disabled])")
    return float(page.evaluate("window.longest")), time.monotonic() - began


def _memory(page: Page) -> tuple[float, float]:
    """Bytes that the page holds in JavaScript's heap once the rubbish is out, and that its origin takes on the disk."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("HeapProfiler.collectGarbage")
    cdp.send("Performance.enable")
    found = {each["name"]: each["value"] for each in cdp.send("Performance.getMetrics")["metrics"]}
    stored = page.evaluate("navigator.storage.estimate().then((found) => found.usage)")
    return float(found["JSHeapUsedSize"]), float(stored)


def _openings(context: BrowserContext, centre: Centre, slower: int) -> tuple[list[float], float]:
    """Milliseconds from the start of each opening to the frame with a home that can be used; the largest shift."""
    opened, shifted = [], 0.0
    for _ in range(OPENINGS):
        page = _opened(context, centre, slower)
        opened.append(float(page.evaluate("window.usable")))
        page.wait_for_timeout(READING)
        shifted = max(shifted, page.evaluate("window.shifted"))
        page.close()
    return opened, shifted


def _search(page: Page) -> list[float]:
    """Milliseconds for each letter of all that is looked for."""
    page.evaluate("location.hash = '#/find'")
    page.wait_for_selector("[data-test=record-plot], [data-test=record-farmer]")
    return [each for wish in WISHES for each in page.evaluate(_TYPE, wish)]


def _saves(page: Page) -> list[float]:
    """Milliseconds for each of some farmers that are registered."""
    took = []
    for number in range(SAVES):
        page.evaluate("location.hash = '#/'")
        page.click("[data-test=new-farmer]")
        page.fill("[data-test=field-name]", f"Hộ mới {number}")
        page.wait_for_selector("[data-test=said]:empty", state="attached")
        took.append(float(page.evaluate(_SAVE)))
    return took


def _middle(figures: list[float]) -> float:
    return sorted(figures)[len(figures) // 2]
