"""Bytes and requests of a day's work, of nothing to say, and of a first sync: ours, and PouchDB's in the same run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.centre import Centre, free_port, wait_for
from benchmarks.link import Link, Traffic
from benchmarks.table import Row
from benchmarks.workload import Workload, as_change
from sync.client import Client

HERE = Path(__file__).parent
POUCH = "PouchDB 9.0.0"


@dataclass(frozen=True, slots=True)
class Measured:
    """One step of a workload: what went over the wire and how long it took."""

    traffic: Traffic
    seconds: float


def rows(work: Path) -> list[Row]:
    """The figures of the wire. *work*: an empty folder."""
    workload = Workload()
    mine = ours(work / "ours", workload)
    theirs = pouch(work / "pouch", workload)
    day, base = len(workload.new) + len(workload.edits), len(workload.base)

    def both(what: str, step: str, per: int, aim: float | None) -> Row:
        return Row(what, mine[step].traffic.bytes / per, "B", aim, theirs[step].traffic.bytes / per, POUCH)

    def requests(what: str, step: str, aim: float) -> Row:
        return Row(what, mine[step].traffic.requests, "", aim, theirs[step].traffic.requests, POUCH)

    return [
        both("day's work of 75, bytes a record", "day", day, 65),
        requests("day's work, requests", "day", 1),
        both("nothing to say, bytes", "nothing", 1, 700),
        requests("nothing to say, requests", "nothing", 1),
        both("first sync of 5,000, bytes a record", "first", base, 90),
        requests("first sync of 5,000, requests", "first", 10),
        Row("first sync of 5,000, seconds", mine["first"].seconds, "s", None, theirs["first"].seconds, POUCH),
        *_large(work / "large"),
    ]


def _large(work: Path) -> list[Row]:
    """A first sync of 10,000, as a client asks that names no limit."""
    workload = Workload(10_000, seed=11)
    with Centre(work) as centre, Link(centre.port) as link:
        fill(centre.client(0), centre.area, workload)
        phone = centre.client(1, link.port)
        link.taken()
        steps: dict[str, Measured] = {}
        with step(steps, "first", link):
            phone.sync()
        assert len(phone.replica.base) == len(workload.base)
    traffic = steps["first"].traffic
    return [
        Row("first sync of 10,000, bytes a record", traffic.bytes / len(workload.base), "B", 90),
        Row("first sync of 10,000, requests", traffic.requests, "", 20),
    ]


def ours(work: Path, workload: Workload) -> dict[str, Measured]:
    """Our figures, by step."""
    work.mkdir()
    with Centre(work / "home") as centre, Link(centre.port) as link:
        phone = centre.client(0, link.port)
        fill(phone, centre.area, workload)
        link.taken()
        steps: dict[str, Measured] = {}
        for entry in workload.new:
            phone.replica.outbox.append(as_change(entry, centre.area))
        for entry, fields in workload.edits:
            phone.replica.edit(workload.id(), entry.record, entry.type, centre.area, fields)
        with step(steps, "day", link):
            phone.sync()
        with step(steps, "nothing", link):
            phone.sync()
        second = centre.client(1, link.port)
        link.taken()
        with step(steps, "first", link):
            second.sync()
        missing = len(workload.base) + len(workload.new) - len(second.replica.base)
        assert missing == 0, f"{missing} records did not arrive"
    return steps


def fill(phone: Client, area: str, workload: Workload) -> None:
    """Bring the base of *workload* to the centre."""
    phone.replica.outbox = [as_change(entry, area) for entry in workload.base]
    phone.sync(batch=500)


@contextmanager
def step(steps: dict[str, Measured], name: str, link: Link) -> Iterator[None]:
    """Measure what happens inside as *name*."""
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    time.sleep(0.2)  # what is still on its way belongs to this step
    steps[name] = Measured(link.taken(), seconds)


def pouch(work: Path, workload: Workload) -> dict[str, Measured]:
    """PouchDB's figures, by step: the same records to express-pouchdb, as its users run it."""
    prepare_peers()
    work.mkdir()
    given = work / "workload.json"
    given.write_text(
        json.dumps(
            {
                "base": [{"_id": each.record, "type": each.type, **each.fields} for each in workload.base],
                "created": [{"_id": each.record, "type": each.type, **each.fields} for each in workload.new],
                "edits": [{"_id": entry.record, **fields} for entry, fields in workload.edits],
            }
        )
    )
    port = free_port()
    server = subprocess.Popen(
        ["node", "pouch.mjs", "serve", str(port), str(work)],
        cwd=HERE / "peers",
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # node may be a wrapper around the real one: both are ended
    )
    steps: dict[str, Measured] = {}
    try:
        wait_for(port)
        with Link(port) as link:
            phone = subprocess.Popen(
                ["node", "pouch.mjs", "phone", link.address, str(given)],
                cwd=HERE / "peers",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert phone.stdin
            assert phone.stdout
            for name in ("fill", "work", "day", "nothing", "first"):
                phone.stdin.write(name + "\n")
                phone.stdin.flush()
                seconds = json.loads(phone.stdout.readline())["seconds"]
                time.sleep(0.2)
                steps[name] = Measured(link.taken(), seconds)
            phone.stdin.close()
            phone.wait(30)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    return steps


def prepare_peers() -> None:
    """Install the peers where they are not there yet. Raises `RuntimeError` with npm's own words."""
    mark = HERE / "peers/node_modules/.complete"
    if mark.exists() and mark.stat().st_mtime >= (HERE / "peers/package-lock.json").stat().st_mtime:
        return
    npm = shutil.which("npm")
    if not npm:
        raise RuntimeError("no npm: run bin/prepare first")
    done = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=HERE / "peers", capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    mark.touch()
