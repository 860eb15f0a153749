"""Officers and their phones: who was heard from, what waits out there, who is silent; cutting a lost phone off."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from server.console.gate import managed, manager_only, reader
from server.console.pages import console
from server.language import gettext as _
from server.store import enrolment, officers


@console.get("/devices")
@manager_only
def devices() -> str:
    """The phones, the longest silent first."""
    phones = officers.phones(managed())
    silent = [each for each in phones if each.is_silent]
    only_silent = request.args.get("show") == "silent"
    mine = enrolment.whom(reader())
    return render_template(
        "console/devices.html",
        phones=silent if only_silent else phones,
        silent=len(silent),
        only_silent=only_silent,
        without=officers.without_phone(managed()),
        days=officers.days(),
        recorded=officers.recorded(managed()),
        people=mine,
        who={each.user_id: each.person for each in sorted(phones, key=lambda each: each.person)},
        mine={each.id for each in mine},
    )


@console.post("/devices/<device>/cut-off")
@manager_only
def cut_off(device: str) -> Any:
    """A phone is lost: nobody reads or sends with it any more."""
    ended = officers.cut_off(reader(), device, request.form.get("user", ""))
    flash(_("Cut off: %(count)s sign-ins ended. A new code lets the phone in again.", count=ended), "said")
    return redirect(url_for("console.devices"))
