"""Files as people have them: each kind is read, and each that cannot be is answered with what to do."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapefile

from server.bring import columns, kinds, sheets
from server.bring.cells import Unreadable, read, read_day, read_number
from server.bring.rows import Here, Known, read_row
from server.bring.table import MOST_ROWS, SHAPE
from sync.problem import Problem
from sync.records import LISTS, TYPES

SQUARE = [[104.0, 21.0], [104.002, 21.0], [104.002, 21.002], [104.0, 21.0]]
WGS84 = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]]]'
VN2000 = 'PROJCS["VN-2000 / TM-3 104-30",GEOGCS["VN-2000",DATUM["Vietnam_2000"]]]'
NOBODY = Here([], [], {})

Put = Callable[[str, bytes], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def work(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return work


def rows_of(path: Path, type_: str = "farmer", sheet: str | None = None) -> tuple[list[str], list[list[Any]]]:
    table = kinds.opened(path, kinds.kind_of(path, path.name), type_, sheet, path.name)
    return table.columns, [cells for _number, cells in table.rows]


def refusal(path: Path, type_: str = "farmer") -> str:
    with pytest.raises(Problem) as raised:
        rows_of(path, type_)
    return raised.value.code


def xlsx(*rows: list[Any], merge: str = "", title: str = "Danh sách") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    text = io.BytesIO()
    book.save(text)
    return text.getvalue()


def zipped(**members: bytes) -> bytes:
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return text.getvalue()


def repacked(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A zip with one member changed."""
    text = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))
    return text.getvalue()


LIST = "Họ và tên;Bản;Điện thoại\nLò Văn Pâng;bản Nà Ớt;0912 345 678\n"


@pytest.mark.parametrize(
    "text",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        ("\ufeff" + LIST).encode("utf-16-be"),
        LIST.replace(";", ",").encode(),
        LIST.replace(";", "\t").encode(),
        LIST.replace("\n", "\r\n").encode(),
        ("sep=;\n" + LIST).encode(),
        ("DANH SÁCH HỘ TRỒNG CÀ PHÊ;;\n;;\n" + LIST).encode(),
        unicodedata.normalize("NFD", LIST).replace("\u0302\u0323", "\u0323\u0302").encode(),
    ],
)
def test_a_list_is_read_whatever_it_was_saved_by(put: Put, text: bytes) -> None:
    names, rows = rows_of(put("ho.csv", text))
    assert names == ["Họ và tên", "Bản", "Điện thoại"]
    assert rows == [["Lò Văn Pâng", "bản Nà Ớt", "0912 345 678"]]


def test_the_vietnamese_page_of_windows_is_read(put: Put) -> None:
    parts = {
        "\u1ecf": "o\u0309",
        "Ớ": "Ơ\u0301",
        "ọ": "o\u0323",
        "ả": "a\u0309",
        "ò": "o\u0300",
        "ệ": "ê\u0323",
        "ạ": "a\u0323",
    }
    text = "".join(parts.get(c, c) for c in LIST.replace("bản", "bản"))
    assert rows_of(put("ho.csv", text.encode("cp1258")))[1] == [["Lò Văn Pâng", "bản Nà Ớt", "0912 345 678"]]


@pytest.mark.parametrize("text", ["Hä vµ tªn;B¶n\nLß V¨n P©ng;b¶n Nµ ít\n§iÖn Biªn;®Êt\n"])
def test_text_for_an_old_font_is_refused_and_unikey_named(put: Put, text: str) -> None:
    assert refusal(put("ho.csv", text.encode("cp1252"))) == "old_font"
    assert refusal(put("ho.xlsx", xlsx(*[line.split(";") for line in text.splitlines()]))) == "old_font"


def without(whole: bytes, part: str) -> bytes:
    """A zip without one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as packed, zipfile.ZipFile(out, "w") as rest:
        for name in packed.namelist():
            if name != part:
                rest.writestr(name, packed.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "save_as_other"),
        ("a.pdf", b"%PDF-1.7 ...", "save_as_other"),
        ("a.csv", b"\x00\x01\x02\x03" * 300, "not_text"),
        ("a.csv", b"", "empty_file"),
        ("a.csv", b"x\n", "empty_file"),
        ("a.csv", b'a,b\n"' + b"x" * 200_000, "unreadable_file"),
        ("a.xlsx", b"PK\x03\x04 cut off", "unreadable_file"),
        ("A.XLSX", b"what is left of a spreadsheet", "unreadable_file"),
        ("a.xlsx", b"", "unreadable_file"),
        ("a.xlsx", bytes((each * 37) % 256 for each in range(3000)), "unreadable_file"),
        ("a.xlsx", zipped(readme=b"nothing"), "unreadable_file"),
        ("a.xlsx", without(xlsx(["Tên", "Bản"], ["Lò", "Nà Ớt"]), "xl/worksheets/sheet1.xml"), "unreadable_file"),
        ("a.zip", b"PK\x03\x04 cut off", "bad_zip"),
        ("a.zip", zipped(readme=b"nothing"), "no_known_file"),
        ("a.ods", zipped(mimetype=b"x", **{"content.xml": b"<x/>"}), "save_as_other"),
        ("a.xlsx", zipped(**{"xl__workbook.xml": b"<workbook/>"}), "unreadable_file"),
        ("a.html", b"<html><table></table></html>", "save_as_other"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "maps_are_plots"),
    ],
)
def test_a_file_that_cannot_be_read_is_answered_with_what_to_do(put: Put, name: str, content: bytes, code: str) -> None:
    assert refusal(put(name, content)) == code


def test_the_headings_are_found_below_a_title_and_the_sheet_by_its_name(put: Put) -> None:
    content = xlsx(
        ["DANH SÁCH HỘ", None, None], [], ["STT", "Họ và tên", "Năm sinh"], [1, "Lò Văn Pâng", 1980], merge="A1:C1"
    )
    names, rows = rows_of(put("ho.xlsx", content))
    assert names == ["STT", "Họ và tên", "Năm sinh"]
    assert rows == [[1, "Lò Văn Pâng", 1980]]
    assert columns.guess("farmer", names) == {1: "name", 2: "birth_year"}


def test_a_merged_cell_is_said_for_each_row_that_it_covers(put: Put) -> None:
    content = xlsx(["Họ và tên", "Bản"], ["Pâng", "Nà Ớt"], ["Xôm", None], ["Mai", None], merge="B2:B4")
    _names, rows = rows_of(put("ho.xlsx", content))
    assert rows[0] == ["Pâng", "Nà Ớt"]
    assert [row[1] for row in rows[1:]] == [{"fault": "merged", "cell": "B2"}] * 2


def test_a_formula_is_read_as_it_was_saved_and_one_without_a_result_is_said(put: Put) -> None:
    content = xlsx(["Họ và tên", "Năm sinh", "Ghi chú"], ["Pâng", "=1900+80", "=A2"])
    sheet = "xl/worksheets/sheet1.xml"
    saved = repacked(content, sheet, lambda text: text.replace(b"<f>1900+80</f><v />", b"<f>1900+80</f><v>1980</v>"))
    assert rows_of(put("a.xlsx", content))[1] == [["Pâng", {"fault": "formula"}, {"fault": "formula"}]]
    (row,) = rows_of(put("b.xlsx", saved))[1]
    assert row == ["Pâng", 1980, {"fault": "formula"}]


def test_more_rows_than_the_bound_are_refused_before_they_fill_the_memory(put: Put) -> None:
    text = "Họ và tên,Bản\n" + "Pâng,Nà Ớt\n" * (MOST_ROWS + 1)
    assert refusal(put("a.csv", text.encode())) == "too_many_rows"


def test_a_sheet_far_too_long_is_refused_before_its_texts_are_read(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_args: object, **_named: object) -> None:
        pytest.fail("the library was asked for it")

    monkeypatch.setattr(sheets, "MOST_ROWS", 10)
    monkeypatch.setattr(openpyxl, "load_workbook", opened)
    assert refusal(put("a.xlsx", xlsx(*(["Pâng", "Nà Ớt"] for _ in range(30))))) == "too_many_rows"


def test_rows_that_were_only_coloured_are_no_rows(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 10)
    coloured = b"".join(b'<row r="%d"><c r="A%d" s="1" /></row>' % (number, number) for number in range(3, 103))
    content = repacked(
        xlsx(["Họ và tên", "Bản"], ["Pâng", "Nà Ớt"]),
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(b"</sheetData>", coloured + b"</sheetData>"),
    )
    assert rows_of(put("a.xlsx", content))[1] == [["Pâng", "Nà Ớt"]]


def test_a_zip_that_climbs_out_of_its_folder_is_refused(put: Put) -> None:
    for name in ("../../etc/cron.d/x.shp", "/etc/x.shp", "a/../../x.kml", "C:/x.shp", "..\\x.shp"):
        text = io.BytesIO()
        with zipfile.ZipFile(text, "w") as archive:
            archive.writestr(name, b"x")
        assert refusal(put("a.zip", text.getvalue()), "plot") == "zip_climbs"


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself(put: Put) -> None:
    text = io.BytesIO()
    with (
        zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("doc.kml", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(bytes(1024 * 1024))
    assert refusal(put("a.kmz", text.getvalue()), "plot") == "zip_bomb"


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    b"<kml><Placemark><name>&b;</name></Placemark></kml>"
)


def test_an_xml_bomb_is_refused_in_a_map_and_in_a_spreadsheet(put: Put) -> None:
    assert refusal(put("a.kml", BOMB), "plot") == "xml_bomb"
    assert refusal(put("a.kmz", zipped(**{"doc.kml": BOMB})), "plot") == "xml_bomb"
    content = xlsx(["Họ và tên", "Bản"], ["Pâng", "Nà Ớt"])
    bad = repacked(content, "xl/worksheets/sheet1.xml", lambda text: b'<!DOCTYPE x [<!ENTITY a "b">]>' + text)
    assert refusal(put("a.xlsx", bad)) == "xml_bomb"


def collection(*features: tuple[dict[str, Any], Any], **more: Any) -> bytes:
    found = [{"type": "Feature", "properties": properties, "geometry": shape} for properties, shape in features]
    return json.dumps({"type": "FeatureCollection", "features": found, **more}).encode()


POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}


def test_geojson_gives_a_row_a_feature_with_its_shape_last(put: Put) -> None:
    names, rows = rows_of(put("a.geojson", collection(({"Tên": "Huổi Pá 3", "n": 1}, POLYGON), ({}, None))), "plot")
    assert names == ["Tên", "n", SHAPE]
    assert rows == [["Huổi Pá 3", 1, POLYGON], [None, None, {"fault": "no_shape"}]]


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        ({"type": "LineString", "coordinates": SQUARE}, "line"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "many_shapes"),
        ({"type": "Polygon", "coordinates": [[["x", 1]]]}, "bad_shape"),
        ({"type": "Polygon", "coordinates": 7}, "bad_shape"),
        ("text", "bad_shape"),
        ({"type": "GeometryCollection", "geometries": []}, "many_shapes"),
    ],
)
def test_a_shape_that_no_plot_has_is_said_at_its_row(put: Put, shape: Any, code: str) -> None:
    ((cell,),) = rows_of(put("a.geojson", collection(({}, shape))), "plot")[1]
    assert cell["fault"] == code


def test_a_map_in_other_coordinates_is_refused_with_what_to_do(put: Put) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3405"}}
    assert refusal(put("a.geojson", collection(({}, POLYGON), crs=crs)), "plot") == "other_coordinates"
    right = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(rows_of(put("b.geojson", collection(({}, POLYGON), crs=right)), "plot")[1]) == 1


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>Huổi Pá 3</name><ExtendedData><Data name="Chủ hộ"><value>Lò Văn Pâng</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>104,21,600 104.002,21,600 104.002,21.002,600</coordinates></LinearRing>
</outerBoundaryIs></Polygon></Placemark>
<Placemark><name>Đường mòn</name><LineString><coordinates>104,21 104.1,21.1</coordinates></LineString></Placemark>
<Placemark><name>Điểm</name><Point><coordinates>104.5,21.5</coordinates></Point></Placemark></Document></kml>"""


def test_kml_and_kmz_give_their_placemarks_and_a_line_is_said_to_be_one(put: Put) -> None:
    for path in (put("a.kml", KML.encode()), put("a.kmz", zipped(**{"doc.kml": KML.encode()}))):
        names, rows = rows_of(path, "plot")
        assert names == ["name", "Chủ hộ", SHAPE]
        assert rows[0] == ["Huổi Pá 3", "Lò Văn Pâng", POLYGON]
        assert rows[1][2] == {"fault": "line"}
        assert rows[2][2] == {"type": "Point", "coordinates": [104.5, 21.5]}


def shapes(prj: str | None, encoding: str = "utf-8", shape: list[list[float]] = SQUARE) -> bytes:
    parts = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON, encoding=encoding) as writer:
        writer.field("ten", "C", 40)
        writer.poly([shape[::-1]])
        writer.record("Huổi Pá")
    members = {f"lop.{ending}": part.getvalue() for ending, part in parts.items()}
    if prj is not None:
        members["lop.prj"] = prj.encode()
    return zipped(**members)


def test_a_zipped_shapefile_is_read_where_it_is_in_degrees(put: Put) -> None:
    names, rows = rows_of(put("a.zip", shapes(WGS84)), "plot")
    assert names == ["ten", SHAPE]
    assert rows[0][0] == "Huổi Pá"
    assert sorted(map(tuple, rows[0][1]["coordinates"][0])) == sorted(map(tuple, SQUARE))
    assert len(rows_of(put("b.zip", shapes(None)), "plot")[1]) == 1


def test_a_shapefile_in_vn_2000_or_in_metres_is_refused(put: Put) -> None:
    assert refusal(put("a.zip", shapes(VN2000)), "plot") == "other_coordinates"
    metres = [[500000.0, 2340000.0], [500100.0, 2340000.0], [500100.0, 2340100.0], [500000.0, 2340000.0]]
    assert refusal(put("b.zip", shapes(None, shape=metres)), "plot") == "other_coordinates"


def test_a_zip_without_all_of_a_shapefile_is_refused(put: Put) -> None:
    assert refusal(put("a.zip", zipped(**{"a.shp": b"x"})), "plot") == "half_a_shapefile"
    assert refusal(put("b.zip", zipped(**{"a.shp": b"x", "b.shp": b"x"})), "plot") == "many_layers"
    assert refusal(put("c.zip", zipped(**{"a.shp": b"x", "a.dbf": b"x"})), "plot") == "unreadable_file"


def geopackage(path: Path, srs: int = 4326) -> Path:
    """A GeoPackage as QGIS writes it, as far as a reader looks."""
    ring = struct.pack(f"<I{2 * len(SQUARE)}d", len(SQUARE), *(number for position in SQUARE for number in position))
    polygon = struct.pack("<BII", 1, 3, 1) + ring
    multi = struct.pack("<BII", 1, 6, 1) + polygon
    blob = b"GP\x00\x03" + struct.pack("<i4d", srs, 104.0, 104.002, 21.0, 21.002) + multi
    with sqlite3.connect(path) as package:
        package.executescript(
            "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);"
            "CREATE TABLE nuong (fid INTEGER PRIMARY KEY, ten TEXT, geom BLOB);"
        )
        package.execute("INSERT INTO gpkg_contents VALUES ('nuong', 'features', ?)", [srs])
        package.execute("INSERT INTO gpkg_geometry_columns VALUES ('nuong', 'geom', ?)", [srs])
        package.execute(
            "INSERT INTO nuong (ten, geom) VALUES ('Huổi Pá', ?), ('rỗng', NULL), ('hỏng', x'4750000100')", [blob]
        )
    package.close()
    return path


def test_a_geopackage_is_read_and_one_in_other_coordinates_refused(tmp_path: Path) -> None:
    names, rows = rows_of(geopackage(tmp_path / "a.gpkg"), "plot")
    assert names == ["fid", "ten", SHAPE]
    assert rows[0] == [1, "Huổi Pá", POLYGON]
    assert [row[2]["fault"] for row in rows[1:]] == ["no_shape", "bad_shape"]
    assert refusal(geopackage(tmp_path / "b.gpkg", 9210), "plot") == "other_coordinates"
    (tmp_path / "c.gpkg").write_bytes(b"SQLite format 3\0" + bytes(500))
    assert refusal(tmp_path / "c.gpkg", "plot") == "unreadable_file"


def test_a_view_in_a_geopackage_is_no_layer(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg")
    with sqlite3.connect(path) as package:
        package.executescript("ALTER TABLE nuong RENAME TO that; CREATE VIEW nuong AS SELECT * FROM that, that, that;")
    assert refusal(path, "plot") == "many_layers"


@pytest.mark.parametrize(
    "text",
    [
        "20/11/2026",
        "20-11-26",
        "20.11.2026",
        "2026-11-20",
        "ngày 20 tháng 11 năm 2026",
        "20/11/2026 07:30",
        "2026-11-20T00:00:00",
    ],
)
def test_a_day_is_read_in_the_ways_in_which_people_write_it(text: str) -> None:
    assert read_day(text) == "2026-11-20"
    assert read_day(date(2026, 11, 20)) == "2026-11-20"


@pytest.mark.parametrize("text", ["11/20/2026", "31/02/2026", "45985", "hôm qua", "20/11"])
def test_what_is_no_day_is_said(text: str) -> None:
    with pytest.raises(Unreadable, match="not_a_day"):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1,5", "", 1.5), ("1.5", "", 1.5), ("1.200,5", "", 1200.5), ("1,200.5", "", 1200.5), ("1.200.300", "", 1200300),
        ("1 200", "", 1200), ("0,125", "", 0.125), ("1.200", ",", 1200), ("1.200", ".", 1.2), ("-3", "", -3), (12.0, "", 12),
    ],
)  # fmt: skip
def test_a_number_is_read_with_comma_or_point(text: Any, mark: str, number: float) -> None:
    assert read_number(text, mark) == number


@pytest.mark.parametrize("text", ["1.050", "1,050", "1.234", "2.000", "-1.500"])
def test_both_readings_of_a_number_are_told_so_that_each_can_be_read(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_number(text)
    thousands, decimals = (read_number(caught.value.params[name]) for name in ("one", "other"))
    assert thousands == pytest.approx(1000 * decimals)


def test_a_number_with_two_readings_is_asked_about() -> None:
    with pytest.raises(Unreadable, match="two_readings"):
        read_number("1.200")
    for text in ("12kg", "1,2,3,4", "một", "1.2.3,4", True):
        with pytest.raises(Unreadable, match="not_a_number"):
            read_number(text)


def test_a_choice_is_read_by_its_name_without_marks_or_by_its_code() -> None:
    crop = TYPES["harvest"].fields["crop"]
    assert {read(crop, text) for text in ("Cà phê chè", "ca phe che", "Coffea arabica", "cofar")} == {"COFAR"}
    with pytest.raises(Unreadable, match="not_in_list"):
        read(crop, "cà phê sữa")


def test_a_name_that_two_communes_have_is_asked_about() -> None:
    commune = TYPES["farmer"].fields["commune"]
    names = [str(entry["vi"]) for entry in LISTS["commune"]]
    doubled = next((name for name in names if names.count(name) > 1), None)
    assert read(commune, LISTS["commune"][0]["code"]) == LISTS["commune"][0]["code"]
    if doubled:
        with pytest.raises(Unreadable, match="two_of_this_name"):
            read(commune, doubled)


def test_a_spreadsheet_that_took_the_nought_off_a_telephone_number_gets_it_back() -> None:
    assert read(TYPES["farmer"].fields["phone"], 912345678) == "0912345678"


def plot_row(cells: list[Any], here: Here = NOBODY, **matched: int) -> Any:
    return read_row("plot", cells, {place: name for name, place in matched.items()}, "", here)


TWIN = "01900000-0000-7000-8000-000000000002"
PANG = Known("01900000-0000-7000-8000-000000000001", "lo van pang", "na ot", {"name": "Lò Văn Pâng"})


def test_a_point_that_is_the_wrong_way_round_or_half_is_said() -> None:
    here = Here([PANG], [], {})
    right = plot_row(["Pá", "lo van pang", "21,2361", "104,0715"], here, name=0, farmer=1, latitude=2, longitude=3)
    assert right.values["boundary"] == {"type": "Point", "coordinates": [104.0715, 21.2361]}
    assert right.faults == []
    turned = plot_row(["Pá", "lo van pang", "104.0715", "21.2361"], here, name=0, farmer=1, latitude=2, longitude=3)
    assert [code for _place, code, _params in turned.faults] == ["not_here"]
    half = plot_row(["Pá", "lo van pang", "21.2", None], here, name=0, farmer=1, latitude=2, longitude=3)
    assert [code for _place, code, _params in half.faults] == ["half_a_point"]


def test_a_household_is_never_taken_for_another() -> None:
    twin = Known(TWIN, "lo van pang", "pa o", {"name": "Lò Văn Pâng"})
    two = Here([PANG, twin], [], {("farmer", "h7"): TWIN})
    assert plot_row(["Pá", "Lò Văn Pâng"], two, name=0, farmer=1).faults[0][1] == "two_farmers"
    assert plot_row(["Pá", "Lò Văn Pâng", "Nà Ớt"], two, name=0, farmer=1, farmer_village=2).values["farmer"] == PANG.id
    assert plot_row(["Pá", "H7"], two, name=0, farmer=1).values["farmer"] == TWIN
    assert plot_row(["Pá", "Cà Văn Xôm"], two, name=0, farmer=1).faults[0][1] == "no_farmer"
