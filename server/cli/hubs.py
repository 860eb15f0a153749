"""What a hub does: join a centre, and sync with it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from server.cli.common import commands, installation, refuse


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

    with installation() as app, _reaching():
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

    with installation() as app:
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
        refuse("the centre has ended this hub's token. “nuong hub join ADDRESS” again; nothing is lost.")
