"""The pages of one record: a plot with all that was recorded on it, a household, any other; and each one's whole history."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.console import plots, words
from server.console.gate import managed, manager_only, ours, saw
from server.console.pages import console
from server.console.tiles import drawing, shapes_of
from server.store import browse, log, people, pictures, plot_list
from server.store.browse import Joined, Seen
from server.store.filters import Filter
from server.store.plot_list import box_of
from sync.change import Logged
from sync.geometry import area_ha
from sync.merge import fold
from sync.records import TYPES

_GROUPS = (("harvest", "date"), ("observation", "at"), ("activity", "date"), ("task", "due"))


@console.get("/plot/<record>")
@manager_only
def plot(record: str) -> str:
    """One plot, with all that was recorded on it, by whom and when."""
    found = _mine(record, "plot")
    joined = browse.joined(managed())
    saw(found)
    children = _referring(record, joined)
    farmer = browse.one(joined.stands_for(found.fields.get("farmer") or ""), managed())
    photos = photos_of([found, *children])
    logs = browse.history([record, *(child.id for child in children)])
    area = area_ha(found.fields.get("boundary"))
    names = {each.id: str(each.fields.get("name") or "") for each in (found, farmer) if each}
    if farmer:
        names[found.fields["farmer"]] = names[farmer.id]
    return render_template(
        "console/plot.html",
        plot=found,
        meant=_meant(found, joined),
        farmer=farmer,
        area=area,
        seasons=plots.seasons(plots.of_type(children, "harvest", "date"), area or found.fields.get("declared_area_ha")),
        groups=[(type_, by, plots.of_type(children, type_, by)) for type_, by in _GROUPS],
        logs=logs,
        photos=photos,
        arrived=_arrived(photos),
        people=authors(logs, [found, *children]),
        names=names,
        types=TYPES,
        typable=words.typable,
        shapes=shapes_of,
        drawing=drawing(Filter(areas=(found.area,)), box_of(record, managed()), record),
    )


@console.get("/farmer/<record>")
@manager_only
def farmer(record: str) -> str:
    """A household and its plots."""
    found = _mine(record, "farmer")
    saw(found)
    logs = browse.history([record])
    return render_template(
        "console/farmer.html",
        farmer=found,
        meant=_meant(found, browse.joined(managed())),
        rows=plot_list.of_farmer(found.id, managed()),
        logs=logs,
        people=authors(logs, [found]),
        names={found.id: str(found.fields.get("name") or "")},
        types=TYPES,
    )


@console.get("/record/<record>")
@manager_only
def record(record: str) -> Any:
    """Any record: where it has a page of its own, there."""
    found = browse.one(record, managed()) or abort(404)
    if found.type in ("plot", "farmer") and not found.deleted:
        return redirect(url_for(f"console.{found.type}", record=record))
    return _whole(found, "console/record.html")


@console.get("/record/<record>/history")
@manager_only
def history(record: str) -> str:
    """Every change of a record, and its state after any of them."""
    return _whole(browse.one(record, managed()) or abort(404), "console/history.html")


def _whole(found: Seen, template: str) -> str:
    saw(found)
    logs = browse.history([found.id])
    entries = logs[found.id]
    chosen = next((place for place, each in enumerate(entries) if each.change.id == request.args.get("at")), None)
    photos = pictures_of(found)
    return render_template(
        template,
        record=found,
        entries=entries,
        earlier=state_after(entries[: chosen + 1]) if chosen is not None else None,
        chosen=entries[chosen] if chosen is not None else None,
        people=authors(logs, [found]),
        devices=browse.device_names({each.envelope.device for each in entries}),
        names=browse.names_of(_named(found, entries), managed()) | owner_of(found),
        photos=photos,
        arrived=_arrived({found.id: photos}),
        types=TYPES,
        shapes=shapes_of,
    )


def state_after(entries: list[Logged]) -> Seen:
    """The record as it was when just these changes were made."""
    return browse.read_state(fold(entries))


def _named(found: Seen, entries: list[Logged]) -> set[str]:
    """The ids that a record's fields name, now or earlier."""
    values = [*found.fields.values(), *(value for each in entries for value in each.change.set.values())]
    return {value for value in values if isinstance(value, str) and len(value) == 36}


def _mine(record: str, type_: str) -> Seen:
    found = browse.one(record, managed())
    if found is None or found.type != type_:
        abort(404)
    return found


def photos_of(records: list[Seen]) -> dict[str, list[Seen]]:
    """The photos of each of *records*, oldest first."""
    found = browse.referring([each.id for each in records], managed())
    return {
        target: list(reversed(plots.of_type(each, "photo", "taken_at")))
        for target, each in found.items()
        if any(one.type == "photo" for one in each)
    }


def pictures_of(found: Seen) -> list[Seen]:
    """The photos that a page shows with *found*: of a photo itself."""
    return [found] if found.type == "photo" else photos_of([found]).get(found.id, [])


def owner_of(found: Seen) -> dict[str, str]:
    """What the record is called of which *found* is a photo: most have no name of their own."""
    owner = browse.one(str(found.fields.get("of")), managed()) if found.type == "photo" else None
    return {owner.id: words.title_of(owner)} if owner else {}


def _arrived(photos: dict[str, list[Seen]]) -> Any:
    each = [photo.fields for found in photos.values() for photo in found]
    names = {str(fields[name]) for fields in each for name in log.PICTURE_FIELDS if name in fields}
    return pictures.arrived(names)


def _referring(record: str, joined: Joined) -> list[Seen]:
    """What names *record*, or one that was joined into it."""
    found = browse.referring(joined.joined_into(record), managed())
    return [child for twin in sorted(found) for child in found[twin]]


def _meant(record: Seen, joined: Joined) -> Seen | None:
    """The record that stands for *record*, where it was joined into one."""
    meant = joined.stands_for(record.id)
    return browse.one(meant, managed()) if meant != record.id else None


def authors(logs: Any, records: list[Seen]) -> dict[str, str]:
    """What the people are called who made these changes, or stand in a conflict of *records*."""
    ids = {entry.envelope.author for entries in logs.values() for entry in entries}
    ids.update(each["by"] for record in records for rivals in record.conflicts.values() for each in rivals)
    return people.names_of(sorted(ids))


def back_to(otherwise: str) -> Response:
    """Back to the page whose form was sent, when it is one of ours."""
    return redirect(ours(request.form.get("back")) or otherwise)
