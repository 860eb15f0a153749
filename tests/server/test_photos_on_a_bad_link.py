"""Pictures over a link that breaks, at a centre that is killed: `nuong serve` with several workers, and bare sockets."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from server.pictures.arriving import PIECE
from sync.client import Offline
from tests.pictures import CHUNK, Sending, code, get, large, missing, photo_record, png, sha256
from tests.serving import LansCentre

LEAF = png(30)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LansCentre]:
    served = LansCentre(tmp_path / "home")
    served.start()
    yield served
    served.stop()


def half_a_patch(served: LansCentre, sending: Sending, offset: int, body: bytes) -> socket.socket:
    """A link on which the rest of the picture was promised, and only *body* has been sent."""
    link = served.link()
    head = (
        f"PATCH {sending.url} HTTP/1.1\r\nHost: nuong\r\nTus-Resumable: 1.0.0\r\nContent-Type: {CHUNK}\r\n"
        f"Authorization: Bearer {sending.phone.token}\r\nUpload-Offset: {offset}\r\n"
        f"Content-Length: {len(sending.picture) - offset}\r\n\r\n"
    )
    link.sendall(head.encode() + body)
    return link


def cut(link: socket.socket, *, hard: bool) -> None:
    """Break a link: *hard* as when a middlebox forgets it (a reset), else as when the phone closes it."""
    if hard:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def wait_for(sending: Sending, offset: int) -> None:
    """Until the centre has taken in what was sent: each question is answered at once, with what is there by then."""
    while sending.offset() != offset:
        pass


def go_on(sending: Sending) -> requests.Response:
    """What a phone does: ask how much is there, send the rest; ask again when the link breaks or others were quicker."""
    while True:
        with suppress(Offline):
            offset = sending.offset()
            answer = sending.patch(offset, sending.picture[offset:])
            if answer.status_code != 409:
                return answer


@pytest.mark.loss(19)
def test_what_came_before_a_cut_is_kept_whatever_the_byte(served: LansCentre) -> None:
    lan = served.phone()
    for count in range(len(LEAF)):
        sending = Sending(lan, LEAF)
        sending.announce()
        cut(half_a_patch(served, sending, 0, LEAF[:count]), hard=False)
        wait_for(sending, count)
        answer = sending.patch(count, LEAF[count:])
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(LEAF)))
    photo_record(lan, served.area, LEAF)
    assert get(lan, sha256(LEAF)).content == LEAF


def test_a_link_that_is_reset_at_any_byte_costs_at_most_what_was_still_on_it(served: LansCentre) -> None:
    lan = served.phone()
    for count in range(0, len(LEAF), 3):
        sending = Sending(lan, LEAF)
        sending.announce()
        cut(half_a_patch(served, sending, 0, LEAF[:count]), hard=True)
        assert sending.offset() <= count
        assert go_on(sending).headers["Upload-Offset"] == str(len(LEAF))
    photo_record(lan, served.area, LEAF)
    assert get(lan, sha256(LEAF)).content == LEAF


@pytest.mark.loss(19)
def test_a_picture_arrives_over_links_that_live_for_one_byte(served: LansCentre) -> None:
    sending = Sending(served.phone(), LEAF)
    sending.announce()
    for at in range(len(LEAF)):
        cut(half_a_patch(served, sending, at, LEAF[at : at + 1]), hard=False)
        wait_for(sending, at + 1)
    assert missing(sending.phone, sha256(LEAF)) == []


@pytest.mark.loss(16, 19)
def test_a_killed_centre_has_what_it_said_that_it_has(served: LansCentre) -> None:
    picture = large(300_000)
    sending = Sending(served.phone(), picture)
    sending.announce()
    assert sending.patch(0, picture[:100_001]).status_code == 204
    link = half_a_patch(served, sending, 100_001, picture[100_001:200_000])
    while (told := sending.offset()) <= 100_001:
        pass
    served.kill()
    link.close()
    served.start()
    sending.phone._http.close()  # its old connection died with the centre
    offset = sending.offset()
    assert told <= offset <= 200_000
    assert sending.patch(offset, picture[offset:]).status_code == 204
    photo_record(sending.phone, served.area, picture)
    assert get(sending.phone, sha256(picture)).content == picture


@pytest.mark.loss(16, 19)
@pytest.mark.parametrize("step", ["put", "keep", "remove"])
def test_a_centre_that_is_killed_while_it_puts_a_picture_away_finishes_it_afterwards(tmp_path: Path, step: str) -> None:
    served = LansCentre(tmp_path / "home")
    end = "lambda *_a, **_k: os.kill(0, 9)"
    where = {
        "put": f"import server.pictures.disk as d; d.DiskShelf.put = {end}",
        "keep": f"import server.store.pictures as p; p.keep = {end}",
        "remove": f"import server.pictures.arriving as a; a.Arriving.remove = {end}",
    }[step]
    served.start(f"import os; {where}")
    sending = Sending(served.phone(), LEAF)
    sending.announce()
    with pytest.raises(Offline):
        sending.patch(0, LEAF)
    served.wait()
    served.start()
    sending.phone._http.close()
    try:
        assert sending.offset() == len(LEAF)
        assert missing(sending.phone, sha256(LEAF)) == []
        photo_record(sending.phone, served.area, LEAF)
        assert get(sending.phone, sha256(LEAF)).content == LEAF
    finally:
        served.stop()


def test_late_bytes_of_a_dead_link_change_nothing(served: LansCentre) -> None:
    picture = large(50_000)
    sending = Sending(served.phone(), picture)
    sending.announce()
    dead = half_a_patch(served, sending, 0, picture[:10_000])
    # It waits for the rest of a kilobyte at most: what is there by now, and is asked for twice, is what it will keep.
    while (offset := sending.offset()) < 8_192:
        pass
    assert sending.patch(offset, picture[offset:30_000]).headers["Upload-Offset"] == "30000"
    dead.sendall(b"\0" * 20_000)
    assert b" 409 " in dead.recv(200)
    dead.close()
    assert sending.offset() == 30_000
    assert sending.patch(30_000, picture[30_000:]).status_code == 204


def test_many_links_at_once_make_one_right_picture(served: LansCentre) -> None:
    picture = large(400_000, 9)
    sending = Sending(served.phone(), picture)
    sending.announce()
    phones = [served.phone() for _ in range(6)]

    def send(phone: object) -> str:
        mine = Sending(phone, picture)  # type: ignore[arg-type]
        mine.url = sending.url
        return go_on(mine).headers["Upload-Offset"]

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, phones)) == {str(len(picture))}
    photo_record(sending.phone, served.area, picture)
    assert get(sending.phone, sha256(picture)).content == picture


@pytest.mark.loss(19)
def test_records_come_in_while_pictures_hold_their_threads(tmp_path: Path) -> None:
    served = LansCentre(tmp_path / "home", workers=1, threads=2)
    served.start()
    try:
        lan = served.phone()
        slow, other = Sending(lan, large(20_000, 1)), Sending(lan, large(20_000, 2))
        slow.announce()
        other.announce()
        link = half_a_patch(served, slow, 0, slow.picture[:9000])
        wait_for(slow, 2 * PIECE)
        answer = other.patch(0, other.picture)
        assert (answer.status_code, code(answer)) == (503, "crowded")
        assert int(answer.headers["Retry-After"]) > 0
        lan.new_change(None, "farmer", served.area, {"name": "Lò Văn Pâng"})
        assert lan.sync() == 1
        link.close()
        wait_for(slow, 9000)
        assert go_on(other).status_code == 204
    finally:
        served.stop()


def test_a_phone_that_says_nothing_more_frees_its_thread_and_keeps_what_it_sent(tmp_path: Path) -> None:
    served = LansCentre(tmp_path / "home", workers=1, threads=1)
    served.start("import server.serve; server.serve._SILENCE = 1")
    try:
        sending = Sending(served.phone(), LEAF)
        sending.announce()
        link = half_a_patch(served, sending, 0, LEAF[:33])
        # The only thread there is waits for the phone: this is answered when it has given up.
        assert sending.offset() == 33
        link.close()
        assert sending.patch(33, LEAF[33:]).status_code == 204
    finally:
        served.stop()
