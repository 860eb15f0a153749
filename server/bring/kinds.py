"""Which kind of file somebody sent, by its content: a name can say anything."""

from pathlib import Path

from server.bring import archive
from server.bring.table import Table, unreadable
from sync.problem import Problem, sentence

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_SHP = b"\x00\x00\x27\x0a"
MAPS = ("geojson", "kml", "kmz", "shapefile", "geopackage")


def kind_of(path: Path, name: str = "") -> str:
    """csv, xlsx, geojson, kml, kmz, shapefile or geopackage. Raises `Problem`, which says what to save it as.

    *name*: what its sender calls it. It decides nothing; but whoever sent a spreadsheet is told of no zip.
    """
    try:
        return _kind_by_content(path)
    except Problem as problem:
        if _is_called_xlsx(name) and problem.code in ("bad_zip", "no_known_file", "not_text"):
            raise unreadable("XLSX") from problem
        raise


def _is_called_xlsx(name: str) -> bool:
    return name.casefold().endswith((".xlsx", ".xlsm"))


def _kind_by_content(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK"):
        return _kind_of_zip(path)
    if head.startswith(b"SQLite format 3\0"):
        return "geopackage"
    if head.startswith(_OLD_OFFICE):
        raise _save_as("XLS", "XLSX")
    if head.startswith(b"%PDF"):
        raise _save_as("PDF", "XLSX")
    if head.startswith(_SHP):
        raise _save_as("SHP", "ZIP (.shp, .shx, .dbf, .prj)")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "geojson"
    if text.startswith(b"<"):
        if b"<kml" in head or b"kml" in head.lower() or b"<!DOCTYPE" in head:
            return "kml"
        raise _save_as("HTML/XML", "XLSX")
    return "csv"


def _kind_of_zip(path: Path) -> str:
    with archive.opened(path) as packed:
        names = [name.lower() for name in packed.namelist()]
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "xl/workbook.bin" in names:
            raise _save_as("XLSB", "XLSX")
        if "content.xml" in names and "mimetype" in names:
            raise _save_as("ODS", "XLSX")
    if any(name.endswith(".shp") for name in names):
        return "shapefile"
    if any(name.endswith(".kml") for name in names):
        return "kmz"
    raise Problem(
        "no_known_file", 422, sentence("There is no spreadsheet, Shapefile or KML in this zip. Bring the file itself.")
    )


def opened(path: Path, kind: str, type_: str, sheet: str | None, name: str = "") -> Table:
    """The file as columns and rows. *name*: as for `kind_of`. Raises `Problem`."""
    # What reads files takes 20 MB of a worker, and most never see one.
    from server.bring import shapes, sheets

    if kind in MAPS and type_ != "plot":
        raise Problem("maps_are_plots", 422, sentence("A map holds plots. Choose “Plots”, or bring a spreadsheet."))
    if kind == "csv":
        try:
            return sheets.read_csv(path, type_)
        except Problem as problem:
            # Some bytes that are no text of rows either: what is left of a spreadsheet.
            if _is_called_xlsx(name):
                raise unreadable("XLSX") from problem
            raise
    if kind == "xlsx":
        return sheets.read_xlsx(path, type_, sheet)
    readers = {
        "geojson": shapes.read_geojson, "kml": shapes.read_kml, "kmz": shapes.read_kmz,
        "shapefile": shapes.read_shapefile, "geopackage": shapes.read_geopackage,
    }  # fmt: skip
    return readers[kind](path)


def _save_as(found: str, wanted: str) -> Problem:
    return Problem(
        "save_as_other",
        422,
        sentence("A file of the kind %(found)s cannot be read here. Save it as %(wanted)s, and bring that."),
        params={"found": found, "wanted": wanted},
    )
