"""The lists of the installation: crops, varieties, pests, products and units, with what it adds, hides and puts right.

Nothing here is ever deleted: what is retired is read by its name wherever a record has it.
"""

import csv
import io
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for

from server.app import settings_of
from server.bring import faults, kinds
from server.bring import lists as files
from server.bring.cells import Unreadable, as_text, is_empty
from server.console.gate import admin_only, reader
from server.console.pages import console
from server.exports.cells import guarded
from server.exports.names import attachment
from server.language import gettext as _
from server.language import name_of, say, translate
from server.store import lists as store
from server.store.folding import fold
from server.store.glance import anew
from sync.problem import Problem, sentence
from sync.records.declaration import faults_of
from sync.records.entries import KINDS, faults_in, fields_of, is_built_in
from sync.records.fields import Choices, Declared, Items
from sync.records.lists import Entry

PAGE = 100
SHOWN = 200
MOST_BYTES = 10 * 1024 * 1024
_EMPTY: tuple[Any, ...] = (None, "", [])


@console.get("/admin/lists")
@console.get("/admin/lists/<kind>")
@admin_only
def admin_lists(kind: str = "product") -> str:
    """One list: what is built in and what is the installation's own."""
    wish = " ".join(request.args.get("text", "").replace("\0", "").split())[:100]
    start = request.args.get("from", "0")
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 0
    known = store.lists().all(_known(kind))
    found = [each for each in known if all(word in _searched(each) for word in fold(wish).split())]
    own = store.own(kind)
    # Its own first, the newest of them on top: that is what somebody has just added.
    order = {code: place for place, code in enumerate(reversed(own))}
    found.sort(key=lambda each: order.get(each["code"], len(order)))
    return render_template(
        "console/lists.html",
        kind=kind,
        titles=titles(),
        rows=[(each, own.get(each["code"]), is_built_in(kind, each["code"])) for each in found[first : first + PAGE]],
        count=len(found),
        wish=wish,
        following=first + PAGE if first + PAGE < len(found) else None,
        from_above=store.is_from_above(),
        fields=KINDS[kind],
    )


@console.route("/admin/lists/<kind>/add", methods=["GET", "POST"])
@admin_only
def admin_list_add(kind: str) -> Any:
    """A new entry."""
    return _entry_page(_known(kind), None)


@console.route("/admin/lists/<kind>/of/<code>", methods=["GET", "POST"])
@admin_only
def admin_list_entry(kind: str, code: str) -> Any:
    """An entry: its own is changed, a built-in one put right; either is offered or not."""
    return _entry_page(_known(kind), store.lists().entry(kind, code) or abort(404))


@console.post("/admin/lists/<kind>/of/<code>/offer")
@admin_only
def admin_list_offer(kind: str, code: str) -> Any:
    """Forms offer an entry no more, or again."""
    entry = store.lists().entry(_known(kind), code) or abort(404)
    hidden = request.form.get("what") == "hide"
    said = {**_own_of(kind, code), "code": code}
    said.pop("hidden", None)
    how = ("hidden" if is_built_in(kind, code) else "retired") if hidden else "offered"
    if bool(entry.get("hidden")) != hidden:
        _write(kind, [{**said, "hidden": True} if hidden else said], how)
    flash(_("Forms offer it no more. Records that have it keep it.") if hidden else _("Forms offer it again."), "said")
    return redirect(url_for("console.admin_lists", kind=kind))


@console.get("/admin/lists/<kind>.csv")
@admin_only
def admin_list_out(kind: str) -> Response:
    """The list as a file that can be read in again."""
    text = io.StringIO()
    text.write("\ufeff")
    sheet = csv.writer(text)
    sheet.writerow([say(each.label) for each in KINDS[_known(kind)].values()])
    for row in files.written(kind, store.lists().all(kind)):
        sheet.writerow([guarded(cell) for cell in row])
    response = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = attachment(f"{titles()[kind]}.csv")
    return response


@console.post("/admin/lists/<kind>/file")
@admin_only
def admin_list_file(kind: str) -> Any:
    """A file of entries comes in, is looked at, and taken in by the last of these presses."""
    token = request.form.get("token", "")
    try:
        path = _place(token) if token else _receive(_known(kind))
        own = {code: each.entry for code, each in store.own(_known(kind)).items()}
        judged = files.judged(path, kind, store.lists(), own, _matched(kind) if token else None)
        if "vi" not in judged.matched.values() and "code" not in judged.matched.values():
            flash(_("Say which column holds the name."), "fault")
        elif request.form.get("step") == "write":
            return _take_in(kind, path, judged)
        elif request.form.get("step") == "mend":
            return _to_mend(kind, judged)
    except Problem as problem:
        flash(translate(problem.message, problem.params), "fault")
        return redirect(url_for("console.admin_lists", kind=kind))
    wrong = [
        (row.number, dict(enumerate(judged.columns)).get(place, ""), _text(row.cells, place), faults.say(code, params))
        for row in judged.faulty
        for place, code, params in row.faults
    ]
    return render_template(
        "console/list_file.html",
        kind=kind,
        titles=titles(),
        judged=judged,
        token=path.name.rpartition(".")[2],
        faults=wrong[:SHOWN],
        unsaid=max(0, len(wrong) - SHOWN),
        fields=KINDS[kind],
        shown=lambda entry: list(_said(kind, entry)),
    )


def _to_mend(kind: str, judged: files.Judged) -> Response:
    """The rows with a problem, as a file to be mended and read in again: its own columns, and what is wrong."""
    text = io.StringIO()
    text.write("\ufeff")
    sheet = csv.writer(text)
    sheet.writerow([guarded(each) for each in (*judged.columns, _("What is wrong"))])
    headings = dict(enumerate(judged.columns))
    for row in judged.faulty:
        said = "; ".join(f"{headings.get(place, '')}: {faults.say(code, params)}" for place, code, params in row.faults)
        sheet.writerow(
            [
                guarded(each)
                for each in (*("▲" if isinstance(cell, dict) else as_text(cell) for cell in row.cells), said)
            ]
        )
    response = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = attachment(f"{titles()[kind]} - {_('to mend')}.csv")
    return response


def _take_in(kind: str, path: Path, judged: files.Judged) -> Any:
    entries = [row.entry for row in judged.of(files.NEW, files.CHANGED)]
    if entries:
        _write(kind, entries, "brought_in")
    path.unlink(missing_ok=True)
    flash(_("%(count)s entries were taken in.", count=len(entries)), "said")
    return redirect(url_for("console.admin_lists", kind=kind))


def _entry_page(kind: str, there: Entry | None) -> Any:
    code = str(there["code"]) if there else None
    fields = fields_of(kind, code)
    wrong: dict[str, str] = {}
    typed: Mapping[str, Any] = there or _begun(kind)
    if request.method == "POST":
        typed, wrong = _typed(fields)
        entry = {
            **({key: value for key, value in _own_of(kind, code).items() if key not in fields} if code else {}),
            **typed,
        }
        entry["code"] = code or str(typed.get("code") or "")
        if not (code and is_built_in(kind, code)):
            before = _own_of(kind, code) if code else None
            for each in faults_in(kind, entry, store.lists(), before):
                wrong.setdefault(each.path.partition(".")[0], faults.say(each.code, each.params))
        else:
            for each in faults_of(fields, typed):
                wrong.setdefault(each.path.partition(".")[0], faults.say(each.code, each.params))
        if not wrong:
            if "en" in fields:
                entry.setdefault("en", entry["vi"])
            _write(kind, [entry], "changed" if there else "added")
            flash(_("Saved. Phones have it after their next sync."), "said")
            return redirect(url_for("console.admin_lists", kind=kind))
    page = render_template(
        "console/list_entry.html",
        kind=kind,
        titles=titles(),
        there=there,
        built_in=bool(code and is_built_in(kind, code)),
        fields=fields,
        typed=typed,
        wrong=wrong,
        lists=store.lists(),
    )
    return page, 422 if wrong else 200


def _typed(fields: Mapping[str, Declared]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form says, and what of it cannot be read."""
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    known = store.lists()
    for name, each in fields.items():
        try:
            if isinstance(each, Choices):
                value: Any = [code for code in request.form.getlist(name) if known.entry(each.list, code)]
            elif isinstance(each, Items):
                value = _rows_typed(name, each, known)
            else:
                text = request.form.get(name, "")
                value = None if is_empty(text) else files.read_field(each, text, known)
        except Unreadable as error:
            wrong[name] = faults.say(error.code, error.params)
            value = request.form.get(name, "")
        if value not in _EMPTY:
            found[name] = value
    return found, wrong


def _rows_typed(name: str, declared: Items, known: Any) -> list[dict[str, Any]]:
    rows = zip(request.form.getlist(f"{name}-crop"), request.form.getlist(f"{name}-days"), strict=False)
    return [
        {"crop": crop, "days": files.read_field(declared.fields["days"], days, known)}
        for crop, days in rows
        if known.entry("crop", crop) and not is_empty(days)
    ]


def _begun(kind: str) -> dict[str, Any]:
    """What a new entry begins with."""
    return {"kinds": ["spray"]} if kind == "product" else {}


def _write(kind: str, entries: list[Entry], how: str) -> None:
    store.say(reader().user_id, kind, entries, how)
    anew.catch_up()


def _own_of(kind: str, code: str | None) -> Entry:
    found = store.own(kind).get(code or "")
    return found.entry if found else {}


def _known(kind: str) -> str:
    return kind if kind in KINDS else abort(404)


def _matched(kind: str) -> dict[int, str]:
    named = {
        int(key[7:]): value
        for key, value in request.form.items()
        if key.startswith("column-") and key[7:].isdecimal() and len(key) < 11
    }
    return {place: name for place, name in named.items() if name in KINDS[kind]}


def _receive(kind: str) -> Path:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Problem("no_file", 422, sentence("Choose a file first."))
    if (request.content_length or 0) > MOST_BYTES:
        raise Problem("file_too_large", 413, sentence("A list of more than 10 MB. Part it."))
    # One at a time for each person: what was left lying goes.
    for left in _folder().glob(f"{reader().user_id}.*"):
        left.unlink(missing_ok=True)
    path = _folder() / f"{reader().user_id}.{secrets.token_hex(16)}"
    file.save(path)
    kinds.kind_of(path, file.filename)
    return path


def _place(token: str) -> Path:
    path = _folder() / f"{reader().user_id}.{token}"
    if not token.isalnum() or len(token) != 32 or not path.exists():
        raise Problem("no_file", 422, sentence("Choose a file first."))
    return path


def _folder() -> Path:
    folder: Path = settings_of(current_app).home / "lists"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _said(kind: str, entry: Entry) -> Iterator[tuple[str, str]]:
    """An entry in words, field by field; of a built-in one, which says nothing of its name, that first."""
    if "vi" not in entry:
        yield say(KINDS[kind]["vi"].label), name_of(kind, entry["code"])
    for name, declared in KINDS[kind].items():
        if entry.get(name) not in _EMPTY and name != "code":
            yield say(declared.label), said(declared, entry[name])


def said(declared: Declared, value: Any) -> str:
    """A value of an entry in words."""
    if declared.kind == "items":
        return "; ".join(f"{name_of('crop', each['crop'])}: {each['days']}" for each in value)
    if declared.kind == "choices":
        return ", ".join(name_of(declared.limits()["list"], each) for each in value)
    if declared.kind == "choice":
        return name_of(declared.limits()["list"], str(value))
    return as_text(value) + (f" {declared.unit_in(say)}" if declared.unit else "")


def titles() -> dict[str, str]:
    """What each list is called."""
    found = {
        "product": _("Products"),
        "crop": _("Crops"),
        "variety": _("Varieties"),
        "pest": _("Pests and diseases"),
        "unit": _("Units"),
    }
    return {name: str(title) for name, title in found.items()}


def _searched(entry: Entry) -> str:
    return fold(" ".join(str(entry.get(name) or "") for name in ("code", "vi", "en", "scientific", "ingredient")))


def _text(cells: list[Any], place: int) -> str:
    cell = cells[place] if place < len(cells) else ""
    return "▲" if isinstance(cell, dict) else as_text(cell)[:60]


@console.app_template_global("said_of")
def _said_of(declared: Declared, value: Any) -> str:
    return said(declared, value)
