"""Files that are brought in: 50,000 rows and 20,000 boundaries, how long each takes from the press of a button to its last
record, what that costs the worker in memory, and how quick everybody else's pages and pushes stay meanwhile.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import openpyxl
import requests
import shapefile

from benchmarks.centre import Served, peak_of, served
from benchmarks.postgres import database, postgres
from benchmarks.season import Season, people_of
from benchmarks.table import Row
from server.app import create_app
from server.config import load
from server.store.tables import db
from sync.client import Client

_ROWS, _SHAPES, _TOO_MANY = 50_000, 20_000, 1_000_000
_AIM_RATE = 300.0  # rows a second, read, checked and written
_AIM_MB = 256.0
_AIM_OTHERS_MS = 1000.0
_AIM_REFUSED_S = 20.0
_HEADINGS = ("Mã hộ", "Họ và tên", "Bản", "Điện thoại")
Made = Callable[[Path], None]


def rows(work: Path) -> list[Row]:
    """The figures. *work*: an empty folder."""
    files = _files(work)
    found = _into_a_centre("SQLite", work, "", files)
    with postgres() as server, database(server, "bringing") as address:
        found += _into_a_centre("PostgreSQL", work, address, [each for each in files if each[1] == "farmer"])
    return found


def _into_a_centre(kind: str, work: Path, address: str, files: list[tuple[str, str, Path, int]]) -> list[Row]:
    settings = {"NUONG_HOME": str(work / kind), "NUONG_DATABASE_URL": address, "NUONG_WORKERS": "1"}
    app = create_app(load(settings))
    with app.app_context():
        area = people_of(1)
        db.engine.dispose()
    found: list[Row] = []
    with served(settings) as centre:
        session = centre.signed_in("m0")
        for what, type_, path, count in files:
            with peak_of(centre.worker) as risen, _others(centre, area) as waits:
                start = time.perf_counter()
                state = _brought(session, centre, area, type_, path)
                seconds = time.perf_counter() - start
            if state == "unreadable":
                found.append(Row(f"{kind}: {what} is refused after", seconds, "s", _AIM_REFUSED_S))
            else:
                found.append(
                    Row(f"{kind}: {what}, read, checked, written", count / seconds, "/s", _AIM_RATE, None, "", True)
                )
            found.append(Row(f"{kind}: {what}, memory", risen[0], "MB", _AIM_MB))
            for name, taken in waits.items():
                found.append(Row(f"{kind}: {what}, {name} meanwhile, 95 %", _most(taken), "ms", _AIM_OTHERS_MS))
    return found


def _brought(session: requests.Session, centre: Served, area: str, type_: str, path: Path) -> str:
    """Choose, check, confirm, as a manager does; the state at the end."""
    token = _token(session, f"{centre.address}/console/bring")
    with path.open("rb") as file:
        form = {"csrf_token": token, "type": type_, "area": area}
        page = session.post(f"{centre.address}/console/bring", data=form, files={"file": file}, timeout=600).url
    for step in ("check", "write"):
        shown, state = _rests(session, page)
        if state not in ("matching", "checked"):
            return state
        chosen = {
            f"column-{place}": match[1]
            for place, part in enumerate(re.findall(r'<select name="column-\d+".*?</select>', shown, re.DOTALL))
            if (match := re.search(r'value="([^"]+)" selected', part))
        }
        form = {"csrf_token": _token_in(shown), "step": step, **chosen}
        session.post(page, data=form, timeout=600).raise_for_status()
    return _rests(session, page)[1]


def _rests(session: requests.Session, page: str) -> tuple[str, str]:
    """The page once no work goes on, asked for as often as its script asks; and the state that it says."""
    while True:
        shown = session.get(page, timeout=600).text
        if "data-poll" not in shown:
            found = re.search(r'data-state="(\w+)"', shown)
            return shown, found[1] if found else ""
        time.sleep(0.5)


@contextmanager
def _others(centre: Served, area: str) -> Iterator[dict[str, list[float]]]:
    """Inside, another manager opens pages and an officer's phone sends, each some times a second; milliseconds of each."""
    waits: dict[str, list[float]] = {"a page": [], "a phone's push": []}
    done = threading.Event()
    reader, phone = centre.signed_in("m1"), Client(centre.address)
    phone.sign_in("o0", "mua-rao-2026")

    def push() -> None:
        change = phone.new_change(None, "farmer", area, {"name": "Lò Văn Pâng", "village": "bản Xum"})
        # What it reads of the file meanwhile is not what an officer waits for.
        phone.exchange([change], limit=1)

    def again(work: Callable[[], Any], taken: list[float]) -> None:
        while not done.wait(0.3):
            start = time.perf_counter()
            work()
            taken.append((time.perf_counter() - start) * 1000)

    page = f"{centre.address}/console/bring"
    works = (
        (lambda: reader.get(page, timeout=600).raise_for_status(), waits["a page"]),
        (push, waits["a phone's push"]),
    )
    threads = [threading.Thread(target=again, args=each) for each in works]
    for thread in threads:
        thread.start()
    try:
        yield waits
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _most(taken: list[float]) -> float:
    return quantiles(taken, n=20)[-1] if len(taken) > 1 else max(taken, default=0.0)


def _token(session: requests.Session, page: str) -> str:
    return _token_in(session.get(page, timeout=600).text)


def _token_in(shown: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert found
    return found[1]


# The files -----------------------------------------------------------------------------------------------------------


def _files(work: Path) -> list[tuple[str, str, Path, int]]:
    """What, of which type, where, how many."""
    season = Season(_SHAPES * 10)
    plots = [each.fields for each in season.base if each.type == "plot"][:_SHAPES]
    found = [
        (f"a CSV of {_ROWS:,} rows", "farmer", _csv(work / "ho.csv", _ROWS), _ROWS),
        (f"an XLSX of {_ROWS:,} rows", "farmer", _xlsx(work / "ho.xlsx", _ROWS), _ROWS),
        (f"a CSV of {_TOO_MANY:,} rows", "farmer", _csv(work / "nhieu.csv", _TOO_MANY), _TOO_MANY),
        (f"an XLSX of {_TOO_MANY:,} rows", "farmer", _xlsx(work / "nhieu.xlsx", _TOO_MANY), _TOO_MANY),
    ]
    for what, ending, made in (
        ("GeoJSON", "geojson", _geojson),
        ("Shapefile", "zip", _zipped),
        ("GeoPackage", "gpkg", _gpkg),
    ):
        path = work / f"nuong.{ending}"
        # Each under names of its own, else the second file finds all of it here already.
        named = [(f"{each['name']} {what} {place}", each["boundary"]) for place, each in enumerate(plots)]
        made(path, named)
        found.append((f"a {what} of {_SHAPES:,} boundaries", "plot", path, _SHAPES))
    return found


def _households(count: int, kind: str) -> Iterator[tuple[str, str, str, str]]:
    for number in range(count):
        yield f"{kind}{number}", f"Lò Văn Pâng {number % 997}", f"bản {number % 61}", f"09{number:08}"


def _csv(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_HEADINGS)
        lines.writerows(_households(count, "C"))
    return path


def _xlsx(path: Path, count: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(_HEADINGS)
    for row in _households(count, "X"):
        sheet.append(row)
    book.save(path)
    return path


def _geojson(path: Path, named: list[tuple[str, Any]]) -> None:
    features = [{"type": "Feature", "properties": {"Tên": name}, "geometry": shape} for name, shape in named]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def _zipped(path: Path, named: list[tuple[str, Any]]) -> None:
    parts = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON, encoding="utf-8") as writer:
        writer.field("Ten", "C", 80)
        for name, shape in named:
            writer.poly(shape["coordinates"])
            writer.record(name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for ending, part in parts.items():
            packed.writestr(f"nuong.{ending}", part.getvalue())
        packed.writestr("nuong.cpg", "UTF-8")
        packed.writestr("nuong.prj", 'GEOGCS["WGS 84",DATUM["WGS_1984"],UNIT["degree",0.0174532925199433]]')


def _gpkg(path: Path, named: list[tuple[str, Any]]) -> None:
    file = sqlite3.connect(path)
    file.executescript(
        "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;"
        "CREATE TABLE gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition);"
        "CREATE TABLE gpkg_contents (table_name, data_type, identifier, srs_id);"
        "CREATE TABLE gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m);"
        "CREATE TABLE nuong (fid INTEGER PRIMARY KEY, geom BLOB, ten TEXT);"
        "INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, '');"
        "INSERT INTO gpkg_contents VALUES ('nuong', 'features', 'nuong', 4326);"
        "INSERT INTO gpkg_geometry_columns VALUES ('nuong', 'geom', 'POLYGON', 4326, 0, 0);"
    )
    blobs = [(_blob(shape["coordinates"]), name) for name, shape in named]
    file.executemany("INSERT INTO nuong (geom, ten) VALUES (?, ?)", blobs)
    file.commit()
    file.close()


def _blob(rings: list[list[list[float]]]) -> bytes:
    """A geometry as a GeoPackage keeps it: its header without a box, then well-known binary."""
    packed = struct.pack("<BII", 1, 3, len(rings))
    for ring in rings:
        packed += struct.pack("<I", len(ring)) + b"".join(struct.pack("<dd", *each) for each in ring)
    return b"GP\x00\x01" + struct.pack("<i", 4326) + packed
