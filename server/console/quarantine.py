"""What was refused: seen with its reason, accepted after all, mended, answered, put away.

Must never decide by itself: each of these is a press of a person, whose name stays with it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from server.bring import cells, faults
from server.console import words
from server.console.gate import before, managed, manager_only, reader
from server.console.pages import console
from server.language import gettext as _
from server.store import browse, log, people, refused
from server.store.lists import lists
from server.store.refused import RefusedChange
from sync.change import Change, as_text
from sync.problem import Problem, sentence
from sync.records import SCHEMA, validate_set
from sync.records.fields import Geometry, Items, Object

LONGEST_ANSWER = 400
_DAYS_TO_ANSWER = 7
_TASKED = ("plot", "farmer")  # what a task can be of


@console.get("/refused")
@manager_only
def refused_list() -> str:
    """What waits, or what people decided, newest first."""
    settled = request.args.get("show") == "settled"
    author, reason = (request.args.get(name, "").replace("\0", "")[:60] for name in ("author", "reason"))
    found = refused.page(managed(), settled=settled, author=author, reason=reason, before=before())
    return render_template(
        "console/refused.html",
        rows=found[: refused.PAGE],
        more=found[refused.PAGE - 1].id if len(found) > refused.PAGE else None,
        waiting=refused.waiting(managed()),
        not_kept=refused.not_kept(managed()),
        settled=settled,
        wish={"author": author, "reason": reason},
        why=_why,
    )


@console.get("/refused/<int(max=999999999):number>")
@manager_only
def refused_one(number: int) -> str:
    """One of them, with a form that mends it."""
    return _form(refused.one(number, managed()) or abort(404), {}, {})


@console.post("/refused/<int(max=999999999):number>")
@manager_only
def decide(number: int) -> Any:
    """Accept as it came, accept mended, put away, take out again."""
    found = refused.one(number, managed()) or abort(404)
    answer = request.form.get("answer", "").strip()[:LONGEST_ANSWER]
    how = request.form.get("how", "")
    try:
        if how == "accept":
            refused.accept(reader(), number, answer)
            flash(_("Accepted, in the name of %(name)s.", name=found.author), "said")
        elif how == "mend":
            values, wrong = _typed(found)
            if wrong:
                return _form(found, wrong, request.form), 422
            refused.mend(reader(), number, values, _area(found), answer)
            flash(_("Accepted as you mended it. The history names you as the author."), "said")
    except Problem as problem:
        found = refused.one(number, managed()) or abort(404)
        said = {field.split(".")[0]: text for field, text in words.by_field(problem).items()}
        # What is wrong with none of the fields that were sent stands above them all.
        said = {name if name in found.sent else "": text for name, text in said.items()}
        return _form(found, said, request.form), problem.status
    if how == "away":
        refused.put_away(reader(), [number], answer)
        flash(_("Put away. It is kept, and can be taken out again."), "said")
    elif how == "out":
        refused.take_out(reader(), number)
        flash(_("It waits for a decision again."), "said")
        return redirect(url_for("console.refused_one", number=number))
    if answer and how in ("accept", "mend", "away"):
        _tell_author(found, answer)
    return redirect(url_for("console.refused_list"))


@console.post("/refused/away")
@manager_only
def put_away_many() -> Any:
    """Put many away at once, with one answer for all."""
    numbers = [int(each) for each in request.form.getlist("number") if each.isdecimal() and len(each) < 10][
        : refused.PAGE
    ]
    answer = request.form.get("answer", "").strip()[:LONGEST_ANSWER]
    found = [each for number in numbers if (each := refused.one(number, managed()))]
    count = refused.put_away(reader(), numbers, answer)
    for each in {each.author_id: each for each in found}.values() if answer else ():
        _tell_author(each, answer)
    flash(_("%(count)s refused changes were put away.", count=count), "said")
    return redirect(url_for("console.refused_list"))


def _form(found: RefusedChange, wrong: Mapping[str, str], typed: Mapping[str, str]) -> str:
    return render_template(
        "console/refused_one.html",
        each=found,
        why=_why(found),
        faults=wrong or _faults(found),
        typed=typed,
        fields=_fields(found),
        areas={area: reader().area_names[area] for area in managed()},
        choose_area=found.area not in managed() and _home(found) is None,
        as_it_came=not _faults(found) and found.reason == "forbidden",
        longest=LONGEST_ANSWER,
    )


def _fields(found: RefusedChange) -> list[tuple[str, str, bool]]:
    """Of each field that was sent: its name, the value as it stands in the form, whether a person can type another."""
    rows = []
    for name, value in found.sent.items():
        declared = words.field_of(found.type, name)
        typed = declared is not None and not isinstance(declared, Geometry | Items | Object)
        rows.append(
            (name, cells.as_text(value) if not isinstance(value, dict | list) else words.readable(value), typed)
        )
    return rows


def _faults(found: RefusedChange) -> dict[str, str]:
    """What is wrong with each field, in sentences."""
    said: dict[str, str] = {}
    for fault in validate_set(found.type, found.sent):
        said.setdefault(fault.path.split(".")[0], faults.say(fault.code, fault.params))
    return said


def _typed(found: RefusedChange) -> tuple[dict[str, Any], dict[str, str]]:
    """The values that the form says, and what is wrong with them by field."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    before = {name: text for name, text, _typed in _fields(found)}
    for name, sent in found.sent.items():
        if f"leave-{name}" in request.form:
            continue
        text = request.form.get(f"field-{name}")
        declared = words.field_of(found.type, name)
        if text is None or declared is None or text.strip() == before[name].strip():
            values[name] = sent
            continue
        try:
            values[name] = cells.read(declared, text, lists=lists()) if text.strip() else None
        except cells.Unreadable as error:
            wrong[name] = faults.say(error.code, error.params)
    for fault in validate_set(found.type, values):
        wrong.setdefault(fault.path.split(".")[0], faults.say(fault.code, fault.params))
    if not values and not wrong:
        wrong[""] = _("Nothing is left of it. Put it away instead.")
    return values, wrong


def _why(found: RefusedChange) -> str:
    """The reason in a sentence, with the field that it is about."""
    field = str(found.detail.get("field") or "").split(".")[0]
    name = words.field_name(found.type, field) if field else ""
    return f"{words.reason(found.reason)}{f' ({name})' if name else ''}"


def _home(found: RefusedChange) -> str | None:
    """Where the record that it is about lives, if that is known."""
    known = browse.one(str(found.body.get("record", "")), managed()) if isinstance(found.body, dict) else None
    return known.area if known else None


def _area(found: RefusedChange) -> str:
    wish = _home(found) or request.form.get("area") or found.area or ""
    return wish if wish in managed() else abort(404)


def _about(found: Any, area: str) -> str | None:
    """The plot or household that a refused change is about, as far as it lives in *area*: what a task can be of."""
    record = found.body.get("record")
    there = browse.one(str(record), [area])
    for each in (found.sent.get("plot"), found.sent.get("of"), there and there.fields.get("plot"), record):
        known = browse.one(str(each), [area])
        if known and known.type in _TASKED:
            return known.id
    return None


def _tell_author(found: RefusedChange, answer: str) -> None:
    """The answer reaches the phone as a task for the author of what was refused: it stands on home there."""
    area = found.area if found.area in managed() else _home(found)
    author = people.sender_without_device(found.author_id)
    if area is None or author is None or area not in author.roles:
        flash(_("The answer stands here only: its author has no area of yours to receive it in."), "fault")
        return
    now = datetime.now(UTC)
    day = words.day(found.received_at.date().isoformat())
    text = _("About what was refused on %(day)s: %(answer)s", day=day, answer=answer)
    values = {
        "what": text[:500],
        "assignee": found.author_id,
        "due": (now + timedelta(days=_DAYS_TO_ANSWER)).astimezone(cells.HERE).date().isoformat(),
    }
    if about := _about(found, area):
        values["of"] = about
    change_id = people.new_id()
    change = Change(change_id, change_id, "task", area, values, schema=SCHEMA)
    outcome = log.accept_from_console(reader(), [change], as_text(now))
    if outcome.rejected:
        raise Problem("not_answered", 422, sentence("The answer could not be sent. Write it again."))
    flash(_("%(name)s reads the answer on the phone, among the tasks.", name=found.author), "said")
