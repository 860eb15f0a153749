"""Files for what a filter finds: each type, each format, streamed; who took what along stands in the audit log.

Must never send more than the filter in the address means: one that makes no sense is refused, not widened; nor less than
there is: while much that came in is still to be looked at, there is no file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, abort, g, render_template, request, stream_with_context

from server.bring.cells import HERE
from server.console import words
from server.console.gate import managed, manager_only, reader
from server.console.pages import console
from server.exports import csv_file, geojson, names, rows, xlsx
from server.language import say
from server.store import audit, filters, people
from server.store.filters import Filter
from sync.problem import Problem, sentence
from sync.records import TYPES

FORMATS: dict[str, Any] = {each.ENDING: each for each in (csv_file, xlsx, geojson)}
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
    wish, format_ = _wish(), FORMATS[ending]
    count = filters.count(type_, wish)
    for area in wish.areas:
        audit.note_now(reader().user_id, "exported", area, type=type_, format=ending, rows=count, filter=wish.as_args())
    lines = rows.lines(type_, filters.walk(type_, wish), _names(managed()), words.shown)
    text = format_.written(rows.columns(type_, say), lines)
    day = datetime.now(HERE).date().isoformat()
    response = Response(stream_with_context(text), content_type=format_.MIME)
    name = f"{say(TYPES[type_].plural)} {day}.{ending}"
    response.headers["Content-Disposition"] = names.attachment(name)
    return response


def _wish() -> Filter:
    return filters.read(request.args, {area: reader().area_names[area] for area in managed()}).strictly()


def _names(areas: list[str]) -> rows.NamesOf:
    """What records of *areas*, and people, are called."""

    def work(ids: list[str]) -> Mapping[str, str]:
        found = {id_: str(each.fields.get("name") or "") for id_, each in filters.records(ids, areas).items()}
        return {**people.names_of(ids), **found}

    return work
