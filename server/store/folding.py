"""Vietnamese text for finding and for sorting, the same on every database: without marks, and in the order of the alphabet.

Must never need an extension or a collation of a database.
"""

import re
import unicodedata
from functools import lru_cache

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACES = {letter: f"{place + 10:02}" for place, letter in enumerate(_ALPHABET)}
# The order in which dictionaries have the tones: none, grave, hook, tilde, acute, dot.
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# Whoever types so many digits and nothing else that begins as a number of Vietnam does means a phone.
_PHONE = re.compile(r"\s*(\+|0|84)[\d\s.()-]{6,}")
_COUNTRY = re.compile(r"\s*(\+|00)84|\s*84(?=\d{9}$)")
_PARTS = re.compile(r"(\d{1,9})")


@lru_cache(8192)
def fold(text: str) -> str:
    """Without marks and case: "lo van" finds "Lò Văn"."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "d").casefold()


def digits_of(text: str) -> str:
    """A phone number as one word, however it was grouped, with or without the country's code: as phones find it
    (`pwa/src/finding/vocabulary.ts`)."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    return f"0{digits.lstrip('0').removeprefix('84').lstrip('0')}" if _COUNTRY.match(text) else digits


def typed_words(wish: str) -> list[str]:
    """The words that somebody typed into a search, folded; a phone number is one of them."""
    return [digits_of(wish)] if _PHONE.fullmatch(wish) else fold(wish).split()


@lru_cache(8192)
def sort_key(text: str) -> str:
    """A key of digits alone that sorts as the Vietnamese alphabet does; field 2 before field 10. At most 400 long."""
    letters: list[str] = []
    tones: list[str] = []
    for part in _PARTS.split(text.strip()[:80].casefold()):
        if part.isdecimal():
            letters.append(f"05{int(part):09}")
            continue
        for letter, tone in _letters(part):
            letters.append(_PLACES.get(letter, "01" if letter.isspace() else "03"))
            tones.append(tone)
    return ("".join(letters) + "00" + "".join(tones))[:400]


def _letters(text: str) -> list[tuple[str, str]]:
    """Each letter with its own mark, and its tone."""
    found: list[tuple[str, str]] = []
    for c in unicodedata.normalize("NFD", text):
        if c in _TONES and found:
            found[-1] = (found[-1][0], _TONES[c])
        elif unicodedata.combining(c) and found:
            found[-1] = (unicodedata.normalize("NFC", found[-1][0] + c), found[-1][1])
        else:
            found.append((c, "0"))
    return found
