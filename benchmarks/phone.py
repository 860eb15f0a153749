"""The officer's phone with 10,000 records: Chromium at 360 x 640 with its processor slowed down 4 and 6 times.

What a thumb waits for is measured in the page, from the touch to the frame that shows what it led to; the centre is off
while anything is opened, found or saved.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, sync_playwright

from benchmarks.centre import PASSWORD, Centre, free_port
from benchmarks.table import Row
from benchmarks.wire import HERE, fill, prepare_peers
from benchmarks.workload import Entry, Workload

RECORDS = 10_000
FARMERS = 1_000
SLOWER = (4, 6)
OPENINGS = 5
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
  const said = window.seen(() => document.querySelector("[data-test=said]"));
  const began = performance.now();
  document.querySelector("[data-test=save]").click();
  return await said - began;
}"""


def rows(work: Path) -> list[Row]:
    """The figures of the phone. *work*: an empty folder."""
    with sync_playwright() as playwright:
        found = [row for slower in SLOWER for row in _phone(playwright, work / str(slower), slower)]
    return found


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
    with Centre(work / "home", officers=2) as centre:
        fill(centre.client(0), centre.area, ten_thousand())
        with _browser(playwright, work / "disk", centre) as (context, page, cdp):
            _slow_down(cdp, slower)
            syncing, seconds = _first_sync(page)
            page.evaluate("navigator.serviceWorker.ready")
            heap = _memory(cdp)
            stored = page.evaluate("navigator.storage.estimate().then((found) => found.usage)")
            page.close()
            centre.__exit__(None, None, None)
            opened, shifted = _openings(context, slower)
            page = opened.pop()
            typed = _search(page)
            saved = _saves(page)
    slow = f", {slower} times slower"
    found = [
        Row(f"opening offline to home{slower and slow}", _middle(opened), "ms", aim=1000),
        Row(f"the same, the slowest of {OPENINGS}{slow}", max(opened), "ms", aim=1000),
        Row(f"a letter to what it finds, the middle{slow}", _middle(typed), "ms", aim=100),
        Row(f"the same, the slowest of {len(typed)}{slow}", max(typed), "ms", aim=100),
        Row(f"saving, until it says so{slow}", _middle(saved), "ms", aim=100),
        Row(f"longest task in a first sync{slow}", syncing, "ms", aim=200),
        Row(f"that first sync, with the way here{slow}", seconds, "s"),
        Row(f"what moved by itself while it opened{slow}", shifted, "CLS", aim=0),
    ]
    if slower == SLOWER[-1]:
        found += [
            Row("memory of 10,000 records (JS heap)", heap / 1e6, "MB"),
            Row("what they take on the disk, with the app", stored / 1e6, "MB"),
        ]
    return found


@contextmanager
def _browser(playwright: Playwright, disk: Path, centre: Centre) -> Iterator[tuple[BrowserContext, Page, CDPSession]]:
    context = playwright.chromium.launch_persistent_context(
        str(disk),
        executable_path=_chromium(),
        args=_FLAGS,
        viewport={"width": 360, "height": 640},
        is_mobile=True,
        has_touch=True,
        locale="vi-VN",
        permissions=["geolocation"],
        geolocation={"longitude": 104.0715, "latitude": 21.2361, "accuracy": 6},
    )
    context.add_init_script(_WATCH)
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"http://localhost:{centre.port}/")
    page.wait_for_selector("[name=username]")
    try:
        yield context, page, context.new_cdp_session(page)
    finally:
        context.close()


def _chromium() -> str:
    import os

    found = os.environ.get("NUONG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise RuntimeError("no Chromium: run bin/test, which installs it, or name one in NUONG_CHROMIUM")
    return found


def _slow_down(cdp: CDPSession, times: int) -> None:
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": times})


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


def _memory(cdp: CDPSession) -> float:
    cdp.send("HeapProfiler.collectGarbage")
    cdp.send("Performance.enable")
    found = {each["name"]: each["value"] for each in cdp.send("Performance.getMetrics")["metrics"]}
    return float(found["JSHeapUsedSize"])


def _openings(context: BrowserContext, slower: int) -> tuple[list[Any], float]:
    """Open the app as often as it takes to know, without a centre; ms each, and the last page beside them."""
    raise NotImplementedError


def _middle(figures: list[float]) -> float:
    return sorted(figures)[len(figures) // 2]
