"""The numbers of an area: each change of its records takes the next, and with it the digest of all that took one before.

Two histories that have the same digest at a number are the same up to there. The id of the change alone would not do:
after a restore behind the centre's back other changes may come first, and then the same one at the same number.
Must only be moved under the area's row lock, held to commit.
"""

import hashlib
from dataclasses import dataclass

CHAIN = 16  # hex digits that are kept of a digest


@dataclass(slots=True)
class Numbering:
    """The newest number that an area has given, and the digest up to it (empty before the first)."""

    number: int = 0
    chain: str = ""

    def take(self, *what: str) -> tuple[int, str]:
        """Give the next number to *what* (the row's own words): the number, and the digest at it."""
        self.number += 1
        self.chain = linked(self.chain, *what)
        return self.number, self.chain


def linked(before: str, *what: str) -> str:
    """The digest after *what*, where it was *before*: SHA-256, its first `CHAIN` hex digits."""
    return hashlib.sha256("\0".join((before, *what)).encode()).hexdigest()[:CHAIN]
