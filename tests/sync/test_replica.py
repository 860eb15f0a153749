"""What a device keeps of an answer, and what a new epoch does to it."""

from __future__ import annotations

from typing import Any

import pytest

from sync.change import Change
from sync.protocol import Reply
from sync.replica import Replica

AREA = "01900000-0000-7000-a000-00000000000a"
RECORD = "01900000-0000-7000-8000-000000000001"
GONE = "01900000-0000-7000-8000-000000000002"


def reply(epoch: str, *, rejected: Any = (), records: Any = (), more: bool = False) -> Reply:
    areas = {AREA: {"cursor": "c", "more": more, "role": "officer"}}
    return Reply(epoch, "2026-11-24T02:00:00Z", 1, 0, list(rejected), areas, list(records), [])


def told(record: str, name: str) -> dict[str, Any]:
    return {"id": record, "type": "farmer", "area": AREA, "seq": 1, "fields": {"name": name}, "heads": record}


@pytest.fixture
def replica() -> Replica:
    """A device that has read two farmers, and had one edit accepted and one refused."""
    replica = Replica()
    replica.take(reply("one", records=[told(RECORD, "Lò"), told(GONE, "Cà")]), [])
    accepted = replica.edit("01900000-0000-7000-8000-00000000000a", RECORD, "farmer", AREA, {"name": "Lò Văn"})
    refused = replica.edit("01900000-0000-7000-8000-00000000000b", RECORD, "farmer", AREA, {"review": {}})
    replica.take(reply("one", rejected=[{"id": refused.id, "reason": "forbidden", "detail": {}}]), [accepted, refused])
    return replica


def names(changes: list[Change]) -> list[str]:
    return [change.id[-1] for change in changes]


def test_a_new_epoch_sends_again_what_was_accepted_and_what_was_refused(replica: Replica) -> None:
    replica.take(reply("two"), [])
    assert names(replica.outbox) == ["a", "b"]
    assert replica.refused == {}


def test_after_a_new_epoch_what_does_not_come_again_is_no_more(replica: Replica) -> None:
    replica.take(reply("two"), [])
    replica.take(reply("two", records=[told(RECORD, "Lò")], more=True), [])
    assert set(replica.base) == {RECORD, GONE}
    replica.take(reply("two"), [])
    assert set(replica.base) == {RECORD}


def test_after_a_new_epoch_nothing_is_built_on_what_the_centre_may_have_lost(replica: Replica) -> None:
    replica.take(reply("two"), [])
    replica.take(reply("two"), [replica.outbox[0]])
    assert replica.base[RECORD]["heads"] == {"name": ["01900000-0000-7000-8000-00000000000a"]}
