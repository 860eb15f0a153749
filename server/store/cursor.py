"""A cursor as it stands inside the string that a phone is given: how far it has read, and what it was told of.

Must never be read by a phone: to it the string is opaque. Must never be believed without its seal: a made-up number
would have the centre think that its history was lost, which costs every phone a first sync.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

TAIL = 6  # hex digits of the digest at a number: no other history has them there, but for one in sixteen million
SEAL = 8  # hex digits of the seal: guessing one takes 4,000 million requests

_FORM = re.compile(
    r"(?P<read>0|[1-9][0-9]{0,17})\.(?P<read_tail>[0-9a-f]{6})?"
    r"(?:\.(?P<told>[1-9][0-9]{0,17})\.(?P<told_tail>[0-9a-f]{6}))?"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """`read`: all up to this number was sent. `told`: the newest number that the phone was told of.

    Each with the tail of the digest of all that took a number up to it, so that a log which has something else there,
    or before it, or nothing, is known for what it is: restored from before.
    """

    read: int = 0
    read_tail: str = ""
    told: int = 0
    told_tail: str = ""

    def sealed(self, area: str, key: str) -> str:
        """The string that a phone is given for *area*; it bears no number that was not given out there."""
        body = f"{self.read}.{self.read_tail}"
        if self.told != self.read:
            body += f".{self.told}.{self.told_tail}"
        return f"{body}~{_seal(body, area, key)}"

    def marks(self) -> list[tuple[int, str]]:
        """The numbers that the log must have, with the tail that each must have there."""
        return [(number, tail) for number, tail in ((self.read, self.read_tail), (self.told, self.told_tail)) if number]


def tail_of(chain: str) -> str:
    """The part of a digest (`numbering`) that a cursor carries."""
    return chain[:TAIL]


def parse(text: str | None, area: str, key: str) -> Cursor | None:
    """The cursor in *text*; None for none, and for a string that was never given for *area* (it is read from nothing)."""
    body, _, seal = (text or "").partition("~")
    found = _FORM.fullmatch(body)
    if found is None or not hmac.compare_digest(seal.encode(), _seal(body, area, key).encode()):
        return None
    read, read_tail = int(found["read"]), found["read_tail"] or ""
    told, told_tail = (int(found["told"]), found["told_tail"]) if found["told"] else (read, read_tail)
    return Cursor(read, read_tail, told, told_tail)


def is_behind(text: str | None) -> bool:
    """Whether a cursor, by its own words, has more to read up to what it was told of. Not proven by its seal: enough to
    choose a queue by, and for nothing else."""
    found = _FORM.fullmatch((text or "").partition("~")[0])
    return found is None or found["told"] is not None


def _seal(body: str, area: str, key: str) -> str:
    return hmac.new(key.encode(), f"{area} {body}".encode(), hashlib.sha256).hexdigest()[:SEAL]
