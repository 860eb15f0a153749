"""The console's addresses: get, authorise, do, answer."""

from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    render_template,
    request,
    session,
)
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from server import language as languages
from server import security
from server.app import settings_of
from server.console import gate, words
from server.console.gate import managed, manager_only, reader
from server.language import gettext as _
from server.pictures import shelf_of
from server.pictures.shown import shown
from server.safety.intake import Report, take_in
from server.store import browse, enrolment, people, pictures
from server.store.looks import Looks
from sync.problem import Problem, sentence

console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
_csrf = CSRFProtect()
MOST_FORM = 256 * 1024  # a page of the review names every change that it showed
_TAKE_FILES = ("console.read_in", "console.bring_file", "console.maps", "console.admin_list_file")
MOST_FILE = 1024 * 1024 * 1024  # a phone full of pictures; a larger copy is read in on the command line


@console.record_once
def _begin(state: Any) -> None:
    _csrf.init_app(state.app)
    state.app.extensions["nuong_looks"] = Looks()
    state.app.jinja_env.globals.update(words=words)


@console.before_request
def _check_form() -> None:
    if request.method == "POST":
        # Before the form is read: a file may be large, but only where somebody who is signed in may send one.
        takes_file = request.endpoint in _TAKE_FILES and "user" in session
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
    return render_template("console/problem.html", sentence=said, back=_page_of_form()), problem.status


def _page_of_form() -> str:
    """The page whose form was sent: what was typed there is still there, or soon typed again. Empty where nobody knows it."""
    if request.method != "POST":
        return ""
    came = urlsplit(request.referrer or "")
    page = gate.ours(came.path + (f"?{came.query}" if came.query else ""))
    return page if page and _can_be_opened(came.path) else gate.ours(request.form.get("back"))


def _can_be_opened(path: str) -> bool:
    """Whether an address is a page, and not only what a form is sent to."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return True


@console.errorhandler(HTTPException)
def _http(error: HTTPException) -> Any:
    sentences = {
        400: _("This page was open for too long, or the address is not right. Go back and try again."),
        413: _("This file is too large to be sent to this page. “nuong import-changes” reads it in."),
        404: _("There is nothing at this address, or it belongs to an area that is not yours."),
        405: _("This address is for a button of a page, not to be opened by itself. Go back and press it there."),
    }
    return render_template(
        "console/problem.html", sentence=sentences.get(error.code or 0, error.description)
    ), error.code


@console.app_errorhandler(404)
@console.app_errorhandler(405)
def _nowhere(error: HTTPException) -> Any:
    """An address that leads nowhere belongs to no room: below the console's own a person reads it."""
    return _http(error) if request.path.startswith(f"{console.url_prefix}/") else security.answer_http(error)


@console.errorhandler(Exception)
def _fault(error: Exception) -> Any:
    problem, name = security.fault(error)
    g.pop("reader", None)  # a page without what the database may not tell now
    said = languages.translate(problem.message, problem.params)
    return render_template("console/problem.html", sentence=said, trouble=name), problem.status


@console.context_processor
def _every_page() -> dict[str, Any]:
    found = g.get("reader")
    attention = browse.attention_count(managed()) if found else 0
    return {"reader": found, "attention": attention, "behind": g.get("behind", 0)}


@console.get("/behind")
@manager_only
def behind() -> str:
    """How much of what came in is still to be looked at, for the page that says so."""
    return render_template("console/behind.html")


console.add_url_rule("/sign-in", view_func=gate.sign_in, methods=["GET", "POST"])
console.add_url_rule("/sign-out", view_func=gate.sign_out, methods=["POST"])


@console.get("/photo/<string(length=64):sha256>")
@manager_only
def photo(sha256: str) -> Response:
    """A picture that a record in the reader's areas names; asked for anew each time, since rights can be taken away."""
    found = pictures.named(sha256, managed()) or abort(404)
    return shown(found, shelf_of(settings_of(current_app)), "private, no-cache")


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
