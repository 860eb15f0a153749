"""What the commands share: the group that they belong to, the installation that they work on, and how they speak."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from server import config

if TYPE_CHECKING:
    from flask import Flask

    from server.pictures import Shelf


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Nương: the field book of scattered hill farms. Settings: see docs/running.md (NUONG_HOME, NUONG_DATABASE_URL…)."""


def refuse(sentence: str) -> NoReturn:
    click.echo(f"nuong: {sentence}", err=True)
    raise SystemExit(1)


def warn(sentence: str) -> None:
    click.echo(f"nuong: {sentence}", err=True)


@contextmanager
def application(**given: Any) -> "Iterator[Flask]":
    from server.app import create_app

    yield create_app(config.prepare(config.load(**{name: value for name, value in given.items() if value is not None})))


@contextmanager
def installation(**given: Any) -> "Iterator[Flask]":
    """The application on a database that this version reads; a new one is made, an old one is left for `upgrade`."""
    from sqlalchemy.exc import OperationalError

    from server.store import migrate
    from server.store.tables import db

    with application(**given) as app, app.app_context():
        try:
            state = migrate.state(db.engine)
        except OperationalError as error:
            refuse(f"the database does not answer: {str(error.orig).strip().splitlines()[0]}")
        if state == migrate.NEW:
            migrate.upgrade(db.engine)
        elif state == migrate.BEHIND:
            refuse("the database is of an older version. Make a backup of it, then run “nuong upgrade”.")
        elif state == migrate.AHEAD:
            refuse("the database is of a newer version than this program. Install that version.")
        yield app


def shelf(app: "Flask") -> "Shelf":
    from server.app import settings_of
    from server.pictures import shelf_of

    return shelf_of(settings_of(app))


def own_address(settings: config.Settings) -> str:
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{shown}:{settings.port}"


def invitation(user_id: str | None, address: str) -> str:
    """A link that is good once, at *address* (empty: where `nuong serve` listens on this machine)."""
    from flask import current_app

    from server.app import settings_of
    from server.store import invitations

    root = address.rstrip("/") or own_address(settings_of(current_app))
    return f"{root}/console/invited/{invitations.make(user_id, None)}"


def password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def table(rows: list[dict[str, Any]], columns: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    cells = [[("" if row[name] is None else str(row[name])) for name in columns] for row in rows]
    widths = [
        max(len(name), *(len(line[at]) for line in cells)) if cells else len(name) for at, name in enumerate(columns)
    ]
    for line in [list(columns), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
