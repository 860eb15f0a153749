"""What an installation costs: seconds until it answers, the server's memory, the size of the app as it is sent."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from benchmarks.centre import Centre, free_port, wait_for
from benchmarks.link import Link
from benchmarks.table import Row
from benchmarks.wire import fill
from benchmarks.workload import Workload

ROOT = Path(__file__).parent.parent


def rows(work: Path) -> list[Row]:
    """The figures of an installation. *work*: an empty folder."""
    return [*_starting(work), *_serving(work)]


def _starting(work: Path) -> list[Row]:
    """`bin/run` on a fresh clone, with packages from the machine's usual sources, and once more."""
    clone = work / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    first, second = (_seconds_until_it_answers(clone) for _ in range(2))
    return [
        Row("first bin/run until it answers", first, "s"),
        Row("second bin/run until it answers", second, "s", aim=5),
    ]


def _seconds_until_it_answers(clone: Path) -> float:
    port = free_port()
    start = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "NUONG_HOME")}
    environment["PATH"] = ":".join(each for each in environment["PATH"].split(":") if ".venv" not in each)
    run = subprocess.Popen(
        ["bash", "bin/run"],
        cwd=clone,
        env=environment | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port, seconds=900)
        requests.get(f"http://127.0.0.1:{port}/healthz", timeout=30).raise_for_status()
        return time.perf_counter() - start
    finally:
        os.killpg(run.pid, signal.SIGINT)
        run.wait(30)


def _serving(work: Path) -> list[Row]:
    """Memory after eight first syncs of 5,000 records at once; the app as a phone fetches it."""
    with Centre(work / "home", officers=8, workers="2") as centre, Link(centre.port) as link:
        fill(centre.client(0), centre.area, Workload())
        idle = centre.memory_mb()
        with ThreadPoolExecutor(8) as crowd:
            list(crowd.map(lambda number: centre.client(number).sync(), range(8)))
        busy = centre.memory_mb()
        link.taken()
        sizes = _app_as_sent(link)
    return [
        Row("server's memory, 2 workers, at rest", idle, "MB", aim=200),
        Row("the same after 8 first syncs at once", busy, "MB", aim=200),
        Row("app as sent, what opening it takes", sizes["shell"] / 1024, "KB", aim=100),
        Row("app as sent, with all that it keeps", sizes["all"] / 1024, "KB"),
    ]


def _app_as_sent(link: Link) -> dict[str, int]:
    """Bytes of the bodies that a browser fetches: what opening the app takes, and all that the worker keeps."""
    http = requests.Session()
    worker = http.get(f"{link.address}/sw.js", timeout=30).text
    page = http.get(f"{link.address}/", timeout=30).text
    kept = json.loads(re.search(r'"kept":\s*(\[[^\]]*\])', worker)[1])  # type: ignore[index]
    sizes = {url: _body_as_sent(http, link.address + url) for url in ["/sw.js", *kept]}
    # Its page names all that it begins with; icons are the browser's business.
    named = re.findall(r'<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*(?:src|href)="([^"]+)"', page)
    opening = {"/", "/sw.js", *named}
    return {"shell": sum(sizes[url] for url in opening), "all": sum(sizes.values())}


def _body_as_sent(http: requests.Session, url: str) -> int:
    answer = http.get(url, headers={"Accept-Encoding": "gzip, deflate, br"}, stream=True, timeout=30)
    answer.raise_for_status()
    return len(answer.raw.read(decode_content=False))
