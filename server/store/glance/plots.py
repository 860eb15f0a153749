"""What a plot's row sums up: its household, its shape, what was recorded on it, and with whom it shares ground."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select

from server.store.browse import Seen, read_wire
from server.store.engine import among, insert_all
from server.store.folding import fold, sort_key
from server.store.glance.rows import number, said
from server.store.glance.shapes import print_of, shape_of, shape_row, shared
from server.store.glance.tables import Glance, Overlap, PlotGlance
from server.store.tables import Record

_SHAPE = ("area_ha", "west", "south", "east", "north", "shape", "crosses")


def write_plots(connection: Connection, plots: Collection[str]) -> None:
    """Make the rows of *plots* anew; those that are deleted lose theirs."""
    if not plots:
        return
    wires = connection.scalars(
        select(Record.wire).where(among(connection, Record.id, plots), Record.type == "plot", ~Record.deleted)
    )
    states = {state.id: state for state in map(read_wire, wires)}
    farmers = _farmers(connection, plots)
    children = _children(connection, plots)
    before = _before(connection, plots)
    twins = set(connection.scalars(select(Glance.id).where(Glance.twin, among(connection, Glance.id, plots))))
    rows = [
        _row(each, farmers.get(each.id), children.get(each.id, ()), each.id in twins, before.get(each.id))
        for each in states.values()
    ]
    connection.execute(delete(PlotGlance).where(among(connection, PlotGlance.id, plots)))
    insert_all(connection, PlotGlance.__table__, rows)
    placed = {row["id"]: row["shape_print"] for row in rows}
    lost = {record for record in before if record not in placed}
    moved = {
        record for record, print_ in placed.items() if record not in before or before[record].shape_print != print_
    }
    _write_overlaps(connection, moved, lost)


def _row(
    state: Seen, farmer: Row[Any] | None, children: Iterable[Row[Any]], twin: bool, before: Row[Any] | None
) -> dict[str, Any]:
    fields = state.fields
    print_ = print_of(fields.get("boundary"), state.area, twin)
    # A geodesic area costs some milliseconds, and most of what comes is a harvest on a field that stayed as it was.
    as_it_was = before is not None and before.shape_print == print_
    shape = {name: getattr(before, name) for name in _SHAPE} if as_it_was else shape_row(fields.get("boundary"))
    village = said(fields.get("village"), 120)
    crops = [each for each in fields.get("crops") or () if isinstance(each, dict)]
    declared = number(fields.get("declared_area_ha"))
    farmer_name = farmer.name if farmer else ""
    return {
        "id": state.id,
        "area": state.area,
        "name_key": sort_key(said(fields.get("name"), 200)),
        "farmer_name": farmer_name,
        "farmer_key": sort_key(farmer_name),
        "commune": said(fields.get("commune"), 60),
        "village": village,
        "village_key": sort_key(village),
        "village_folded": fold(village)[:200],
        "crops": _between(" ", (said(each.get("crop"), 60) for each in crops)),
        "varieties": _between("|", (fold(said(each.get("variety"), 80)) for each in crops)),
        "declared_ha": declared,
        **shape,
        "shape_print": print_,
        **_summed(list(children), shape["area_ha"] or declared),
    }


def _before(connection: Connection, plots: Collection[str]) -> dict[str, Row[Any]]:
    """What is kept of the shapes of *plots*."""
    columns = (getattr(PlotGlance, name) for name in ("id", "shape_print", *_SHAPE))
    rows = connection.execute(select(*columns).where(among(connection, PlotGlance.id, plots)))
    return {row.id: row for row in rows}


def _between(mark: str, words: Iterable[str]) -> str:
    return f"{mark}{mark.join(dict.fromkeys(word for word in words if word))}{mark}"


def _summed(children: list[Row[Any]], hectares: float | None) -> dict[str, Any]:
    observed = sorted((each for each in children if each.type == "observation"), key=lambda each: (each.day, each.id))
    season, kg = _newest_season([each for each in children if each.type == "harvest"])
    newest = observed[-1] if observed else None
    return {
        "harvests": sum(each.type == "harvest" for each in children),
        "observations": len(observed),
        "photos": sum(each.type == "photo" for each in children),
        "yield_season": season,
        "yield_t_ha": kg / 1000 / hectares if kg and hectares else None,
        "disease": newest.pest if newest and newest.found == "present" else None,
        "visited": max((each.day for each in children if each.type != "task"), default=""),
    }


def _newest_season(harvests: list[Row[Any]]) -> tuple[str, float]:
    """The newest season with a harvest, and the kilograms of the crop that was picked most in it."""
    season = max((each.season for each in harvests), default="")
    sums: defaultdict[str, float] = defaultdict(float)
    for each in harvests:
        if each.season == season:
            sums[each.crop] += each.kg or 0
    return season, max(sums.values(), default=0)


def _farmers(connection: Connection, plots: Collection[str]) -> Mapping[str, Row[Any]]:
    """The household of each of *plots*, where its record lives in the plot's area."""
    farmer = Glance.__table__.alias("farmer")
    rows = connection.execute(
        select(Glance.id.label("plot"), farmer.c.id, farmer.c.name)
        .join(farmer, (farmer.c.id == Glance.farmer) & (farmer.c.area == Glance.area))
        .where(among(connection, Glance.id, plots))
    )
    return {row.plot: row for row in rows}


def _children(connection: Connection, plots: Collection[str]) -> Mapping[str, list[Row[Any]]]:
    """What was recorded on each of *plots*, in the plot's own area."""
    # Held against each other here, and not by a join: SQLite would read the whole area once for each plot.
    areas: dict[str, str] = dict(
        connection.execute(select(Glance.id, Glance.area).where(among(connection, Glance.id, plots))).all()
    )
    rows: Any = connection.execute(
        select(
            Glance.id,
            Glance.area,
            Glance.type,
            Glance.plot,
            Glance.day,
            Glance.season,
            Glance.crop,
            Glance.kg,
            Glance.pest,
            Glance.found,
        ).where(among(connection, Glance.plot, plots), Glance.type != "plot", ~Glance.twin)
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if areas.get(row.plot) == row.area:
            found[row.plot].append(row)
    return found


def _write_overlaps(connection: Connection, moved: set[str], lost: set[str]) -> None:
    """Hold the shapes of *moved* against all others of their areas whose boxes they touch."""
    gone = moved | lost
    if not gone:
        return
    connection.execute(
        delete(Overlap).where(or_(among(connection, Overlap.one, gone), among(connection, Overlap.other, gone)))
    )
    areas = connection.execute(
        select(PlotGlance.area).where(among(connection, PlotGlance.id, moved), PlotGlance.shape.is_not(None)).distinct()
    ).scalars()
    for area in sorted(areas):
        insert_all(connection, Overlap.__table__, _overlaps(connection, area, moved))


def _overlaps(connection: Connection, area: str, moved: set[str]) -> list[dict[str, Any]]:
    import numpy
    import shapely

    boxes = connection.execute(
        select(PlotGlance.id, PlotGlance.west, PlotGlance.south, PlotGlance.east, PlotGlance.north)
        .join(Glance, Glance.id == PlotGlance.id)
        .where(PlotGlance.area == area, PlotGlance.west < PlotGlance.east, ~Glance.twin)
    ).all()
    if not boxes:
        return []
    ids = [box[0] for box in boxes]
    rectangles = shapely.box(*numpy.array([box[1:] for box in boxes]).T)
    ours = [place for place, record in enumerate(ids) if record in moved]
    first, second = shapely.STRtree(rectangles).query(rectangles[ours], predicate="intersects")
    pairs = {tuple(sorted((ids[ours[a]], ids[b]))) for a, b in zip(first, second, strict=True) if ours[a] != b}
    shapes = _shapes(connection, {record for pair in pairs for record in pair})
    found = []
    for one, other in sorted(pairs):
        if one in shapes and other in shapes and (common := shared(shapes[one], shapes[other])):
            found.append({"one": one, "other": other, "area": area, "shared_ha": common[0], "share": common[1]})
    return found


def _shapes(connection: Connection, plots: Collection[str]) -> dict[str, Any]:
    rows = connection.execute(select(PlotGlance.id, PlotGlance.shape).where(among(connection, PlotGlance.id, plots)))
    return {record: shape for record, text in rows if (shape := shape_of(text)) is not None}
