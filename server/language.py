"""Which language a reader gets, and the catalogues that have the sentences.

Must never hold a sentence: English ones stand where they are said, the others in locales/.
"""

import os
from collections.abc import Mapping
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, format_decimal, get_locale
from flask_babel import gettext as _translated

import locales
from server.store.lists import lists
from sync.records.fields import Words

# Code of each language to its own name for itself: those that have a catalogue, and English.
LANGUAGES = locales.languages()
# The declarations have their labels in these two beside each other.
LABELLED = (locales.FIRST, locales.SOURCE)
COOKIE = "nuong_language"
CATALOGUES = locales.HERE


def speak(app: Flask) -> None:
    """Make *app* answer each reader in their language."""
    _compile_where_older()
    Babel(
        app,
        default_locale=app.config["BABEL_DEFAULT_LOCALE"],
        default_domain="nuong",
        default_translation_directories=str(CATALOGUES),
        locale_selector=language,
    )
    app.jinja_env.globals |= {"languages": LANGUAGES, "_": gettext}


def language() -> str:
    """The language of this request: asked for in the address, chosen before, the browser's, the installation's."""
    default = str(current_app.config["BABEL_DEFAULT_LOCALE"])
    if not has_request_context():
        return default
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES, default) or default


def gettext(message: str, **params: Any) -> str:
    """An English sentence (the message id) in the reader's language, filled with *params*: 20.000 of them, or 20,000."""
    text = str(_translated(message))
    return text % _counted(params) if params else text


def translate(message: str, params: Mapping[str, object] | None = None) -> str:
    """`gettext` for a sentence that was written elsewhere."""
    return gettext(message, **(params or {}))


def _counted(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: format_decimal(value) if type(value) is int else value for name, value in params.items()}


def say(words: Words) -> str:
    """A label of the declarations in the reader's language; in a third one the English is the message id."""
    return str(getattr(words, str(get_locale()), None) or _translated(words.en))


def name_of(list_: str, code: str) -> str:
    """A code's name in the reader's language; the code itself where it is not in the list."""
    name = lists().label(list_, code, str(get_locale()))
    return name if str(get_locale()) in LABELLED else str(_translated(name))


def _compile_where_older() -> None:
    for source in CATALOGUES.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = target.with_suffix(f".{os.getpid()}")
        with source.open("rb") as read, draft.open("wb") as write:
            write_mo(write, read_po(read))
        # Workers may do this at once; whoever is last puts the same file in place.
        draft.replace(target)
