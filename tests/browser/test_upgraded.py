"""The app's database is brought to today's shape on the phone: killed in the middle of it, or with an old tab open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.scene import Centre, Phone
from tests.pwa.bundled import bundle

pytestmark = pytest.mark.browser

# A released version of the app (`v2-5`: its database and its declarations) to what it left on a phone, the oldest first.
RELEASED = {
    file.stem: json.loads(file.read_text())
    for file in sorted(
        (Path(__file__).parent.parent / "pwa" / "released").glob("v*.json"),
        key=lambda file: [int(number) for number in file.stem[1:].split("-")],
    )
}
NEWEST = max(each["version"] for each in RELEASED.values())
LAST = list(RELEASED)[-1]

# A disk that never gets done with the new shape.
HELD_UPGRADE = """(() => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...args) {
    const request = open.apply(this, args);
    request.addEventListener("upgradeneeded", (event) => {
      if (!event.oldVersion) return;
      window.upgrading = true;
      const store = request.transaction.objectStore("meta");
      const spin = () => { store.get("x").onsuccess = spin; };
      spin();
    });
    return request;
  };
})()"""

PUT_BACK = """async ([name, released]) => {
  await new Promise((done, failed) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = done;
    request.onblocked = failed;
  });
  await recreate(name, released);
}"""


@pytest.fixture(scope="session")
def in_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A script that makes and reads databases of released versions in a page."""
    entry = Path(__file__).parent.parent / "pwa" / "released" / "page.ts"
    return bundle(entry, tmp_path_factory.mktemp("released") / "page.mjs").read_text()


@pytest.fixture
def lived_in(centre: Centre, in_the_field: Callable[..., Phone], in_page: str) -> Callable[[str], Phone]:
    """Makes a phone whose owner has used that version of the app for a while; there is no centre now."""

    def make(version: str) -> Phone:
        lan = in_the_field("lan")
        name = f"nuong-{lan.person()}"
        lan.page.goto(f"{centre.address}/healthz")
        lan.page.evaluate(in_page)
        lan.page.evaluate(PUT_BACK, [name, RELEASED[version]])
        centre.stop()
        return lan

    return make


def _all_of_it_is_there(phone: Phone, version: str, in_page: str) -> None:
    phone.back_home()
    expect(phone.page.locator("[data-test=draft]")).to_have_count(len(RELEASED[version]["stores"]["drafts"]["rows"]))
    phone.page.evaluate(in_page)
    now: dict[str, Any] = phone.page.evaluate("(name) => read(name)", f"nuong-{phone.person()}")
    assert now["version"] == NEWEST
    for store, before in RELEASED[version]["stores"].items():
        if store == "meta":  # what was heard from the centre goes on
            continue
        rows = {json.dumps(key): value for key, value in now["stores"][store]["rows"]}
        for key, value in before["rows"]:
            assert rows.get(json.dumps(key)) == value, f"{store} {key}"


@pytest.mark.loss(2)
@pytest.mark.parametrize("version", [each for each, left in RELEASED.items() if left["version"] != NEWEST])
def test_a_kill_while_the_database_is_upgraded_leaves_all_of_it_for_the_next_try(
    version: str, lived_in: Callable[[str], Phone], in_page: str
) -> None:
    lan = lived_in(version)
    lan.page.add_init_script(HELD_UPGRADE)
    lan.go("/")
    lan.until("window.upgrading")
    lan.kill()
    lan.open()
    _all_of_it_is_there(lan, version, in_page)


@pytest.mark.loss(2)
def test_an_old_tab_that_holds_the_database_is_named_and_the_app_goes_on_once_it_is_closed(
    lived_in: Callable[[str], Phone], in_page: str
) -> None:
    lan = lived_in("v1")
    # As an app that knows of no newer one: it does not let go by itself.
    name = f"nuong-{lan.person()}"
    lan.page.evaluate(
        "(name) => { const held = indexedDB.open(name); held.onsuccess = () => (window.held = held); }", name
    )
    lan.until("window.held")
    beside = lan.tab()
    expect(beside.page.locator(".opening")).to_contain_text("thẻ khác")
    lan.page.close()
    _all_of_it_is_there(beside, "v1", in_page)


@pytest.mark.loss(2)
def test_a_phone_of_the_version_before_goes_on_with_all_that_it_had(
    lived_in: Callable[[str], Phone], in_page: str
) -> None:
    lan = lived_in(LAST)
    lan.go("/")
    _all_of_it_is_there(lan, LAST, in_page)
    left = RELEASED[LAST]["stores"]["outbox"]["rows"]
    expect(lan.at("only-here-count")).to_have_text(str(sum("refused" not in each for _, each in left)))
