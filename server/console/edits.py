"""What a manager does at the console: ordinary changes with an author, over just what was looked at.

Must never write anything but changes, and never name in `over` or `seen` what the page did not show.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from server.console.gate import reader
from server.store import log, people
from server.store.browse import Seen
from sync.change import ID, Change, as_text
from sync.records import SCHEMA

# One transaction, and one batch of the protocol, at a time.
BATCH = 500


def change_of(
    found: Seen, values: Mapping[str, Any], seen: Sequence[str] = (), shown_ids: Collection[str] | None = None
) -> Change:
    """The change that sets *values* over all that stands in their fields, values in dispute included.

    *shown_ids*: what the page showed, where it says so: what came in since is not replaced, and stands beside.
    """
    over = {
        name: ids
        for name in values
        if (ids := [each for each in standing(found, name) if shown_ids is None or each in shown_ids])
    }
    return Change(people.new_id(), found.id, found.type, found.area, dict(values), over, list(seen), SCHEMA)


def standing(found: Seen, name: str) -> list[str]:
    """The changes whose values stand in a field."""
    ids = {change for change, names in found.heads.items() if name in names}
    return sorted(ids | {each["change"] for each in found.conflicts.get(name, [])})


def write(changes: Sequence[Change]) -> tuple[int, int]:
    """Make *changes*; how many were accepted, and how many refused (somebody took a right away meanwhile)."""
    accepted = refused = 0
    for first in range(0, len(changes), BATCH):
        now = as_text(datetime.now(UTC))
        outcome = log.accept_from_console(reader(), changes[first : first + BATCH], now)
        accepted += outcome.accepted
        refused += len(outcome.rejected)
    return accepted, refused


def shown(found: Seen, said: Iterable[str]) -> list[str]:
    """Of the ids that a form says its page showed, those of this record: what is looked at is never more than there is."""
    return sorted({each for each in said if ID.fullmatch(each)} & set(found.view()))
