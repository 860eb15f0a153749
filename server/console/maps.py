"""The console's page of maps: an administrator hands in packs for an area and takes them away again."""

from typing import Any, BinaryIO, cast

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from server import language as languages
from server.app import settings_of
from server.console.gate import manager_only, reader
from server.console.pages import console
from server.language import gettext as _
from server.maps import intake, maps_shelf
from server.store import audit, maps, people
from sync.problem import Problem, sentence


@console.route("/maps", endpoint="maps", methods=["GET", "POST"])
@manager_only
def maps_page() -> Any:
    """The maps of the reader's areas; an administrator adds one here."""
    status = 200
    if request.method == "POST":
        try:
            _add()
            flash(_("The map is there. Officers find it under “Maps” on their phones."), "said")
            return redirect(url_for("console.maps"))
        except Problem as problem:
            flash(languages.translate(problem.message, problem.params), "fault")
            status = problem.status
    settings = settings_of(current_app)
    offered = maps.offered(None if reader().is_admin else list(reader().roles))
    return render_template(
        "console/maps.html",
        offered=offered,
        here=maps_shelf(settings).having({each.sha256 for each in offered}),
        areas=people.list_areas() if reader().is_admin else [],
        most=settings.map_bytes,
    ), status


@console.post("/maps/<string(length=36):pack>/remove")
@manager_only
def remove_map(pack: str) -> Any:
    """Take a map away from its area."""
    if not reader().is_admin:
        abort(404)
    found = maps.one(pack, list(reader().roles))
    intake.remove(pack, settings_of(current_app))
    if found:
        audit.note_now(reader().user_id, "map_removed", found.area, name=found.name)
    flash(_("The map was taken away. Phones that have it keep it until it is deleted there."), "said")
    return redirect(url_for("console.maps"))


@console.post("/maps/<string(length=36):pack>/give")
@manager_only
def give_map(pack: str) -> Any:
    """Let another area have it too."""
    if not reader().is_admin:
        abort(404)
    area = request.form.get("area", "")
    maps.give(pack, area, reader().user_id)
    audit.note_now(reader().user_id, "map_added", area)
    flash(_("The map is there. Officers find it under “Maps” on their phones."), "said")
    return redirect(url_for("console.maps"))


def _add() -> None:
    if not reader().is_admin:
        raise Problem("forbidden", 403, sentence("You have no right to this."))
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Problem("no_file", 422, sentence("Choose a file first."))
    name = request.form.get("name", "").strip() or file.filename.rsplit(".", 1)[0]
    settings = settings_of(current_app)
    area = request.form.get("area", "")
    intake.add(cast(BinaryIO, file.stream), area, name, settings, reader().user_id)
    audit.note_now(reader().user_id, "map_added", area, name=name)
