"""What two people wrote differently: side by side, who and when, and settled by one press or by a third value.

Must never settle away a value that the page did not show.
"""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from server.bring import cells, faults
from server.console import words
from server.console.edits import change_of, write
from server.console.gate import managed, manager_only, saw
from server.console.one import authors, back_to
from server.console.pages import console
from server.console.tiles import drawing, shapes_of
from server.language import gettext as _
from server.store import browse, upstream
from server.store.browse import Seen
from server.store.filters import Filter
from server.store.lists import lists
from server.store.plot_list import box_of
from sync.change import ID
from sync.records import validate_set

PAGE = 50


class _Unreadable(ValueError):
    """What was typed is no such value; its words are for the person who typed it."""


@console.get("/attention")
@manager_only
def attention() -> str:
    """Conflicts that wait for a person, and what was refused."""
    after = request.args.get("after", "")
    found = browse.conflicted(managed(), after if ID.fullmatch(after) else "", PAGE + 1)
    conflicts = found[:PAGE]
    return render_template(
        "console/attention.html",
        conflicts=conflicts,
        count=browse.conflict_count(managed()),
        more=conflicts[-1].id if len(found) > PAGE else "",
        typable=words.typable,
        shapes=shapes_of,
        quarantined=browse.quarantined(managed()),
        refused=upstream.refused(managed()),
        people=authors({}, conflicts),
        names=browse.names_of(_named(conflicts), managed()),
    )


@console.get("/conflict/<record>")
@manager_only
def conflict(record: str) -> Any:
    """One record's conflicts, a boundary on a map."""
    found = browse.one(record, managed()) or abort(404)
    if not found.conflicts:
        return redirect(url_for("console.record", record=record))
    return _page(found, {})


def _page(found: Seen, wrong: Mapping[str, str]) -> str:
    """A record's conflicts. *wrong*: what cannot be read of what a form of it typed, by field."""
    saw(found)
    return render_template(
        "console/conflict.html",
        record=found,
        wrong=wrong,
        back=request.form.get("back") or url_for("console.attention"),
        typable=words.typable,
        shapes=shapes_of,
        people=authors({}, [found]),
        names=browse.names_of(_named([found]), managed()),
        drawing=drawing(Filter(areas=(found.area,)), box_of(found.id, managed()), found.id)
        if found.type == "plot"
        else None,
    )


@console.post("/settle/<record>")
@manager_only
def settle(record: str) -> Any:
    """Settle a conflict with one of its values or with a third: an ordinary change over them all."""
    found = browse.one(record, managed()) or abort(404)
    name = request.form.get("field", "")
    rivals = found.conflicts.get(name, [])
    # A value that came in since the page was drawn was before nobody's eyes: it must not be replaced with the others.
    shown = request.form.getlist("rival")
    if {each["change"] for each in rivals} - set(shown):
        flash(_("Another value has come in meanwhile. Look at it, and choose again."), "fault")
    elif not rivals:
        flash(_("This was settled meanwhile."), "fault")
    else:
        try:
            value = _chosen(found, name, rivals)
        except _Unreadable as error:
            return _page(found, {name: str(error)}), 422
        # What is deleted for good is what the page showed; what came in since brings the record back again.
        change = change_of(found, {name: value}, request.form.getlist("seen"))
        accepted, _refused = write([change])
        flash(_("Settled.") if accepted else _("This could not be settled."), "said")
    return back_to(url_for("console.attention"))


def _chosen(found: Seen, name: str, rivals: list[dict[str, Any]]) -> Any:
    """The value that was pressed or typed. Raises `_Unreadable` for a text that is no such value."""
    if name == "deleted" and "keep" in request.form:
        return False
    if "typed" not in request.form:
        pressed = next((each for each in rivals if each["change"] == request.form.get("change")), None)
        return pressed["value"] if pressed else abort(400)
    declared, text = words.field_of(found.type, name), request.form["typed"]
    if declared is None or not words.typable(found.type, name):
        abort(400)
    try:
        value = cells.read(declared, text, lists=lists()) if text.strip() else None
    except cells.Unreadable as error:
        raise _Unreadable(faults.say(error.code, error.params)) from None
    if wrong := validate_set(found.type, {name: value}):
        raise _Unreadable(words.fault_in_words(found.type, wrong[0]))
    return value


def _named(records: list[Seen]) -> set[str]:
    values = [each["value"] for found in records for rivals in found.conflicts.values() for each in rivals]
    owners = [found.fields.get(name) for found in records for name in ("plot", "farmer", "of")]
    return {value for value in (*values, *owners) if isinstance(value, str) and ID.fullmatch(value)}
