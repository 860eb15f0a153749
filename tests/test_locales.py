"""Nothing is said that is not translated."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from locales.__main__ import found

CATALOGUES = sorted((Path(__file__).parent.parent / "locales").glob("*/LC_MESSAGES/nuong.po"))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_sentence_of_the_code_is_in_the_catalogue(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    missing = [m.id for m in found() if m.id and not (catalogue.get(m.id) and catalogue.get(m.id).string)]
    assert missing == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_fills_in_what_the_sentence_does(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    holes = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
    for message in catalogue:
        if message.id:
            assert set(holes.findall(message.id)) == set(holes.findall(str(message.string))), message.id


def test_no_sentence_stands_where_the_catalogue_does_not_look() -> None:
    """The extractor reads no sentence inside a template literal: it would never be translated."""
    sources = (Path(__file__).parent.parent / "pwa/src").rglob("*.ts*")
    assert [path.name for path in sources if re.search(r"\$\{(?:[^}]*\W)?t\(\"", path.read_text())] == []
