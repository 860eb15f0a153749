"""Sets the scene for the browser's stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, sync_playwright

from pwa import bundles
from tests.browser.scene import PASSWORD, QUIET, Centre, Phone, chromium


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    bundles.build()
    with sync_playwright() as running:
        yield running


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A running centre with one area (its id in `centre.area`), two officers and a manager."""
    centre = Centre(tmp_path / "centre")
    centre.area = centre.nuong("area", "add", "HTX Chiềng Mung")
    for name, role, shown in (
        ("lan", "officer", "Lò Thị Lan"),
        ("pao", "officer", "Vàng A Páo"),
        ("hoa", "manager", "Nguyễn Thị Hoa"),
    ):
        words = ("user", "add", name, "--role", role, "--area", centre.area, "--name", shown, "--password-stdin")
        centre.nuong(*words, said=PASSWORD + "\n")
    centre.start()
    yield centre
    centre.stop()


@pytest.fixture
def phone(playwright: Playwright, centre: Centre, tmp_path: Path) -> Iterator[Callable[[str], Phone]]:
    """Makes phones: each with a disk of its own, by name."""
    made: list[Phone] = []

    def make(name: str) -> Phone:
        made.append(Phone(playwright, tmp_path / f"phone-{name}", centre.address))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def in_the_field(phone: Callable[[str], Phone]) -> Callable[[str], Phone]:
    """Makes phones of officers who have signed in and have the whole app on them: all can go on without a centre."""

    def make(name: str) -> Phone:
        made = phone(name)
        made.sign_in(name)
        made.at("contact").wait_for()
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
