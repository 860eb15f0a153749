"""The scene of the browser's stories: a centre that can be stopped, phones that can be killed, a manager at a laptop.

Everything is real: `nuong serve` as a process of its own, Chromium, its disk.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, expect
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import select

from server import config
from server.app import create_app
from server.store.tables import LoggedChange, Picture, Quarantined, Record, db
from tests.conftest import PASSWORD
from tests.serving import free_port, listens

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

ON_DISK = """async (stores) => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => /^nuong-[0-9a-f]{8}-/.test(each));
  const opening = indexedDB.open(name);
  await new Promise((done) => (opening.onsuccess = done));
  const work = opening.result.transaction(stores, "readonly");
  const read = (store) => new Promise((done) => {
    const all = work.objectStore(store).getAll();
    all.onsuccess = () => done([store, all.result]);
  });
  const found = Object.fromEntries(await Promise.all(stores.map(read)));
  opening.result.close();
  return found;
}"""


def chromium() -> str:
    """The Chromium to drive. bin/test installs one."""
    found = os.environ.get("NUONG_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise RuntimeError("no Chromium: run bin/test, which installs it, or name one in NUONG_CHROMIUM")
    return found


class Centre:
    """`nuong serve` on a port of its own; stopped and started again on the same data."""

    def __init__(self, home: Path, database: str = "") -> None:
        self.home = home
        self.database = database
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.area = ""
        self._process: subprocess.Popen[bytes] | None = None

    def nuong(self, *words: str, said: str = "") -> str:
        """Run a command of the installation; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "server.cli", *words],
            env=self._environment(),
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, version: str = "", proxies: int = 0) -> None:
        """Serve. *version*: as if another version of the app had been installed; *proxies*: that stand before it."""
        program = ["-m", "server.cli"]
        if version:
            serve = f"import pwa.bundles as app; app.version = lambda: {version!r}; from server.cli import main; main()"
            program = ["-c", serve]
        environment = {**self._environment(), "NUONG_PROXIES": str(proxies)}
        self._process = subprocess.Popen([sys.executable, *program, "serve"], env=environment)
        for _ in range(400):
            if listens(self.port):
                return
            time.sleep(0.05)  # until it listens: nothing tells us otherwise
        raise AssertionError("the centre did not start")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def _environment(self) -> dict[str, str]:
        own = {"NUONG_HOME": str(self.home), "PORT": str(self.port), "NUONG_WORKERS": "1"}
        return {**os.environ, **own, **({"NUONG_DATABASE_URL": self.database} if self.database else {})}

    @contextmanager
    def books(self) -> Iterator[None]:
        """Inside, the store's own functions work on this centre's database, whether it runs or not."""
        app = create_app(config.prepare(config.load(self._environment())))
        with app.app_context():
            yield
            db.session.remove()
            db.engine.dispose()

    def log(self) -> list[dict[str, Any]]:
        """Every change that was accepted, in the order of their ids, as the log has it."""
        with self.books(), db.engine.connect() as connection:
            rows = connection.execute(select(LoggedChange.body, LoggedChange.id).order_by(LoggedChange.id))
            return [{"id": each.id, **json.loads(each.body)} for each in rows]

    def quarantined(self) -> list[dict[str, Any]]:
        """What the changes say that were refused and wait for somebody to look at them."""
        with self.books(), db.engine.connect() as connection:
            rows = connection.scalars(select(Quarantined.body).where(Quarantined.settled_at.is_(None)))
            return [json.loads(body)["set"] for body in rows]

    def pictures(self) -> set[str]:
        """The hashes of the pictures that the centre has, whole."""
        with self.books(), db.engine.connect() as connection:
            return set(connection.scalars(select(Picture.sha256)))

    def names(self, type_: str = "farmer") -> list[str]:
        """The names of all records of a type that the centre shows, in order."""
        with self.books(), db.engine.connect() as connection:
            rows = connection.scalars(select(Record.wire).where(Record.type == type_, Record.deleted.is_(False)))
            return sorted(json.loads(wire)["fields"].get("name", "") for wire in rows)

    def the(self, type_: str, name: str) -> str:
        """The id of the record of a type that is called so."""
        with self.books(), db.engine.connect() as connection:
            rows = connection.execute(select(Record.id, Record.wire).where(Record.type == type_))
            return next(record for record, wire in rows if json.loads(wire)["fields"].get("name") == name)


class Phone:
    """A phone of 360 x 640 with a disk of its own: killed with -9, it comes back with what was written."""

    def __init__(self, playwright: Playwright, disk: Path, address: str) -> None:
        self._playwright = playwright
        self._disk = disk
        self._address = address
        self._process: subprocess.Popen[bytes] | None = None
        self._browser: Browser | None = None
        self.page: Page
        self.open()

    def open(self, full: bool = False) -> None:
        """Start the browser and open the app, as from the home screen. *full*: see `open_full`."""
        for patience in (10, 20, 60):
            try:
                self._start_browser(patience)
                break
            except PlaywrightError:
                # On a machine that was just busy Chromium now and then starts without listening to anybody.
                self.kill()
        else:
            raise AssertionError("Chromium does not answer")
        self._hold_as_a_phone(full)

    def _start_browser(self, patience: float) -> None:
        port_file = self._disk / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                chromium(),
                "--headless",
                *QUIET,
                "--lang=vi",
                "--remote-debugging-port=0",
                f"--user-data-dir={self._disk}",
            ],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            if port_file.exists() and port_file.read_text().count("\n"):
                break
            time.sleep(0.05)
        port = port_file.read_text().splitlines()[0]
        self._browser = self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}", timeout=patience * 1000)

    def _hold_as_a_phone(self, full: bool = False) -> None:
        assert self._browser
        context = self._browser.contexts[0]
        may = {"permissions": ["geolocation", "wakeLockScreen"], "origin": self._origin}
        self._browser.new_browser_cdp_session().send("Browser.grantPermissions", may)
        context.set_geolocation({"longitude": 104.0715, "latitude": 21.2361, "accuracy": 6})
        self.page = context.new_page()
        cdp = context.new_cdp_session(self.page)
        size = {"width": 360, "height": 640, "deviceScaleFactor": 1, "mobile": True}
        cdp.send("Emulation.setDeviceMetricsOverride", size)
        cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        self.page.set_default_timeout(20_000)
        self._storage = cdp
        if full:
            cdp.send("Storage.overrideQuotaForOrigin", {"origin": self._origin, "quotaSize": 1})
        self.page.goto(f"{self._address}/")

    @property
    def _origin(self) -> str:
        return "/".join(self._address.split("/")[:3])

    def kill(self) -> None:
        """As when the battery falls out: kill -9, all of its processes."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def close(self) -> None:
        if self._process:
            self.kill()

    def tab(self) -> Phone:
        """The app opened once more beside this one, in the same browser."""
        other = copy.copy(self)
        other._hold_as_a_phone()
        return other

    def on_disk(self, *stores: str) -> dict[str, list[Any]]:
        """What the signed-in person's stores hold: past the app, which must not be asked about itself."""
        read: dict[str, list[Any]] = self.page.evaluate(ON_DISK, list(stores))
        return read

    def names_kept(self) -> list[str]:
        """The names that waiting changes and what is known of the centre hold, in order, as often as there are."""
        found = self.on_disk("outbox", "base")
        known = {each["id"]: each["fields"].get("name") for each in found["base"]}
        for each in found["outbox"]:
            if "name" in each["change"]["set"]:
                known[each["change"]["record"]] = each["change"]["set"]["name"]
        return sorted(name for name in known.values() if name)

    def back_home(self) -> None:
        """Once the app is open, wherever it came back to: home."""
        self.at("counters").wait_for()
        self.go("/")
        self.at("contact").wait_for()

    def until_kept(self, text: str) -> None:
        """Wait until a draft on disk says *text*: nothing on the screen tells of it."""
        self.eventually(
            lambda: text in json.dumps(self.on_disk("drafts"), ensure_ascii=False), f"a draft that says {text}"
        )

    def until(self, expression: str) -> None:
        """Wait until *expression* is true in the page."""
        self.eventually(lambda: bool(self.page.evaluate(f"() => !!({expression})")), expression)

    def eventually(self, look: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Wait until *look* finds it so, of something that no screen tells of."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if look():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"waited in vain for {what}")

    # What a thumb does ---------------------------------------------------------------------------------------------

    def at(self, test: str) -> Any:
        return self.page.locator(f"[data-test={test}]").first

    def press(self, test: str) -> None:
        self.at(test).click()

    def type(self, field: str, text: str) -> None:
        self.at(f"field-{field}").fill(text)

    def choose(self, field: str, code: str, wish: str = "") -> None:
        """Open a long list, search it as a person would, press the entry."""
        self.press(f"field-{field}")
        if wish:
            self.at(f"search-{field}").fill(wish)
        self.at(f"field-{field}").locator(f"xpath=following-sibling::dialog//*[@data-test='choose-{code}']").click()

    def save(self) -> None:
        """Press “save” in a form, and wait until it is said to be saved and the form is left."""
        self.press("save")
        self.page.wait_for_url(lambda url: "#/edit/" not in url)
        expect(self.at("said")).to_contain_text("Đã lưu trên máy này")

    def go(self, route: str) -> None:
        """Open a page of the app by its address."""
        if re.search(r"#/edit/[^/]+/[^/]+$", self.page.url) and not self.at("save").count():
            # A form that is done: its way back is a moment behind what is shown, and would lead away from this address too.
            self.page.wait_for_url(lambda url: "#/edit/" not in url)
        self.page.goto(f"{self._address}/#{route}")

    def stand_at(self, longitude: float, latitude: float, accuracy: float = 6) -> None:
        """Let GPS say so."""
        assert self._browser
        place = {"longitude": longitude, "latitude": latitude, "accuracy": accuracy}
        self._browser.contexts[0].set_geolocation(place)

    def version(self) -> str:
        """Which version of the app is open."""
        return str(self.page.evaluate("JSON.parse(document.getElementById('boot').textContent).version"))

    def person(self) -> str:
        """The id of who is signed in; with several on one phone, of one of them."""
        return str(
            self.page.evaluate(
                "indexedDB.databases().then((all) =>"
                " all.map((each) => each.name).find((name) => name.length === 42).slice(6))"
            )
        )

    def open_full(self) -> None:
        """Start the browser on a phone that has no room left: nothing more fits in what the app keeps.

        Only then: a browser that runs already goes on for a while with the room that it was promised.
        """
        self.open(full=True)

    def lose_storage(self, kinds: str) -> None:
        """The browser throws away what the app keeps: `indexeddb`, or `all` of it."""
        self._storage.send("Storage.clearDataForOrigin", {"origin": self._origin, "storageTypes": kinds})

    def make_room(self) -> None:
        self._storage.send("Storage.overrideQuotaForOrigin", {"origin": self._origin})

    def background_sync(self, tag: str) -> None:
        """As when the browser finds a signal while no page of the app is open."""
        assert self._browser
        cdp = self._browser.contexts[0].new_cdp_session(self.page)
        found: list[str] = []
        cdp.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.extend(each["registrationId"] for each in event["registrations"]),
        )
        cdp.send("ServiceWorker.enable")
        self.page.wait_for_timeout(200)
        sync = {"origin": self._address, "registrationId": found[0], "tag": tag, "lastChance": False}
        cdp.send("ServiceWorker.dispatchSyncEvent", sync)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", password)
        self.press("sign-in")

    def ready_for_the_field(self) -> None:
        """The app is kept on the phone: its worker has taken everything in, and controls the page."""
        self.page.evaluate("navigator.serviceWorker.ready")
        self.page.reload()
        self.page.evaluate(
            "navigator.serviceWorker.controller ? null"
            " : new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done))"
        )

    def send(self) -> None:
        """Press “send now”, where the phone does not try by itself just now: then the button rests."""
        self.page.evaluate("document.querySelector('[data-test=sync-now]').click()")

    def send_until(self, reached: threading.Event) -> None:
        """Press “send now” until a try has come as far as *reached*: while the phone tries by itself the button rests."""
        for _ in range(60):
            self.send()
            if reached.wait(1):
                return
        raise AssertionError("no try came that far")

    def wait_until_sent(self) -> None:
        expect(self.at("only-here-count")).to_have_text("0", timeout=20_000)
        expect(self.at("sync-now")).to_be_enabled(timeout=20_000)

    def sync(self) -> None:
        """Press “send now” on home, and wait until the words say that it is over."""
        self.go("/")
        self.press("sync-now")
        expect(self.at("sync-now")).to_be_enabled(timeout=20_000)
