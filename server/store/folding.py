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
_PARTS = re.compile(r"(\d{1,9})")


@lru_cache(8192)
def fold(text: str) -> str:
    """Without marks and case: "lo van" finds "Lò Văn"."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "d").casefold()


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
