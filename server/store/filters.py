"""Which records somebody wants to see: a filter as it stands in an address, read, judged, and asked of the database.

The one place that knows what a filter means: pages, exports and tasks for "all that this finds" use it alike.

    asked = filters.read(request.args, {area: name of each area that the reader manages})
    asked.faults      what makes no sense in the address, each a `Problem` whose sentence says what was wrong; a page says
                      them and leaves those parts out; whoever would act on the result calls `asked.strictly()`, which raises
    filters.count("plot", asked.wish)             how many
    filters.page("plot", asked.wish, 50)          one page by key, sorted: `ids`, and the marks of the pages around it
    filters.ids("harvest", asked.wish)            a select of record ids, to be used inside other questions
    filters.walk("harvest", asked.wish)           every record (`browse.Seen`), in pages, so that memory stays bounded

Call `glance.follow(areas)` before: a page of the console has (`gate.manager_only` does). Must never find anything outside
`wish.areas`, which `read` takes from the reader's roles alone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Select, and_, func, inspect, literal, or_, select, tuple_
from sqlalchemy.orm import aliased, join
from sqlalchemy.sql import visitors

from server.store.areas import within
from server.store.browse import Seen, read_wire
from server.store.engine import among, reading
from server.store.folding import fold, typed_words
from server.store.glance.tables import Glance, PlotGlance
from server.store.lists import lists
from server.store.tables import Record
from sync.change import ID
from sync.problem import Problem, sentence
from sync.records import TYPES
from sync.seasons import is_season, season_days

STATES = ("new", "changed", "answered", "waits", "approved", "queried", "rejected", "conflict")
WAITS = ("new", "changed", "answered")
_ID = 36  # characters of an id
# What a plot may lack besides its own fields.
LACKED = ("harvest", "observation", "photo")
NONE_FOUND, ANY = "none", "any"

_plot = aliased(PlotGlance, name="on_plot")
_plot_words = aliased(Glance, name="on_plot_words")
_child = aliased(Glance, name="child")
_owned, _owner = aliased(Glance, name="owned"), aliased(Glance, name="owner")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted; an empty part asks for nothing. `areas`: where to look, never wider than the reader's own.

    `pest`: a code, `any` (something was found on the plot last), `none`. `missing`: names of declared fields, or of `LACKED`.
    `officer`: who recorded it. `since`, `until`: days, YYYY-MM-DD; a plot is meant when it was registered or something was
    recorded on it then. `least`, `most`: t/ha in the plot's newest season. `sort`: a key of `SORTS`, `-` before it: downwards.
    `after`, `before`: the record beside which the page lies.
    """

    areas: tuple[str, ...]
    area: str = ""
    commune: str = ""
    village: str = ""
    crop: str = ""
    variety: str = ""
    season: str = ""
    pest: str = ""
    officer: str = ""
    since: str = ""
    until: str = ""
    state: str = ""
    missing: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    farmer: str = ""
    text: str = ""
    sort: str = "name"
    after: str = ""
    before: str = ""

    def as_args(self, **other: Any) -> dict[str, Any]:
        """The filter as it stands in an address, with *other* in place of its parts. Pages begin anew."""
        wish = replace(self, **({"after": "", "before": ""} | other))
        return {
            each.name: list(value) if isinstance(value, tuple) else str(value)
            for each in fields(wish)
            if each.name != "areas" and (value := getattr(wish, each.name)) not in ("", (), None)
            if not (each.name == "sort" and value == "name")
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter, and what of the address made no sense: by the name of the part."""

    wish: Filter
    faults: Mapping[str, Problem] = field(default_factory=dict)

    def strictly(self) -> Filter:
        """The filter; raises the first fault: whoever acts on what is found must not act on more than was meant."""
        for fault in self.faults.values():
            raise fault
        return self.wish


@dataclass(frozen=True, slots=True)
class Page:
    """Ids in their order; `after`, `before`: the marks of the next and of the page before ("": there is none)."""

    ids: list[str]
    before: str = ""
    after: str = ""


# Reading -------------------------------------------------------------------------------------------------------------


def read(args: Any, areas: Mapping[str, str]) -> Asked:
    """The filter in *args* (as `request.args`) for somebody who may see *areas*. Never raises."""
    found: dict[str, Any] = {}
    faults: dict[str, Problem] = {}
    for each in fields(Filter):
        if each.name == "areas":
            continue
        values = [cleaned(value) for value in args.getlist(each.name)]
        try:
            value = _READERS.get(each.name, _text)(each.name, [value for value in values if value], areas)
        except Problem as problem:
            faults[each.name] = problem
            continue
        if value not in ("", (), None):
            found[each.name] = value
    if found.get("since", "") > found.get("until", "9"):
        faults["until"] = Problem("bad_filter", 422, sentence("The last day is before the first. Change one of them."))
        found.pop("until")
    # Who asks for a district means what lies in it too, as far as it is theirs to see.
    meant = within(found["area"], areas) if "area" in found else tuple(areas)
    return Asked(Filter(areas=meant, **found), faults)


def cleaned(text: str) -> str:
    """What somebody wrote into an address or a search, as a database can be asked for it."""
    return fold_spaces(text.replace("\0", ""))[:200]


def fold_spaces(text: str) -> str:
    """*text* without what no text of ours has: lone surrogates, and more than one space."""
    return " ".join(text.encode("utf-8", "ignore").decode().split())


def _text(_name: str, values: Sequence[str], _areas: Any) -> str:
    return values[0] if values else ""


def _area(name: str, values: Sequence[str], areas: Collection[str]) -> str:
    if values and values[0] not in areas:
        raise Problem("bad_filter", 422, sentence("There is no such area among yours; all are shown."))
    return values[0] if values else ""


def _listed(name: str, values: Sequence[str], _areas: Any) -> str:
    codes = {each["code"] for each in lists().all(name)}
    if not values or values[0] in codes or (name == "pest" and values[0] in (ANY, NONE_FOUND)):
        return values[0] if values else ""
    if name == "commune":
        raise Problem("bad_filter", 422, sentence("There is no such commune; all are shown."))
    if name == "pest":
        raise Problem("bad_filter", 422, sentence("There is no such pest or disease; all are shown."))
    raise Problem("bad_filter", 422, sentence("There is no such crop; all are shown."))


def _record(name: str, values: Sequence[str], _areas: Any) -> str:
    if values and not ID.fullmatch(values[0]):
        said = {"value": values[0][:40]}
        raise Problem("bad_filter", 422, sentence("“%(value)s” is not the id of anybody or anything."), params=said)
    return values[0] if values else ""


def _day(name: str, values: Sequence[str], _areas: Any) -> str:
    try:
        return date.fromisoformat(values[0]).isoformat() if values else ""
    except ValueError:
        raise Problem(
            "bad_filter",
            422,
            sentence("“%(value)s” is no day. Write it as 2026-11-24."),
            params={"value": values[0][:40]},
        ) from None


def _season(name: str, values: Sequence[str], _areas: Any) -> str:
    if values and not is_season(values[0]):
        raise Problem(
            "bad_filter",
            422,
            sentence("“%(value)s” is no season. Write 2026, or 2025-26."),
            params={"value": values[0][:40]},
        )
    return values[0] if values else ""


def _state(name: str, values: Sequence[str], _areas: Any) -> str:
    if values and values[0] not in STATES:
        raise Problem("bad_filter", 422, sentence("There is no such state of review; all are shown."))
    return values[0] if values else ""


def _missing(name: str, values: Sequence[str], _areas: Any) -> tuple[str, ...]:
    known = {each for type_ in TYPES.values() for each in type_.fields} | set(LACKED)
    if strange := set(values) - known:
        said = {"value": min(strange)[:40]}
        raise Problem(
            "bad_filter", 422, sentence("“%(value)s” is nothing that can be missing; all are shown."), params=said
        )
    return tuple(sorted(set(values)))


def _hectare_yield(name: str, values: Sequence[str], _areas: Any) -> float | None:
    if not values:
        return None
    try:
        number = float(values[0].replace(",", "."))
    except ValueError:
        number = -1
    if not 0 <= number < 1_000_000:
        raise Problem(
            "bad_filter",
            422,
            sentence("“%(value)s” is no yield. Write tonnes a hectare, as 2.5."),
            params={"value": values[0][:40]},
        )
    return number


def _sort(name: str, values: Sequence[str], _areas: Any) -> str:
    if values and values[0].removeprefix("-") not in SORTS:
        raise Problem("bad_filter", 422, sentence("It can't be sorted by that; it is sorted by name."))
    return values[0] if values else ""


_READERS = {
    "area": _area, "commune": _listed, "crop": _listed, "pest": _listed, "season": _season, "officer": _record,
    "farmer": _record, "after": _record, "before": _record, "since": _day, "until": _day, "state": _state,
    "missing": _missing, "least": _hectare_yield, "most": _hectare_yield, "sort": _sort,
}  # fmt: skip

# By what a list may be sorted; of a record that is no plot, by its plot's where it is the plot's.
SORTS: dict[str, Any] = {
    "name": Glance.name_key,
    "day": Glance.day,
    "changed": Glance.changed_at,
    "farmer": func.coalesce(_plot.farmer_key, ""),
    "village": func.coalesce(_plot.village_key, ""),
    "crops": func.coalesce(_plot.crops, ""),
    "area": func.coalesce(_plot.area_ha, -1.0),
    "declared": func.coalesce(_plot.declared_ha, -1.0),
    "yield": func.coalesce(_plot.yield_t_ha, -1.0),
    "visited": func.coalesce(_plot.visited, ""),
    "harvests": func.coalesce(_plot.harvests, -1),
}


# Asking --------------------------------------------------------------------------------------------------------------


def matching(type_: str, wish: Filter, *columns: Any, order: Sequence[Any] = ()) -> Select[Any]:
    """A select of *columns* (default: the record's id) of the records of *type_* that *wish* means, in *order*.

    `Glance` is the record, `on_plot()` its plot's sums. Records that were joined into another are not meant.
    """
    here = (Glance.type == type_, Glance.area.in_(wish.areas), ~Glance.twin, *_parts(type_, wish))
    asked = select(*(columns or (Glance.id,))).where(*here).order_by(*order)
    # What nobody asks about is not looked up for each of 100,000 harvests.
    mentioned = {each.table for each in visitors.iterate(asked) if isinstance(each, ColumnClause)}
    beside: Any = Glance
    for plot in (_plot, _plot_words):
        if inspect(plot).selectable in mentioned:
            beside = join(beside, plot, and_(plot.id == Glance.plot, plot.area == Glance.area), isouter=True)
    return asked.select_from(beside)


def on_plot() -> Any:
    """The columns of the plot that a record of `matching` belongs to."""
    return _plot


def ids(type_: str, wish: Filter) -> Select[Any]:
    """A select of the ids that *wish* means."""
    return matching(type_, wish)


def count(type_: str, wish: Filter) -> int:
    """How many records *wish* means."""
    with reading() as connection:
        return connection.scalar(matching(type_, wish, func.count())) or 0


def count_to(type_: str, wish: Filter, most: int) -> int:
    """How many records *wish* means; no more than *most* are counted, and one more says that there are."""
    some = matching(type_, wish, literal(1)).limit(most + 1).subquery()
    with reading() as connection:
        return connection.scalar(select(func.count()).select_from(some)) or 0


def page(type_: str, wish: Filter, size: int) -> Page:
    """One page, found by the key of the record beside it: as quick at the end as at the beginning."""
    key, down = SORTS[wish.sort.removeprefix("-")], wish.sort.startswith("-")
    back = bool(wish.before)
    # Backwards the page is read from its end.
    falling = down != back
    order = (key.desc(), Glance.id.desc()) if falling else (key, Glance.id)
    with reading() as connection:
        asked = matching(type_, wish, order=order).limit(size + 1)
        if beside := wish.before or wish.after:
            own = connection.execute(
                matching(type_, Filter(areas=wish.areas), key, Glance.id).where(Glance.id == beside)
            ).first()
            if own:
                here, mark = tuple_(key, Glance.id), tuple_(own[0], own[1])
                asked = asked.where(here < mark if falling else here > mark)
        found = list(connection.scalars(asked))
    more, shown = len(found) > size, found[:size]
    if back:
        shown.reverse()
        return Page(shown, before=shown[0] if more else "", after=shown[-1] if shown else "")
    return Page(shown, before=shown[0] if wish.after and shown else "", after=shown[-1] if more else "")


def walk(type_: str, wish: Filter, size: int = 500) -> Iterator[Seen]:
    """Every record that *wish* means, in its order; *size* of them in memory at a time.

    Which they are is asked once: what comes in meanwhile makes none of them come twice, or not at all.
    """
    key = SORTS[wish.sort.removeprefix("-")]
    order = (key.desc(), Glance.id.desc()) if wish.sort.startswith("-") else (key, Glance.id)
    with reading() as connection:
        # As one text: 36 bytes each, where a list of 200,000 would take 17 MB.
        found = "".join(connection.scalars(matching(type_, wish, order=order)))
    for start in range(0, len(found), size * _ID):
        some = [found[place : place + _ID] for place in range(start, min(start + size * _ID, len(found)), _ID)]
        states = records(some, wish.areas)
        yield from (states[each] for each in some if each in states)


def records(of: Collection[str], areas: Collection[str]) -> dict[str, Seen]:
    """The records with these ids, as far as they live in *areas*: one may have left since a filter found it."""
    with reading() as connection:
        here = (among(connection, Record.id, of), Record.area.in_(areas), ~Record.deleted)
        wires = connection.scalars(select(Record.wire).where(*here))
        return {state.id: state for state in map(read_wire, wires)}


def _parts(type_: str, wish: Filter) -> list[ColumnElement[bool]]:
    """The conditions of each part that asks for something."""
    found = [condition for part in (_place_parts, _grown_parts, _looked_at_parts) for condition in part(type_, wish)]
    for word in typed_words(wish.text):
        # What a record is itself, the plot that it is on, and whose that is. Plots and households are looked through once,
        # not once more for each of a plot's harvests.
        owners = select(_owner.id).where(_owner.type == "farmer", _says(_owner, word, wish))
        plots = select(_owned.id).where(
            _owned.type == "plot", or_(_owned.farmer.in_(owners), _says(_owned, word, wish)), _in(_owned, wish)
        )
        here = Glance.farmer.in_(owners) if type_ == "plot" else Glance.plot.in_(plots)
        found.append(or_(Glance.text.contains(word, autoescape=True), here))
    return found


def _says(record: Any, word: str, wish: Filter) -> ColumnElement[bool]:
    return and_(record.text.contains(word, autoescape=True), _in(record, wish))


def _in(record: Any, wish: Filter) -> ColumnElement[bool]:
    return record.area.in_(wish.areas)  # type: ignore[no-any-return]


def _place_parts(type_: str, wish: Filter) -> Iterator[ColumnElement[bool]]:
    if wish.farmer:
        yield or_(Glance.farmer == wish.farmer, _plot_words.farmer == wish.farmer)
    # A household lives somewhere too, with or without a plot.
    if wish.commune:
        there = _of_a_farmer(PlotGlance.commune == wish.commune)
        yield or_(Glance.commune == wish.commune, there) if type_ == "farmer" else _plot.commune == wish.commune
    if wish.village:
        here = Glance.text if type_ == "farmer" else _plot.village_folded
        yield here.contains(fold(wish.village), autoescape=True)


def _of_a_farmer(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    plot = aliased(Glance, name="of_their_plots")
    return (
        select(plot.id)
        .join(PlotGlance, PlotGlance.id == plot.id)
        .where(plot.farmer == Glance.id, plot.area == Glance.area, condition)
        .exists()
    )


def _grown_parts(type_: str, wish: Filter) -> Iterator[ColumnElement[bool]]:
    own = PlotGlance if type_ == "farmer" else _plot

    def grown(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return _of_a_farmer(condition) if type_ == "farmer" else condition

    if wish.crop:
        on_it = own.crops.contains(f" {wish.crop} ", autoescape=True)
        # What names its crop itself is of that crop, whatever else grows there.
        yield (
            grown(on_it)
            if type_ in ("plot", "farmer")
            else or_(Glance.crop == wish.crop, and_(Glance.crop == "", on_it))
        )
    if wish.variety:
        yield grown(own.varieties.contains(fold(wish.variety), autoescape=True))
    if wish.season:
        yield _in_season(type_, wish.season)
    if wish.pest:
        yield _found(wish.pest) if type_ == "observation" else grown(_diseased(own, wish.pest))
    if wish.least is not None:
        yield grown(own.yield_t_ha >= wish.least)
    if wish.most is not None:
        yield grown(own.yield_t_ha <= wish.most)


def _in_season(type_: str, season: str) -> ColumnElement[bool]:
    """A plot, or a household, of which something was picked in a season; whatever else has a day, where that lies in it."""
    if type_ == "harvest":
        return Glance.season == season
    if type_ in ("plot", "farmer"):
        return _recorded(_child.season == season, type_)
    first, last = season_days(season)
    return Glance.day.between(first.isoformat(), last.isoformat())


def _found(pest: str) -> ColumnElement[bool]:
    if pest in (ANY, NONE_FOUND):
        return Glance.found == ("present" if pest == ANY else "absent")
    return Glance.pest == pest


def _diseased(plot: Any, pest: str) -> ColumnElement[bool]:
    if pest == ANY:
        return plot.disease.is_not(None)  # type: ignore[no-any-return]
    return plot.disease.is_(None) if pest == NONE_FOUND else plot.disease == pest  # type: ignore[no-any-return]


def _recorded(condition: ColumnElement[bool], type_: str) -> ColumnElement[bool]:
    """Something that *condition* holds for was recorded on the record's plot (or on one of a household's)."""
    if type_ == "farmer":
        return _of_a_farmer(
            select(_child.id).where(_child.plot == PlotGlance.id, _child.area == PlotGlance.area, condition).exists()
        )
    return select(_child.id).where(_child.plot == Glance.plot, _child.area == Glance.area, condition).exists()


def _looked_at_parts(type_: str, wish: Filter) -> Iterator[ColumnElement[bool]]:
    if wish.officer:
        yield Glance.author == wish.officer
    days = [Glance.day >= wish.since] * bool(wish.since) + [Glance.day <= wish.until] * bool(wish.until)
    if days and type_ in ("plot", "farmer"):
        then = [_child.day >= wish.since] * bool(wish.since) + [_child.day <= wish.until] * bool(wish.until)
        yield or_(and_(*days), _recorded(and_(_child.type != "task", *then), type_))
    else:
        yield from days
    if wish.state == "conflict":
        yield Glance.conflicted.is_(True)
    elif wish.state:
        yield Glance.review.in_(WAITS if wish.state == "waits" else (wish.state,))
    for name in wish.missing:
        yield (
            getattr(_plot, f"{name}s") == 0 if name in LACKED else Glance.missing.contains(f" {name} ", autoescape=True)
        )
