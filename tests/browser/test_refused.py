"""What goes wrong between phone and centre is said in words, and costs nothing that was saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.browser.scene import PASSWORD, Centre, Phone

pytestmark = pytest.mark.browser

# As an app with an error in it would have saved it: a name that is a number.
SAVED_BADLY = """async () => {
  const name = (await indexedDB.databases()).map((each) => each.name).find((each) => /^nuong-[0-9a-f]{8}-/.test(each));
  const opening = indexedDB.open(name);
  await new Promise((done) => (opening.onsuccess = done));
  const work = opening.result.transaction("outbox", "readwrite");
  const store = work.objectStore("outbox");
  const all = store.getAll();
  await new Promise((done) => (all.onsuccess = done));
  const first = all.result[0];
  first.change.set.name = 5;
  store.put(first);
  await new Promise((done) => (work.oncomplete = done));
  opening.result.close();
}"""


def register_a_farmer(phone: Phone, name: str) -> None:
    phone.go("/")
    phone.press("new-farmer")
    phone.type("name", name)
    phone.type("village", "bản Nà Ớt")
    if not phone.at("field-commune").inner_text().startswith("Xã"):
        phone.choose("commune", "04123", "chieng mung")
    phone.save()


@contextmanager
def login_page_in_place_of(centre: Centre) -> Iterator[list[str]]:
    """A wireless network whose own page answers for everybody, with status 200; the paths that it was asked for."""
    asked: list[str] = []

    class Portal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            page = "<!doctype html><title>Free WiFi</title><h1>Xin mời đăng nhập</h1>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        do_GET = do_POST

        def log_message(self, *_words: object) -> None:
            return

    portal = ThreadingHTTPServer(("127.0.0.1", centre.port), Portal)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    try:
        yield asked
    finally:
        portal.shutdown()
        portal.server_close()


def test_a_wrong_password_is_said_and_after_some_the_centre_slows_down(phone: Callable[[str], Phone]) -> None:
    lan = phone("lan")
    for _ in range(5):
        lan.sign_in("lan", "sai-roi")
        expect(lan.at("sign-in-fault")).to_contain_text("mật khẩu")
        expect(lan.at("sign-in")).to_be_enabled()
        lan.page.evaluate("document.querySelector('[data-test=sign-in-fault]')?.remove()")
    lan.sign_in("lan")
    expect(lan.at("sign-in-fault")).to_contain_text("Hãy thử lại sau")


@pytest.mark.loss(3, 26)
def test_a_phone_that_was_cut_off_keeps_its_work_and_sends_it_after_signing_in_again(
    centre: Centre, in_the_field: Callable[[str], Phone], manager: Page
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    device = next(line for line in centre.nuong("device", "list").splitlines() if "lan" in line).split()[0]
    centre.nuong("device", "revoke", device)
    centre.start()

    lan.sync()
    expect(lan.at("sign-in-again")).to_contain_text("Không có gì bị mất")
    expect(lan.at("only-here-count")).to_have_text("1")

    # All goes on meanwhile, without a token.
    register_a_farmer(lan, "Quàng Thị Dua")
    lan.at("sign-in-again").locator("input").fill("sai")
    lan.at("sign-in-again").locator("button").click()
    expect(lan.at("sign-in-again").locator(".fault")).to_contain_text("mật khẩu")
    lan.at("sign-in-again").locator("input").fill(PASSWORD)
    lan.at("sign-in-again").locator("button").click()
    expect(lan.at("sign-in-again")).to_have_count(0)
    lan.go("/")
    lan.wait_until_sent()
    manager.goto(f"{centre.address}/console/devices")
    expect(manager.locator("table").first).to_contain_text("Lò Thị Lan")


@pytest.mark.loss(15, 32)
def test_a_login_page_in_place_of_the_centre_is_known_for_what_it_is(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    with login_page_in_place_of(centre) as asked:
        lan.sync()
        expect(lan.at("contact")).to_contain_text("trang đăng nhập")
        expect(lan.at("only-here-count")).to_have_text("1")
    assert any(path.endswith("/api/v1/sync") for path in asked)
    centre.start()
    lan.sync()
    lan.wait_until_sent()


@pytest.mark.loss(6)
def test_what_the_centre_refuses_holds_nothing_up_and_can_be_mended(
    centre: Centre, in_the_field: Callable[[str], Phone]
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    register_a_farmer(lan, "Lò Văn Pâng")
    register_a_farmer(lan, "Quàng Thị Dua")
    lan.page.evaluate(SAVED_BADLY)
    centre.start()

    lan.sync()
    expect(lan.at("only-here-count")).to_have_text("0")
    lan.go("/sync")
    expect(lan.at("refused")).to_have_count(1)
    expect(lan.at("refused")).to_contain_text("Họ và tên chủ hộ: Giá trị không đúng kiểu")
    lan.press("mend")
    expect(lan.at("field-name")).to_have_value("5")
    lan.type("name", "Lò Văn Pâng")
    lan.save()
    lan.sync()
    lan.wait_until_sent()
    lan.go("/sync")
    expect(lan.at("refused")).to_have_count(0)
    lan.go("/find")
    expect(lan.page.locator("[data-test=record-farmer]")).to_have_count(2)
