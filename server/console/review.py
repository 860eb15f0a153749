"""The review: a queue of what is new or changed, looked at record by record, by the keys, or many at once.

Must never say of anything that it was looked at but what the page showed (`seen`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from server.console.edits import change_of, shown, standing, write
from server.console.gate import managed, manager_only, ours, saw
from server.console.one import authors, owner_of, pictures_of, state_after
from server.console.pages import console
from server.console.plot_list import asked_for, choices, sentences
from server.console.tiles import shapes_of
from server.language import gettext as _
from server.store import browse, filters, log, pictures
from server.store.browse import Seen
from server.store.glance.rows import review_of
from sync.change import ID, Change, Logged
from sync.records import TYPES

PAGE = 50
MOST_COUNTED = 9_999  # of each type; whoever has more to look at needs no number
LONGEST_NOTE = 2000
# What is looked at; a task is the manager's own. Photos are looked at where they belong, and approved with it: those that
# came later wait by themselves.
LOOKED_AT = ("farmer", "plot", "harvest", "observation", "activity", "photo")
DECISIONS = ("approved", "queried", "rejected")


@console.get("/review")
@manager_only
def review() -> str:
    """The queue: a list, and the record that is being looked at beside it."""
    return _page()


def _page(wrong: str = "") -> str:
    """The page of the address. *wrong*: what of a form of it could not be taken, which stands there as it was sent."""
    asked = asked_for().wish
    wish = replace(asked, state=asked.state or "waits", sort=asked.sort if "sort" in request.args else "changed")
    type_ = request.args.get("type", "")
    # What narrows the queue is looked for record by record: where one type is meant, in that type's alone.
    narrowed = set(wish.as_args()) - {"area", "state", "sort"}
    counted = (type_,) if narrowed and type_ in LOOKED_AT else LOOKED_AT
    waiting = dict.fromkeys(LOOKED_AT) | {each: filters.count_to(each, wish, MOST_COUNTED) for each in counted}
    if type_ not in LOOKED_AT:
        type_ = next((each for each in LOOKED_AT if waiting[each]), "plot")
    page = filters.page(type_, wish, PAGE)
    found = filters.records(page.ids, wish.areas)
    rows = [found[each] for each in page.ids if each in found]
    chosen = _chosen(rows)
    if chosen:
        saw(chosen)
    place = rows.index(chosen) if chosen in rows else -1
    args = wish.as_args(sort="name") | {"type": type_}
    # Whoever looks at a record of a page, and decides, stays on that page.
    here = args | {name: mark for name in ("after", "before") if (mark := getattr(wish, name))}
    return render_template(
        "console/review.html",
        rows=rows,
        waiting=waiting,
        most=MOST_COUNTED,
        type=type_,
        page=page,
        args=args,
        at=here,
        record=chosen,
        following=rows[place + 1] if 0 <= place < len(rows) - 1 else None,
        looked=_looked_at(chosen) if chosen else None,
        names=browse.names_of(_named(rows), managed()),
        sentences=list(sentences(replace(wish, state=asked.state))),
        choices=choices(wish),
        wish=wish,
        here=url_for("console.review", **here),
        shapes=shapes_of,
        wrong=wrong,
        typed=request.form,
    )


@console.post("/review")
@manager_only
def decide_review() -> Any:
    """Approve, query or reject what was looked at: one record, or all that are ticked."""
    state = request.form.get("state", "")
    note = " ".join(request.form.get("note", "").replace("\0", "").split())[:LONGEST_NOTE]
    records = list(dict.fromkeys(each for each in request.form.getlist("record") if ID.fullmatch(each)))[:PAGE]
    if state not in DECISIONS:
        abort(400)
    if not records:
        return _page(_("Tick the records that you mean first.")), 422
    if state == "queried" and not note:
        return _page(_("Write what you want to ask: the officer reads it on the phone.")), 422
    found = {each: state_ for each in records if (state_ := browse.one(each, managed())) and not state_.deleted}
    # Beside others nobody sees what is in dispute: it is looked at by itself.
    meant = [each for each in found.values() if len(records) == 1 or not each.conflicts]
    accepted, refused = write([_reviewed(each, state, note) for each in meant])
    if state == "approved" and accepted:
        write([_reviewed(each, state, note) for each in _shown_photos()])
    _say(state, accepted, refused + len(records) - len(found))
    if disputed := len(found) - len(meant):
        flash(_("%(count)s wait on: two people disagree there. Settle that first.", count=disputed), "fault")
    following = request.form.get("next", "")
    wish = ours(request.form.get("back")) or url_for("console.review")
    if ID.fullmatch(following) and wish.startswith(url_for("console.review")):
        wish += f"{'&' if '?' in wish else '?'}at={following}"
    # On a small screen the record stands below the filters: whoever decides stays with the records.
    return redirect(f"{wish.partition('#')[0]}#looked")


def _shown_photos() -> list[Seen]:
    """The photos of a record whose pictures its page showed, as far as they wait for somebody to look at them."""
    ids = {each for each in request.form.getlist("photo") if ID.fullmatch(each)}
    found = filters.records(ids, managed()).values()
    return [each for each in found if each.type == "photo" and not each.conflicts and review_of(each) in filters.WAITS]


def _reviewed(found: Seen, state: str, note: str) -> Change:
    seen = shown(found, request.form.get(f"seen-{found.id}", "").split(","))
    value: dict[str, Any] = {"state": state, "seen": seen} | ({"note": note} if note else {})
    known = TYPES[found.type].fields if found.type in TYPES else {}
    if about := [each for each in request.form.getlist("about") if each in known]:
        value["fields"] = about
    return change_of(found, {"review": value}, shown_ids=seen)


def _say(state: str, accepted: int, refused: int) -> None:
    said = {
        "approved": _("%(count)s approved.", count=accepted),
        "queried": _("%(count)s queried: the officer reads it on the phone.", count=accepted),
        "rejected": _("%(count)s rejected.", count=accepted),
    }
    flash(said[state], "said")
    if refused:
        flash(_("%(count)s could not be reviewed: they were deleted or moved meanwhile.", count=refused), "fault")


def _chosen(rows: Sequence[Seen]) -> Seen | None:
    wish = request.args.get("at", "")
    if ID.fullmatch(wish):
        found = next((each for each in rows if each.id == wish), None) or browse.one(wish, managed())
        if found and not found.deleted:
            return found
    return rows[0] if rows else None


def _looked_at(found: Seen) -> dict[str, Any]:
    """What stands beside the list: the record, what of it is new since the last review, and what it was then."""
    logs = browse.history([found.id])
    entries = logs[found.id]
    photos = pictures_of(found)
    names = {str(photo.fields[name]) for photo in photos for name in log.PICTURE_FIELDS if name in photo.fields}
    arrived = pictures.arrived(names)
    return {
        "fresh": fresh(found),
        "was": _before(found, entries),
        "entries": entries,
        "people": authors(logs, [found]),
        "photos": photos,
        "arrived": arrived,
        "pictures": [each for each in photos if each is not found and _is_seen(each, arrived)],
        "names": browse.names_of(_named([found]), managed()) | owner_of(found),
        "types": TYPES,
    }


def _is_seen(photo: Seen, arrived: Collection[str]) -> bool:
    """Whether a page shows the picture of a photo, small or whole."""
    return any(str(photo.fields.get(name)) in arrived for name in log.PICTURE_FIELDS)


def fresh(found: Seen) -> set[str]:
    """The fields that say something which the last reviewer did not see; none where nobody has reviewed it."""
    review = found.fields.get("review")
    if not isinstance(review, dict):
        return set()
    seen = {each for each in review.get("seen") or () if isinstance(each, str)}
    names = {name for names in found.heads.values() for name in names} | set(found.conflicts)
    return {name for name in names - {"review"} if set(standing(found, name)) - seen}


def _before(found: Seen, entries: Sequence[Logged]) -> Mapping[str, Any]:
    """What stood in the fields when the last reviewer looked."""
    review = found.fields.get("review")
    seen = set(review.get("seen") or ()) if isinstance(review, dict) else set()
    # What was seen, and all that it had replaced, which was in nobody's view by then. Not all up to some time: work that was
    # done offline before comes in later.
    known, todo, then = {each.change.id: each for each in entries}, set(seen), set[str]()
    while todo:
        if (change := todo.pop()) in known and change not in then:
            then.add(change)
            todo.update(each for ids in known[change].change.over.values() for each in ids)
    return state_after([known[each] for each in then]).fields if then else {}


def _named(records: Sequence[Seen]) -> set[str]:
    values = [found.fields.get(name) for found in records for name in ("plot", "farmer", "of")]
    return {value for value in values if isinstance(value, str) and ID.fullmatch(value)}
