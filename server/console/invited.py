"""The page behind a link that is good once: a new administrator sets a name and a password, anybody else a new password.

Must never use the link up by being looked at.
"""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from server.app import settings_of
from server.console.gate import let_in
from server.console.pages import console
from server.language import gettext as _
from server.language import translate
from server.store import invitations
from sync.problem import Problem, sentence


@console.route("/invited/<secret>", methods=["GET", "POST"])
def invited(secret: str) -> Any:
    """The form, and what it sends. Whoever manages something is signed in by it."""
    found = invitations.look(secret, request.remote_addr or "", settings_of(current_app).slow_after)
    if request.method == "GET":
        return render_template("console/invited.html", invited=found)
    form = request.form
    try:
        if form.get("password", "") != form.get("again", ""):
            raise Problem("not_the_same", 422, sentence("The two passwords are not the same. Type both again."))
        user = invitations.redeem(secret, form.get("username", ""), form.get("name", ""), form.get("password", ""))
    except Problem as problem:
        if problem.status == 410:
            raise
        flash(translate(problem.message, problem.params), "fault")
        return render_template("console/invited.html", invited=found), problem.status
    if let_in(user):
        flash(_("Welcome. Next time you sign in with this name and password."), "said")
        return redirect(url_for("console.admin_areas" if found.user_id is None else "console.plots"))
    flash(_("The new password is set. Sign in with it in the officer's app."), "said")
    return redirect(url_for("console.sign_in"))
