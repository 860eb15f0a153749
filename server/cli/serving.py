"""Serving, a demonstration, and bringing the database to this version."""

import click

from server.cli.common import application, commands, installation, invitation, own_address, refuse, shelf


@commands.command()
@click.option("--host", help="Address to listen on (default: setting host).")
@click.option("--port", type=int, help="Port to listen on (default: setting port).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the app, the API and the console."""
    from server.serve import serve as serve_now
    from server.store import people

    with installation(host=host, port=port) as app:
        from server.app import settings_of

        settings = settings_of(app)
        shelf(app)  # one that there is not is said now, and not to the first phone
        invited = invitation(None, "") if not people.anybody() else ""
    click.echo(f"Nương: {own_address(settings)}/  (console: /console/, API: /docs/api)  Ctrl-C stops it.")
    if invited:
        click.echo(f"Nobody is here yet. The first administrator begins here, once, within a day:\n  {invited}")
    serve_now(app, settings)


@commands.command()
@click.option("--quiet-when-filled", is_flag=True, help="Do nothing, quietly, where there is data already.")
def demo(quiet_when_filled: bool) -> None:
    """Fill an empty installation with demonstration data."""
    from server.app import settings_of
    from server.demo import fill
    from server.store import people

    with installation() as app:
        if people.list_users() or people.list_areas():
            if quiet_when_filled:
                return
            refuse("this installation has data already; “demo” only fills an empty one.")
        logins = fill(lambda text: click.echo(text, err=True), shelf(app), settings=settings_of(app))
    _show_logins(logins)


def _show_logins(logins: list[dict[str, str]]) -> None:
    click.echo("\nDemonstration logins:")
    for login in logins:
        click.echo(f"  {login['role']:9} {login['username']:12} {login['password']}   {login['where']}")
    click.secho(
        "WARNING: everybody knows these passwords. Change them, or never use this installation for real data:", fg="red"
    )
    click.echo("  nuong user password USERNAME\n")


@commands.command()
def upgrade() -> None:
    """Bring the database to what this version reads (make a backup first)."""
    from server.store import glance, migrate, people
    from server.store.tables import db

    with application() as app, app.app_context():
        for step in migrate.upgrade(db.engine):
            click.echo(step)
        # What is new at a glance is looked at now, and not when the first page is opened.
        glance.follow([area["id"] for area in people.list_areas()], most=10**9)
    click.echo("The database is up to date.")


@commands.command()
def rebuild() -> None:
    """Make what the console sees at a glance anew from the records; pages work meanwhile, with less on them."""
    from server.store import glance

    with installation():
        click.echo(f"{glance.rebuild()} records seen.")
