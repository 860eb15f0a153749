"""A row of the log, and the change with its envelope that it says. Must never say more or less than was written."""

from typing import Any

import orjson
from sqlalchemy import Row

from server.store.tables import LoggedChange
from sync.change import Change, Envelope, Logged, change_of

ENVELOPE = (LoggedChange.author, LoggedChange.device, LoggedChange.received_at, LoggedChange.skew_ms)
LOGGED = (LoggedChange.body, *ENVELOPE)


def read_body(body: str) -> Change:
    """The change in the body of a row of the log."""
    return change_of(orjson.loads(body))


def read_logged(row: Row[*tuple[Any, ...]]) -> Logged:
    """The change in a row that has the columns `LOGGED`, with its envelope."""
    return Logged(read_body(row.body), Envelope(row.author, row.device, row.received_at, row.skew_ms))
