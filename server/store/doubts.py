"""What the records of whole areas say together that a manager should look at, rule by rule, worst first.

Asked of what is seen at a glance, when somebody looks: nothing of it is stored, so nothing of it can be out of date. Must
never reach beyond the areas that it is given, nor repair anything.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from server.store import browse, communes
from server.store.engine import among, reading
from server.store.folding import digits_of, fold
from server.store.glance.shapes import metres_to, points_near, print_of, shape_of
from server.store.glance.tables import Glance, Overlap, PlotGlance
from server.store.lists import lists
from server.store.right_as_is import settled, yield_limits
from server.store.tables import Record
from sync.checks import free_from
from sync.limits import AREA_HA, AREA_SHARE, MOST_OTHER, OUTSIDE_KM, SPOT_M, far_off

# No rule shows more than this; whoever has so much to look at begins with the worst.
MOST = 2000
_plot, _other = aliased(PlotGlance, name="plot"), aliased(Glance, name="other")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule that something breaks. `record`: the one to look at; `other`: what it does not go with ("": nothing).

    `weight`: the greater the worse, within the rule. `said` fills its sentence. `of`: what it was said of, where its sentence
    tells of others too, which move without it.
    """

    rule: str
    record: str
    other: str
    weight: float
    said: Mapping[str, Any] = field(default_factory=dict)
    of: tuple[Any, ...] = ()

    @property
    def print(self) -> str:
        """By which one sees that what was right as it was has changed since."""
        return print_of(self.rule, *(self.of or (self.said[name] for name in sorted(self.said))))


def of_rule(rule: str, areas: Sequence[str], today: date) -> list[Doubt]:
    """The doubts of one rule that nobody has called right as it is, worst first, at most `MOST`."""
    calmed = settled(rule)
    found = [each for each in RULES[rule](areas, today) if calmed.get((each.record, each.other)) != each.print]
    return sorted(found, key=lambda each: (-each.weight, each.record, each.other))[:MOST]


def _overlaps(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    asked: Any = select(Overlap.one, Overlap.other, Overlap.shared_ha, Overlap.share).where(Overlap.area.in_(areas))
    for one, other, hectares, share in _rows(asked.order_by(Overlap.share.desc()).limit(2 * MOST)):
        yield Doubt("overlap", one, other, share, {"ha": round(hectares, 4), "percent": round(share * 100)})


def _areas_differ(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    apart = func.abs(_plot.declared_ha - _plot.area_ha)
    larger = case((_plot.declared_ha > _plot.area_ha, _plot.declared_ha), else_=_plot.area_ha)
    asked = _standing("plot", areas, _plot.declared_ha, _plot.area_ha).where(
        _plot.declared_ha > 0, apart > AREA_HA, apart > AREA_SHARE * larger
    )
    for record, declared, measured in _rows(asked):
        weight = abs(declared - measured) / max(declared, measured)
        yield Doubt("area", record, "", weight, {"declared": declared, "measured": round(measured, 4)})


def _affected(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    asked = _standing("observation", areas, Glance.affected, Glance.inspected).where(Glance.affected > Glance.inspected)
    worst = (Glance.affected - Glance.inspected).desc()
    for record, affected, inspected in _rows(asked.order_by(worst).limit(2 * MOST)):
        yield Doubt("affected", record, "", affected - inspected, {"affected": affected, "inspected": inspected})


def _yields(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    """Of each plot, crop and season the sum of what was picked; the record to look at is its largest harvest."""
    limits = yield_limits()
    hectares = func.coalesce(_plot.area_ha, _plot.declared_ha)
    # Summed by the index alone, which holds harvests with a weight and no others; sizes are looked up afterwards.
    keys = (Glance.area, Glance.plot, Glance.crop, Glance.season)
    sums = (
        select(*keys, func.sum(Glance.kg).label("kg"))
        .where(Glance.kg > 0, Glance.area.in_(areas), ~Glance.twin)
        .group_by(*keys)
        .subquery()
    )
    most = case(limits, value=sums.c.crop, else_=MOST_OTHER)
    asked: Any = (
        select(sums.c.plot, sums.c.crop, sums.c.season, sums.c.kg, hectares)
        .join(_plot, (_plot.id == sums.c.plot) & (_plot.area == sums.c.area))
        .where(hectares > 0, sums.c.kg / 1000 / hectares > most)
        .order_by((sums.c.kg / 1000 / hectares / most).desc())
        .limit(2 * MOST)
    )
    for plot, crop, season, kg, size in _rows(asked):
        limit = limits.get(crop, MOST_OTHER)
        said = {"crop": crop, "season": season, "t_ha": round(kg / 1000 / size, 2), "most": limit, "ha": round(size, 4)}
        yield Doubt("yield", plot, "", kg / 1000 / size / limit, said)


def _not_free(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    # From the few sprayings to the harvests of their plots. The area of these is hidden from the planner: SQLite would
    # read all harvests of the area for each spraying.
    asked: Any = (
        select(Glance.id, _other.id, Glance.crop, Glance.day, _other.day, _other.phi_until)
        .select_from(_other)
        .join(Glance, (Glance.plot == _other.plot) & (func.coalesce(Glance.area, "") == _other.area))
        .where(_other.type == "activity", _other.area.in_(areas), _other.phi_until > "")
        .where(Glance.type == "harvest", ~Glance.twin, _other.phi_until > Glance.day, _other.day <= Glance.day)
        .limit(2 * MOST)
    )
    found = _rows(asked)
    free = _free_from(found)
    for harvest, activity, _crop, day, sprayed, until in found:
        until = free.get((harvest, activity), until)
        if until <= day:
            continue
        early = (date.fromisoformat(until) - date.fromisoformat(day)).days
        yield Doubt(
            "not_free", harvest, activity, early, {"day": day, "sprayed": sprayed, "free": until, "days": early}
        )


def _free_from(pairs: Sequence[Any]) -> dict[tuple[str, str], str]:
    """Of those harvests whose spray has no interval of its own: from when on their crop was free, as this installation has it."""
    known = lists()
    if not any(each.get("stated") for each in known.all("product")):
        return {}
    with reading() as connection:
        asked = select(Record.id, Record.wire).where(
            among(connection, Record.id, {activity for _h, activity, *_ in pairs})
        )
        sprays = {record: orjson.loads(wire) for record, wire in connection.execute(asked)}
    found = {}
    for harvest, activity, crop, day, _sprayed, _until in pairs:
        free = free_from(sprays[activity], [crop] if crop else [], known) if activity in sprays else None
        found[harvest, activity] = free.isoformat() if free else day
    return found


def _placed(areas: Sequence[str]) -> Iterator[tuple[str, str, str, float, float]]:
    """Of each plot that says its commune and where it lies: its id, area and commune, and the middle of it."""
    asked = _standing("plot", areas, Glance.area, _plot.commune, _plot.west, _plot.south, _plot.east, _plot.north)
    for record, area, commune, west, south, east, north in _rows(
        asked.where(_plot.commune != "", (_plot.west + 0).is_not(None))
    ):
        yield record, area, commune, (west + east) / 2, (south + north) / 2


def _outside(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    places = {record: (commune, x, y) for record, _area, commune, x, y in _placed(areas)}
    for record, km in communes.outside(places).items():
        if km > OUTSIDE_KM:
            yield Doubt("outside", record, "", km, {"commune": places[record][0], "km": round(km, 1)}, places[record])


def _far(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    """Where nobody has handed in the boundary of a commune: what lies far from all others of it."""
    bounded = communes.known()
    by_commune: defaultdict[tuple[str, str], dict[str, tuple[float, float]]] = defaultdict(dict)
    for record, area, commune, x, y in _placed(areas):
        if commune not in bounded:
            by_commune[area, commune][record] = (x, y)
    for (_area, commune), places in by_commune.items():
        for record, km in far_off(places).items():
            yield Doubt("far", record, "", km, {"commune": commune, "km": round(km)}, (commune, *places[record]))


def _future(areas: Sequence[str], today: date) -> Iterator[Doubt]:
    types = ("harvest", "observation", "activity", "photo")
    asked: Any = select(Glance.id, Glance.day).where(
        Glance.type.in_(types), Glance.area.in_(areas), Glance.day > today.isoformat()
    )
    for record, day in _rows(asked.order_by(Glance.day.desc()).limit(2 * MOST)):
        yield Doubt("future", record, "", (date.fromisoformat(day) - today).days, {"day": day})


def _crossing(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    asked = _standing("plot", areas, _plot.area_ha, _plot.shape_print).where(_plot.crosses.is_(True))
    for record, hectares, print_ in _rows(asked.order_by(func.coalesce(_plot.area_ha, 0).desc()).limit(2 * MOST)):
        yield Doubt("crossing", record, "", hectares or 0, {"print": print_})


def _twice(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    """The same crop, day and weight twice on one plot: one basket written down by two people."""
    # By the index alone: which crops of which plots gave the same weight more than once in a season.
    keys = (Glance.area, Glance.plot, Glance.crop, Glance.season, Glance.kg)
    alike: Any = select(*keys).where(Glance.kg > 0, Glance.area.in_(areas), ~Glance.twin)
    plots = {
        plot for _area, plot, *_rest in _rows(alike.group_by(*keys).having(func.count() > 1).limit(2 * MOST)) if plot
    }
    with reading() as connection:
        asked = select(Glance.area, Glance.plot, Glance.crop, Glance.day, Glance.kg, Glance.id).where(
            Glance.type == "harvest", among(connection, Glance.plot, plots), func.coalesce(Glance.area, "").in_(areas)
        )
        baskets = connection.execute(asked.where(Glance.kg > 0, ~Glance.twin).order_by(Glance.id)).all()
    same: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for *basket, record in baskets:
        same[tuple(basket)].append(record)
    for (_area, _plot_id, _crop, day, kg), records in same.items():
        for record in records[1:]:
            yield Doubt("twice", record, records[0], kg, {"day": day, "kg": kg})


def _double_farmers(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    """The same name in the same village, or the same phone: the later one with the first of its area, else of another."""
    first: defaultdict[tuple[Any, ...], dict[str, browse.Seen]] = defaultdict(dict)
    told: set[tuple[str, str]] = set()
    for each in sorted(browse.all_of("farmer", areas), key=lambda one: one.id):
        if each.fields.get("same_as"):
            continue
        name, village = (fold(" ".join(str(each.fields.get(part) or "").split())) for part in ("name", "village"))
        phone = digits_of(str(each.fields.get("phone") or ""))
        keys: list[tuple[Any, ...]] = [("name", name, village)] * bool(name and village)
        keys += [("phone", phone)] * (len(phone) > 8)
        twins = {key: _first_of(first[key], each) for key in keys}
        for key, twin in twins.items():
            if twin.id != each.id and (each.id, twin.id) not in told:
                told.add((each.id, twin.id))
                by_both = len(keys) > 1 and all(other.id == twin.id for other in twins.values())
                said = {"name": str(each.fields.get("name") or "–"), "by": key[0], "village": village, "phone": phone}
                if twin.area != each.area:
                    said["elsewhere"] = twin.area
                yield Doubt("double_farmer", each.id, twin.id, 2.0 if by_both else 1.0, said)


def _first_of(known: dict[str, browse.Seen], each: browse.Seen) -> browse.Seen:
    """The first that was *known* under one key, by area: of the area of *each*, which it can be joined with, else of any."""
    twin = known.get(each.area) or next(iter(known.values()), each)
    known.setdefault(each.area, each)
    return twin


def _double_plots(areas: Sequence[str], _today: date) -> Iterator[Doubt]:
    """The same name under the same household, or a point where another plot is: the later one with the first."""
    first: dict[tuple[str, ...], str] = {}
    told: set[tuple[str, str]] = set()
    asked = _standing("plot", areas, Glance.area, Glance.farmer, Glance.name, _plot.village_folded)
    for record, area, farmer, name, village in _rows(
        asked.where(Glance.farmer.is_not(None), Glance.name != "").order_by(Glance.id)
    ):
        key = (area, farmer, fold(" ".join(name.split())))
        if (twin := first.setdefault(key, record)) != record:
            told.add((record, twin))
            yield Doubt("double_plot", record, twin, 1, {"name": name, "village": village})
    for record, twin, said, prints in _points_on_plots(areas):
        if (record, twin) not in told:
            yield Doubt("double_plot", record, twin, 1, said, prints)


def _points_on_plots(areas: Sequence[str]) -> Iterator[tuple[str, str, Mapping[str, Any], tuple[str, str]]]:
    """Plots that are a point and lie on another's, which no overlap finds: the later one, the first, what is said of the two,
    and the prints of their shapes."""
    box = (_plot.west, _plot.south, _plot.east, _plot.north)
    asked = _standing("plot", areas, Glance.area, _plot.shape_print, *box).where((_plot.west + 0).is_not(None))
    plots: defaultdict[str, list[Any]] = defaultdict(list)
    for row in _rows(asked):
        plots[row.area].append(row)
    for here in plots.values():
        near = points_near([(each.west, each.south, each.east, each.north) for each in here], SPOT_M)
        shapes = shapes_of([here[other].id for _point, other in near])
        told: set[tuple[str, str]] = set()
        for point, other in near:
            later, first = sorted((here[point], here[other]), key=lambda each: each.id, reverse=True)
            shape = shape_of(shapes.get(here[other].id))
            metres = metres_to((here[point].west, here[point].south), shape) if shape else None
            if metres is None or metres > SPOT_M or (later.id, first.id) in told:
                continue
            told.add((later.id, first.id))
            said = {"by": "spot", "m": round(metres)} if shape.geom_type == "Point" else {"by": "inside"}  # type: ignore[union-attr]
            yield later.id, first.id, said, (later.shape_print, first.shape_print)


RULES: dict[str, Callable[[Sequence[str], date], Iterator[Doubt]]] = {
    "overlap": _overlaps, "area": _areas_differ, "crossing": _crossing, "outside": _outside, "far": _far, "yield": _yields,
    "not_free": _not_free,
    "affected": _affected, "future": _future, "twice": _twice, "double_farmer": _double_farmers, "double_plot": _double_plots,
}  # fmt: skip


def _standing(type_: str, areas: Sequence[str], *columns: Any) -> Select[Any]:
    return (
        select(Glance.id, *columns)
        .select_from(Glance)
        .outerjoin(_plot, (_plot.id == Glance.plot) & (_plot.area == Glance.area))
        .where(Glance.type == type_, Glance.area.in_(areas), ~Glance.twin)
    )


def _rows(asked: Any) -> Sequence[Any]:
    with reading() as connection:
        return connection.execute(asked).all()


def shapes_of(plots: Sequence[str]) -> dict[str, str]:
    """The simplified shapes of plots, as GeoJSON text."""
    with reading() as connection:
        asked = select(PlotGlance.id, PlotGlance.shape).where(among(connection, PlotGlance.id, plots))
        return {record: shape for record, shape in connection.execute(asked) if shape}
