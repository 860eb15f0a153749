"""Tasks: given for one plot or for all that a filter finds, seen done or late, withdrawn.

Must never give a task to somebody who has no role where it is: nobody would see it.
"""

from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from server.bring.cells import HERE
from server.console.edits import change_of, write
from server.console.gate import managed, manager_only, reader
from server.console.pages import console
from server.language import gettext as _
from server.store import filters, people, tasks
from server.store.browse import Seen
from server.store.filters import Filter
from sync.change import ID, Change
from sync.problem import Problem, sentence
from sync.records import SCHEMA, validate_set

MOST = 5000
SHOWN = 200


@console.get("/tasks")
@manager_only
def tasks_list() -> str:
    """Tasks, those given together in one line; the one in the address with its plots."""
    groups = tasks.given(managed())
    wish = tuple(request.args.get(name, "") for name in ("what", "due", "assignee"))
    chosen = next((each for each in groups if (each.what, each.due, each.assignee) == wish), None)
    show = request.args.get("show", "")
    if show == "late":
        groups = [each for each in groups if each.is_late(_today())]
    elif show == "done":
        groups = [each for each in groups if not each.open]
    targets = [str(each.fields.get("of")) for each in [*chosen.open, *chosen.done][:SHOWN]] if chosen else []
    return render_template(
        "console/tasks.html",
        groups=groups[:SHOWN],
        chosen=chosen,
        show=show,
        today=_today(),
        people=people.names_of(sorted({each.assignee for each in groups if each.assignee})),
        names=filters.records(targets, managed()),
        shown=SHOWN,
    )


@console.get("/tasks/new")
@manager_only
def task_new() -> str:
    """A form for tasks on all plots that the filter in the address finds, or on one record (`of`)."""
    return _form({})


@console.post("/tasks/new")
@manager_only
def task_give() -> Any:
    """Give them."""
    values = {name: request.form.get(name, "").strip() for name in ("what", "due", "assignee")}
    kept = {name: value for name, value in values.items() if value}
    wrong = {fault.path: fault.code for fault in validate_set("task", kept)}
    for name in ("what", "due"):
        if name not in kept:
            wrong[name] = "missing"
    if wrong:
        return _form(wrong), 422
    on = _on()
    if request.form.get("count", str(len(on))) != str(len(on)):
        return _form({"count": "changed"}), 409
    changes = [_task(each, kept) for each in on]
    if not changes or len(changes) > MOST:
        raise _too_many(len(changes))
    if fault := _assignee_fault(kept.get("assignee"), {each.area for each in on}):
        return _form({"assignee": fault}), 422
    accepted, refused = write(changes)
    flash(_("%(count)s tasks given.", count=accepted), "said")
    if refused:
        flash(_("%(count)s could not be given: a right was taken away meanwhile.", count=refused), "fault")
    return redirect(url_for("console.tasks_list", what=values["what"], due=values["due"], assignee=values["assignee"]))


@console.post("/tasks/withdraw")
@manager_only
def tasks_withdraw() -> Any:
    """Withdraw those of a group that are not done: they are deleted as any record, and can be restored."""
    wish = tuple(request.form.get(name, "") for name in ("what", "due", "assignee"))
    group = next((each for each in tasks.given(managed()) if (each.what, each.due, each.assignee) == wish), None)
    if group is None:
        abort(404)
    accepted, _refused = write([change_of(each, {"deleted": True}, each.view()) for each in group.open])
    flash(
        _("%(count)s tasks withdrawn. They can be restored from the list of what is deleted.", count=accepted), "said"
    )
    return redirect(url_for("console.tasks_list"))


def _form(wrong: dict[str, str]) -> str:
    wish = _wish()
    of = _of()
    return render_template(
        "console/task_new.html",
        of=of,
        args=wish.as_args(),
        count=1 if of else filters.count("plot", wish),
        most=MOST,
        people=tasks.people([of.area] if of else wish.areas),
        wrong=wrong,
        today=_today(),
    )


def _on() -> list[Seen]:
    """The records that a task is given on."""
    of = _of()
    if of:
        return [of]
    wish = _wish()
    count = filters.count("plot", wish)
    if not 0 < count <= MOST:
        raise _too_many(count)
    return list(filters.walk("plot", wish))


def _of() -> Seen | None:
    wish = request.values.get("of", "")
    if not wish:
        return None
    found = filters.records([wish], managed()).get(wish) if ID.fullmatch(wish) else None
    return found if found and found.type in ("plot", "farmer") else abort(404)


def _wish() -> Filter:
    return filters.read(request.args, {area: reader().area_names[area] for area in managed()}).strictly()


def _task(on: Seen, values: dict[str, str]) -> Change:
    id_ = people.new_id()
    return Change(id_, id_, "task", on.area, {"of": on.id, **values}, schema=SCHEMA)


def _assignee_fault(user: str | None, areas: set[str]) -> str:
    if user and not areas <= tasks.people(sorted(areas)).get(user, ("", set()))[1]:
        return _("This person has no role in every area of these plots. Choose another, or fewer plots.")
    return ""


def _too_many(count: int) -> Problem:
    return Problem(
        "too_many_tasks",
        422,
        sentence("The filter finds %(count)s plots: tasks are given for 1 to %(most)s at once. Narrow it."),
        params={"count": count, "most": MOST},
    )


def _today() -> str:
    today: date = datetime.now(HERE).date()
    return today.isoformat()
