"""Bringing in what exists, page by page: choose a file, match its columns, look at what would be written, confirm.

Must never write anything before the last of these.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)

from server.bring import columns, faults, kinds, work
from server.bring.cells import as_text
from server.bring.table import MOST_ROWS, SHAPE
from server.console import words
from server.console.gate import managed, manager_only, reader
from server.console.pages import console
from server.exports.cells import guarded
from server.exports.names import attachment
from server.language import gettext as _
from server.language import say, translate
from server.store import bring
from server.store.bring import File, Row
from sync.problem import Problem, sentence

MOST_BYTES = 100 * 1024 * 1024
SHOWN = 100


@console.get("/bring")
@manager_only
def bring_list() -> str:
    """The files that were brought, and a form for another."""
    areas = {area: reader().area_names[area] for area in managed()}
    return render_template("console/bring.html", files=bring.list_files(managed()), areas=areas, most=MOST_ROWS)


@console.post("/bring")
@manager_only
def bring_file() -> Any:
    """A file comes in: it is read, and nothing else."""
    area, type_, file = request.form.get("area", ""), request.form.get("type", ""), request.files.get("file")
    if area not in managed() or type_ not in columns.TYPES_BROUGHT:
        abort(404)
    try:
        if file is None or not file.filename:
            raise Problem("no_file", 422, sentence("Choose a file first."))
        if (request.content_length or 0) > MOST_BYTES:
            raise Problem("file_too_large", 413, sentence("A file of more than 100 MB. Part it."))
        bringing = _receive(_app(), file, area, type_)
    except Problem as problem:
        flash(translate(problem.message, problem.params), "fault")
        return redirect(url_for("console.bring_list"))
    work.start(_app(), bringing, managed())
    return redirect(url_for("console.bring_one", bringing=bringing))


def _receive(app: Flask, file: Any, area: str, type_: str) -> str:
    draft = work.place_of(app, f".draft-{id(file)}")
    try:
        file.save(draft)
        name = str(file.filename).replace("\\", "/").rpartition("/")[2]
        bringing = bring.begin(reader(), area, type_, name, kinds.kind_of(draft, name))
        draft.replace(work.place_of(app, bringing))
        return bringing
    finally:
        draft.unlink(missing_ok=True)


@console.get("/bring/<bringing>")
@manager_only
def bring_one(bringing: str) -> str:
    """How far a file is, and what can be done with it now."""
    file = _mine(bringing)
    after = request.args.get("after", "")
    only = bring.MORE if request.args.get("show") == bring.MORE else bring.NEW
    fault_rows = bring.rows(
        file.id, (bring.FAULT, bring.REFUSED), int(after) if after.isdecimal() and len(after) < 9 else -1, SHOWN + 1
    )
    return render_template(
        "console/bring_one.html",
        file=file,
        tally=bring.tally(file.id) if not file.is_at_work else {},
        trouble=translate(file.trouble["message"], file.trouble["params"]) if file.trouble else "",
        targets=columns.targets(file.type),
        missing=columns.missing(file.type, file.matched),
        sample=bring.rows(file.id, (), -1, 4) if file.state == bring.MATCHING else [],
        faults=[(row, _said(file, row)) for row in fault_rows[:SHOWN]],
        more=fault_rows[SHOWN - 1].number if len(fault_rows) > SHOWN else None,
        preview=[_preview(file, row) for row in bring.rows(file.id, (only,), -1, 10)]
        if file.state == bring.CHECKED
        else [],
        made=bring.made(file.id) if file.state == bring.DONE else 0,
        area=reader().area_names[file.area],
        heading=_heading,
        text=_text,
    )


@console.post("/bring/<bringing>")
@manager_only
def bring_on(bringing: str) -> Any:
    """The next step: match, check, write, take back, go on where it stands still."""
    file = _mine(bringing)
    step = request.form.get("step", "")
    if step == "sheet":
        again = bring.go_on(
            file.id, bring.READING, [bring.MATCHING], about={**file.about, "sheet": request.form.get("sheet", "")}
        )
        _begin(file, again)
    elif step == "check":
        _check(file)
    elif step == "back":
        bring.go_on(file.id, bring.MATCHING, [bring.CHECKED])
    elif step == "write":
        _begin(
            file,
            bring.go_on(
                file.id, bring.WRITING, [bring.CHECKED], user_id=reader().user_id, total=_to_write(file), done=0
            ),
        )
    elif step == "take_back":
        _begin(
            file,
            bring.go_on(
                file.id, bring.TAKING_BACK, [bring.DONE], user_id=reader().user_id, total=bring.made(file.id), done=0
            ),
        )
    elif step == "go_on":
        _begin(file, bring.take_over(file))
    return redirect(url_for("console.bring_one", bringing=file.id))


def _check(file: File) -> None:
    known = {each.name for each in columns.targets(file.type)}
    matched = {
        place: wish for place in range(len(file.columns)) if (wish := request.form.get(f"column-{place}", "")) in known
    }
    twice = [name for name in matched.values() if list(matched.values()).count(name) > 1]
    mark = request.form.get("mark", "")
    if twice:
        flash(_("Two columns cannot be the same thing. Leave one out."), "fault")
        bring.go_on(file.id, bring.MATCHING, [bring.MATCHING], matched=matched)
        return
    if lacking := columns.missing(file.type, matched):
        names = ", ".join(say(each.label) for each in lacking)
        flash(_("Say which column holds: %(names)s.", names=names), "fault")
        bring.go_on(file.id, bring.MATCHING, [bring.MATCHING], matched=matched)
        return
    values = {"matched": matched, "mark": mark if mark in (",", ".") else "", "done": 0}
    _begin(file, bring.go_on(file.id, bring.CHECKING, [bring.MATCHING], **values))


def _begin(file: File, may: bool) -> None:
    if may:
        work.start(_app(), file.id, managed())
    else:
        flash(_("Somebody was quicker, or the work is going on already."), "fault")


@console.get("/bring/<bringing>/mend")
@manager_only
def bring_faults(bringing: str) -> Response:
    """What could not be brought in, as a file to be mended and brought again: its own columns, and what is wrong."""
    file = _mine(bringing)
    rows = bring.all_rows(file.id, (bring.FAULT, bring.REFUSED))
    is_map = SHAPE in file.columns
    name = f"{file.file.rpartition('.')[0] or file.file} - {_('to mend')}.{'geojson' if is_map else 'csv'}"
    text = _as_map(file, rows) if is_map else _as_csv(file, rows)
    kind = "application/geo+json" if is_map else "text/csv; charset=utf-8"
    response = Response(stream_with_context(text), content_type=kind)
    response.headers["Content-Disposition"] = attachment(name)
    return response


def _as_csv(file: File, rows: Any) -> Iterator[str]:
    yield "\ufeff"
    yield _line([*file.columns, _("What is wrong")])
    for row in rows:
        said = "; ".join(f"{_heading(file, place)}: {text}" for place, text in _said(file, row))
        yield _line([*(_text(cell) for cell in row.cells), said])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([guarded(cell) for cell in cells])
    return text.getvalue()


def _as_map(file: File, rows: Any) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": ['
    for place, row in enumerate(rows):
        properties = dict(zip(file.columns[:-1], row.cells[:-1], strict=True))
        properties[_("What is wrong")] = "; ".join(text for _column, text in _said(file, row))
        shape = row.cells[-1] if isinstance(row.cells[-1], dict) and "fault" not in row.cells[-1] else None
        feature = {"type": "Feature", "properties": properties, "geometry": shape}
        yield ("," if place else "") + json.dumps(feature, ensure_ascii=False)
    yield "]}"


def _mine(bringing: str) -> File:
    return bring.one(bringing, managed()) or abort(404)


def _to_write(file: File) -> int:
    tally = bring.tally(file.id)
    return tally.get(bring.NEW, 0) + tally.get(bring.MORE, 0)


def _said(file: File, row: Row) -> list[tuple[int, str]]:
    return [(place, faults.say(code, params, mark_is_asked=True)) for place, code, params in row.faults]


def _preview(file: File, row: Row) -> list[tuple[str, str]]:
    change = row.change or {}
    found = []
    for name, value in (change.get("set") or {}).items():
        label = words.field_name(file.type, name)
        found.append((label, words.show(file.type, name, value, _Names())))
    return found


class _Names(dict[str, str]):
    """A reference in a row that was checked is there, whatever it is called."""

    def get(self, _key: str, _default: Any = None) -> str:
        return "✓"


def _heading(file: File, place: int) -> str:
    name = file.columns[place] if place < len(file.columns) else ""
    return name or _("column %(number)s", number=place + 1)


def _text(cell: Any) -> str:
    if isinstance(cell, dict):
        return "▲" if "fault" in cell else str(cell.get("type", ""))
    return as_text(cell)


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app
