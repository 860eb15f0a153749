"""Sets the scene for the browser's stories."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from pwa import bundles
from server.store import migrate, people
from server.store.tables import db
from tests.browser.gate import Gate
from tests.browser.scene import PASSWORD, QUIET, Centre, Phone, chromium
from tests.conftest import named, sql


@dataclass(frozen=True)
class Settled:
    """An installation with its people in it; `area` is the area's id, `name` the database's."""

    home: Path
    area: str
    name: str = ""


def settle(centre: Centre) -> str:
    """Make the area and its people; the area's id."""
    with centre.books():
        migrate.upgrade(db.engine)
        area = people.add_area("HTX Chiềng Mung")
        for name, role, shown in (
            ("lan", people.OFFICER, "Lò Thị Lan"),
            ("pao", people.OFFICER, "Vàng A Páo"),
            ("hoa", people.MANAGER, "Nguyễn Thị Hoa"),
        ):
            people.add_user(name, PASSWORD, role, (area,), name=shown)
    return area


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    bundles.build()
    # Patience costs nothing where a story goes well; the machine may be busy with the other tests.
    expect.set_options(timeout=20_000)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """A home folder with one area, two officers and a manager in it, made once and copied for each test."""
    home = tmp_path_factory.mktemp("peopled")
    return Settled(home, settle(Centre(home)))


@pytest.fixture(scope="session")
def peopled_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """The same in PostgreSQL: the name of a database, which is the template of each test's."""
    name = f"peopled_{os.getpid()}"
    sql(postgres_server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    centre = Centre(tmp_path_factory.mktemp("peopled-postgres"), named(postgres_server, name))
    return Settled(centre.home, settle(centre), name)


@pytest.fixture
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Centre]:
    """A running centre with one area (its id in `centre.area`), two officers and a manager. On SQLite unless asked."""
    if getattr(request, "param", "sqlite") == "sqlite":
        template = request.getfixturevalue("peopled")
        centre = Centre(tmp_path / "centre")
        shutil.copytree(template.home, centre.home)
    else:
        template = request.getfixturevalue("peopled_postgres")
        server = request.getfixturevalue("postgres_server")
        name = f"fire_{os.getpid()}"
        sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template.name}")
        centre = Centre(tmp_path / "centre", named(server, name))
    centre.area = template.area
    centre.start()
    yield centre
    centre.stop()


@pytest.fixture
def gate(centre: Centre) -> Iterator[Gate]:
    """A gate before the centre: phones that come through it can be held up in the middle of a request."""
    with Gate(centre.port) as gate:
        yield gate


@pytest.fixture
def phone(playwright: Playwright, centre: Centre, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """Makes phones: each with a disk of its own, by name; *address*: where it finds the centre."""
    made: list[Phone] = []

    def make(name: str, address: str = "") -> Phone:
        made.append(Phone(playwright, tmp_path / f"phone-{name}", address or centre.address))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def in_the_field(phone: Callable[..., Phone]) -> Callable[..., Phone]:
    """Makes phones of officers who have signed in, read what there is, and have the whole app on them: all can go on
    without a centre."""

    def make(name: str, address: str = "") -> Phone:
        made = phone(name, address)
        made.sign_in(name)
        expect(made.at("contact")).to_contain_text("Có sóng là máy tự gửi", timeout=20_000)
        made.ready_for_the_field()
        return made

    return make


@pytest.fixture
def manager(playwright: Playwright, centre: Centre) -> Iterator[Page]:
    """A manager at a laptop of 1280 x 800, signed in to the console."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN").new_page()
    page.goto(f"{centre.address}/console/")
    page.fill("[name=username]", "hoa")
    page.fill("[name=password]", PASSWORD)
    page.click("[data-test=sign-in]")
    page.wait_for_selector("[data-test=count]")
    yield page
    browser.close()
