"""The console's addresses: get, authorise, do, answer."""

from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    json,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from server import language as languages
from server.app import settings_of
from server.console import gate, plots, words
from server.console.gate import managed, manager_only, reader
from server.pictures import shelf_of
from server.pictures.shown import shown
from server.safety.intake import Report, take_in
from server.store import browse, enrolment, log, people, pictures, upstream
from server.store.browse import Joined, Seen
from sync.change import Change
from sync.geometry import area_ha
from sync.problem import Problem, sentence
from sync.records import LISTS, SCHEMA, TYPES

console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
_csrf = CSRFProtect()
MOST_FORM = 64 * 1024
MOST_FILE = 1024 * 1024 * 1024  # a phone full of pictures; a larger copy is read in on the command line


@console.record_once
def _begin(state: Any) -> None:
    _csrf.init_app(state.app)
    state.app.jinja_env.globals.update(words=words)


@console.before_request
def _check_form() -> None:
    if request.method == "POST":
        # Before the form is read: a file may be large, but only where somebody who is signed in may send one.
        takes_file = request.endpoint in ("console.read_in", "console.bring_file") and "user" in session
        request.max_content_length = MOST_FILE if takes_file else MOST_FORM
        _csrf.protect()


@console.after_request
def _remember_language(response: Response) -> Response:
    if request.args.get("lang") in languages.LANGUAGES:
        response.set_cookie(languages.COOKIE, request.args["lang"], max_age=31536000, samesite="Lax", httponly=True)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@console.errorhandler(Problem)
def _problem(problem: Problem) -> Any:
    said = languages.translate(problem.message, problem.params)
    return render_template("console/problem.html", sentence=said), problem.status


@console.errorhandler(HTTPException)
def _http(error: HTTPException) -> Any:
    sentences = {
        400: _("This page was open for too long, or the address is not right. Go back and try again."),
        413: _("This file is too large to be sent to this page. “nuong import-changes” reads it in."),
        404: _("There is nothing at this address, or it belongs to an area that is not yours."),
    }
    return render_template(
        "console/problem.html", sentence=sentences.get(error.code or 0, error.description)
    ), error.code


@console.context_processor
def _every_page() -> dict[str, Any]:
    found = g.get("reader")
    return {"reader": found, "attention": browse.attention_count(managed()) if found else 0}


console.add_url_rule("/sign-in", view_func=gate.sign_in, methods=["GET", "POST"])
console.add_url_rule("/sign-out", view_func=gate.sign_out, methods=["POST"])


@console.get("/")
@manager_only
def plots_page() -> str:
    """Plots on a map and in a table."""
    wish = _filters()
    found = plots.rows(managed(), wish)
    pages = max(1, -(-len(found) // plots.PAGE))
    shown = found[(wish.page - 1) * plots.PAGE : wish.page * plots.PAGE]
    plots.fill(shown, managed())
    return render_template(
        "console/plots.html",
        rows=shown,
        count=len(found),
        total_ha=sum(row.area or 0 for row in found),
        wish=wish,
        pages=pages,
        areas={area: reader().area_names[area] for area in managed()},
        crops=LISTS["crop"],
    )


console.add_url_rule("/", endpoint="plots", view_func=plots_page)


@console.get("/plots.geojson")
@manager_only
def plots_geojson() -> Response:
    """What the map of the plots page draws."""
    text = json.dumps(plots.features(plots.rows(managed(), _filters())))
    return Response(text, content_type="application/geo+json")


@console.get("/plot/<record>")
@manager_only
def plot(record: str) -> str:
    """One plot, with all that was recorded on it, by whom and when."""
    found = _mine(record, "plot")
    joined = browse.joined(managed())
    children = _referring(record, joined)
    farmer = browse.one(joined.stands_for(found.fields.get("farmer") or ""), managed())
    photos = _photos([found, *children])
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
        arrived=pictures.arrived({name for each in photos.values() for photo in each for name in _names_in(photo)}),
        people=_authors(logs, [found, *children]),
        names=names,
        types=TYPES,
    )


@console.get("/farmer/<record>")
@manager_only
def farmer(record: str) -> str:
    """A household and its plots."""
    found = _mine(record, "farmer")
    joined = browse.joined(managed())
    children = _referring(record, joined)
    rows = [plots.row_of(each, {}) for each in plots.of_type(children, "plot", "name")]
    plots.fill(rows, managed())
    logs = browse.history([record])
    return render_template(
        "console/farmer.html",
        farmer=found,
        meant=_meant(found, joined),
        rows=rows,
        logs=logs,
        people=_authors(logs, [found]),
        names={found.id: str(found.fields.get("name") or "")},
        types=TYPES,
    )


@console.get("/photo/<string(length=64):sha256>")
@manager_only
def photo(sha256: str) -> Response:
    """A picture that a record in the reader's areas names; asked for anew each time, since rights can be taken away."""
    found = pictures.named(sha256, managed()) or abort(404)
    return shown(found, shelf_of(settings_of(current_app)), "private, no-cache")


@console.get("/attention")
@manager_only
def attention() -> str:
    """Conflicts that wait for a person, and what was refused."""
    conflicts = browse.conflicted(managed())
    return render_template(
        "console/attention.html",
        conflicts=conflicts,
        quarantined=browse.quarantined(managed()),
        refused=upstream.refused(managed()),
        people=_authors({}, conflicts),
        names={},
    )


@console.get("/devices")
@manager_only
def devices() -> str:
    """The phones, the longest silent first."""
    return render_template("console/devices.html", devices=browse.devices(managed()), people=enrolment.whom(reader()))


@console.post("/enrol")
@manager_only
def enrol() -> Any:
    """A code that signs one phone in, to be read from the screen."""
    user = request.form.get("user", "")
    code = enrolment.make(user, reader())
    address = f"{request.url_root}#/enrol/{code}"
    return render_template(
        "console/enrol.html",
        name=people.names_of([user])[user],
        code=code,
        address=address,
        picture=segno.make(address, micro=False).svg_data_uri(scale=6, border=4, light="white"),
        minutes=enrolment.LASTS.seconds // 60,
    )


@console.route("/read-in", methods=["GET", "POST"])
@manager_only
def read_in() -> Any:
    """Read in a safety copy that a phone wrote."""
    report: Report | None = None
    status = 200
    dry_run = bool(request.form.get("dry_run"))
    if request.method == "POST":
        file = request.files.get("file")
        try:
            if file is None or not file.filename:
                raise Problem("no_file", 422, sentence("Choose a file first."))
            otherwise = request.form.get("as", "")[:100] or None
            report = take_in(
                cast(BinaryIO, file.stream), settings_of(current_app), reader(), otherwise, dry_run=dry_run
            )
        except Problem as problem:
            flash(languages.translate(problem.message, problem.params), "fault")
            status = problem.status
    return render_template("console/read_in.html", report=report, dry_run=dry_run), status


@console.post("/settle/<record>")
@manager_only
def settle(record: str) -> Any:
    """Settle a conflict with the value of one of its candidates: an ordinary change over them all."""
    found = browse.one(record, managed()) or abort(404)
    name = request.form.get("field", "")
    rivals = found.conflicts.get(name, [])
    # A value that came in since the page was drawn was before nobody's eyes: it must not be replaced with the others.
    shown = request.form.getlist("rival")
    if {each["change"] for each in rivals} - set(shown):
        flash(_("Another value has come in meanwhile. Look at it, and choose again."), "fault")
        return redirect(_back())
    chosen = next((each for each in rivals if each["change"] == request.form.get("change")), None)
    if rivals and name == "deleted" and "keep" in request.form:
        chosen = {"value": False}
    if chosen is None:
        flash(_("This was settled meanwhile."), "fault")
    else:
        over = {name: [each["change"] for each in rivals]}
        # What is deleted for good is what the page showed; what came in since brings the record back again.
        seen = request.form.getlist("seen")
        change = Change(people.new_id(), record, found.type, found.area, {name: chosen["value"]}, over, seen, SCHEMA)
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        outcome = log.accept_from_console(reader(), [change], now)
        flash(_("Settled.") if outcome.accepted else _("This could not be settled."), "said")
    return redirect(_back())


_GROUPS = (("harvest", "date"), ("observation", "at"), ("activity", "date"), ("task", "due"))


def _mine(record: str, type_: str) -> Seen:
    found = browse.one(record, managed())
    if found is None or found.type != type_:
        abort(404)
    return found


def _photos(records: list[Seen]) -> dict[str, list[Seen]]:
    """The photos of each of *records*, oldest first."""
    found = browse.referring([each.id for each in records], managed())
    return {
        target: list(reversed(plots.of_type(each, "photo", "taken_at")))
        for target, each in found.items()
        if any(one.type == "photo" for one in each)
    }


def _names_in(photo: Seen) -> list[str]:
    return [str(photo.fields[name]) for name in log.PICTURE_FIELDS if name in photo.fields]


def _referring(record: str, joined: Joined) -> list[Seen]:
    """What names *record*, or one that was joined into it."""
    found = browse.referring(joined.joined_into(record), managed())
    return [child for twin in sorted(found) for child in found[twin]]


def _meant(record: Seen, joined: Joined) -> Seen | None:
    """The record that stands for *record*, where it was joined into one."""
    meant = joined.stands_for(record.id)
    return browse.one(meant, managed()) if meant != record.id else None


def _authors(logs: Any, records: list[Seen]) -> dict[str, str]:
    ids = {entry.envelope.author for entries in logs.values() for entry in entries}
    ids.update(each["by"] for record in records for rivals in record.conflicts.values() for each in rivals)
    return people.names_of(sorted(ids))


def _filters() -> plots.Filters:
    """The filters in the address; what makes no sense there is said and left out."""
    area, crop, sort = (request.args.get(name, "") for name in ("area", "crop", "sort"))
    page = request.args.get("page", "1")
    if area and area not in managed():
        flash(_("There is no such area among yours; all are shown."), "fault")
        area = ""
    if crop and crop not in {each["code"] for each in LISTS["crop"]}:
        flash(_("There is no such crop; all are shown."), "fault")
        crop = ""
    return plots.Filters(
        area=area,
        crop=crop,
        text=request.args.get("text", "")[:100],
        sort=sort if sort in plots.SORTS else "name",
        page=int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 100_000 else 1,
    )


def _back() -> str:
    wish = request.form.get("back", "")
    return wish if wish.startswith(url_for("console.plots")) and "//" not in wish else url_for("console.attention")
