"""Pictures of every screen, in both languages, into docs/pictures/screens, and docs/screens.md that shows them: `bin/screens`.

With names of screens only those are taken anew.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pwa import bundles
from tests.browser.gallery import ADMINISTRATOR, LANGUAGES, MANAGER, OFFICER, OUTSIDE, PHONE, PRACTICE, Gallery, Screen

ROOT = Path(__file__).parent.parent.parent
PICTURES = ROOT / "docs/pictures/screens"
PAGE = ROOT / "docs/screens.md"
QUALITY = 55  # of WebP: a screen of a phone is 10 KB then, and its text still sharp
SMALL = "-phone"  # the console as it is on a phone


def main() -> None:
    """Take the pictures, and write the page that shows them."""
    wish = set(sys.argv[1:])
    bundles.build()
    PICTURES.mkdir(parents=True, exist_ok=True)
    if not wish:
        for old in PICTURES.glob("*.webp"):
            old.unlink()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        gallery = Gallery(playwright, Path(home))
        try:
            for language in LANGUAGES:
                _take_all(gallery, language, lambda each: not wish or each.name in wish)
        finally:
            gallery.close()
    PAGE.write_text(_page())


def _take_all(gallery: Gallery, language: str, wanted: Callable[[Screen], bool]) -> None:
    def take(page: Page, screens: Iterable[Screen], ending: str = "") -> None:
        for each in filter(wanted, screens):
            gallery.show(page, each)
            _keep(page, f"{each.name}{ending}.{language}")

    with gallery.phone(language) as page:
        take(page, OUTSIDE)
        gallery.practise(page)
        take(page, PRACTICE)
    with gallery.phone(language) as page:
        gallery.sign_in(page)
        take(page, OFFICER)
    for who, screens in (("hoa", MANAGER), ("quantri", ADMINISTRATOR)):
        with gallery.console(who, language) as page:
            take(page, screens)
        with gallery.console(who, language, size=PHONE) as page:
            take(page, screens, SMALL)


def _keep(page: Page, name: str) -> None:
    page.evaluate("document.activeElement?.blur()")
    page.wait_for_timeout(300)  # a map draws itself in its own time
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))
    sys.stdout.write(f"{name}\n")


def _page() -> str:
    lines = [
        "# Every screen",
        "",
        "Taken by `bin/screens` from a demonstration installation, in Chromium: the app at 360 x 640, the console at",
        "1280 x 800 and 360 x 640. A new screen is a line in `tests/browser/gallery.py`.",
        "",
    ]
    app = [each.name for each in (*OUTSIDE, *OFFICER, *PRACTICE)]
    console = [name for each in (*MANAGER, *ADMINISTRATOR) for name in (each.name, f"{each.name}{SMALL}")]
    for heading, names in (("The officer's app", app), ("The console", console)):
        lines += [f"## {heading}", "", f"| | {' | '.join(LANGUAGES)} |", f"|---|{'---|' * len(LANGUAGES)}"]
        for name in names:
            shown = [f"![{name}, {each}](pictures/screens/{name}.{each}.webp)" for each in LANGUAGES]
            lines.append(f"| {name} | {' | '.join(shown)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
