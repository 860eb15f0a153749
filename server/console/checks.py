"""What the records say together that a person should look at: a list for each rule, worst first, with what to do.

Nothing is repaired here: each way out leads to a page where somebody changes something, or says that it is right as it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from flask import abort, flash, redirect, render_template, request, url_for

from server.bring import cells, faults
from server.console import check_words, words
from server.console.gate import managed, manager_only, reader
from server.console.pages import console
from server.console.tiles import shapes_of
from server.language import gettext as _
from server.language import name_of
from server.store import browse, communes, doubts, filters, glance, right_as_is
from server.store.doubts import Doubt
from server.store.glance.rows import HERE
from server.store.lists import lists
from sync.change import ID
from sync.limits import MOST_OTHER
from sync.problem import Problem, sentence

PAGE = 20
_MOST_LIMIT = 1000
# The counts of a rule, kept while nothing has come in: the key says what they were counted of.
_counted: dict[tuple[Any, ...], int] = {}
_MOST_COUNTED = 500


@console.get("/checks")
@manager_only
def checks() -> str:
    """The rules, each with its number."""
    mark = glance.mark(managed())
    rules = [(rule, check_words.title(rule), _count(rule, mark)) for rule in doubts.RULES]
    return render_template("console/checks.html", rules=rules, most=doubts.MOST)


@console.get("/checks/<rule>")
@manager_only
def check(rule: str) -> str:
    """The list of one rule, worst first."""
    if rule not in doubts.RULES:
        abort(404)
    found = doubts.of_rule(rule, managed(), _today())
    start = request.args.get("from", "0")
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 5 else 0
    page = found[first : first + PAGE]
    records = filters.records({each for doubt in page for each in (doubt.record, doubt.other) if each}, managed())
    named = {each.fields.get("plot") for each in records.values()} | {
        each.fields.get("farmer") for each in records.values()
    }
    return render_template(
        "console/check.html",
        rule=rule,
        title=check_words.title(rule),
        advice=check_words.advice(rule),
        count=len(found),
        most=doubts.MOST,
        rows=[
            (each, check_words.said(each), records[each.record], records.get(each.other))
            for each in page
            if each.record in records
        ],
        drawn=_drawn(rule, page),
        names=browse.names_of({each for each in named if isinstance(each, str) and ID.fullmatch(each)}, managed()),
        following=first + PAGE if first + PAGE < len(found) else None,
        settled=[{**each, "title": _title_of(str(each["record"]))} for each in right_as_is.said(managed(), rule)[:50]],
    )


@console.post("/checks/<rule>")
@manager_only
def right(rule: str) -> Any:
    """It is right as it is; or it is to be looked at again."""
    record, other = request.form.get("record", ""), request.form.get("other", "")
    found = browse.one(record, managed()) if ID.fullmatch(record) else None
    if rule not in doubts.RULES or found is None or (other and not ID.fullmatch(other)):
        abort(404)
    if "again" in request.form:
        right_as_is.take_back(reader(), found.area, rule, record, other)
        flash(_("It is in the list again."), "said")
        return redirect(url_for("console.check", rule=rule))
    note = " ".join(request.form.get("note", "").replace("\0", "").split())[:500]
    # Only what the page showed is right: where it changed since, it stays in the list.
    print_ = request.form.get("print", "").replace("\0", "")[:16]
    right_as_is.say(reader(), found.area, rule, record, other, print_, note)
    flash(_("Right as it is. It comes back when something of it changes."), "said")
    return redirect(url_for("console.check", rule=rule))


@console.route("/checks/limits", methods=["GET", "POST"])
@manager_only
def limits() -> Any:
    """The yields that nobody would believe; an administrator changes them."""
    if request.method == "POST":
        if not reader().is_admin:
            raise Problem("admins_alone", 403, sentence("Only an administrator changes this."))
        typed, wrong = _typed_limits(request.form)
        if wrong:
            return _limits(wrong), 422
        right_as_is.set_yield_limits(reader(), typed)
        flash(_("Saved."), "said")
        return redirect(url_for("console.limits"))
    return _limits({})


def _limits(wrong: Mapping[str, str]) -> str:
    """*wrong*: what of the form could not be read, by crop."""
    found = right_as_is.yield_limits()
    codes = [each["code"] for each in lists().all("crop")]
    rows = [(code, name_of("crop", code), found.get(code, MOST_OTHER)) for code in codes]
    return render_template("console/limits.html", rows=rows, may=reader().is_admin, wrong=wrong, typed=request.form)


def _typed_limits(form: Mapping[str, str]) -> tuple[dict[str, float | None], dict[str, str]]:
    """The limits that the form says, and what is wrong with it, by crop."""
    typed: dict[str, float | None] = {}
    wrong: dict[str, str] = {}
    for code in (each["code"] for each in lists().all("crop")):
        text = form.get(f"most-{code}", "").strip()
        if text == form.get(f"was-{code}", "").strip():
            continue  # somebody else may have changed it since the page was opened
        try:
            typed[code] = float(cells.read_number(text)) if text else None
        except cells.Unreadable as error:
            wrong[code] = faults.say(error.code, error.params)
            continue
        if (most := typed[code]) is not None and not 0 < most <= _MOST_LIMIT:
            wrong[code] = _("Write tonnes a hectare, from 0 to %(most)s.", most=words.number(_MOST_LIMIT, 0))
    return typed, wrong


def _count(rule: str, mark: int) -> int:
    areas = managed()
    calmed = tuple(sorted(right_as_is.settled(rule).items()))
    limits = tuple(sorted(right_as_is.yield_limits().items())) if rule == "yield" else ()
    bounded = communes.mark() if rule in ("outside", "far") else ()
    key = (rule, tuple(sorted(areas)), mark, hash(calmed), limits, bounded, lists(), _today())
    if (found := _counted.get(key)) is None:
        found = len(doubts.of_rule(rule, areas, _today()))
        if len(_counted) >= _MOST_COUNTED:
            _counted.clear()
        _counted[key] = found
    return found


def _today() -> Any:
    return datetime.now(HERE).date()


def _title_of(record: str) -> str:
    found = browse.one(record, managed())
    return words.title_of(found) if found else "–"


def _drawn(rule: str, page: list[Doubt]) -> dict[str, str]:
    """For overlaps: both shapes of each pair, for its map."""
    if rule not in ("overlap", "double_plot"):
        return {}
    shapes = doubts.shapes_of([each for doubt in page for each in (doubt.record, doubt.other)])
    pairs = {
        each.record + each.other: [shapes[one] for one in (each.record, each.other) if one in shapes] for each in page
    }
    return {key: shapes_of([{"value": orjson.loads(each)} for each in found]) for key, found in pairs.items() if found}
