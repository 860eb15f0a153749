"""What the records say together: yields, harvest by week, pests, coverage, hectares. Sums made by the database, by plot.

Must never count a record that was joined into another, nor one outside the filter's areas; and never type a yield: it is
tonnes over the hectares of the plots that they came from.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache, wraps
from typing import Any, TypeVar

from sqlalchemy import func, select

from server.store import filters, glance
from server.store.engine import reading
from server.store.filters import Filter
from server.store.folding import fold
from server.store.glance.rows import said
from server.store.glance.tables import Glance
from sync.seasons import season_days

Result = TypeVar("Result")
_MOST_KEPT = 32  # answers of each question


@dataclass(slots=True)
class Yield:
    """Of one group and season: tonnes, the hectares that they came from, plots; and tonnes from plots of unknown size."""

    tonnes: float = 0
    hectares: float = 0
    plots: int = 0
    unmeasured: float = 0

    @property
    def t_ha(self) -> float | None:
        return self.tonnes / self.hectares if self.hectares else None


@dataclass(slots=True)
class Outbreak:
    """Of one pest (or place) and week: how often it was looked for, found, not found; plants looked at and affected."""

    looked: int = 0
    found: int = 0
    absent: int = 0
    inspected: float = 0
    affected: float = 0

    @property
    def incidence(self) -> float | None:
        """Per cent of the plants that were looked at."""
        return 100 * self.affected / self.inspected if self.inspected else None


@dataclass(slots=True)
class Covered:
    """Of one place: plots, those with a boundary, those visited; hectares measured, and declared."""

    plots: int = 0
    mapped: int = 0
    visited: int = 0
    measured: float = 0
    declared: float = 0


@dataclass(slots=True)
class Land:
    """Of one crop: hectares and plots by commune."""

    hectares: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    plots: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


def _kept(work: Callable[..., Result]) -> Callable[..., Result]:
    """*work*, whose answers are kept until something has come in (or the answer was not asked for lately): whoever looks
    must not change them."""
    answers = lru_cache(_MOST_KEPT)(lambda _mark, *asked: work(*asked))

    @wraps(work)
    def asked(wish: Filter, *more: str) -> Result:
        return answers(glance.mark(wish.areas), wish, *more)

    return asked


@_kept
def seasons(wish: Filter) -> list[str]:
    """The seasons in which something was harvested in the areas of *wish*, newest first."""
    question = select(Glance.season).where(Glance.area.in_(wish.areas), Glance.type == "harvest", Glance.season != "")
    with reading() as connection:
        return list(connection.scalars(question.distinct().order_by(Glance.season.desc())))


@_kept
def yields(wish: Filter, by: str) -> dict[tuple[str, str, str], Yield]:
    """Yields by (group, crop, season). *by*: `crop`, `variety`, `commune`. A plot counts with its whole size, once a season
    for each crop that was picked there: tonnes of plums and of mangoes are never summed."""
    plot = filters.on_plot()
    size = func.coalesce(plot.area_ha, plot.declared_ha)
    keys = (Glance.season, Glance.crop, Glance.plot, plot.varieties, plot.crops, plot.commune, size)
    asked = filters.matching("harvest", wish, *keys, func.sum(Glance.kg)).group_by(*keys)
    found: defaultdict[tuple[str, str, str], Yield] = defaultdict(Yield)
    with reading() as connection:
        rows = connection.execute(asked).all()
    # Where one crop grows on a plot its varieties are that crop's; of several crops the record says which is whose.
    several = {row.plot for row in rows if row.varieties not in (None, "||") and len((row.crops or "").split()) > 1}
    varieties = _varieties(several if by == "variety" else set(), wish.areas)
    for season, crop, plot_id, all_of_it, _crops, commune, hectares, kilograms in rows:
        own = varieties.get((plot_id, crop), "") if plot_id in several else (all_of_it or "").strip("|")
        group = {"crop": crop, "variety": own, "commune": commune}[by]
        sums, tonnes = found[group or "", crop, season], (kilograms or 0) / 1000
        if hectares:
            sums.tonnes += tonnes
            sums.hectares += hectares
            sums.plots += 1
        else:
            sums.unmeasured += tonnes
    return dict(found)


def _varieties(plots: Collection[str], areas: Collection[str]) -> dict[tuple[str, str], str]:
    """By plot and crop: the varieties of that crop there, as `PlotGlance.varieties` has them."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for id_, state in filters.records(plots, areas).items():
        for row in state.fields.get("crops") or ():
            if isinstance(row, dict) and (name := fold(said(row.get("variety"), 80))):
                found[id_, said(row.get("crop"), 60)].append(name)
    return {key: "|".join(dict.fromkeys(names)) for key, names in found.items()}


@_kept
def by_week(wish: Filter) -> dict[date, float]:
    """Tonnes picked in each week (its Monday)."""
    asked = (
        filters.matching("harvest", wish, Glance.day, func.sum(Glance.kg)).where(Glance.day != "").group_by(Glance.day)
    )
    return _weeks(asked, lambda kilograms: (kilograms or 0) / 1000)


def week_of_season(season: str, monday: date) -> int:
    """Which week of its season a week is, from 0: so that two seasons can lie over each other."""
    first, _last = season_days(season)
    return max(0, (monday - _monday(first)).days // 7)


def monday_of(season: str, week: int) -> date:
    """The Monday of a week of a season, from 0."""
    return _monday(season_days(season)[0]) + timedelta(weeks=week)


@_kept
def outbreaks(wish: Filter, by: str) -> dict[tuple[str, date], Outbreak]:
    """Observations by (group, week). *by*: `pest`, `commune`. Where nothing was found counts as having been looked for."""
    plot = filters.on_plot()
    keys = (Glance.pest, plot.commune, Glance.day, Glance.found)
    sums = (func.count(), func.sum(Glance.inspected), func.sum(Glance.affected))
    asked = filters.matching("observation", wish, *keys, *sums).where(Glance.day != "").group_by(*keys)
    found: defaultdict[tuple[str, date], Outbreak] = defaultdict(Outbreak)
    with reading() as connection:
        for pest, commune, day, state, count, inspected, affected in connection.execute(asked):
            one = found[(pest if by == "pest" else commune) or "", _monday(date.fromisoformat(day))]
            one.looked += count
            one.found += count * (state == "present")
            one.absent += count * (state == "absent")
            one.inspected += inspected or 0
            one.affected += affected or 0
    return dict(found)


@_kept
def coverage(wish: Filter, since: str) -> dict[str, Covered]:
    """Plots by commune: mapped, visited since a day."""
    plot = filters.on_plot()
    asked = filters.matching("plot", wish, plot.commune, plot.area_ha, plot.declared_ha, plot.visited)
    found: defaultdict[str, Covered] = defaultdict(Covered)
    with reading() as connection:
        for commune, measured, declared, visited in connection.execute(asked):
            one = found[commune or ""]
            one.plots += 1
            one.mapped += measured is not None
            one.visited += bool(visited) and visited >= since
            one.measured += measured or 0
            one.declared += declared or 0
    return dict(found)


@_kept
def land(wish: Filter) -> dict[str, Land]:
    """Hectares by crop and commune. A plot with several crops counts for each with its share alike."""
    plot = filters.on_plot()
    size = func.coalesce(plot.area_ha, plot.declared_ha)
    asked = filters.matching("plot", wish, plot.crops, plot.commune, size)
    found: defaultdict[str, Land] = defaultdict(Land)
    with reading() as connection:
        for crops, commune, hectares in connection.execute(asked):
            codes = (crops or "").split() or [""]
            for code in codes if not wish.crop else {wish.crop} & set(codes):
                found[code].hectares[commune or ""] += (hectares or 0) / len(codes)
                found[code].plots[commune or ""] += 1
    return dict(found)


def _weeks(asked: Any, of: Callable[[Any], float]) -> dict[date, float]:
    found: defaultdict[date, float] = defaultdict(float)
    with reading() as connection:
        for day, number in connection.execute(asked):
            found[_monday(date.fromisoformat(day))] += of(number)
    return dict(sorted(found.items()))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
