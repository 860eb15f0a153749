"""Who is at the console: signing in and out, and the one place where a page asks for its reader.

Must never let in somebody who manages nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import (
    Response,
    after_this_request,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from server.app import settings_of
from server.console import following
from server.language import gettext as _
from server.language import translate
from server.store import people
from server.store.browse import Seen
from server.store.looks import Look, Looks
from sync.problem import Problem, sentence


def reader() -> people.Sender:
    """The manager whose request this is."""
    return cast(people.Sender, g.reader)


def managed() -> list[str]:
    """The areas that the reader manages."""
    return [area for area in reader().roles if reader().manages(area)]


def areas_named() -> dict[str, str]:
    """The areas that the reader manages, by name."""
    return {area: reader().area_names[area] for area in managed()}


def saw(found: Seen) -> None:
    """The reader is shown a record's details: written down once the page was sent."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    looks: Looks = app.extensions["nuong_looks"]
    looks.saw(Look(reader().user_id, found.id, found.type, found.area))

    def write() -> None:
        with app.app_context():
            looks.write()

    @after_this_request
    def _then(response: Response) -> Response:
        response.call_on_close(write)
        return response


def manager_only(page: Callable[..., Any]) -> Callable[..., Any]:
    """A page for managers: others are led to the sign-in page, and back afterwards."""

    @wraps(page)
    def guarded(*args: Any, **kw: Any) -> Any:
        found = people.sender_of_session(session.get("user", ""), session.get("proof", ""))
        if found is None or (not any(found.manages(area) for area in found.roles) and not found.is_admin):
            session.clear()
            return redirect(url_for("console.sign_in", next=request.full_path.rstrip("?")))
        g.reader = found
        if request.method == "GET":
            g.behind = following.follow(managed())
        return page(*args, **kw)

    return guarded


def admin_only(page: Callable[..., Any]) -> Callable[..., Any]:
    """A page for whoever runs the installation; a manager is told whom to ask."""

    @wraps(page)
    @manager_only
    def guarded(*args: Any, **kw: Any) -> Any:
        if not reader().is_admin:
            raise Problem(
                "not_an_administrator", 403, sentence("This is for administrators. Ask whoever runs the centre.")
            )
        return page(*args, **kw)

    return guarded


def before() -> int | None:
    """The row after which a page of a list begins, as the address says; nonsense is no row."""
    wish = request.args.get("before", "")
    return int(wish) if wish.isascii() and wish.isdigit() and len(wish) < 10 else None


def sign_in() -> Any:
    """The sign-in page, and what it sends."""
    if request.method == "GET":
        return render_template("console/sign_in.html")
    settings = settings_of(current_app)
    try:
        user = people.check_password(
            request.form.get("username", ""),
            request.form.get("password", ""),
            request.remote_addr or "",
            settings.slow_after,
        )
    except Problem as problem:
        flash(translate(problem.message, problem.params), "fault")
        return render_template("console/sign_in.html"), problem.status
    if not let_in(user):
        flash(_("The console is for managers. The officer's app is at the address without /console."), "fault")
        return render_template("console/sign_in.html"), 403
    return redirect(ours(request.args.get("next")) or url_for("console.plots"))


def let_in(user: str) -> bool:
    """Begin a session of a user who has proved who they are; False where the console is not for them."""
    found = people.sender_without_device(user)
    if found is None or not (found.is_admin or any(found.manages(area) for area in found.roles)):
        return False
    session.clear()
    session.permanent = True
    session["user"] = user
    prove(user)
    return True


def prove(user: str) -> None:
    """This session was begun under the password of now: any other of this user's ends with the old one."""
    session["proof"] = people.proof_of(user)


def sign_out() -> Any:
    """Forget the reader."""
    session.clear()
    return redirect(url_for("console.sign_in"))


def ours(wish: str | None) -> str:
    """*wish*, where it is an address of the console; empty where it is none: one from outside must lead nowhere."""
    home = url_for("console.plots")
    inside = wish and wish.startswith(home) and "//" not in wish and "\\" not in wish and wish.isprintable()
    return wish if wish and inside else ""
