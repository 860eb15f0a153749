"""Changes that come in as a file, in the name of their author: one transaction for all of them.

Must never judge them otherwise than if their author had sent them.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from server.store import log
from server.store.people import Sender
from sync.change import Change, Envelope
from sync.protocol import Rejected


class _Undone(Exception):
    """Takes back what a transaction did; holds what it would have come to."""

    def __init__(self, outcome: log.Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def take_in(
    author: Sender, changes: Sequence[Change], rejected: Sequence[Rejected], envelope: Envelope, *, dry_run: bool
) -> log.Outcome:
    """Take *changes* in, with *rejected* into quarantine; *dry_run*: find out what would become of them, and write nothing."""

    def work(connection: Connection, also: frozenset[str]) -> log.Outcome:
        outcome = log.accept(connection, author, changes, envelope, also)
        outcome.rejected.extend(rejected)
        if dry_run:
            raise _Undone(outcome)
        log.quarantine_rejected(connection, author, outcome)
        return outcome

    try:
        return log.accepting(work)
    except _Undone as undone:
        return undone.outcome
