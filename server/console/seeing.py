"""One question a page, one chart, its table below: what the records say together, to be looked at and printed.

Must never show a figure that the table does not have.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from flask import abort, flash, render_template, request

from server.bring.cells import HERE
from server.console import words
from server.console.gate import managed, manager_only, reader
from server.console.pages import console
from server.console.plot_list import sentences
from server.language import gettext as _
from server.language import translate
from server.store import filters, seeing
from server.store.filters import Filter
from server.store.lists import lists
from server.store.right_as_is import yield_limits
from sync.limits import MOST_OTHER
from sync.seasons import is_season

Sum = TypeVar("Sum")

MOST_BARS = 40
VISITED_WITHIN = 365  # days: once a season


@dataclass(slots=True)
class Answer:
    """What a page shows. `bars`: (label, number, number of the other series or None); `rows`: cells, text or numbers;
    `doubted`: the labels of bars that are hard to believe, which are marked and no longer than the longest of the others."""

    question: str
    headings: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    bars: list[tuple[str, float, float | None]] = field(default_factory=list)
    unit: str = ""
    series: tuple[str, str] = ("", "")
    upright: bool = False
    said: str = ""
    doubted: set[str] = field(default_factory=set)

    @property
    def greatest(self) -> float:
        believed = [each for each in self.bars if each[0] not in self.doubted] or self.bars
        return max([1e-9, *(number for _label, one, other in believed for number in (one, other or 0))])


@console.get("/seeing")
@console.get("/seeing/<question>")
@manager_only
def see(question: str = "yields") -> str:
    """The answer to one question, for what the filter in the address means."""
    if question not in _QUESTIONS:
        abort(404)
    asked = filters.read(request.args, {area: reader().area_names[area] for area in managed()})
    for fault in asked.faults.values():
        flash(translate(fault.message, fault.params), "fault")
    seasons = seeing.seasons(Filter(areas=tuple(managed())))
    return render_template(
        "console/seeing.html",
        answer=_QUESTIONS[question](asked.wish),
        question=question,
        questions=_names(),
        wish=asked.wish,
        by=_by(question),
        choices_by=_BY.get(question, ()),
        seasons=seasons,
        sentences=list(sentences(asked.wish)),
        kept={name: value for name, value in asked.wish.as_args().items() if name not in _drawn(question)},
        most_bars=MOST_BARS,
        areas={area: reader().area_names[area] for area in managed()},
        crops=lists().all("crop"),
    )


def _names() -> Mapping[str, str]:
    return {
        "yields": _("How much does a hectare give?"),
        "weeks": _("How much came in, week by week?"),
        "pests": _("Which pests, where, when?"),
        "coverage": _("What have we seen and measured?"),
        "land": _("Where does how much of a crop grow?"),
    }


def _drawn(question: str) -> tuple[str, ...]:
    """The parts of a filter that the page's own form asks for."""
    return ("area", "crop", "season") if question in ("yields", "weeks") else ("area", "crop")


_BY = {"yields": ("crop", "variety", "commune"), "pests": ("pest", "commune")}


def _by(question: str) -> str:
    choices = _BY.get(question, ("",))
    wish = request.args.get("by", "")
    return wish if wish in choices else choices[0]


def _group(by: str, code: str) -> str:
    if not code:
        return str(_("not said"))
    return code.replace("|", ", ") if by == "variety" else words.coded(by, code)


def _yields(wish: Filter) -> Answer:
    by = _by("yields")
    found = sorted(seeing.yields(wish, by).items(), key=lambda each: (each[0][2], each[1].t_ha or 0), reverse=True)
    beside, limits = [] if by == "crop" else [_("Crop")], yield_limits()
    answer = Answer(
        _names()["yields"],
        [_title(by), *beside, _("Season"), "t/ha", "t", "ha", _("Plots"), _("t from plots without a size")],
        unit="t/ha",
        said=_(
            "Tonnes over the hectares of the plots they were picked on: measured where there is a boundary, else declared."
        ),
    )
    for (code, crop, season), sums in found:
        named = [_group(by, code), *(_group("crop", crop) for _title in beside)]
        name = " · ".join(named)
        answer.rows.append([*named, season, sums.t_ha, sums.tonnes, sums.hectares, sums.plots, sums.unmeasured])
        if sums.t_ha is not None:
            label = f"{name} · {season}"
            answer.bars.append((label, sums.t_ha, None))
            if sums.t_ha > limits.get(crop, MOST_OTHER):
                answer.doubted.add(label)
    return answer


def _weeks(wish: Filter) -> Answer:
    """This season's weeks, with last season's beside them where one season was asked for."""
    answer = Answer(_names()["weeks"], [_("Week from"), "t"], unit="t", upright=True)
    now = seeing.by_week(wish)
    before: dict[int, float] = {}
    if wish.season and is_season(wish.season):
        last = _season_before(wish.season)
        before = {
            seeing.week_of_season(last, monday): t for monday, t in seeing.by_week(_in_season(wish, last)).items()
        }
        answer.headings.append(_("t in season %(season)s", season=last))
        answer.series = (wish.season, last)
        numbers = {seeing.week_of_season(wish.season, monday) for monday in now} | set(before)
        mondays = [seeing.monday_of(wish.season, number) for number in _span(numbers)]
        weeks: Sequence[tuple[date, float]] = [(monday, now.get(monday, 0.0)) for monday in mondays]
    else:
        # A day that was mistyped into a year to come must not push all others out of the chart.
        today = datetime.now(HERE).date()
        weeks = _every_week({monday: t for monday, t in now.items() if monday <= today} or now, 0.0)
    others = [
        before.get(seeing.week_of_season(wish.season, monday), 0.0) if answer.series[0] else None
        for monday, _t in weeks
    ]
    answer.bars = [(label, t, other) for label, (_monday, t), other in zip(_labels(weeks), weeks, others, strict=True)]
    rows: dict[date, tuple[float, ...]] = {monday: (t,) for monday, t in now.items()}
    rows |= {monday: (t,) if other is None else (t, other) for (monday, t), other in zip(weeks, others, strict=True)}
    # A table begins with what is new, a chart ends with it.
    answer.rows = [[words.day(monday.isoformat()), *rows[monday]] for monday in sorted(rows, reverse=True)]
    if len(rows) > len(weeks):
        answer.said = _("The chart shows two years, up to today; the table has all.")
    return answer


def _span(numbers: Collection[int]) -> range:
    return range(min(numbers), max(numbers) + 1) if numbers else range(0)


def _pests(wish: Filter) -> Answer:
    by = _by("pests")
    answer = Answer(
        _names()["pests"],
        [
            _("Week from"),
            _title(by),
            _("looked"),
            _("found"),
            _("none found"),
            _("plants looked at"),
            _("affected"),
            "%",
        ],
        unit=str(_("times found")),
        upright=True,
        said=_("Where it was looked for and not found counts too: without it nobody knows how much was looked at."),
    )
    found = seeing.outbreaks(wish, by)
    for (code, monday), sums in sorted(found.items(), key=lambda each: (each[0][1], each[1].found), reverse=True):
        plants = [sums.inspected, sums.affected, sums.incidence]
        row = [words.day(monday.isoformat()), _group(by, code), sums.looked, sums.found, sums.absent, *plants]
        answer.rows.append(row)
    counted: defaultdict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (_code, monday), sums in found.items():
        present, absent = counted[monday]
        counted[monday] = (present + sums.found, absent + sums.absent)
    weeks = _every_week(counted, (0, 0))
    answer.series = (str(_("found")), str(_("none found")))
    answer.bars = [(label, *both) for label, (_monday, both) in zip(_labels(weeks), weeks, strict=True)]
    return answer


def _coverage(wish: Filter) -> Answer:
    since = (datetime.now(HERE).date() - timedelta(days=VISITED_WITHIN)).isoformat()
    answer = Answer(
        _names()["coverage"],
        [
            words.field_name("plot", "commune"),
            _("Plots"),
            _("with a boundary"),
            _("visited within a year"),
            _("ha measured"),
            _("ha declared"),
        ],
        unit="%",
        series=(str(_("with a boundary")), str(_("visited within a year"))),
        said=_("Measured and declared hectares are held side by side; the chart shows per cent of the plots."),
    )
    for code, sums in sorted(seeing.coverage(wish, since).items(), key=lambda each: each[1].plots, reverse=True):
        name = _group("commune", code)
        answer.rows.append([name, sums.plots, sums.mapped, sums.visited, sums.measured, sums.declared])
        answer.bars.append((name, 100 * sums.mapped / sums.plots, 100 * sums.visited / sums.plots))
    return answer


def _land(wish: Filter) -> Answer:
    answer = Answer(
        _names()["land"],
        [_("Crop"), words.field_name("plot", "commune"), "ha", _("Plots")],
        unit="ha",
        said=_("A plot with several crops counts for each with an equal share of its hectares."),
    )
    rows = [
        (hectares, words.coded("crop", crop) or str(_("not said")), _group("commune", commune), found.plots[commune])
        for crop, found in seeing.land(wish).items()
        for commune, hectares in found.hectares.items()
    ]
    for hectares, crop, commune, plots in sorted(rows, reverse=True):
        answer.rows.append([crop, commune, hectares, plots])
        answer.bars.append((f"{crop} · {commune}", hectares, None))
    return answer


_QUESTIONS: Mapping[str, Callable[[Filter], Answer]] = {
    "yields": _yields, "weeks": _weeks, "pests": _pests, "coverage": _coverage, "land": _land,
}  # fmt: skip


def _title(by: str) -> str:
    names = {"crop": _("Crop"), "variety": _("Variety"), "pest": words.field_name("observation", "pest")}
    return str(names.get(by) or words.field_name("plot", "commune"))


def _in_season(wish: Filter, season: str) -> Filter:
    return replace(wish, season=season)


def _season_before(season: str) -> str:
    first, _, second = season.partition("-")
    year = int(first) - 1
    return f"{year}-{int(first) % 100:02}" if second else f"{year}"


def _every_week(found: Mapping[date, Sum], nothing: Sum) -> Sequence[tuple[date, Sum]]:
    """The weeks from the first to the last, those too in which nothing came in: at most two years of them."""
    if not found:
        return []
    last = max(found)
    first = max(min(found), last - timedelta(weeks=104))
    count = (last - first).days // 7 + 1
    return [(monday, found.get(monday, nothing)) for monday in (first + timedelta(weeks=week) for week in range(count))]


def _labels(weeks: Sequence[tuple[date, Any]]) -> list[str]:
    """Each week's Monday below its bar: with the year, where a day comes twice."""
    with_year = len(weeks) > 53
    return [monday.strftime("%d/%m/%y" if with_year else "%d/%m") for monday, _sum in weeks]
