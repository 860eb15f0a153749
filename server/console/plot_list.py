"""Plots on a map and in a table, for the filter in the address; the filter as sentences that are taken out one by one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Response, abort, flash, render_template, request

from server.console import words
from server.console.gate import areas_named, managed, manager_only
from server.console.pages import console
from server.console.tiles import drawing
from server.language import gettext as _
from server.language import name_of, translate
from server.store import filters, plot_list
from server.store.filters import Asked, Filter
from server.store.glance.rows import HERE
from server.store.lists import lists
from sync.records import TYPES

PAGE = 50
# What a column shows, and by what it is sorted ("": by nothing).
COLUMNS = {
    "farmer": "farmer", "village": "village", "crops": "crops", "area": "area", "declared": "declared", "harvests": "harvests",
    "yield": "yield", "pests": "", "review": "", "visited": "visited", "changed": "changed", "missing": "",
}  # fmt: skip
USUAL = ("farmer", "village", "crops", "area", "harvests", "pests", "review")


@console.get("/", endpoint="plots")
@manager_only
def plots_page() -> str:
    """Plots on a map and in a table."""
    asked = asked_for()
    wish = asked.wish
    columns = [each for each in request.args.getlist("show") if each in COLUMNS] or list(USUAL)
    found = filters.page("plot", wish, PAGE)
    sums = plot_list.sums(wish)
    return render_template(
        "console/plots.html",
        rows=plot_list.rows(found.ids, managed()),
        sums=sums,
        page=found,
        wish=wish,
        asked=wish.as_args() | ({"show": columns} if columns != list(USUAL) else {}),
        sentences=list(sentences(wish)),
        columns=columns,
        all_columns=COLUMNS,
        titles=_titles(),
        choices=choices(wish),
        drawing=drawing(wish, sums.box),
    )


@console.get("/plot/<record>/shape.json")
@manager_only
def plot_shape(record: str) -> Response:
    """Where a plot is, for the map to mark."""
    return Response(plot_list.shape(record, managed()) or abort(404), content_type="application/geo+json")


def asked_for() -> Asked:
    """The filter in the address; what of it makes no sense is said and left out."""
    asked = filters.read(request.args, areas_named())
    for fault in asked.faults.values():
        flash(translate(fault.message, fault.params), "fault")
    return asked


def sentences(wish: Filter) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each part of a filter in words, and the address's arguments without it."""
    names = areas_named()
    said: dict[str, Any] = {
        "area": lambda: (
            _("%(name)s and what lies in it", name=names.get(wish.area, ""))
            if len(wish.areas) > 1
            else names.get(wish.area, "")
        ),
        "commune": lambda: name_of("commune", wish.commune),
        "village": lambda: wish.village,
        "crop": lambda: name_of("crop", wish.crop),
        "variety": lambda: _("variety %(name)s", name=wish.variety),
        "season": lambda: _("season %(name)s", name=wish.season),
        "pest": lambda: _pest(wish.pest),
        "officer": lambda: _("recorded by %(name)s", name=plot_list.officers(wish.areas).get(wish.officer, "?")),
        "since": lambda: _("since %(day)s", day=words.day(wish.since)),
        "until": lambda: _("until %(day)s", day=words.day(wish.until)),
        "state": lambda: words.review_state(wish.state),
        "least": lambda: _("at least %(yield)s t/ha", **{"yield": words.number(wish.least or 0)}),
        "most": lambda: _("at most %(yield)s t/ha", **{"yield": words.number(wish.most or 0)}),
        "farmer": lambda: _("one household"),
        "text": lambda: f"“{wish.text}”",
    }
    for name, say in said.items():
        if getattr(wish, name) not in ("", None):
            yield str(say()), wish.as_args(**{name: None if name in ("least", "most") else ""})
    for each in wish.missing:
        left = tuple(other for other in wish.missing if other != each)
        yield str(_("without: %(what)s", what=missing_name(each))), wish.as_args(missing=left)


def missing_name(name: str) -> str:
    """What a plot may lack, in words."""
    return words.type_name(name) if name in filters.LACKED else words.field_name("plot", name)


def choices(wish: Filter) -> dict[str, dict[str, str]]:
    """What the filter's form offers, by part."""
    year = datetime.now(HERE).year
    lacking = [
        name for name, each in TYPES["plot"].fields.items() if not each.hidden and name not in ("track", "capture")
    ]
    found = {
        "area": areas_named(),
        "crop": {each["code"]: name_of("crop", each["code"]) for each in lists().all("crop")},
        "commune": {code: name_of("commune", code) for code in plot_list.communes(managed())},
        "season": {
            each: each
            for first in range(year, year - 6, -1)
            for each in (f"{first}-{(first + 1) % 100:02}", f"{first}")
        },
        "pest": {
            each: _pest(each)
            for each in (filters.ANY, filters.NONE_FOUND, *(one["code"] for one in lists().all("pest")))
        },
        "officer": plot_list.officers(managed()),
        "state": {each: words.review_state(each) for each in filters.STATES},
        "missing": {each: missing_name(each) for each in (*lacking, *filters.LACKED)},
    }
    # What was asked for by hand is offered too, else the form would change it.
    for part in ("commune", "season"):
        if value := getattr(wish, part):
            found[part].setdefault(value, name_of("commune", value) if part == "commune" else value)
    return found


def _pest(code: str) -> str:
    said = {filters.ANY: _("with a pest or disease"), filters.NONE_FOUND: _("without pests and diseases")}
    return str(said.get(code) or name_of("pest", code))


def _titles() -> dict[str, str]:
    said = {
        "farmer": _("Farmer"),
        "village": _("Village"),
        "crops": _("Crops"),
        "area": "ha",
        "declared": _("declared"),
        "harvests": _("Harvests"),
        "yield": "t/ha",
        "pests": _("Pests"),
        "review": _("Review"),
        "visited": _("Last visit"),
        "changed": _("Came in"),
        "missing": _("Missing"),
    }
    return {name: str(text) for name, text in said.items()}
