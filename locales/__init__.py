"""The catalogues: one file per language, shared by the phone and the server. The message id is the English sentence.

A language is there as soon as its file is: locales/<code>/LC_MESSAGES/nuong.po, where <code> is one that CLDR knows.
"""

from pathlib import Path

from babel.messages.pofile import read_po

HERE = Path(__file__).parent
# Who asks for no language gets this one, and it stands first where one is chosen.
FIRST = "vi"
# The sentences of the code are written in it: it needs no catalogue.
SOURCE = "en"
# A sentence that each catalogue translates by the name that its language has for itself.
NAME = "English"
# Where the labels of fields and the names of codes stand.
LABELS = "sync/records"


def languages() -> dict[str, str]:
    """Every language that there is, with its own name for itself: the first, that of the code, then the others."""
    named = {SOURCE: NAME}
    for path in HERE.glob("*/LC_MESSAGES/nuong.po"):
        with path.open("rb") as file:
            message = read_po(file).get(NAME)
        named[path.parts[-3]] = str(message.string) if message and message.string else path.parts[-3]
    return {code: named[code] for code in sorted(named, key=lambda code: (code != FIRST, code != SOURCE, code))}
