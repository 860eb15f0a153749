"""Maps: GeoJSON, KML and KMZ, zipped Shapefiles, GeoPackages. Each feature a row, its geometry the last cell.

Must never move a point: coordinates in anything but WGS 84 degrees are refused with what to do, for nobody would see
that they are 200 m off.
"""

import io
import json
import re
import sqlite3
import struct
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from zipfile import ZipFile

import defusedxml.ElementTree
import shapefile
from defusedxml import DefusedXmlException

from server.bring import archive, wkb
from server.bring.table import (
    MOST_COLUMNS,
    MOST_ROWS,
    SHAPE,
    Table,
    empty_file,
    fault,
    plain,
    refuse_old_font,
    too_many_rows,
    unreadable,
)
from sync.problem import Problem, sentence

MOST_WHOLE = 48 * 1024 * 1024  # of a file that has to be read in one piece
_DECIMALS = 7  # of a degree: a centimetre
_DEGREES = re.compile(r"CRS84$|EPSG:{1,2}(?:[0-9.]*:)?4326$", re.IGNORECASE)
_WGS84 = re.compile(r"WGS[_ ]?(?:19)?84", re.IGNORECASE)

# The library says of each ring that runs the other way round that it is taken all the same: a line in the log for each plot.
shapefile.VERBOSE = False

Features = Iterator[tuple[int, Mapping[str, Any], Any]]


def read_geojson(path: Path) -> Table:
    """A FeatureCollection or a Feature, WGS 84 as RFC 7946 has it."""
    _must_fit(path)
    try:
        found = json.loads(path.read_bytes())
        crs = ((found.get("crs") or {}).get("properties") or {}).get("name")
        features = found["features"] if found.get("type") == "FeatureCollection" else [found]
        rows = [(each.get("properties") or {}, each.get("geometry")) for each in features]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise unreadable("GeoJSON") from error
    if crs and not _DEGREES.search(str(crs)):
        raise _other_crs(str(crs))
    return _table((place, properties, shape) for place, (properties, shape) in enumerate(rows, 1))


def read_kml(path: Path) -> Table:
    """A KML: every Placemark, with its name, description and extended data."""
    _must_fit(path)
    return _kml(path.read_bytes())


def read_kmz(path: Path) -> Table:
    """A KMZ: the first KML in it."""
    with archive.opened(path) as packed:
        name = next(each for each in packed.namelist() if each.lower().endswith(".kml"))
        if packed.getinfo(name).file_size > MOST_WHOLE:
            raise _too_large()
        return _kml(packed.read(name))


def _kml(text: bytes) -> Table:
    try:
        root = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise archive.xml_bomb() from error
    except (ParseError, ValueError, RecursionError) as error:
        raise unreadable("KML") from error
    marks = [each for each in root.iter() if _tag(each) == "Placemark"]
    return _table((place, _kml_properties(each), _kml_shape(each)) for place, each in enumerate(marks, 1))


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _kml_properties(mark: Element) -> dict[str, Any]:
    found = {_tag(each): each.text for each in mark if _tag(each) in ("name", "description")}
    for each in mark.iter():
        if _tag(each) == "SimpleData":
            found[each.get("name", "")] = each.text
        elif _tag(each) == "Data":
            found[each.get("name", "")] = next((value.text for value in each if _tag(value) == "value"), None)
    return found


def _kml_shape(mark: Element) -> Any:
    shapes = [each for each in mark.iter() if _tag(each) in ("Point", "Polygon", "LineString", "LinearRing", "Track")]
    inner = {ring for each in shapes if _tag(each) == "Polygon" for ring in each.iter() if _tag(ring) == "LinearRing"}
    shapes = [each for each in shapes if each not in inner]
    if len(shapes) > 1:
        return fault("many_shapes", count=len(shapes))
    if not shapes:
        return None
    kind = _tag(shapes[0])
    if kind not in ("Point", "Polygon"):
        return fault("line")
    try:
        rings = [
            [[float(number) for number in position.split(",")[:2]] for position in (each.text or "").split()]
            for each in shapes[0].iter()
            if _tag(each) == "coordinates"
        ]
        return {"type": kind, "coordinates": rings if kind == "Polygon" else rings[0][0]}
    except (ValueError, IndexError):
        return fault("bad_shape")


def read_shapefile(path: Path) -> Table:
    """A zip with a .shp, its .dbf and .shx, and a .prj that says WGS 84."""
    with archive.opened(path) as packed:
        parts = _parts(packed)
        if "shp" not in parts or "dbf" not in parts:
            raise Problem(
                "half_a_shapefile",
                422,
                sentence("The zip needs the .shp, the .shx and the .dbf of one layer, and its .prj."),
            )
        prj = packed.read(parts["prj"]).decode("utf-8", "replace") if "prj" in parts else ""
        _check_prj(prj)
        streams: dict[str, io.BytesIO] = {}
        for part in ("shp", "dbf", "shx"):
            if part in parts:
                streams[part] = io.BytesIO(packed.read(parts[part]))
        encoding = packed.read(parts["cpg"]).decode("ascii", "ignore").strip() if "cpg" in parts else ""
    return _table(_shapefile_rows(streams, encoding), need_degrees=not prj)


def _parts(packed: ZipFile) -> dict[str, str]:
    layers: dict[str, dict[str, str]] = {}
    for name in packed.namelist():
        stem, _, ending = name.rpartition(".")
        if not name.startswith("__MACOSX"):
            layers.setdefault(stem, {})[ending.lower()] = name
    with_shapes = [parts for parts in layers.values() if "shp" in parts]
    if len(with_shapes) != 1:
        raise Problem(
            "many_layers",
            422,
            sentence("The zip holds %(count)s layers. Make one zip for each."),
            params={"count": len(with_shapes)},
        )
    return with_shapes[0]


def _check_prj(prj: str) -> None:
    if prj and (not prj.lstrip().startswith("GEOGC") or not _WGS84.search(prj)):
        named = re.search(r'"([^"]*)"', prj)
        raise _other_crs(named[1] if named else "?")


def _shapefile_rows(streams: dict[str, io.BytesIO], encoding: str) -> Features:
    for name in (encoding or "utf-8", "cp1258"):
        try:
            for stream in streams.values():
                stream.seek(0)
            with shapefile.Reader(**streams, encoding=name) as reader:
                for record in reader.iterRecords():
                    record.as_dict()
                break
        except (UnicodeError, LookupError):
            continue
        except (shapefile.ShapefileException, struct.error, ValueError, IndexError, KeyError) as error:
            raise unreadable("Shapefile") from error
    try:
        for stream in streams.values():
            stream.seek(0)
        with shapefile.Reader(**streams, encoding=name, encodingErrors="replace") as reader:
            for place, each in enumerate(reader.iterShapeRecords(), 1):
                shape = None if each.shape.shapeType == shapefile.NULL else each.shape.__geo_interface__
                yield place, each.record.as_dict(), shape
    except (shapefile.ShapefileException, struct.error, ValueError, IndexError, KeyError) as error:
        raise unreadable("Shapefile") from error


def read_geopackage(path: Path) -> Table:
    """A GeoPackage with one layer of features, in WGS 84."""
    try:
        with closing(_open_geopackage(path)) as package:
            layers = package.execute(
                "SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c JOIN gpkg_geometry_columns g"
                " ON g.table_name = c.table_name JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'"
                " WHERE c.data_type = 'features'"
            ).fetchall()
            if len(layers) != 1:
                raise Problem(
                    "many_layers",
                    422,
                    sentence("The zip holds %(count)s layers. Make one zip for each."),
                    params={"count": len(layers)},
                )
            ((name, column, srs),) = layers
            if srs != 4326:
                raise _other_crs(f"EPSG:{srs}")
    except sqlite3.Error as error:
        raise unreadable("GeoPackage") from error
    return _table(_geopackage_rows(path, str(name), str(column)))


def _open_geopackage(path: Path) -> sqlite3.Connection:
    """The file for reading alone: nothing in its schema is run, and a question that never ends is ended."""
    package = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    package.execute("PRAGMA trusted_schema = OFF")
    package.execute("PRAGMA cell_size_check = ON")
    package.set_authorizer(lambda action, *_rest: sqlite3.SQLITE_OK if action in _ONLY_READ else sqlite3.SQLITE_DENY)
    return package


_ONLY_READ = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)


def _geopackage_rows(path: Path, table: str, column: str) -> Features:
    quoted = table.replace('"', '""')
    try:
        with closing(_open_geopackage(path)) as package:
            found = package.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608  (quoted, and nothing but reading is allowed)
            names = [str(each[0]) for each in found.description]
            for place, row in enumerate(found, 1):
                values = dict(zip(names, row, strict=True))
                shape = wkb.read_geopackage(values.pop(column, None))
                yield place, {name: value for name, value in values.items() if not isinstance(value, bytes)}, shape
    except (sqlite3.Error, UnicodeError) as error:
        raise unreadable("GeoPackage") from error


def _table(features: Features, need_degrees: bool = False) -> Table:
    """The columns are all names that a property has anywhere, in the order in which they come."""
    rows: list[tuple[int, Mapping[str, Any], Any]] = []
    names: dict[str, None] = {}
    for number, properties, shape in features:
        if len(rows) == MOST_ROWS:
            raise too_many_rows()
        names.update(dict.fromkeys(map(str, properties)))
        rows.append((number, {str(name): value for name, value in properties.items()}, _shape(shape)))
    if not rows:
        raise empty_file()
    columns = list(names)[: MOST_COLUMNS - 1]
    refuse_old_font(" ".join(str(value) for _n, properties, _s in rows[:500] for value in properties.values()))
    if need_degrees and not all(_in_degrees(shape) for _n, _p, shape in rows):
        raise _other_crs("?")
    cells = (
        (number, [*(_property(properties.get(name)) for name in columns), shape]) for number, properties, shape in rows
    )
    return Table([*columns, SHAPE], cells)


def _property(value: Any) -> Any:
    return plain(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value)


def _shape(shape: Any) -> Any:
    """The geometry in two dimensions, or why it is none that a plot can have."""
    if shape is None:
        return fault("no_shape")
    if not isinstance(shape, Mapping) or "fault" in shape:
        return shape if isinstance(shape, Mapping) else fault("bad_shape")
    kind, coordinates = str(shape.get("type")), shape.get("coordinates")
    try:
        if kind.startswith("Multi") and kind != "MultiLineString":
            if len(coordinates) != 1:  # type: ignore[arg-type]
                return fault("many_shapes", count=len(coordinates))  # type: ignore[arg-type]
            kind, coordinates = kind.removeprefix("Multi"), coordinates[0]  # type: ignore[index]
        if kind == "Point":
            return {"type": kind, "coordinates": _position(coordinates)}
        if kind == "Polygon":
            rings = [_ring([_position(each) for each in ring]) for ring in coordinates or ()]
            return {"type": kind, "coordinates": rings} if rings else fault("no_shape")
    except (TypeError, ValueError, IndexError, KeyError):
        return fault("bad_shape")
    return fault("line") if "Line" in kind else fault("many_shapes", count=len(shape.get("geometries") or ()))


def _position(position: Any) -> list[float]:
    return [round(float(number), _DECIMALS) for number in position[:2]]


def _ring(ring: list[list[float]]) -> list[list[float]]:
    # KML of some programs leaves the last corner out.
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _in_degrees(shape: Any) -> bool:
    position = shape.get("coordinates") if isinstance(shape, Mapping) else None
    while isinstance(position, list) and position and isinstance(position[0], list):
        position = position[0]
    return not position or (abs(position[0]) <= 180 and abs(position[1]) <= 90)


def _must_fit(path: Path) -> None:
    if path.stat().st_size > MOST_WHOLE:
        raise _too_large()


def _too_large() -> Problem:
    return Problem(
        "map_too_large",
        422,
        sentence("A map of more than %(most)s MB. Part it by commune."),
        params={"most": MOST_WHOLE // 1024 // 1024},
    )


def _other_crs(name: str) -> Problem:
    return Problem(
        "other_coordinates",
        422,
        sentence(
            "The coordinates are in %(name)s, not in WGS 84 degrees (EPSG:4326). In QGIS: right-click the layer, Export,"
            " Save Features As, CRS EPSG:4326; then bring that file."
        ),
        params={"name": name[:60]},
    )
