"""Finds every sentence in the code and brings the catalogues up to date: `python -m locales`; with a code, begins a new one.

Must never translate: a new sentence stands there empty until a person fills it, and a test says so.
"""

import sys
from collections.abc import Iterator
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from locales import FIRST, HERE, LABELS, NAME
from sync.records import describe

ROOT = HERE.parent
PROJECT = "nuong"

# Where sentences stand, how they are read there, and the functions that mark them.
_SOURCES = (
    ("server/**/*.py", "python", {"_": None, "sentence": None}),
    ("sync/**/*.py", "python", {"sentence": None}),
    ("pwa/bundles.py", "python", {"sentence": None}),
    ("server/**/*.html", "jinja2.ext:babel_extract", {"_": None}),
    ("pwa/src/**/*.ts", "javascript", {"t": None}),
    ("pwa/src/**/*.tsx", "javascript", {"t": None}),
)


def found(language: str) -> Catalog:
    """Every sentence that *language* needs, with the files that say it."""
    catalogue = Catalog(project=PROJECT, charset="utf-8")
    catalogue.add(
        NAME, locations=[("pwa/src/words.ts", 0)], auto_comments=["The name of your language, in your language."]
    )
    # The declarations have their labels in the first language and in English beside each other.
    for label in set(_labels(describe())) if language != FIRST else ():
        catalogue.add(label, locations=[(LABELS, 0)])
    for pattern, method, keywords in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            name = str(path.relative_to(ROOT))
            options = {"jsx": "true", "parse_template_string": "true"} if method == "javascript" else {}
            for _line, message, _comments, _context in extract_from_file(method, path, keywords, (), options):
                # Where, not on which line: lines move with every change, and the catalogue need not.
                catalogue.add(message, locations=[(name, 0)])
    return catalogue


def _labels(declared: Any) -> Iterator[str]:
    """The English of every label, hint, name of a code and sentence of the declarations."""
    if isinstance(declared, list):
        for each in declared:
            yield from _labels(each)
    elif isinstance(declared, dict):
        if isinstance(declared.get("en"), str) and declared["en"] != declared.get("vi"):
            yield declared["en"]
        for each in declared.values():
            yield from _labels(each)


def main() -> None:
    """Update every catalogue, begin those that are asked for, and say what is not translated."""
    for code in sys.argv[1:]:
        begun = HERE / code / "LC_MESSAGES" / "nuong.po"
        begun.parent.mkdir(parents=True, exist_ok=True)
        begun.touch()
    for path in sorted(HERE.glob("*/LC_MESSAGES/nuong.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3])
        since = catalogue.creation_date
        catalogue.update(found(path.parts[-3]), no_fuzzy_matching=True)
        catalogue.creation_date = since  # a run that finds nothing new changes nothing
        catalogue.project, catalogue.version, catalogue.msgid_bugs_address = PROJECT, "", ""
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=0, sort_output=True, include_lineno=False, omit_header=False)
        empty = [message.id for message in catalogue if message.id and not message.string]
        sys.stdout.write(f"{path.parts[-3]}: {len(catalogue)} sentences, {len(empty)} not translated\n")
        for each in empty:
            sys.stdout.write(f"  {each}\n")


if __name__ == "__main__":
    main()
