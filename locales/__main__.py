"""Finds every sentence in the code and brings the catalogues up to date: `python -m locales`.

Must never translate: a new sentence stands there empty until a person fills it, and a test says so.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parent

# Where sentences stand, how they are read there, and the functions that mark them.
_SOURCES = (
    ("server/**/*.py", "python", {"_": None, "sentence": None}),
    ("sync/**/*.py", "python", {"sentence": None}),
    ("pwa/bundles.py", "python", {"sentence": None}),
    ("server/**/*.html", "jinja2.ext:babel_extract", {"_": None}),
    ("pwa/src/**/*.ts", "javascript", {"t": None}),
    ("pwa/src/**/*.tsx", "javascript", {"t": None}),
)


def found() -> Catalog:
    """Every sentence of the code, with the files that say it."""
    catalogue = Catalog(project="nuong", charset="utf-8")
    for pattern, method, keywords in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            name = str(path.relative_to(ROOT))
            options = {"jsx": "true"} if method == "javascript" else {}
            for _line, message, _comments, _context in extract_from_file(method, path, keywords, (), options):
                # Where, not on which line: lines move with every change, and the catalogue need not.
                catalogue.add(message, locations=[(name, 0)])
    return catalogue


def main() -> None:
    """Update every catalogue, and say what is not translated."""
    template = found()
    for path in sorted(HERE.glob("*/LC_MESSAGES/nuong.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3])
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=0, sort_output=True, include_lineno=False, omit_header=False)
        empty = [message.id for message in catalogue if message.id and not message.string]
        sys.stdout.write(f"{path.parts[-3]}: {len(catalogue)} sentences, {len(empty)} not translated\n")
        for each in empty:
            sys.stdout.write(f"  {each}\n")


if __name__ == "__main__":
    main()
