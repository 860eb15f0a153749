"""Every screen there is, as a table, on a demonstration installation: for the pictures in docs/ and for axe.

Must never hold what a screen should say: it only knows how a person comes to each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from sqlalchemy import select

from server.demo import PASSWORD
from server.store.tables import Record, db
from tests.browser.scene import QUIET, Centre, chromium

LANGUAGES = ("vi", "en")
Scheme = Literal["light", "dark"]
PHONE = (360, 640)
LAPTOP = (1280, 800)


@dataclass(frozen=True)
class Screen:
    """One screen: its name, where it is, and what is pressed there (names of data-test) until it is seen.

    `{plot}` and the like stand for the id of a record of that type.
    """

    name: str
    address: str
    presses: tuple[str, ...] = ()
    # What is on it when it is there.
    awaits: str = "h1"


# Before anybody has signed in.
OUTSIDE = (
    Screen("sign-in", "/"),
    Screen("sign-in-by-code", "/", ("other-way",)),
    Screen("tour", "/tour"),
    Screen("tour-signs", "/tour", ("tour-next",)),
    Screen("tour-end", "/tour", ("tour-next",) * 5),
    Screen("help", "/help"),
    Screen("help-record", "/help/record"),
    Screen("help-boundary", "/help/boundary"),
    Screen("help-signs", "/help/signs"),
    Screen("help-no-signal", "/help/no-signal"),
    Screen("help-correct", "/help/correct"),
    Screen("help-full", "/help/full"),
    Screen("help-lost", "/help/lost"),
    Screen("help-keep", "/help/keep"),
)
OFFICER = (
    Screen("home", "/"),
    Screen("find", "/find", awaits="[data-test=record-plot], [data-test=record-farmer]"),
    Screen("new", "/new"),
    Screen("farmer", "/farmer/{farmer}"),
    Screen("plot", "/plot/{plot}"),
    Screen("harvest", "/record/{harvest}"),
    Screen("observation", "/record/{observation}"),
    Screen("new-farmer", "/", ("new-farmer",), "[data-test=save]"),
    Screen("new-plot", "/farmer/{farmer}", ("new-plot",), "[data-test=save]"),
    Screen("new-harvest", "/plot/{plot}", ("new-harvest",), "[data-test=save]"),
    Screen("new-observation", "/plot/{plot}", ("new-observation",), "[data-test=save]"),
    Screen("new-activity", "/plot/{plot}", ("new-activity",), "[data-test=save]"),
    Screen("boundary", "/edit/plot/{plot}", ("draw-boundary",), ".leaflet-container"),
    Screen("maps", "/maps"),
    Screen("sending", "/sync", awaits="[data-test=went]"),
    Screen("code", "/enrol/ABCD-2345"),
    Screen("not-here", "/plot/00000000-0000-7000-8000-000000000000"),
)
PRACTICE = (
    Screen("practice", "/", awaits="[data-test=contact]"),
    Screen("practice-find", "/find", awaits="[data-test=record-plot], [data-test=record-farmer]"),
    Screen("practice-sending", "/sync", awaits="[data-test=went]"),
    Screen("practice-leaving", "/", ("leave-practice",), "[data-test=wipe-practice]"),
)
MANAGER = (
    Screen("console-plots", "/console/"),
    Screen("console-plot", "/console/plot/{plot}"),
    Screen("console-farmer", "/console/farmer/{farmer}"),
    Screen("console-record", "/console/record/{harvest}"),
    Screen("console-correct", "/console/record/{harvest}/correct"),
    Screen("console-correct-plot", "/console/record/{plot}/correct"),
    Screen("console-history", "/console/record/{plot}/history"),
    Screen("console-join", "/console/record/{plot}/do/join"),
    Screen("console-review", "/console/review"),
    Screen("console-attention", "/console/attention"),
    Screen("console-conflict", "/console/conflict/{dispute}"),
    Screen("console-checks", "/console/checks"),
    Screen("console-overlaps", "/console/checks/overlap"),
    Screen("console-limits", "/console/checks/limits"),
    Screen("console-tasks", "/console/tasks"),
    Screen("console-new-task", "/console/tasks/new?of={plot}"),
    Screen("console-devices", "/console/devices"),
    Screen("console-refused", "/console/refused"),
    Screen("console-deleted", "/console/deleted"),
    Screen("console-bring", "/console/bring"),
    Screen("console-out", "/console/out"),
    Screen("console-read-in", "/console/read-in"),
    Screen("console-seeing", "/console/seeing"),
    Screen("console-weeks", "/console/seeing/weeks"),
    Screen("console-audit", "/console/audit"),
    Screen("console-password", "/console/password"),
)
ADMINISTRATOR = (
    Screen("console-admin", "/console/admin"),
    Screen("console-people", "/console/admin/people"),
    Screen("console-communes", "/console/admin/communes"),
    Screen("console-areas", "/console/admin/areas"),
    Screen("console-lists", "/console/admin/lists"),
    Screen("console-new-entry", "/console/admin/lists/product/add"),
    Screen("console-set-limits", "/console/checks/limits"),
    Screen("console-maps", "/console/maps"),
    Screen("console-backups", "/console/admin/backups"),
)


class Gallery:
    """A demonstration installation, and browsers that look at it."""

    def __init__(self, playwright: Playwright, home: Path) -> None:
        self.centre = Centre(home)
        self.centre.nuong("demo")
        self.centre.start()
        self._ids = self._some_of_each()
        self._browser: Browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)

    def close(self) -> None:
        self._browser.close()
        self.centre.stop()

    def _some_of_each(self) -> dict[str, str]:
        """The id of one record of each type that officer lan may see; a plot with much to see on it."""
        with self.centre.books(), db.engine.connect() as connection:
            rows = connection.execute(select(Record.wire).where(Record.deleted.is_(False)))
            told = [json.loads(row.wire) for row in rows]
        all_ = [(each["type"], each["id"], each["fields"]) for each in told]
        dispute = next(each["id"] for each in told if each.get("conflicts"))
        seen = [fields["plot"] for type_, _, fields in all_ if type_ == "observation" and fields.get("pest")]
        plot = max(set(seen), key=seen.count)
        found = {type_: id_ for type_, id_, fields in all_ if fields.get("plot") == plot}
        farmer = next(fields["farmer"] for _, id_, fields in all_ if id_ == plot)
        return {**found, "plot": plot, "farmer": farmer, "dispute": dispute}

    @contextmanager
    def phone(self, language: str, scheme: Scheme = "light", *, font: int = 100) -> Iterator[Page]:
        """A phone on which nobody has signed in; *font*: the size of text, in percent of what is usual."""
        with self._context(PHONE, language, scheme) as context:
            context.add_init_script(f"localStorage.setItem('nuong-language', '{language}')")
            if font != 100:
                # From the start, as a browser's own setting: a size that comes later is not asked about by all rules.
                enlarge = f"if (root) root.style.fontSize = 'calc(106.25% * {font / 100})'"
                grow = f"const grow = () => {{ const root = document.documentElement; {enlarge} }}; grow()"
                context.add_init_script(f"{grow}; new MutationObserver(grow).observe(document, {{ childList: true }})")
            page = context.new_page()
            page.goto(f"{self.centre.address}/")
            page.wait_for_selector("[data-test=sign-in]")
            yield page

    @contextmanager
    def console(
        self, who: str, language: str, scheme: Scheme = "light", size: tuple[int, int] = LAPTOP
    ) -> Iterator[Page]:
        """Somebody signed in to the console: `hoa`, a manager, or `quantri`, an administrator."""
        with self._context(size, language, scheme) as context:
            page = context.new_page()
            page.goto(f"{self.centre.address}/console/?lang={language}")
            page.fill("[name=username]", who)
            page.fill("[name=password]", PASSWORD)
            page.click("[data-test=sign-in]")
            page.wait_for_selector("form[action$=sign-out]", state="attached")
            yield page

    @contextmanager
    def _context(self, size: tuple[int, int], language: str, scheme: Scheme) -> Iterator[BrowserContext]:
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale={"vi": "vi-VN", "en": "en-GB"}.get(language, language),
            timezone_id="Asia/Ho_Chi_Minh",
            color_scheme=scheme,
            reduced_motion="reduce",
            geolocation={"longitude": 104.0715, "latitude": 21.2361, "accuracy": 6},
            permissions=["geolocation"],
        )
        context.set_default_timeout(20_000)
        yield context
        context.close()

    def sign_in(self, page: Page) -> None:
        """Officer lan arrives at home, with all that the centre has on the phone."""
        page.goto(f"{self.centre.address}/#/")
        page.fill("[name=username]", "lan")
        page.fill("[name=password]", PASSWORD)
        page.click("[data-test=sign-in]")
        page.wait_for_selector("[data-test=contact]")
        page.wait_for_selector("[data-test=still-reading]", state="detached")

    def practise(self, page: Page) -> None:
        page.goto(f"{self.centre.address}/#/")
        page.click("[data-test=practise]")
        page.wait_for_selector("[data-test=band]")
        page.wait_for_selector("[data-test=contact]")

    def show(self, page: Page, screen: Screen) -> None:
        """Come to a screen as a person would."""
        app = not screen.address.startswith("/console")
        address = screen.address.format(**self._ids)
        place = f"{self.centre.address}{'/#' if app else ''}{address}"
        if page.url == place:
            # The same address once more would leave the screen as it was left.
            page.goto(f"{self.centre.address}/#/help" if app else "about:blank")
            page.wait_for_selector("h1" if app else "body", state="attached")
        page.goto(place)
        for each in screen.presses:
            page.locator(f"[data-test={each}]").first.click()
        page.wait_for_selector(screen.awaits, state="attached")
        page.evaluate("document.fonts.ready")
