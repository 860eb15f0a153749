"""The `nuong` command: what one person needs to run an installation.

Must never show a traceback for something that a person can mend: one sentence on standard error, and the exit code says
which kind (1: refused, 2: usage).
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from server import config

if TYPE_CHECKING:
    from flask import Flask

    from server.pictures import Shelf


def main() -> None:
    """Run the command, and turn problems into sentences."""
    from sync.client import Offline
    from sync.problem import Problem

    try:
        commands(standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(130) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except Offline:
        _refuse("the centre does not answer. Everything waits here; try again later.")
    except Problem as problem:
        _refuse(problem.message % problem.params if problem.params else problem.message)
    except config.BadSetting as error:
        _refuse(str(error))


def _refuse(sentence: str) -> NoReturn:
    click.echo(f"nuong: {sentence}", err=True)
    raise SystemExit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Nương: the field book of scattered hill farms. Settings: see docs/running.md (NUONG_HOME, NUONG_DATABASE_URL…)."""


@commands.command()
@click.option("--host", help="Address to listen on (default: setting host).")
@click.option("--port", type=int, help="Port to listen on (default: setting port).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the app, the API and the console."""
    from server.serve import serve as serve_now
    from server.store import people

    with _installation(host=host, port=port) as app:
        from server.app import settings_of

        settings = settings_of(app)
        _shelf(app)  # one that there is not is said now, and not to the first phone
        invited = _invitation(None, "") if not people.anybody() else ""
    click.echo(f"Nương: {_own_address(settings)}/  (console: /console/, API: /docs/api)  Ctrl-C stops it.")
    if invited:
        click.echo(f"Nobody is here yet. The first administrator begins here, once, within a day:\n  {invited}")
    serve_now(app, settings)


def _own_address(settings: config.Settings) -> str:
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{shown}:{settings.port}"


def _invitation(user_id: str | None, address: str) -> str:
    """A link that is good once, at *address* (empty: where `nuong serve` listens on this machine)."""
    from flask import current_app

    from server.app import settings_of
    from server.store import invitations

    root = address.rstrip("/") or _own_address(settings_of(current_app))
    return f"{root}/console/invited/{invitations.make(user_id, None)}"


@commands.command()
@click.option("--quiet-when-filled", is_flag=True, help="Do nothing, quietly, where there is data already.")
def demo(quiet_when_filled: bool) -> None:
    """Fill an empty installation with demonstration data."""
    from server.app import settings_of
    from server.demo import fill
    from server.store import people

    with _installation() as app:
        if people.list_users() or people.list_areas():
            if quiet_when_filled:
                return
            _refuse("this installation has data already; “demo” only fills an empty one.")
        logins = fill(lambda text: click.echo(text, err=True), _shelf(app), settings=settings_of(app))
    _show_logins(logins)


def _show_logins(logins: list[dict[str, str]]) -> None:
    click.echo("\nDemonstration logins:")
    for login in logins:
        click.echo(f"  {login['role']:9} {login['username']:12} {login['password']}   {login['where']}")
    click.secho(
        "WARNING: everybody knows these passwords. Change them, or never use this installation for real data:", fg="red"
    )
    click.echo("  nuong user password USERNAME\n")


@commands.group()
def area() -> None:
    """Areas: a co-operative or commune, the unit of access and of sync."""


@area.command("add")
@click.argument("name")
def area_add(name: str) -> None:
    """Make an area, and print its id."""
    from server.store import people

    with _installation():
        click.echo(people.add_area(name))


@area.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def area_list(as_json: bool) -> None:
    """Show the areas."""
    from server.store import people

    with _installation():
        _table(people.list_areas(), ("id", "name", "members"), as_json)


@commands.group()
def user() -> None:
    """Users: officers, managers, administrators."""


@user.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(["officer", "manager", "admin", "hub"]))
@click.option("--area", "areas", multiple=True, help="Id of an area that is theirs; may be repeated.")
@click.option("--name", default="", help="The name that others see (default: the user name).")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not from the terminal.")
def user_add(username: str, role: str, areas: tuple[str, ...], name: str, password_stdin: bool) -> None:
    """Make a user."""
    from server.store import people

    with _installation():
        user_id = people.add_user(username, _password(password_stdin), role, list(dict.fromkeys(areas)), name)
    click.echo(user_id)


@user.command("invite")
@click.argument("username", default="")
@click.option("--address", default="", help="Where the console is reached (https://…); default: on this machine.")
def user_invite(username: str, address: str) -> None:
    """Make a link that is good once, for a day: for a new administrator, or for USERNAME to set a new password."""
    from server.store import people

    with _installation():
        click.echo(_invitation(people.must_know(username) if username else None, address))


@user.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not from the terminal.")
def user_password(username: str, password_stdin: bool) -> None:
    """Give a user a new password; phones that are signed in stay so."""
    from server.store import people

    with _installation():
        people.set_password(username, _password(password_stdin))


@user.command("role")
@click.argument("username")
@click.argument("role", type=click.Choice(["officer", "manager", "none"]))
@click.option("--area", required=True, help="Id of the area.")
def user_role(username: str, role: str, area: str) -> None:
    """Give a user an area, change the role there, or take it away (none). Phones follow at their next sync."""
    from server.store import people

    with _installation():
        people.set_role(people.must_know(username), area, None if role == "none" else role)


@user.command("disable")
@click.argument("username")
def user_disable(username: str) -> None:
    """Shut somebody out everywhere; what they recorded stays, and what is unsent stays on their phone."""
    from server.store import people

    with _installation():
        people.set_disabled(username, True)


@user.command("enable")
@click.argument("username")
def user_enable(username: str) -> None:
    """Let somebody in again."""
    from server.store import people

    with _installation():
        people.set_disabled(username, False)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def user_list(as_json: bool) -> None:
    """Show the users and what is theirs."""
    from server.store import people

    with _installation():
        rows = people.list_users()
        if not as_json:
            for row in rows:
                roles = [f"{role} of {name}" for name, role in row["areas"].items()]
                row["roles"] = "; ".join((["admin"] if row["is_admin"] else []) + roles)
        _table(rows, ("id", "username", "name", "roles"), as_json)


@commands.group()
def device() -> None:
    """Devices: the phones that have signed in."""


@device.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def device_list(as_json: bool) -> None:
    """Show the phones, the last heard from first."""
    from server.store import people

    with _installation():
        _table(people.list_devices(), ("id", "username", "name", "seen_at", "live"), as_json)


@device.command("enrol")
@click.argument("username")
@click.option("--address", help="Where phones open the app (https://…): the code is then shown as a QR code too.")
def device_enrol(username: str, address: str | None) -> None:
    """Make a code that signs one phone of a user in, once, within a quarter of an hour."""
    from server.store import enrolment, people

    with _installation():
        user_id = people.user_id_of(username)
        if user_id is None:
            _refuse("there is no such user. “nuong user list” shows them.")
        code = enrolment.make(user_id, None)
    click.echo(code)
    if address:
        import segno

        target = f"{address.rstrip('/')}/#/enrol/{code}"
        click.echo(target)
        segno.make(target, micro=False).terminal(compact=True)


@device.command("revoke")
@click.argument("device_id")
def device_revoke(device_id: str) -> None:
    """Cut a lost phone off: it can neither send nor read until somebody signs in on it again."""
    from server.store import people

    with _installation():
        count = people.revoke_device(device_id)
    click.echo(f"{count} sign-ins ended.")


@commands.group()
def hub() -> None:
    """Hubs: this installation as a server nearer to the field, which passes everything on to a centre."""


@hub.command("join")
@click.argument("address")
@click.option("--user", "username", required=True, help="The hub's user at the centre (role hub).")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not from the terminal.")
def hub_join(address: str, username: str, password_stdin: bool) -> None:
    """Make this installation a hub of the centre at ADDRESS."""
    from server import hub as hubs
    from server.app import settings_of

    with _installation() as app, _reaching():
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt("Password", hide_input=True)
        count = hubs.join(settings_of(app).home, address, username, password)
    click.echo(f"{count} people work here now; “nuong user password NAME” gives each a password at this hub.")


@hub.command("sync")
@click.option("--once", is_flag=True, help="One sync, and no more.")
@click.option("--every", type=click.IntRange(1, 86400), default=60, help="Seconds from one sync to the next.")
@click.option("--again", is_flag=True, help="Send once more what the centre refused.")
def hub_sync(once: bool, every: int, again: bool) -> None:
    """Pass on what phones brought, take in what is new at the centre; again and again, beside “nuong serve”."""
    from server import hub as hubs
    from server.app import settings_of
    from server.store import upstream
    from sync.client import Offline
    from sync.problem import Problem

    with _installation() as app:
        if again:
            upstream.try_again()
        while True:
            try:
                with _reaching():
                    done = hubs.sync(settings_of(app).home)
                click.echo(f"{done.sent} passed on ({done.refused} refused), {done.came} came.")
            except Offline:
                if once:
                    raise
                click.echo("The centre does not answer. Everything waits here.", err=True)
            except Problem as problem:
                # What the centre says now (its disk is full, it is busy) it may not say in a while.
                if once or problem.code != "refused_upstream":
                    raise
                click.echo(problem.message % problem.params, err=True)
            if once:
                return
            time.sleep(every)


@contextmanager
def _reaching() -> Iterator[None]:
    """Where the centre ended the hub's token, say what to do."""
    from sync.client import SignedOut

    try:
        yield
    except SignedOut:
        _refuse("the centre has ended this hub's token. “nuong hub join ADDRESS” again; nothing is lost.")


@commands.command("import-changes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "otherwise", metavar="USER", help="Whose work it is, where the user in the file is not here.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
def import_changes(file: Path, otherwise: str | None, dry_run: bool) -> None:
    """Read in FILE, a safety copy that a phone wrote of all that had not reached the centre."""
    from server.app import settings_of
    from server.safety.intake import take_in

    with _installation() as app, file.open("rb") as copy:
        report = take_in(copy, settings_of(app), None, otherwise, dry_run=dry_run)
    click.echo(f"Recorded by {report.author}, read in on the command line{' (only looked at)' if dry_run else ''}.")
    click.echo(f"{report.new} new, {report.known} already there, {report.refused.total()} refused.")
    for (reason, field), count in report.refused.items():
        click.echo(f"  {count} refused: {reason}{f' ({field})' if field else ''}")
    click.echo(f"{report.pictures} pictures; {report.drafts} half-typed left out.")


@commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything into FILE, pictures too, while the server runs; maps into the folder “maps” beside it, each once."""
    from server.app import settings_of
    from server.maps import maps_shelf
    from server.store import backup as backups
    from server.store import trial

    with _installation() as app:
        saved = backups.write(file, _shelf(app), maps_shelf(settings_of(app)))
        trial.note_written(settings_of(app).home, file)
    click.echo(
        f"{sum(saved.rows.values())} rows of {len(saved.rows)} tables and {saved.pictures} pictures"
        f" written to {file.name}; {saved.maps} maps beside it, in “maps”."
    )
    if saved.maps_lacking:
        _warn(f"{len(saved.maps_lacking)} maps are lost and not in the backup; “nuong maps list” says which.")
    if saved.lacking:
        _warn(f"{len(saved.lacking)} pictures are lost or damaged and not in the backup; see “nuong pictures check”.")


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put the backup in the place of the data that is there.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup back, with the maps beside it. Phones notice (a new epoch) and send again what the backup does not have."""
    from server.app import settings_of
    from server.maps import maps_shelf
    from server.store import backup as backups

    with _installation() as app:
        saved = backups.restore(file, replace=replace, shelf=_shelf(app), packs=maps_shelf(settings_of(app)))
    click.echo(
        f"{sum(saved.rows.values())} rows, {saved.pictures} pictures and {saved.maps} maps restored;"
        " the epoch was raised, and phones will send again what is missing."
    )
    if saved.lacking:
        _warn(f"{len(saved.lacking)} pictures are not here; see “nuong pictures check”.")
    if saved.maps_lacking:
        _warn(
            f"{len(saved.maps_lacking)} maps did not lie in “maps” beside the backup. “nuong maps list” says which: hand the"
            " files in again."
        )


@commands.group()
def pictures() -> None:
    """Pictures: what is kept under their hashes, on disk or in object storage."""


@pictures.command("check")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def pictures_check(as_json: bool) -> None:
    """Read every kept picture against its hash, and say which records name pictures that are not here.

    Exit code 1: pictures that were kept are lost or damaged. That some have not arrived yet is no fault.
    """
    from server.pictures.check import check

    with _installation() as app:
        found = check(_shelf(app))
    faults = {**dict.fromkeys(found.lost, "lost"), **dict.fromkeys(found.damaged, "damaged")}
    rows = [
        {"picture": sha256, "state": state, "records": " ".join(found.records.get(sha256, []))}
        for sha256, state in [*faults.items(), *((sha256, "not arrived") for sha256 in found.awaited)]
    ]
    if rows or as_json:
        _table(rows, ("state", "picture", "records"), as_json)
    if not as_json:
        click.echo(
            f"{found.whole} pictures are whole, {len(faults)} lost or damaged, {len(found.awaited)} not arrived yet."
        )
    if faults:
        raise SystemExit(1)


@commands.group()
def maps() -> None:
    """Maps that phones keep: packs of tiles (PMTiles) for an area."""


@maps.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--area", required=True, help="Id of the area whose officers may have it.")
@click.option("--name", default="", help="What officers see (default: what the map calls itself).")
def maps_add(file: Path, area: str, name: str) -> None:
    """Take in FILE, a map in the form PMTiles, and print its id."""
    from server.app import settings_of
    from server.maps import intake

    with _installation() as app, file.open("rb") as content:
        click.echo(intake.add(content, area, name or file.stem, settings_of(app), None))


@maps.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def maps_list(as_json: bool) -> None:
    """Show the maps of each area, and whether their files are there."""
    from server.app import settings_of
    from server.maps import maps_shelf
    from server.store import maps

    with _installation() as app:
        offered = maps.offered()
        here = maps_shelf(settings_of(app)).having({each.sha256 for each in offered})
    rows = [
        {"id": each.id, "area": each.area_name, "name": each.name, "tiles": each.tiles, "bytes": each.size,
         "file": "here" if each.sha256 in here else "lost"}
        for each in offered
    ]  # fmt: skip
    _table(rows, ("id", "area", "name", "tiles", "bytes", "file"), as_json)


@maps.command("remove")
@click.argument("map_id")
def maps_remove(map_id: str) -> None:
    """Take a map away from its area; phones that have it keep it until they delete it."""
    from server.app import settings_of
    from server.maps import intake

    with _installation() as app:
        intake.remove(map_id, settings_of(app))


@commands.command()
def upgrade() -> None:
    """Bring the database to what this version reads (make a backup first)."""
    from server.store import glance, migrate, people
    from server.store.tables import db

    with _application() as app, app.app_context():
        for step in migrate.upgrade(db.engine):
            click.echo(step)
        # What is new at a glance is looked at now, and not when the first page is opened.
        glance.follow([area["id"] for area in people.list_areas()], most=10**9)
    click.echo("The database is up to date.")


@commands.command()
def rebuild() -> None:
    """Make what the console sees at a glance anew from the records; pages work meanwhile, with less on them."""
    from server.store import glance

    with _installation():
        click.echo(f"{glance.rebuild()} records seen.")


@contextmanager
def _application(**given: Any) -> "Iterator[Flask]":
    from server.app import create_app

    yield create_app(config.prepare(config.load(**{name: value for name, value in given.items() if value is not None})))


@contextmanager
def _installation(**given: Any) -> "Iterator[Flask]":
    """The application on a database that this version reads; a new one is made, an old one is left for `upgrade`."""
    from sqlalchemy.exc import OperationalError

    from server.store import migrate
    from server.store.tables import db

    with _application(**given) as app, app.app_context():
        try:
            state = migrate.state(db.engine)
        except OperationalError as error:
            _refuse(f"the database does not answer: {str(error.orig).strip().splitlines()[0]}")
        if state == migrate.NEW:
            migrate.upgrade(db.engine)
        elif state == migrate.BEHIND:
            _refuse("the database is of an older version. Make a backup of it, then run “nuong upgrade”.")
        elif state == migrate.AHEAD:
            _refuse("the database is of a newer version than this program. Install that version.")
        yield app


def _shelf(app: "Flask") -> "Shelf":
    from server.app import settings_of
    from server.pictures import shelf_of

    return shelf_of(settings_of(app))


def _warn(sentence: str) -> None:
    click.echo(f"nuong: {sentence}", err=True)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    cells = [[("" if row[name] is None else str(row[name])) for name in columns] for row in rows]
    widths = [
        max(len(name), *(len(line[at]) for line in cells)) if cells else len(name) for at, name in enumerate(columns)
    ]
    for line in [list(columns), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
