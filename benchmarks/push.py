"""How many changes a second the centre takes in, over HTTP, beside raw inserts of the same payload in the same run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import orjson
import psycopg

from benchmarks.centre import Centre
from benchmarks.postgres import database, postgres
from benchmarks.table import Row
from benchmarks.thin import Thin, ready
from benchmarks.workload import Entry, Workload, as_change

BATCH = 60
SECONDS = 4.0
ODK = 87  # changes a second that ODK Central took in for longer, on a machine like this one (not of this run)
_RAW = 100  # rows a transaction


def rows(work: Path) -> list[Row]:
    """The figures of pushing. *work*: an empty folder."""
    found: list[Row] = []
    with postgres() as server:
        before = _raw_rate(server)
        shared = {clients: _rate(work, server, clients, areas=1) for clients in (1, 4, 16)}
        apart = {clients: _rate(work, server, clients, areas=clients) for clients in (4, 16)}
        raw = (before + _raw_rate(server)) / 2
    for clients, rate in shared.items():
        found.append(Row(f"PostgreSQL, {clients} on one area", rate, "/s", None, raw, "raw inserts", True))
    for clients, rate in apart.items():
        found.append(Row(f"PostgreSQL, {clients} on {clients} areas", rate, "/s", None, raw, "raw inserts", True))
    best = max(apart[16], shared[16])
    found += [
        Row("PostgreSQL, 16 clients, the better", best, "/s", 2000, ODK, "ODK Central, sustained", True),
        Row("the same, of what raw inserts reach", best / raw * 100, "%", 100 / 3, None, "", True),
        Row("the same, times ODK Central's", best / ODK, "x", 20, None, "", True),
        Row("SQLite, 16 on one area", _rate(work, "", 16, areas=1), "/s", None, None, "", True),
    ]
    return found


def _rate(work: Path, server: str, clients: int, areas: int) -> float:
    """Changes a second that *clients* bring into the centre, each as fast as it is answered."""
    name = f"{'pg' if server else 'sqlite'}_{clients}_{areas}"
    if not server:
        return _rate_at(Centre(work / name, clients, areas), clients)
    with database(server, name) as address:
        return _rate_at(Centre(work / name, clients, areas, address), clients)


def _rate_at(centre: Centre, clients: int) -> float:
    with centre:
        tokens = [centre.phones(1, officer)[0] for officer in range(clients)]
        homes = [centre.areas[officer % len(centre.areas)] for officer in range(clients)]
        phones = [Thin(centre.port, token, area) for token, area in zip(tokens, homes, strict=True)]
        batches = [_batches(area, seed) for seed, area in enumerate(homes)]
        return asyncio.run(_push(phones, batches))


def _batches(area: str, seed: int) -> list[bytes]:
    """More than one client can bring in the time that there is, made beforehand."""
    made = iter(Workload(BATCH * 250, seed=seed).base)
    return [ready([as_change(entry, area) for entry in batch]) for batch in _by(made, BATCH)]


def _by(entries: Iterator[Entry], size: int) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, size)):
        yield batch


async def _push(phones: Sequence[Thin], batches: Sequence[Sequence[bytes]]) -> float:
    accepted = 0
    start = time.perf_counter() + 1  # the first second is for warming up
    end = start + SECONDS

    async def bring(phone: Thin, waiting: Sequence[bytes]) -> None:
        nonlocal accepted
        for batch in waiting:
            # As the peer is measured: what is read back is the acceptance. A day's work with what others did is in `wire`.
            answer = await phone.push(batch, limit=1)
            if answer.accepted != BATCH:
                raise RuntimeError(f"{answer} to a batch of {BATCH}")
            if time.perf_counter() > end:
                return
            if time.perf_counter() > start:
                accepted += BATCH
        raise RuntimeError("more batches are needed: the centre is faster than thought")

    await asyncio.gather(*(bring(phone, waiting) for phone, waiting in zip(phones, batches, strict=True)))
    for phone in phones:
        phone.close()
    return accepted / SECONDS


def _raw_rate(server: str) -> float:
    """Rows a second of the same changes as bare inserts: 100 a transaction, one connection, one index."""
    changes = [as_change(entry, entry.record) for entry in Workload(BATCH * 500).base]
    texts = [
        (each.id, each.record, each.area, number, orjson.dumps(each.as_json()).decode(), each.id, each.id, "", 0)
        for number, each in enumerate(changes)
    ]
    with database(server, "raw") as address, psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE raw (id varchar(36) PRIMARY KEY, record varchar(36), area varchar(36), seq bigint, body text,"
            " author varchar(36), device varchar(36), received_at varchar(30), skew_ms bigint)"
        )
        connection.commit()
        start = time.perf_counter()
        written = 0
        for first in range(0, len(texts), _RAW):
            cursor.executemany("INSERT INTO raw VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s)", texts[first : first + _RAW])
            connection.commit()
            written += _RAW
            if time.perf_counter() - start > SECONDS / 2:
                break
        return written / (time.perf_counter() - start)
