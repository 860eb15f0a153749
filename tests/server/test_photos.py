"""/api/v1/photos: a picture comes in by tus, is kept once it is whole and right, and is seen by those whose record names it."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from server.store import people
from server.store.engine import reading, writing
from server.store.pictures import MOST_UPLOADS
from server.store.tables import Picture, Upload, db
from sync.client import Answered
from tests.conftest import Centre
from tests.pictures import CHUNK, Sending, code, get, in_base64, large, metadata, missing, photo_record, png, sha256

LEAF = png(30)
FRUIT = png(200)


@pytest.fixture
def lan(centre: Centre) -> Any:
    """An officer in an area of her own."""
    return centre.officer(centre.area())


def home_of(phone_or_centre: Any) -> Path:
    return Path(phone_or_centre.app.extensions["nuong_settings"].home)


def coming_in(centre: Centre) -> list[str]:
    """The files of pictures on their way, without their locks."""
    return [path.name for path in (home_of(centre) / "uploads").iterdir() if not path.name.startswith(".")]


# What the server says of itself ------------------------------------------------------------------------------------


def test_what_it_can_do_is_told_to_anybody(centre: Centre) -> None:
    answer = centre.http.options("/api/v1/photos")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert answer.headers["Tus-Max-Size"] == str(25 * 1024 * 1024)
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"].split(",")


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
def test_another_version_is_told_ours_and_not_acted_upon(centre: Centre, lan: Any, version: str) -> None:
    sending = Sending(lan, LEAF)
    answer = sending.announce(**{"Tus-Resumable": version})
    assert (answer.status_code, code(answer)) == (412, "other_version")
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    with reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Upload)) == 0


def test_each_answer_says_the_version_problems_too(lan: Any) -> None:
    sending = Sending(lan, LEAF)
    answers = [sending.announce(), sending.patch(0, LEAF[:9]), sending.head(), sending.patch(3, b"x"), sending.delete()]
    answers.append(sending.head())
    assert [answer.headers["Tus-Resumable"] for answer in answers] == ["1.0.0"] * len(answers)


def test_the_api_page_describes_it(centre: Centre) -> None:
    paths = centre.http.get("/api/v1/openapi.json").json["paths"]
    assert set(paths["/api/v1/photos"]) == {"options", "post"}
    assert set(paths["/api/v1/photos/{name}"]) == {"get", "head", "patch", "delete"}
    page = centre.http.get("/docs/api").text
    assert "PATCH /api/v1/photos/{name}" in page
    assert 'Takes <a href="#asked_for">' in page


# In ----------------------------------------------------------------------------------------------------------------


def test_a_picture_comes_in_piece_by_piece_and_is_kept(lan: Any) -> None:
    sending = Sending(lan, LEAF)
    announced = sending.announce()
    assert announced.status_code == 201
    assert announced.headers["Location"].startswith("/api/v1/photos/")
    assert sending.offset() == 0
    first = sending.patch(0, LEAF[:20])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "20")
    assert "Upload-Expires" in first.headers
    told = sending.head()
    assert (told.headers["Upload-Offset"], told.headers["Upload-Length"]) == ("20", str(len(LEAF)))
    assert told.headers["Upload-Metadata"] == metadata(sha256(LEAF))
    assert told.headers["Cache-Control"] == "no-store"
    last = sending.patch(20, LEAF[20:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(LEAF)))
    assert missing(lan, sha256(LEAF)) == []


@pytest.mark.loss(12, 19)
def test_a_phone_that_lost_the_last_reply_learns_that_it_is_done(centre: Centre, lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.send()
    assert sending.offset() == len(LEAF)
    again = sending.patch(len(LEAF), b"")
    assert (again.status_code, again.headers["Upload-Offset"]) == (204, str(len(LEAF)))
    assert coming_in(centre) == []


def test_after_a_long_holiday_what_ended_goes_some_at_a_time(centre: Centre, lan: Any) -> None:
    """No database takes more than some ten thousand names in one question."""
    then = datetime.now(UTC) - timedelta(days=20)
    rows = [
        {
            "id": f"{number:036d}", "user_id": people.user_id_of("lan"), "sha256": sha256(FRUIT), "length": 200,
            "described": "", "made_at": then, "expires_at": then, "kept": True,
        }
        for number in range(70_000)
    ]  # fmt: skip
    writing(lambda connection: connection.execute(Upload.__table__.insert(), rows))
    assert Sending(lan, LEAF).announce(LEAF).headers["Upload-Offset"] == str(len(LEAF))
    with reading() as connection:
        left = connection.scalar(select(func.count()).select_from(Upload).where(Upload.expires_at < datetime.now(UTC)))
    assert left is not None
    assert 0 < left < 70_000


def test_the_first_bytes_may_come_with_the_announcement(lan: Any) -> None:
    some, whole = Sending(lan, LEAF), Sending(lan, FRUIT)
    assert some.announce(LEAF[:30]).headers["Upload-Offset"] == "30"
    assert some.offset() == 30
    assert whole.announce(FRUIT).headers["Upload-Offset"] == str(len(FRUIT))
    assert missing(lan, sha256(LEAF), sha256(FRUIT)) == [sha256(LEAF)]


def test_it_goes_on_only_where_it_ends(lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.announce(LEAF[:20])
    for offset in (0, 19, 21, len(LEAF)):
        answer = sending.patch(offset, LEAF[offset : offset + 5])
        assert (answer.status_code, code(answer)) == (409, "other_offset")
    assert sending.offset() == 20


def test_more_than_was_announced_is_not_taken(lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.announce(LEAF[:20])
    answer = sending.patch(20, LEAF[20:] + b"!")
    assert (answer.status_code, code(answer)) == (413, "too_large")
    assert sending.offset() == 20


def test_those_who_can_only_post_say_the_method_in_a_header(lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.announce()
    headers = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0", "Content-Type": CHUNK}
    answer = sending.ask("POST", sending.url, headers=headers, data=LEAF)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(LEAF)))
    assert sending.ask("POST", sending.url).status_code == 405


@pytest.mark.parametrize(
    ("headers", "status", "field"),
    [
        ({"Upload-Length": ""}, 400, "Upload-Length"),
        ({"Upload-Length": "-1"}, 400, "Upload-Length"),
        ({"Upload-Length": "1e3"}, 400, "Upload-Length"),
        ({"Upload-Length": "9" * 400}, 400, "Upload-Length"),
        ({"Upload-Defer-Length": "1"}, 400, "Upload-Defer-Length"),
        ({"Upload-Concat": "partial"}, 400, "Upload-Concat"),
        ({"Upload-Metadata": ""}, 400, "Upload-Metadata.sha256"),
        ({"Upload-Metadata": "mime aW1hZ2U="}, 400, "Upload-Metadata.sha256"),
        ({"Upload-Metadata": "sha256 ???"}, 400, "Upload-Metadata.sha256"),
        ({"Upload-Metadata": metadata("F" * 64)}, 400, "Upload-Metadata.sha256"),
        ({"Upload-Metadata": metadata("../" * 21 + "x")}, 400, "Upload-Metadata.sha256"),
        ({"Upload-Metadata": f"{metadata('a' * 64)},{metadata('b' * 64)}"}, 400, "Upload-Metadata"),
        ({"Upload-Checksum": "crc32 AAAA"}, 400, "Upload-Checksum"),
        ({"Upload-Checksum": "sha1 ?"}, 400, "Upload-Checksum"),
        ({"Upload-Length": str(25 * 1024 * 1024 + 1)}, 413, None),
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused_by_its_field(
    lan: Any, headers: dict[str, str], status: int, field: str | None
) -> None:
    answer = Sending(lan, LEAF).announce(**headers)
    assert answer.status_code == status
    assert [each["field"] for each in answer.json().get("errors", [])] == ([field] if field else [])


@pytest.mark.parametrize(("headers", "status"), [({"Content-Type": "image/png"}, 415), ({"Upload-Offset": "two"}, 400)])
def test_a_chunk_that_is_not_by_the_protocol_is_refused(lan: Any, headers: dict[str, str], status: int) -> None:
    sending = Sending(lan, LEAF)
    sending.announce()
    assert sending.patch(0, LEAF, **headers).status_code == status
    assert sending.offset() == 0


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_chunk_that_was_damaged_on_its_way_is_not_kept(lan: Any, algorithm: str) -> None:
    sending = Sending(lan, LEAF)
    sending.announce(LEAF[:10])
    right = f"{algorithm} {in_base64(hashlib.new(algorithm, LEAF[10:]).digest())}"
    damaged = bytes((LEAF[10] ^ 1,)) + LEAF[11:]
    answer = sending.patch(10, damaged, **{"Upload-Checksum": right})
    assert (answer.status_code, code(answer)) == (460, "checksum_mismatch")
    assert sending.offset() == 10
    assert sending.patch(10, LEAF[10:], **{"Upload-Checksum": right}).status_code == 204
    assert missing(lan, sha256(LEAF)) == []


def test_a_picture_that_is_not_what_its_hash_says_is_refused_and_gone(centre: Centre, lan: Any) -> None:
    sending = Sending(lan, FRUIT, name=sha256(LEAF))
    answer = sending.send()
    assert (answer.status_code, code(answer)) == (422, "hash_mismatch")
    assert sending.head().status_code == 404
    assert coming_in(centre) == []
    assert missing(lan, sha256(LEAF), sha256(FRUIT)) == [sha256(LEAF), sha256(FRUIT)]


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script>", b"GIF89a" + b"\0" * 40, b"", b"\xff"])
def test_what_is_not_a_picture_is_refused_and_gone(centre: Centre, lan: Any, content: bytes) -> None:
    sending = Sending(lan, content)
    answer = sending.announce()
    if content:
        answer = sending.patch(0, content)
    assert (answer.status_code, code(answer)) == (422, "not_a_picture")
    assert coming_in(centre) == []
    assert missing(lan, sha256(content)) == [sha256(content)]


@pytest.mark.parametrize(
    ("head", "mime"),
    [(b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF\x10\0\0\0WEBP", "image/webp"), (LEAF[:8], "image/png")],
)
def test_its_kind_is_read_from_its_content(centre: Centre, lan: Any, head: bytes, mime: str) -> None:
    content = head + b"\0" * 50
    Sending(lan, content).send()
    photo_record(lan, next(iter(lan.areas)), content)
    assert get(lan, sha256(content)).headers["Content-Type"] == mime


def test_two_phones_with_the_same_picture_fill_one_place(centre: Centre) -> None:
    area = centre.area()
    for name in ("lan", "pao"):
        assert Sending(centre.officer(area, name=name), LEAF).send().status_code == 204
    shelf = home_of(centre) / "pictures"
    assert [path.name for path in shelf.rglob("*") if path.is_file()] == [sha256(LEAF)]
    with reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Picture)) == 1


def test_an_upload_can_be_given_up(centre: Centre, lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.announce(LEAF[:20])
    assert sending.delete().status_code == 204
    assert sending.head().status_code == 404
    assert sending.delete().status_code == 404
    assert coming_in(centre) == []


def test_an_upload_belongs_to_its_user(centre: Centre) -> None:
    area = centre.area()
    lan, pao = centre.officer(area), centre.officer(area, name="pao")
    hers = Sending(lan, LEAF)
    hers.announce(LEAF[:20])
    his = Sending(pao, LEAF)
    his.url = hers.url
    assert [his.head().status_code, his.patch(20, LEAF[20:]).status_code, his.delete().status_code] == [404, 404, 404]
    assert hers.offset() == 20


def test_without_a_token_nothing_is_told(centre: Centre, lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.send()
    lan.token = None
    answers = [sending.announce(), sending.head(), sending.patch(0, b"x"), sending.delete(), get(lan, sha256(LEAF))]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert lan._send("POST", "/api/v1/photos/missing", json={"sha256": []}).status_code == 401


def test_an_upload_that_was_given_up_expires_and_is_swept(centre: Centre, lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.announce(LEAF[:20])
    long_ago = datetime.now(UTC) - timedelta(days=15)
    writing(lambda connection: connection.execute(update(Upload).values(expires_at=long_ago)))
    assert (sending.head().status_code, code(sending.patch(20, LEAF[20:]))) == (410, "upload_expired")
    Sending(lan, FRUIT).announce()
    assert len(coming_in(centre)) == 1
    assert sending.head().status_code == 404


def test_what_no_upload_owns_any_more_is_swept_by_its_age(centre: Centre, lan: Any) -> None:
    Sending(lan, LEAF).announce(LEAF[:20])
    stray = home_of(centre) / "uploads" / people.new_id()
    stray.write_bytes(b"left behind")
    os.utime(stray, (0, 0))
    Sending(lan, FRUIT).announce()
    assert not stray.exists()
    assert len(coming_in(centre)) == 2


def test_the_oldest_of_too_many_uploads_makes_room_for_the_newest(centre: Centre) -> None:
    area = centre.area()
    lan, pao = centre.officer(area), centre.officer(area, name="pao")
    his = Sending(pao, LEAF)
    his.announce(LEAF[:7])
    hers = [Sending(lan, large(200, colour)) for colour in range(MOST_UPLOADS + 2)]
    for each in hers:
        assert each.announce(each.picture[:5]).status_code == 201
    assert [each.head().status_code for each in hers] == [404, 404] + [200] * MOST_UPLOADS
    assert his.offset() == 7
    assert len(coming_in(centre)) == MOST_UPLOADS + 1


# Out ---------------------------------------------------------------------------------------------------------------


def test_a_picture_is_seen_by_those_who_work_where_its_record_is(centre: Centre) -> None:
    here, there = centre.area("HTX A"), centre.area("HTX B")
    lan, hoa = centre.officer(here), centre.manager(here)
    stranger = centre.officer(there, name="pao")
    small = png(31)
    for each in (LEAF, small):
        Sending(lan, each).send()
    record = photo_record(lan, here, LEAF, small)
    assert get(lan, sha256(LEAF)).content == LEAF
    assert get(hoa, sha256(LEAF)).content == LEAF
    assert get(hoa, sha256(small)).content == small
    assert get(centre.admin(), sha256(small)).status_code == 200
    answer = get(stranger, sha256(LEAF))
    assert (answer.status_code, code(answer)) == (404, "no_picture")
    assert answer.json() == get(stranger, "0" * 64).json()
    hoa.sync()
    people.set_role(people.user_id_of("hoa") or "", there, "manager")
    hoa.sync()
    hoa.new_change(record, "photo", here, {"area": there})
    hoa.sync()
    assert get(stranger, sha256(LEAF)).status_code == 200
    assert get(lan, sha256(LEAF)).status_code == 404


def test_who_only_sent_a_picture_may_not_read_it_by_its_hash(centre: Centre, lan: Any) -> None:
    Sending(lan, LEAF).send()
    assert get(lan, sha256(LEAF)).status_code == 404


def test_a_picture_is_answered_as_nothing_but_a_picture(centre: Centre, lan: Any) -> None:
    Sending(lan, LEAF).send()
    photo_record(lan, next(iter(lan.areas)), LEAF)
    answer = get(lan, sha256(LEAF))
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(LEAF))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert get(lan, sha256(LEAF), **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=50-", 206, slice(50, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=9999-", 416, None),
        ("leaves=1-2", 200, slice(None)),
        ("bytes=what", 200, slice(None)),
    ],
)
def test_a_part_of_a_picture_can_be_asked_for(lan: Any, asked: str, status: int, part: slice | None) -> None:
    Sending(lan, LEAF).send()
    photo_record(lan, next(iter(lan.areas)), LEAF)
    answer = get(lan, sha256(LEAF), Range=asked)
    assert answer.status_code == status
    if part is not None:
        assert answer.content == LEAF[part]


# What the centre lacks ---------------------------------------------------------------------------------------------


def test_missing_says_what_is_not_here(lan: Any) -> None:
    half = Sending(lan, FRUIT)
    half.announce(FRUIT[:20])
    Sending(lan, LEAF).send()
    assert missing(lan, sha256(FRUIT), sha256(LEAF), "0" * 64, sha256(FRUIT)) == [sha256(FRUIT), "0" * 64]
    assert missing(lan) == []


def test_missing_tells_nobody_of_a_picture_of_others(centre: Centre) -> None:
    here, there = centre.area("HTX A"), centre.area("HTX B")
    lan, pao = centre.officer(here), centre.officer(there, name="pao")
    Sending(lan, LEAF).send()
    photo_record(lan, here, LEAF)
    assert missing(pao, sha256(LEAF)) == [sha256(LEAF)]
    assert missing(centre.manager(here), sha256(LEAF)) == []


@pytest.mark.loss(17)
def test_pictures_that_were_lost_behind_the_servers_back_are_asked_for_again(centre: Centre, lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.send()
    photo_record(lan, next(iter(lan.areas)), LEAF)
    for path in (home_of(centre) / "pictures").rglob("*"):
        if path.is_file():
            path.unlink()
    assert missing(lan, sha256(LEAF)) == [sha256(LEAF)]
    assert get(lan, sha256(LEAF)).status_code == 404
    assert sending.head().status_code == 404
    assert Sending(lan, LEAF).send().status_code == 204
    assert get(lan, sha256(LEAF)).content == LEAF


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "sha256"),
        ([], "sha256"),
        ({"sha256": "x"}, "sha256"),
        ({"sha256": ["0" * 64, "0" * 63]}, "sha256.1"),
        ({"sha256": [None]}, "sha256.0"),
        ({"sha256": ["0" * 64] * 1001}, "sha256"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_its_field(lan: Any, body: Any, field: str) -> None:
    answer = lan._send("POST", "/api/v1/photos/missing", json=body)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [field]


# When the disk is full ---------------------------------------------------------------------------------------------


@pytest.mark.loss(16)
def test_a_full_disk_is_said_and_what_came_stays(centre: Centre, lan: Any) -> None:
    sending = Sending(lan, LEAF)
    sending.announce()
    file = home_of(centre) / "uploads" / sending.url.rpartition("/")[2]
    file.unlink()
    file.symlink_to("/dev/full")
    answer = sending.patch(0, LEAF)
    assert (answer.status_code, code(answer)) == (507, "no_room")
    file.unlink()
    file.write_bytes(LEAF[:20])
    assert sending.offset() == 20
    assert sending.patch(20, LEAF[20:]).status_code == 204


@pytest.mark.loss(16)
def test_a_full_disk_under_the_database_is_said_too(centre: Centre, lan: Any) -> None:
    fill_the_disk_of_the_database()
    area = next(iter(lan.areas))
    for number in range(40):
        lan.new_change(None, "farmer", area, {"name": f"Lò Văn {number}", "note": "x" * 900})
    with pytest.raises(Answered) as refused:
        lan.sync()
    assert (refused.value.status, refused.value.problem["code"]) == (507, "no_room")
    assert len(lan.replica.outbox) == 40


def fill_the_disk_of_the_database() -> None:
    """SQLite may take no more pages; PostgreSQL says what it says when the system has none for it."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        event.listen(
            db.engine, "checkout", lambda held, *_rest: held.execute(f"PRAGMA max_page_count = {pages}"), named=False
        )
        return
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$"
        )
        connection.exec_driver_sql("CREATE TRIGGER full_disk BEFORE INSERT ON change EXECUTE FUNCTION full_disk()")
