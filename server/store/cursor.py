"""A cursor as it stands inside the string that a phone is given: how far it has read, and what it was told of.

Must never be read by a phone: to it the string is opaque.
"""

import re
from dataclasses import dataclass

TAIL = 10  # last hex digits of a UUIDv7: random bits, enough that no other history has them at the same number

_FORM = re.compile(r"(0|[1-9][0-9]{0,17})\.([0-9a-f]{10})?\.(0|[1-9][0-9]{0,17})\.([0-9a-f]{10})?")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`read`: all up to this number was sent. `told`: the newest number that the phone was told of.

    Each with the tail of the id of the change that took it, so that a log which has another change there, or none,
    is known for what it is: restored from before.
    """

    read: int = 0
    read_tail: str = ""
    told: int = 0
    told_tail: str = ""

    def __str__(self) -> str:
        return f"{self.read}.{self.read_tail}.{self.told}.{self.told_tail}"

    def marks(self) -> list[tuple[int, str]]:
        """The numbers that the log must have, with the tail that each must have there."""
        return [(number, tail) for number, tail in ((self.read, self.read_tail), (self.told, self.told_tail)) if number]


def tail_of(change_id: str) -> str:
    """The part of a change's id that a cursor carries."""
    return change_id[-TAIL:]


def parse(text: str | None) -> Cursor | None:
    """The cursor in *text*; None for none, and for a string that this server never gave (it is read from nothing)."""
    found = _FORM.fullmatch(text or "")
    if found is None:
        return None
    read, read_tail, told, told_tail = found.groups()
    return Cursor(int(read), read_tail or "", int(told), told_tail or "")
