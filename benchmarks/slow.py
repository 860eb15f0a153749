"""A day's work over the link that officers have: far, thin, and broken again and again; PouchDB in the same run.

Both sides are driven as their apps are: ours is the app's own code in Node (`phone.ts`), PouchDB syncs with `retry`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.centre import Centre, free_port, wait_for
from benchmarks.link import Link, Traffic, Weather
from benchmarks.table import Row
from benchmarks.wire import HERE, POUCH, fill, prepare_peers
from benchmarks.workload import Entry, Workload
from tests.pwa.bundled import bundle

FAR = Weather(delay_s=0.3, up_bps=40_000, down_bps=80_000)
BREAKING = Weather(delay_s=0.3, up_bps=40_000, down_bps=80_000, up_s=20, down_s=10)
DAY, MANY = 75, 300
PATIENCE = 201.0  # seconds that PouchDB is given for the link that comes and goes
_BASE = 500


@dataclass(slots=True)
class Measured:
    """What became of one scene. `arrived`: of the records that were to go over a link that comes and goes."""

    seconds: float
    traffic: Traffic
    arrived: int = MANY


@dataclass
class Phone:
    """A process that does a step for each line of JSON; `sends` is its step for a link that may break."""

    process: subprocess.Popen[str]
    sends: str

    def does(self, step: str, **given: Any) -> float:
        """Have it do a step; the seconds that it took. Raises `RuntimeError` when it was ended in the midst of it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"step": step, **given}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the phone ended while it did: {step}")
        return float(json.loads(answer)["seconds"])


def rows(work: Path, patience: float = PATIENCE) -> list[Row]:
    """The figures of the slow link. *work*: an empty folder."""
    with ExitStack() as stack:
        ours = stack.enter_context(_Ours(work / "ours"))
        theirs = stack.enter_context(_Pouch(work / "pouch"))
        # Their longest scene waits for its link nearly all of the time: it disturbs nobody.
        crowd = stack.enter_context(ThreadPoolExecutor(1))
        their_many = crowd.submit(_many, theirs, patience)
        mine, peer = _days(ours), _days(theirs)
        my_many, peer_many = _many(ours, patience), their_many.result()

    def row(what: str, scene: str, aim: float) -> Row:
        return Row(what, mine[scene].seconds, "s", aim, peer[scene].seconds, POUCH)

    finished = "" if peer_many.arrived >= MANY else f", not finished: {peer_many.arrived} of {MANY}"
    fast = [mine["fast"].traffic.bytes / DAY, peer["fast"].traffic.bytes / DAY]
    return [
        Row("day's work of 75, richer, bytes a record", fast[0], "B", 120, fast[1], POUCH),
        row("the same, 600 ms and 40/80 kbit/s", "far", 5),
        row("the same, cut in mid-upload", "cut", 10),
        Row("300 new, link up 20 s and down 10 s", my_many.seconds, "s", 20, peer_many.seconds, POUCH + finished),
        Row("the same, KB sent", my_many.traffic.up / 1000, "KB", None, peer_many.traffic.up / 1000, POUCH),
    ]


def _days(scene: _Ours | _Pouch) -> dict[str, Measured]:
    """A day's work over a fast link, over the slow one, and over one that breaks once when half of it is sent."""
    found: dict[str, Measured] = {}
    for number, (name, weather) in enumerate((("fast", Weather()), ("far", FAR), ("cut", FAR))):
        workload = Workload(_BASE, rich=True)
        day = workload.another_day(number)
        with scene.phone(name) as phone, Link(scene.port(), weather) as link:
            phone.does("work", entries=_given(day))
            stop = threading.Event()
            if name == "cut":
                half = found["far"].traffic.up / 2
                threading.Thread(target=_cut_at, args=(link, half, stop), daemon=True).start()
            step = phone.sends if name == "cut" else "sync"
            seconds = phone.does(step, root=_root(scene, link), wanted=len(day))
            stop.set()
            time.sleep(0.3)  # what is still on its way belongs to this scene
            found[name] = Measured(seconds, link.taken())
    return found


def _many(scene: _Ours | _Pouch, patience: float) -> Measured:
    """Records that take longer than the link lives."""
    workload = Workload(_BASE, rich=True, seed=7)
    entries = workload.another_day(9, new=MANY, edits=0)
    with scene.phone("many") as phone:
        before = scene.arrived("many")
        phone.does("work", entries=_given(entries))
        with Link(scene.port(), BREAKING) as link:
            late = threading.Timer(patience, phone.process.kill)
            late.start()
            start = time.perf_counter()
            try:
                seconds = phone.does(phone.sends, root=_root(scene, link), wanted=len(entries))
            except RuntimeError:
                seconds = time.perf_counter() - start
            late.cancel()
            return Measured(seconds, link.taken(), scene.arrived("many") - before)


def _cut_at(link: Link, up: float, stop: threading.Event) -> None:
    """Break *link* once, as soon as so many bytes have gone up."""
    while not stop.is_set():
        if link.traffic.up >= up:
            link.cut()
            return
        time.sleep(0.005)


def _root(scene: _Ours | _Pouch, link: Link) -> str:
    return f"{link.address}/" if isinstance(scene, _Ours) else link.address


class _Ours:
    """Our centre, and phones that run the app's own code."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self._module = bundle(HERE / "phone.ts", home / "phone.mjs")
        self._centre = Centre(home / "home", officers=1)

    def __enter__(self) -> _Ours:
        self._centre.__enter__()
        fill(self._centre.client(0), self._centre.area, Workload(_BASE, rich=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._centre.__exit__(None, None, None)

    def port(self) -> int:
        return self._centre.port

    def arrived(self, _name: str) -> int:
        phone = self._centre.client(0)
        phone.sync()
        return len(phone.replica.base)

    @contextmanager
    def phone(self, name: str) -> Iterator[Phone]:
        with _process(["node", str(self._module)], HERE) as process:
            phone = Phone(process, sends="sync")
            token = self._centre.phones(1)[0]
            phone.does("begin", user=self._centre.users[0], area=self._centre.area, token=token)
            phone.does("sync", root=f"http://127.0.0.1:{self._centre.port}/")
            yield phone


class _Pouch:
    """express-pouchdb, and phones that run PouchDB with the browser's fetch, each with a database of its own there."""

    def __init__(self, home: Path) -> None:
        prepare_peers()
        home.mkdir()
        self._home = home
        self._port = free_port()
        self._filled = _given(Workload(_BASE, rich=True).base)

    def __enter__(self) -> _Pouch:
        self._server = subprocess.Popen(
            ["node", "pouch.mjs", "serve", str(self._port), str(self._home)],
            cwd=HERE / "peers",
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for(self._port)
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._server.pid, signal.SIGTERM)
        self._server.wait(30)

    def port(self) -> int:
        return self._port

    def arrived(self, name: str) -> int:
        answer = requests.get(f"http://127.0.0.1:{self._port}/{name}", timeout=30)
        return int(answer.json().get("doc_count", 0))

    @contextmanager
    def phone(self, name: str) -> Iterator[Phone]:
        with _process(["node", "pouch.mjs", "far", name], HERE / "peers") as process:
            phone = Phone(process, sends="keep")
            phone.does("fill", entries=self._filled, root=f"http://127.0.0.1:{self._port}")
            phone.does("sync", root=f"http://127.0.0.1:{self._port}")
            yield phone


@contextmanager
def _process(command: list[str], where: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, cwd=where, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


def _given(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return [{"record": each.record, "type": each.type, "fields": each.fields} for each in entries]
