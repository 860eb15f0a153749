"""Small worlds of edits for property tests: who saw what, and what they changed.

Changes are made as people make them: each over what its author had before their eyes, which may be little.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from sync.change import Change, Envelope, Logged

RECORD = "01900000-0000-7000-8000-000000000000"
AREAS = ("01900000-0000-7000-a000-00000000000a", "01900000-0000-7000-a000-00000000000b")
FIELDS = ("name", "village", "phone", "deleted")
VALUES = st.sampled_from(["a", "b", "c", None, 1, 1.0, True, ["x"], {"y": 1}])


@dataclass
class World:
    """All edits ever made to one record, in the order in which they were made."""

    log: list[Logged] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        return [entry.change for entry in self.log]


def change_id(clock: int, number: int) -> str:
    """A UUIDv7 of the time *clock*: a device's clock may stand anywhere, so ids need not rise."""
    return f"0190{clock:04x}-0000-7000-8000-{number:012x}"


@st.composite
def worlds(draw: st.DrawFn, most: int = 8) -> World:
    """Up to *most* edits; each author saw any part of what was there."""
    world = World()
    for number in range(draw(st.integers(1, most))):
        known = [entry for entry in world.log if draw(st.booleans())]
        world.log.append(_edit(draw, number, known))
    return world


def _edit(draw: st.DrawFn, number: int, known: list[Logged]) -> Logged:
    names = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3, unique=True))
    values = {name: draw(st.booleans()) if name == "deleted" else draw(VALUES) for name in names}
    over = {name: standing for name in names if (standing := _standing(known, name))}
    seen = []
    if values.get("deleted") is True:
        seen = sorted({each for name in FIELDS for each in _standing(known, name)})
    change = Change(
        id=change_id(draw(st.integers(0, 0xFFFF)), number),
        record=RECORD,
        type="farmer",
        area=draw(st.sampled_from(AREAS)),
        set=values,
        over=over,
        seen=seen,
    )
    envelope = Envelope(author=f"user-{number % 3}", device="d", received_at=f"2026-01-01T00:00:{number:02}Z")
    return Logged(change, envelope)


def _standing(known: list[Logged], name: str) -> list[str]:
    """The changes whose value of a field stands, among those that somebody knows: the obvious way."""
    named = {each for entry in known for each in entry.change.over.get(name, [])}
    return [entry.change.id for entry in known if name in entry.change.set and entry.change.id not in named]
