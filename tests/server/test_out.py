"""Files that leave: right in Excel and on a map, only what is the reader's, bounded in memory, written down."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest

from server.exports import csv_file, geojson, rows, xlsx
from server.exports.names import attachment
from server.store import audit
from server.store.browse import Seen
from tests.conftest import Centre
from tests.server.test_console import plot_of, sign_in

EVIL = ("=1+1", "+84 912", "-cmd|' /C calc'!A0", "@SUM(A1)", '=HYPERLINK("http://evil")')


def test_a_file_holds_what_the_filter_finds_in_each_format(centre: Centre) -> None:
    area = centre.area()
    plot = plot_of(centre.officer(area), area)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    (line,) = csv.DictReader(
        io.StringIO(page.get("/console/out/plot.csv?lang=en", buffered=True).data.decode("utf-8-sig"))
    )
    assert (line["id"], line["Name of the plot"], line["Farmer"]) == (plot, "Huổi Pá 3", "Lò Văn Pâng")
    assert float(line["Measured area (ha)"]) == pytest.approx(4.6, abs=0.1)
    (feature,) = json.loads(page.get("/console/out/plot.geojson", buffered=True).data)["features"]
    assert feature["id"] == plot
    assert feature["geometry"]["type"] == "Polygon"
    sheet = openpyxl.load_workbook(io.BytesIO(page.get("/console/out/harvest.xlsx", buffered=True).data)).worksheets[0]
    head, row = [[cell.value for cell in each] for each in sheet.iter_rows()]
    found = dict(zip(head, row, strict=True))
    assert found["Plot"] == "Huổi Pá 3"
    assert found["Quantity"] == 120
    assert found["Date"].isoformat() == "2026-11-20T00:00:00"
    empty = page.get("/console/out/plot.csv?crop=CAHSI", buffered=True).data.decode("utf-8-sig")
    assert len(empty.splitlines()) == 1


def test_lines_of_two_files_find_each_other_by_id_and_say_where_who_and_how_reviewed(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plots = [plot_of(lan, area, "Nương 1") for _household in range(2)]
    centre.manager(area)
    page = sign_in(centre, "hoa")

    def read_out(type_: str) -> list[dict[str, str]]:
        text = page.get(f"/console/out/{type_}.csv?lang=en", buffered=True).data.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    harvests, fields = read_out("harvest"), {each["id"]: each for each in read_out("plot")}
    assert {each["Plot (id)"] for each in harvests} == set(plots) == set(fields)
    for each in harvests:
        assert each["Household (id)"] == fields[each["Plot (id)"]]["Farmer (id)"]
        assert (each["Area"], each["Recorded by"], each["Review"]) == ("HTX Chiềng Mung", "Lan", "not looked at yet")
        assert (float(each["kg"]), each["Household"]) == (120, "Lò Văn Pâng")
    assert {each["Harvests"] for each in fields.values()} == {"1"}


def test_what_was_measured_leaves_as_the_screens_round_it_and_what_was_typed_as_it_was_typed(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plot = plot_of(lan, area)
    lan.new_change(plot, "plot", area, {"declared_area_ha": 1.23456789})
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    (line,) = csv.DictReader(
        io.StringIO(page.get("/console/out/plot.csv?lang=en", buffered=True).data.decode("utf-8-sig"))
    )
    assert re.fullmatch(r"4\.[0-9]{1,4}", line["Measured area (ha)"])
    assert re.fullmatch(r"0\.[0-9]{1,3}", line["t/ha"])
    assert line["Declared area (ha)"] == "1.23456789"


def test_a_sheets_heading_stands_still_in_bold_over_columns_that_can_be_read(centre: Centre) -> None:
    area = centre.area()
    plot_of(centre.officer(area), area)
    centre.manager(area)
    data = sign_in(centre, "hoa").get("/console/out/plot.xlsx?lang=en", buffered=True).data
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert sheet.freeze_panes == "A2"
    head = next(sheet.iter_rows())
    assert all(cell.font.b for cell in head)
    widths = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in head}
    assert widths["Declared area (ha)"] >= len("Declared area (ha)")
    assert widths["Farmer"] >= len("Lò Văn Pâng")
    assert widths["id"] < 20  # an id is for programs
    assert max(widths.values()) <= xlsx.WIDEST


def test_a_moment_leaves_as_the_time_of_the_place_and_in_a_spreadsheet_as_one(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "observation", area, {"at": "2026-11-30T20:04:58.149Z", "found": "absent"})
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    heading = "Time"

    def read_out(ending: str) -> Any:
        return page.get(f"/console/out/observation.{ending}?lang=en", buffered=True).data

    (line,) = csv.DictReader(io.StringIO(read_out("csv").decode("utf-8-sig")))
    assert line[heading] == "2026-12-01 03:04"
    head, row = openpyxl.load_workbook(io.BytesIO(read_out("xlsx"))).worksheets[0].iter_rows()
    (cell,) = [each for name, each in zip(head, row, strict=True) if name.value == heading]
    assert cell.is_date
    assert cell.value == datetime(2026, 12, 1, 3, 4, 58)
    (feature,) = json.loads(read_out("geojson"))["features"]
    assert feature["properties"][heading] == "2026-12-01T03:04:58.149000+07:00"


def test_a_file_is_called_in_the_readers_language_in_a_header_that_any_server_sends() -> None:
    said = attachment('Nương "Đẹp"\r\n 2026.csv')
    assert said.isascii()
    assert said.isprintable()
    assert unquote(said.rpartition("''")[2]) == 'Nương "Đẹp"\r\n 2026.csv'
    assert 'filename="Nuong Dep 2026.csv"' in said


def test_no_cell_is_computed_by_a_spreadsheet(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    for name in EVIL:
        lan.new_change(None, "farmer", area, {"name": name})
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    text = page.get("/console/out/farmer.csv", buffered=True).data.decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert {f"'{name}" for name in EVIL} <= set(cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    book = openpyxl.load_workbook(io.BytesIO(page.get("/console/out/farmer.xlsx", buffered=True).data))
    kinds = {cell.value: cell.data_type for row in book.worksheets[0].iter_rows() for cell in row if cell.value in EVIL}
    assert kinds == dict.fromkeys(EVIL, "s")


def test_a_text_that_no_spreadsheet_can_hold_spoils_no_file(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, {"name": "Pâng\ufffe\uffff"})
    lan.sync()
    centre.manager(area)
    whole = sign_in(centre, "hoa").get("/console/out/farmer.xlsx", buffered=True).data
    cells = [cell.value for row in openpyxl.load_workbook(io.BytesIO(whole)).worksheets[0].iter_rows() for cell in row]
    assert "Pâng" in cells


def test_nothing_of_another_area_leaves_whatever_the_address_says(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    plot_of(centre.officer(there), there)
    centre.manager(here)
    page = sign_in(centre, "hoa")
    assert "Huổi Pá" not in page.get("/console/out/plot.csv", buffered=True).data.decode()
    assert page.get(f"/console/out/plot.csv?area={there}", buffered=True).status_code == 422
    for path in ("/console/out/account.csv", "/console/out/plot.exe", "/console/out/photo.csv"):
        assert page.get(path, buffered=True).status_code == 404


def test_a_filter_that_makes_no_sense_is_refused_and_not_widened(centre: Centre) -> None:
    centre.manager(centre.area())
    page = sign_in(centre, "hoa")
    for query in ("?crop=%00x", "?since=yesterday", "?state=?", "?missing=x"):
        assert page.get(f"/console/out/plot.csv{query}", buffered=True).status_code in (200, 422)
    assert page.get("/console/out/plot.csv?since=yesterday", buffered=True).status_code == 422


def test_who_took_what_along_is_written_down(centre: Centre) -> None:
    area = centre.area()
    plot_of(centre.officer(area), area)
    centre.manager(area)
    sign_in(centre, "hoa").get("/console/out/harvest.csv?crop=COFAR", buffered=True)
    (row,) = [each for each in audit.page([area]) if each["what"] == "exported"]
    assert row["who"] == "Hoa"
    assert row["said"] == {"type": "harvest", "format": "csv", "rows": 1, "filter": {"crop": "COFAR"}}


def many(count: int) -> Iterator[Seen]:
    shape = {"type": "Point", "coordinates": [104.0, 21.0]}
    for number in range(count):
        fields: dict[str, Any] = {
            "name": f"Nương {number}",
            "farmer": f"f{number}",
            "village": "bản Nà Ớt",
            "boundary": shape,
        }
        yield Seen(f"{number:036d}", "plot", "a", fields, {}, False, {})


@pytest.mark.parametrize("format_", [csv_file, xlsx, geojson], ids=lambda each: each.__name__)
def test_a_file_of_any_length_takes_no_more_memory(format_: Any) -> None:
    def peak(count: int) -> int:
        lines = rows.lines("plot", many(count), lambda ids: dict.fromkeys(ids, "Lò"), lambda _d, value, _n: str(value))
        tracemalloc.start()
        size = sum(map(len, format_.written(rows.columns("plot", lambda words: words.vi), lines)))
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size > count
        return most

    few = peak(600)
    assert peak(6000) < few + 2 * 1024 * 1024
