"""Nothing is said that is not translated, and a third language is one file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from locales import languages
from locales.__main__ import found
from server.language import LANGUAGES

ROOT = Path(__file__).parent.parent
CATALOGUES = sorted(ROOT.glob("locales/*/LC_MESSAGES/nuong.po"))
WORD = re.compile(r"[^\W\d_]{2}")
# What is the same in every language: our name, units, and the one label that must be read before a language is chosen.
EVERYWHERE = {"Nương", "ha", "t/ha", "kg", "kB", "MB", "GB", "GPS", "Ngôn", "ngữ", "Language"}
# Where the declarations' labels go to the catalogues: `locales/__main__.py` collects those itself.
LABELS = ("words.ts", "words.en")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_sentence_of_the_code_is_in_the_catalogue(path: Path) -> None:
    catalogue = _read(path)
    wanted = found(path.parts[-3])
    missing = [m.id for m in wanted if m.id and not (catalogue.get(m.id) and catalogue.get(m.id).string)]
    assert missing == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_fills_in_what_the_sentence_does(path: Path) -> None:
    holes = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
    for message in _read(path):
        if message.id:
            assert set(holes.findall(message.id)) == set(holes.findall(str(message.string))), message.id


def test_the_app_says_nothing_past_the_catalogues() -> None:
    assert [each for each in _literals(ROOT / "pwa/src") if not _same_everywhere(each)] == []


def test_a_literal_in_the_app_is_found_wherever_it_hides(tmp_path: Path) -> None:
    """The check above can fail: one of each way to forget t()."""
    source = ROOT / "pwa/src/screens/home.tsx"
    hiding = (
        "export const a = <p>Xin chào</p>;",
        'export const b = <img alt="Một bức ảnh" />;',
        'export const c = (on: boolean) => <p>{on ? "bật" : t("Off")}</p>;',
        "export const d = <p>{`còn ${2}`}</p>;",
        'tell("Đã xong");',
        't(source + "x");',
        'throw new Error("Không đọc được tệp");',
    )
    project = tmp_path / "pwa"
    shutil.copytree(ROOT / "pwa", project, ignore=shutil.ignore_patterns("static"))
    for each in ("node_modules", "sync"):
        (tmp_path / each).symlink_to(ROOT / each)
    shutil.copytree(ROOT / "tests/pwa", tmp_path / "tests/pwa")
    clean = len(_literals(project / "src"))
    (project / "src/screens/home.tsx").write_text(source.read_text() + "\n".join(("", *hiding)))
    assert len(_literals(project / "src")) == clean + len(hiding)


def test_the_templates_say_nothing_past_the_catalogues() -> None:
    said = [
        (path.name, text)
        for path in sorted(ROOT.glob("server/**/templates/**/*.html"))
        # The page for programmers is in English alone, as the API itself.
        if path.name != "api.html"
        for text in _said(path.read_text())
    ]
    assert [(name, text) for name, text in said if not _is_everywhere(text)] == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Xin chào</p>",
        '<input placeholder="Tên">',
        "{% if x %}<b>{{ y }} nương</b>{% endif %}",
        '{{ "bật" if on else _("Off") }}',
    ],
)
def test_a_literal_in_a_template_is_found_wherever_it_hides(template: str) -> None:
    assert list(_said(template)) != []
    assert list(_said('<p class="quiet">{{ _("Plots") }} · {{ name }} <b title="{{ _(\'x y\') }}">12</b></p>')) == []


def test_a_third_language_is_one_file(tmp_path: Path) -> None:
    """Tai Dam, of a translator who writes every sentence in brackets: dropped into a copy of the project, and built."""
    for each in ("locales", "pwa", "server", "sync"):
        leave = shutil.ignore_patterns("static" if each == "pwa" else "", "__pycache__")
        shutil.copytree(ROOT / each, tmp_path / each, ignore=leave)
    shutil.copy(ROOT / "package-lock.json", tmp_path)
    leave = shutil.ignore_patterns("*typescript*", "@types", "axe-core")
    shutil.copytree(ROOT / "node_modules", tmp_path / "node_modules", symlinks=True, ignore=leave)
    _translate(tmp_path / "locales/blt/LC_MESSAGES/nuong.po")

    _run(tmp_path, "-m", "pwa.bundles")
    app = "".join(each.read_text() for each in (tmp_path / "pwa/static").glob("*.js"))
    said = ("[Send now]", "[Coffee leaf rust]", "Tai Dam")
    assert [each for each in said if each not in app] == []
    page = _run(
        tmp_path,
        "-c",
        "from pathlib import Path; from server.app import create_app; from server.config import Settings;"
        "home = Path('home'); home.mkdir();"
        "app = create_app(Settings(home=home, secret_key='x'));"
        "print(app.test_client().get('/console/sign-in?lang=blt').text)",
    )
    assert "[Sign in]" in page
    assert 'lang="blt" title="Tai Dam"' in page


def test_the_languages_are_those_of_the_catalogues_under_their_own_names() -> None:
    assert languages() == LANGUAGES == {"vi": "Tiếng Việt", "en": "English"}


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def _translate(path: Path) -> None:
    """A catalogue in which every sentence is there, in brackets."""
    path.parent.mkdir(parents=True)
    catalogue = found("blt")
    for message in catalogue:
        if message.id:
            message.string = "Tai Dam" if message.id == "English" else f"[{message.id}]"
    with path.open("wb") as file:
        write_po(file, catalogue)


def _run(place: Path, *words: str) -> str:
    return subprocess.run([sys.executable, *words], cwd=place, check=True, capture_output=True, text=True).stdout


def _literals(place: Path) -> list[dict[str, str]]:
    """Lines of the app's code that say something past t()."""
    script = place.parent.parent / "tests/pwa/literals.mjs"
    done = subprocess.run(["node", script, place], check=True, capture_output=True, text=True)
    return list({(each["file"], each["line"]): each for each in json.loads(done.stdout)}.values())


def _same_everywhere(literal: dict[str, str]) -> bool:
    return _is_everywhere(literal["text"]) or (literal["file"], literal["text"]) == LABELS


def _is_everywhere(text: str) -> bool:
    """Whether a text is made of nothing but names and units."""
    return set(re.findall(r"[^\W\d_][^\W\d_/]*(?:/[^\W\d_]+)*", text)) <= EVERYWHERE


def _said(template: str) -> Iterator[str]:
    """What a Jinja template says by itself: text, what is read of a tag, and literals that an expression comes out as."""
    tree = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"]).parse(template)
    page = _Page()
    for output in tree.find_all(nodes.Output):
        for each in output.nodes:
            # In the place of what is filled in stands what no word is made of.
            page.feed(each.data if isinstance(each, nodes.TemplateData) else "0")
            if not page.within_a_tag():
                yield from _comes_out(each)
    page.close()
    yield from page.said


def _comes_out(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and WORD.search(node.value):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _comes_out(node.expr1)
        if node.expr2:
            yield from _comes_out(node.expr2)
    elif isinstance(node, nodes.Concat | nodes.Add | nodes.Or | nodes.And):
        for each in node.iter_child_nodes():
            yield from _comes_out(each)


class _Page(HTMLParser):
    READ = ("title", "placeholder", "alt", "aria-label", "label")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style")
        self.said += [value for name, value in attrs if name in self.READ and value and WORD.search(value)]

    def within_a_tag(self) -> bool:
        return "<" in self.rawdata

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, text: str) -> None:
        if not self._silent and WORD.search(text):
            self.said.append(text.strip())
