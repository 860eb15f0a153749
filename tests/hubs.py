"""A hub between phones and a centre, each an application with a database of its own, in one process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from server import hub as hubs
from server.app import create_app
from server.config import Settings
from server.store import people
from server.store.engine import reading
from server.store.tables import LoggedChange, Record, db
from sync.client import Client, Offline
from tests.conftest import PASSWORD
from tests.wire import Browser, InProcess


class Cut(InProcess):
    """A wire to *app* that breaks after the next request was taken in, before its answer arrives, while `cut` is true."""

    cut = False

    def send(self, request: Any, **kw: Any) -> Any:
        answer = super().send(request, **kw)
        if Cut.cut and request.path_url.endswith("/sync"):
            Cut.cut = False
            raise Offline("the answer was lost")
        return answer


class Hub:
    """A hub of the server *above*, for *areas*, with everybody's password set as at the centre."""

    def __init__(self, above: Any, template: Path, home: Path, name: str, *areas: str) -> None:
        home.mkdir()
        shutil.copy(template, home / "nuong.sqlite3")
        self.home, self.above = home, above
        self.app = create_app(Settings(home=home, secret_key=name))
        with above.app_context():
            people.add_user(name, PASSWORD, people.HUB, areas)
        with self.inside():
            hubs.join(home, "http://above", name, PASSWORD, self.client)
            for each in people.list_users():
                people.set_password(each["username"], PASSWORD)

    def client(self, root: str, **kw: Any) -> Client:
        made = Client(root, **kw)
        made._http.mount("http://above", Cut(self.above))
        return made

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.app.app_context():
            yield
            db.session.remove()

    def sync(self) -> hubs.Done:
        with self.inside():
            return hubs.sync(self.home, self.client)

    def phone(self, username: str) -> Client:
        phone = Client("http://hub")
        phone._http.mount("http://hub", InProcess(self.app))
        phone.sign_in(username, PASSWORD)
        return phone

    def page(self) -> Browser:
        return Browser(self.app)

    def state(self, *areas: str) -> dict[str, str]:
        with self.inside():
            return state(*areas)


def state(*areas: str) -> dict[str, str]:
    """Every record in *areas*, as the text that replies carry, but for its number, which each server gives its own."""
    with reading() as connection:
        rows = connection.execute(select(Record.id, Record.wire).where(Record.area.in_(areas))).all()
    return {record: canonical(wire) for record, wire in rows}


def canonical(wire: str) -> str:
    body = orjson.loads(wire)
    del body["seq"]
    return orjson.dumps(body).decode()


def envelope_of(change: str) -> tuple[Any, ...]:
    with reading() as connection:
        row = connection.execute(
            select(LoggedChange.author, LoggedChange.device, LoggedChange.received_at, LoggedChange.skew_ms).where(
                LoggedChange.id == change
            )
        ).one()
    return tuple(row)
