"""Files for what a filter finds: each type, each format, streamed; who took what along stands in the audit log.

Must never send more than the filter in the address means: one that makes no sense is refused, not widened; nor less than
there is: while much that came in is still to be looked at, there is no file.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

from flask import Response, abort, g, render_template, request, stream_with_context

from server.bring.cells import HERE
from server.console import words
from server.console.gate import areas_named, managed, manager_only, reader
from server.console.pages import console
from server.exports import names, rows
from server.language import gettext as _
from server.language import say
from server.store import audit, filters, leaving, people
from server.store.filters import Filter
from sync.problem import Problem, sentence
from sync.records import TYPES

# By ending, the module that writes it, read in when it is asked for: the library of spreadsheets takes 20 MB of a worker.
FORMATS = {"csv": "csv_file", "xlsx": "xlsx", "geojson": "geojson"}
OUT = ("plot", "farmer", "harvest", "observation", "activity", "task")


@console.get("/out")
@manager_only
def out() -> str:
    """What the filter in the address finds, by type, to be taken along."""
    wish = _wish()
    counts = {type_: filters.count(type_, wish) for type_ in OUT}
    return render_template(
        "console/out.html", counts=counts, formats=list(FORMATS), wish=wish, mapped=("plot", "observation")
    )


@console.get("/out/<type_>.<ending>")
@manager_only
def out_file(type_: str, ending: str) -> Response:
    """One file."""
    if type_ not in OUT or ending not in FORMATS:
        abort(404)
    if g.behind:
        # A page may lack what has just come in, and says so; a file cannot.
        said = {"count": g.behind}
        raise Problem(
            "still_looking",
            503,
            sentence(
                "Much has just come in: %(count)s changes are still to be looked at, and the file would lack them. "
                "Try again in a moment."
            ),
            params=said,
        )
    wish, format_ = _wish(), import_module(f"server.exports.{FORMATS[ending]}")
    count = filters.count(type_, wish)
    for area in wish.areas:
        audit.note_now(reader().user_id, "exported", area, type=type_, format=ending, rows=count, filter=wish.as_args())
    headings, beside = _beside(type_, managed())
    lines = rows.lines(type_, filters.walk(type_, wish), _names(managed()), words.shown, beside)
    text = format_.written(rows.columns(type_, say, headings), lines)
    day = datetime.now(HERE).date().isoformat()
    response = Response(stream_with_context(text), content_type=format_.MIME)
    name = f"{say(TYPES[type_].plural)} {day}.{ending}"
    response.headers["Content-Disposition"] = names.attachment(name)
    return response


def _wish() -> Filter:
    return filters.read(request.args, {area: reader().area_names[area] for area in managed()}).strictly()


def _beside(type_: str, areas: list[str]) -> tuple[list[str], rows.Beside]:
    """What stands beside each record, as the table of plots and the review have it: the headings, and the cells."""
    of_all = {
        _("Area"): lambda row: areas_named().get(row.area),
        _("Recorded by"): lambda row: recorders.get(row.author),
        _("Review"): lambda row: words.review_state(row.review),
    }
    household = {_("Household"): lambda row: row.farmer_name or None, _("Household (id)"): lambda row: row.farmer}
    of_type: dict[str, dict[str, Callable[[Any], Any]]] = {
        "plot": {
            _("Measured area (ha)"): lambda row: _rounded(row.area_ha, 4),
            _("Harvests"): lambda row: row.harvests,
            _("Newest season"): lambda row: row.yield_season or None,
            "t/ha": lambda row: _rounded(row.yield_t_ha, 3),
            _("Last visited"): lambda row: row.visited or None,
            _("Last found"): lambda row: words.coded("pest", row.disease) if row.disease else None,
        },
        "harvest": {"kg": lambda row: _rounded(row.kg, 3), **household},
        "observation": household,
        "activity": household,
    }
    asked = of_all | of_type.get(type_, {})
    recorders: dict[str, str] = {}

    def cells(ids: list[str]) -> Mapping[str, list[Any]]:
        found = leaving.beside(ids, areas)
        recorders.update(people.names_of(sorted({row.author for row in found.values()} - set(recorders))))
        return {id_: [say_(found[id_]) if id_ in found else None for say_ in asked.values()] for id_ in ids}

    return list(asked), cells


def _rounded(value: float | None, digits: int) -> float | None:
    """What was measured or reckoned, to as many digits as it can be trusted; what somebody typed is never rounded."""
    return None if value is None else round(value, digits)


def _names(areas: list[str]) -> rows.NamesOf:
    """What records of *areas*, and people, are called."""

    def work(ids: list[str]) -> Mapping[str, str]:
        found = {id_: str(each.fields.get("name") or "") for id_, each in filters.records(ids, areas).items()}
        return {**people.names_of(ids), **found}

    return work
