"""Who is signed in gives themselves a new password.

Must never set one for somebody who found the page open: the password of now is asked for.
"""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from server.app import settings_of
from server.console.gate import manager_only, prove, reader
from server.console.pages import console
from server.language import gettext as _
from server.language import translate
from server.store import audit, people
from sync.problem import Problem, sentence


@console.route("/password", methods=["GET", "POST"])
@manager_only
def own_password() -> Any:
    """The form, and what it sends. It ends the reader's sessions in other browsers, and none on a phone."""
    if request.method == "GET":
        return render_template("console/own_password.html")
    form, me = request.form, reader()
    try:
        if form.get("password", "") != form.get("again", ""):
            raise Problem("not_the_same", 422, sentence("The two passwords are not the same. Type both again."))
        people.check_password(
            me.username, form.get("now", ""), request.remote_addr or "", settings_of(current_app).slow_after
        )
        people.set_password(me.username, form.get("password", ""))
    except Problem as problem:
        said = (
            _("The password that you have now is not right. Type it again.")
            if problem.code == "wrong_password"
            else translate(problem.message, problem.params)
        )
        flash(said, "fault")
        return render_template("console/own_password.html"), problem.status
    prove(me.user_id)
    audit.note_now(me.user_id, "own_password", None)
    flash(_("The new password is set. Other browsers have to sign in with it; phones stay signed in."), "said")
    return redirect(url_for("console.plots"))
