"""Running the whole installation: people and their roles, areas, backups that were tried, health, the audit log.

Must never let the last administrator shut themselves out, and never show a password again.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, send_file, url_for

from server import trouble
from server.app import settings_of
from server.console import words
from server.console.gate import admin_only, before, managed, manager_only, prove, reader
from server.console.pages import console
from server.language import gettext as _
from server.language import translate
from server.store import areas, audit, browse, communes, health, invitations, looks, people, trial
from sync.change import ID
from sync.problem import Problem, sentence

_MOST_SAID = 50
ROLES = (people.OFFICER, people.MANAGER)


@console.get("/admin")
@admin_only
def admin() -> str:
    """How everything is doing."""
    home = settings_of(current_app).home
    return render_template(
        "console/admin.html",
        health=health.look(home),
        little=health.LITTLE,
        backup=next(iter(trial.listed(home)), None),
        by_command=trial.last_written(home),
        old=(datetime.now(UTC) - trial.OLD).isoformat(),
        days=trouble.by_day(home),
        errors=trouble.last(home),
    )


@console.get("/admin/people")
@admin_only
def admin_people() -> str:
    """Users, their roles in areas; a form for another."""
    return _people({})


def _people(wrong: Mapping[str, str]) -> str:
    """*wrong*: what of the form for another could not be taken, by field."""
    known = {each["name"]: each["id"] for each in people.list_areas()}
    return render_template(
        "console/admin_people.html",
        users=people.list_users(),
        areas=known,
        roles=ROLES,
        wrong=wrong,
        typed=request.form if wrong else {},
    )


@console.post("/admin/people")
@admin_only
def admin_add() -> Any:
    """A new user."""
    form = request.form
    password = form.get("password", "") or secrets.token_urlsafe(9)
    role = form.get("role", "")
    chosen = [form["area"]] if form.get("area") and role != people.ADMIN else []
    try:
        user = people.add_user(form.get("username", ""), password, role, chosen, form.get("name", ""))
    except Problem as problem:
        return _people(words.by_field(problem)), problem.status
    audit.note_now(reader().user_id, "user_added", next(iter(chosen), None), user=user, role=role)
    if not form.get("password"):
        flash(_("The password, shown this once: %(password)s", password=password), "said")
    flash(_("%(name)s can sign in now.", name=form.get("username", "")), "said")
    return redirect(url_for("console.admin_people"))


@console.post("/admin/people/<username>")
@admin_only
def admin_change(username: str) -> Any:
    """A role, a password, who is an administrator, shutting out and letting in."""
    user, form, what = people.must_know(username), request.form, request.form.get("what", "")
    if what == "role":
        role = form.get("role") or None
        if role not in (*ROLES, None):
            abort(404)
        people.set_role(user, form.get("area", ""), role)
        audit.note_now(reader().user_id, "role_changed", form.get("area"), user=user, role=role)
        flash(_("Done. The phone follows at its next sync."), "said")
    elif what == "password":
        password = secrets.token_urlsafe(9)
        people.set_password(username, password)
        if user == reader().user_id:
            prove(user)  # or nobody would read what is shown this once
        audit.note_now(reader().user_id, "password_given", None, user=user)
        flash(
            _("The new password of %(name)s, shown this once: %(password)s", name=username, password=password), "said"
        )
    elif what == "link":
        address = url_for("console.invited", secret=invitations.make(user, reader().user_id), _external=True)
        flash(
            _(
                "A link for %(name)s to set a new password, good once and for a day, shown this once: %(link)s",
                name=username,
                link=address,
            ),
            "said",
        )
    elif what in ("promote", "demote"):
        if what == "demote" and user == reader().user_id:
            raise _not_yourself()
        people.set_admin(username, what == "promote")
        audit.note_now(reader().user_id, f"admin_{what}d", None, user=user)
        said = (
            _("%(name)s is an administrator now.", name=username)
            if what == "promote"
            else _("%(name)s is no administrator any more; the roles in areas stay.", name=username)
        )
        flash(said, "said")
    elif what in ("disable", "enable"):
        if what == "disable" and user == reader().user_id:
            raise _not_yourself()
        people.set_disabled(username, what == "disable")
        audit.note_now(reader().user_id, f"user_{what}d", None, user=user)
        flash(_("Shut out everywhere.") if what == "disable" else _("Let in again."), "said")
    return redirect(url_for("console.admin_people"))


def _not_yourself() -> Problem:
    return Problem("not_yourself", 422, sentence("You cannot shut yourself out. Another administrator can."))


@console.route("/admin/areas", methods=["GET", "POST"])
@admin_only
def admin_areas() -> Any:
    """Areas, as they lie within each other, with the sums of what is below."""
    if request.method == "GET":
        return _areas({})
    name = request.form.get("name", "")
    try:
        area = request.form.get("area") or people.add_area(name)
        areas.set_up(area, name, request.form.get("parent") or None)
    except Problem as problem:
        return _areas(words.by_field(problem)), problem.status
    audit.note_now(reader().user_id, "area_set_up", area, name=name)
    flash(_("Saved."), "said")
    return redirect(url_for("console.admin_areas"))


def _areas(wrong: Mapping[str, str]) -> str:
    """*wrong*: what of the form that was sent could not be taken, by field."""
    typed = request.form if wrong else {}
    return render_template("console/admin_areas.html", nodes=areas.tree(), wrong=wrong, typed=typed)


@console.route("/admin/communes", methods=["GET", "POST"])
@admin_only
def admin_communes() -> Any:
    """The boundaries of communes, against which the check holds where plots say that they are."""
    strange: list[str] = []
    if request.method == "POST":
        if "away" in request.form:
            communes.take_away(reader())
            flash(_("Taken away."), "said")
            return redirect(url_for("console.admin_communes"))
        found = _handed_in()
        if found:
            communes.put(reader(), found)
            flash(_("%(count)s communes have their boundary now.", count=len(found.shapes)), "said")
            strange = found.strange
    here = communes.known()
    return render_template(
        "console/admin_communes.html",
        names=communes.named(here),
        since=max(here.values(), default=None),
        strange=strange[:_MOST_SAID],
        more=max(0, len(strange) - _MOST_SAID),
        most=communes.MOST_BYTES // 1024 // 1024,
    ), 200 if request.method == "GET" or here else 422


def _handed_in() -> communes.Found | None:
    """What was handed in; None where it is said what is wrong with it."""
    file = request.files.get("file")
    content = file.read(communes.MOST_BYTES + 1) if file else b""
    if not content:
        flash(_("Choose a file first."), "fault")
    elif len(content) > communes.MOST_BYTES:
        flash(
            _("A map of more than %(most)s MB. Part it by commune.", most=communes.MOST_BYTES // 1024 // 1024), "fault"
        )
    else:
        try:
            return communes.read(content)
        except Problem as problem:
            flash(translate(problem.message, problem.params), "fault")
    return None


@console.route("/admin/backups", methods=["GET", "POST"])
@admin_only
def admin_backups() -> Any:
    """Backups, each tried by a restore; a button for another."""
    settings = settings_of(current_app)
    if request.method == "POST":
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        name = trial.begin(app, settings)
        audit.note_now(reader().user_id, "backup_made", None, name=name)
        return redirect(url_for("console.admin_backups"))
    found = trial.listed(settings.home)
    return render_template(
        "console/admin_backups.html",
        backups=found,
        at_work=any(each["state"] in trial.AT_WORK for each in found),
    )


@console.get("/admin/backups/<name>.backup")
@admin_only
def admin_backup(name: str) -> Any:
    """A backup, to be kept elsewhere: one beside the data burns with it."""
    file = trial.path_of(settings_of(current_app).home, name) or abort(404)
    audit.note_now(reader().user_id, "backup_taken", None, name=name)
    return send_file(file, as_attachment=True, download_name=file.name, mimetype="application/x-tar")


@console.get("/audit")
@manager_only
def audit_log() -> str:
    """Who saw, exported and changed what: an administrator sees all, a manager what happened in their areas."""
    wish = {
        name: request.args.get(name, "").replace("\0", "").strip()[:60]
        for name in ("who", "what", "record", "since", "until")
    }
    days = {name: _day(wish[name]) for name in ("since", "until")}
    for name, day in days.items():
        if wish[name] and day is None:
            flash(_("“%(value)s” is no day. Write it as 2026-11-24.", value=wish[name]), "fault")
    asked = {**wish, **days}
    rows = audit.page(None if reader().is_admin else managed(), **asked, before=before())  # type: ignore[arg-type]
    shown = rows[: audit.PAGE]
    return render_template(
        "console/audit.html",
        rows=shown,
        more=rows[audit.PAGE - 1]["id"] if len(rows) > audit.PAGE else None,
        kinds=audit.kinds(),
        wish=wish,
        names=browse.names_of(_named(shown) | ({wish["record"]} - {""}), managed()),
        kept=looks.KEPT.days,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _named(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """The ids that rows of the audit log name."""
    values = [value for row in rows for value in (row["record"], *row["said"].values())]
    return {value for value in values if isinstance(value, str) and ID.fullmatch(value)}
