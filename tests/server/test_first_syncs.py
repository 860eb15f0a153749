"""Many phones that read everything at once: what each is told, who waits and who never does."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from server.api import pages
from server.api.seats import Seats, reads_long
from server.store.exchange import Reply
from sync import packing
from sync.client import Answered, Client, new_id
from sync.protocol import Request, parse_json, read_request
from tests.conftest import Centre

RECORDS = 150  # enough for a page that is kept


@pytest.fixture
def filled(centre: Centre) -> tuple[Centre, str, Client]:
    """A centre with an area full of farmers, and the officer who registered them."""
    area = centre.area()
    lan = centre.officer(area)
    for number in range(RECORDS):
        lan.new_change(
            None, "farmer", area, {"name": f"Lò Văn {number}", "note": "Nhà ở cuối bản, sau trường học " * 4}
        )
    lan.sync()
    return centre, area, lan


@pytest.fixture
def crowded(app: Any) -> Iterator[ExitStack]:
    """All seats are taken until the stack is closed."""
    long = request_of({"protocol": 1, "epoch": None})
    with ExitStack() as taken:
        seats: Seats = app.extensions["nuong_seats"]
        for _ in range(app.extensions["nuong_settings"].threads // 8):
            taken.enter_context(seats.taken_by(long))
        yield taken


def request_of(body: dict[str, Any]) -> Request:
    return read_request(body)


@pytest.mark.loss(9)
def test_a_page_that_was_packed_once_is_read_by_every_phone(filled: tuple[Centre, str, Client]) -> None:
    centre, _area, lan = filled
    phones = [centre.phone("lan") for _ in range(3)]
    for phone in phones:
        phone.sync()
        assert phone.replica.base == lan.replica.base


def test_the_packed_page_says_what_plain_json_says(filled: tuple[Centre, str, Client]) -> None:
    centre, _area, lan = filled
    headers = {"Authorization": f"Bearer {lan.token}"}
    body = {"protocol": 1, "epoch": None, "areas": {}}
    plain = centre.post("/api/v1/sync", json=body, headers=headers).get_json()
    packed = centre.post("/api/v1/sync", json=body, headers={**headers, "Accept": packing.media_type()})
    assert packed.content_type == packing.media_type()
    read = parse_json(packing.unpack(packed.data, 10_000_000))
    assert {**read, "server_time": ""} == {**plain, "server_time": ""}
    assert len(read["records"]) == RECORDS


def test_a_kept_page_is_never_yesterdays(filled: tuple[Centre, str, Client]) -> None:
    centre, area, lan = filled
    centre.phone("lan").sync()
    record = next(iter(lan.replica.base))
    lan.new_change(record, "farmer", area, {"name": "Lò Văn Pâng"})
    lan.sync()
    late = centre.phone("lan")
    late.sync()
    assert late.replica.base[record]["fields"]["name"] == "Lò Văn Pâng"
    assert late.replica.base == lan.replica.base


def test_pages_are_kept_within_their_bound_the_oldest_goes_first() -> None:
    kept = pages.Kept(most=3000)
    texts = [b'["' + os.urandom(500).hex().encode() + b'"]' for _ in range(20)]
    for text in texts:
        assert packing.unpack((kept.packed(text, 1) or b"") + (packing.pack_rest(b"") or b""), 5000) == text
    assert kept._size == sum(map(len, kept._pages.values())) <= 3000
    assert 0 < len(kept._pages) < len(texts)


def test_a_page_with_what_looks_like_a_shortened_id_goes_as_plain_json() -> None:
    reply = Reply(b"{}", b'["~AAAAAAAAAAAAAAAAAAAAAA"' + b',"x"' * 10_000 + b"]")
    assert pages.packed(reply, 1) is None


@pytest.mark.loss(9)
def test_whoever_brings_work_is_let_in_when_all_seats_are_taken(centre: Centre, crowded: ExitStack) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"})
    assert lan.exchange(lan.replica.outbox).accepted == 1
    assert lan.exchange([]).accepted == 0, "one who has nothing to read needs no seat"


def test_in_a_crowd_no_token_is_looked_at_before_there_is_a_turn(centre: Centre, crowded: ExitStack) -> None:
    """What the tokens of three hundred phones that come again and again would cost keeps those who bring work waiting."""
    begins = {"protocol": 1, "epoch": None, "areas": {}}
    nobody = {"Authorization": "Bearer made-up"}
    assert centre.post("/api/v1/sync", json=begins, headers=nobody).status_code == 503
    for other in (begins | {"epoch": new_id()}, begins | {"protocol": 0}, ["?"]):
        assert centre.post("/api/v1/sync", json=other, headers=nobody).status_code == 401
    crowded.close()
    assert centre.post("/api/v1/sync", json=begins, headers=nobody).status_code == 401


def test_who_has_long_to_read_is_told_when_to_come_again(centre: Centre, crowded: ExitStack) -> None:
    lan = centre.officer(centre.area())
    with pytest.raises(Answered) as busy:
        lan.exchange([])
    assert (busy.value.status, busy.value.problem["code"]) == (503, "busy")
    assert busy.value.retry_after == 1, "the crowd is small: it will soon be over"
    crowded.close()
    assert lan.exchange([]).accepted == 0


def test_a_client_that_is_told_so_comes_again(
    centre: Centre, crowded: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = centre.officer(centre.area())
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        crowded.close()

    monkeypatch.setattr("sync.client.time.sleep", wait)
    lan.sync()
    assert waits == [1]


def test_the_larger_the_crowd_the_later_each_comes_again(centre: Centre, crowded: ExitStack) -> None:
    lan = centre.officer(centre.area())
    waits = []
    for _ in range(100):
        with pytest.raises(Answered) as busy:
            lan.exchange([])
        waits.append(busy.value.retry_after or 0)
    assert max(waits[50:]) > 2
    assert max(waits) <= 11


def test_a_page_in_the_midst_needs_a_seat_and_the_end_does_not(filled: tuple[Centre, str, Client]) -> None:
    centre, _area, _lan = filled
    late = centre.phone("lan")
    late.exchange([], limit=10)
    midst = {"protocol": 1, "epoch": late.replica.epoch, "areas": dict(late.replica.cursors)}
    assert reads_long(request_of(midst))
    late.sync()
    end = {"protocol": 1, "epoch": late.replica.epoch, "areas": dict(late.replica.cursors)}
    assert not reads_long(request_of(end))
