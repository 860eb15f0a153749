"""What changes where a record stands: deleting and restoring, moving to another area, joining with its double.

Each page says in numbers what it will do; each is an ordinary change, and can be taken back by the one that undoes it.
"""

from collections.abc import Collection, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from server.console import words
from server.console.edits import change_of, shown, standing, write
from server.console.gate import areas_named, managed, manager_only
from server.console.pages import console
from server.language import gettext as _
from server.store import browse, filters, people
from server.store.browse import Seen
from server.store.filters import Filter
from sync.change import ID
from sync.problem import Problem, sentence

WHAT = ("delete", "restore", "move", "join", "part")
PAGE = 50
# Moving more than this is for the command line of another day.
MOST_MOVED = 5000


@console.get("/record/<record>/do/<any(delete, restore, move, join, part):what>")
@manager_only
def doing(record: str, what: str) -> str:
    """What it would do, in numbers, before it is done."""
    found = browse.one(record, managed()) or abort(404)
    text = filters.cleaned(request.args.get("text", ""))[:100]
    beside = request.args.get("with", "") if what == "join" and not text else ""
    text = text or str(found.fields.get("name") or "")
    return render_template(
        "console/doing.html",
        record=found,
        what=what,
        hanging=len(_goes_along(found) if what == "move" else _hanging(found)),
        areas={area: name for area, name in areas_named().items() if area != found.area},
        here=areas_named()[found.area],
        text=text,
        candidates=_candidates(found, text, beside) if what == "join" else [],
        beside=beside,
        meant=browse.one(str(found.fields.get("same_as")), managed()) if what == "part" else None,
    )


@console.post("/record/<record>/do/<any(delete, restore, move, join, part):what>")
@manager_only
def do(record: str, what: str) -> Any:
    """Do it."""
    found = browse.one(record, managed()) or abort(404)
    seen = shown(found, request.form.get("seen", "").split(","))
    _must_stand(found, what, seen)
    if what == "delete":
        _done(
            [change_of(found, {"deleted": True}, seen)],
            _("Deleted. It can be restored here, or from the list of what is deleted."),
        )
    elif what == "restore":
        _done([change_of(found, {"deleted": False})], _("Restored."))
    elif what == "move":
        area = request.form.get("area", "")
        if area not in managed() or area == found.area:
            raise Problem("no_such_area", 422, sentence("Choose an area of yours that it is to go to."))
        moved = [found, *_goes_along(found)]
        if accepted := _done([change_of(each, {"area": area}) for each in moved]):
            flash(_("%(count)s records moved.", count=accepted), "said")
    elif what == "join":
        target = _target(found)
        _done([change_of(found, {"same_as": target.id})], _("Joined: what was recorded here stands there too."))
        return redirect(url_for("console.record", record=target.id))
    else:
        _done([change_of(found, {"same_as": None})], _("They are two again."))
    return redirect(url_for("console.record", record=record))


@console.get("/deleted")
@manager_only
def deleted() -> str:
    """What is deleted, newest record first; each can be restored."""
    after = request.args.get("after", "")
    found = browse.deleted(managed(), after if ID.fullmatch(after) else "", PAGE + 1)
    rows = found[:PAGE]
    logs = browse.history([each.id for each in rows])
    return render_template(
        "console/deleted.html",
        rows=[(each, words.before_deleting(logs[each.id]), logs[each.id][-1]) for each in rows],
        people=people.names_of(sorted({each[-1].envelope.author for each in logs.values()})),
        more=rows[-1].id if len(found) > PAGE else "",
    )


def _done(changes: list[Any], said: str = "") -> int:
    """Do it, and say what became of it: *said* where it was done. How many changes were accepted."""
    accepted, refused = write(changes)
    if accepted and said:
        flash(said, "said")
    if refused:
        flash(
            _("%(count)s could not be changed: they moved meanwhile, or a right was taken away.", count=refused),
            "fault",
        )
    return accepted


# What each deed overrides: who has decided about it since the page was opened is not passed over.
_DECIDES = {"restore": "deleted", "move": "area", "join": "same_as", "part": "same_as"}


def _must_stand(found: Seen, what: str, seen: Collection[str]) -> None:
    """Raise `Problem` ``changed_meanwhile`` where somebody has decided the same since the page was opened."""
    if what in _DECIDES and set(standing(found, _DECIDES[what])) - set(seen):
        raise Problem(
            "changed_meanwhile",
            409,
            sentence("Somebody has decided this otherwise since you opened the page. Open it again and look."),
        )


def _goes_along(found: Seen) -> list[Seen]:
    """All that moves with a record: what hangs on it, and on what was joined into it."""
    twins = browse.joined([found.area]).joined_into(found.id) - {found.id}
    joined = [each for twin in sorted(twins) if (each := browse.one(twin, [found.area]))]
    return _hanging(found, joined)


def _hanging(found: Seen, others: Sequence[Seen] = ()) -> list[Seen]:
    """All that names a record, and all that names that: what was recorded on a plot, the plots of a household. *others*: with
    these too, and what names them."""
    known: dict[str, Seen] = {each.id: each for each in (found, *others)}
    todo: Collection[str] = list(known)
    while todo and len(known) <= MOST_MOVED:
        groups = browse.referring(todo, [found.area])
        new = {each.id: each for group in groups.values() for each in group if each.id not in known}
        known |= new
        todo = list(new)
    if len(known) > MOST_MOVED:
        raise Problem(
            "too_many", 422, sentence("More than 5,000 records hang on this one. Move its parts one after the other.")
        )
    return [each for each in known.values() if each.id != found.id]


def _candidates(found: Seen, text: str, beside: str) -> list[Seen]:
    """Records that may be the same: of its type and area, *beside* first, then those with the words that are searched for."""
    wish = Filter(areas=(found.area,), text=text)
    page = filters.page(found.type, wish, 20)
    ids = list(dict.fromkeys([beside, *page.ids]))
    states = filters.records(ids, wish.areas)
    return [states[each] for each in ids if each in states and each != found.id and states[each].type == found.type]


def _target(found: Seen) -> Seen:
    wish = request.form.get("target", "")
    target = browse.one(wish, [found.area]) if ID.fullmatch(wish) else None
    if target is None or target.type != found.type or target.id == found.id or target.deleted:
        raise Problem("no_such_record", 422, sentence("Choose the record that is the same as this one."))
    if browse.joined([found.area]).stands_for(target.id) == found.id:
        raise Problem("in_a_ring", 422, sentence("The other one was already joined into this one."))
    return target
