"""What a seed decides: every choice of the simulator, every id, every phone's clock."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher

from server.store import passwords, people

NOW = 1_790_000_000_000  # ms since 1970: a day in the autumn of 2026
YEAR = 365 * 24 * 3600 * 1000
# Clocks of phones in the field: right, an hour off, years behind, ahead, and as they come out of the factory.
CLOCKS = (NOW, NOW, NOW + 3_600_000, NOW - 3 * YEAR, NOW + 10 * YEAR, 0, 4_070_000_000_000)


class Clock:
    """A phone's clock, and the UUIDv7 that are made by it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.ms = chance.choice(CLOCKS)

    def turn(self) -> None:
        """Somebody sets it, or the network does."""
        self.ms = self._chance.choice(CLOCKS) + self._chance.randrange(100_000)

    def new_id(self) -> str:
        self.ms += self._chance.randrange(1, 5_000)
        return uuid7(self.ms, self._chance)


def uuid7(ms: int, chance: random.Random) -> str:
    time = f"{ms:012x}"
    rest = f"{chance.getrandbits(74):019x}"
    return f"{time[:8]}-{time[8:]}-7{rest[:3]}-{'89ab'[chance.randrange(4)]}{rest[3:6]}-{rest[6:18]}"


@contextmanager
def decided_ids(chance: random.Random) -> Iterator[None]:
    """Areas and people made inside have ids that the seed decides: their order is part of the story."""
    made = people.new_id
    people.new_id = lambda: uuid7(NOW, chance)  # type: ignore[assignment]
    try:
        yield
    finally:
        people.new_id = made  # type: ignore[assignment]


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Signing in costs next to nothing inside: a run signs in often, and passwords are held by other tests."""
    slow = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
    try:
        yield
    finally:
        passwords._hasher = slow
