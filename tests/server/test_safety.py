"""A safety copy is read in at the centre: once, in its author's name, all of it or nothing."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.config import Settings
from server.console.pages import MOST_FORM
from server.pictures import shelf_of
from server.safety import file as files
from server.safety.intake import take_in
from server.store import browse, people
from server.store.tables import LoggedChange, Picture, Quarantined, db
from sync.client import Client, new_id
from sync.problem import Problem
from tests.conftest import Centre
from tests.server.test_cli import nuong
from tests.server.test_console import sign_in

JPEG = b"\xff\xd8\xff\xe0" + b"nuong" * 100
SHA256 = hashlib.sha256(JPEG).hexdigest()


def told(phone: Client, *, user: Any = None, **more: Any) -> dict[str, Any]:
    """The changes.json of *phone*."""
    return {
        "nuong": "safety-copy",
        "form": 1,
        "user": user or dict(phone.user),
        "device": phone.device,
        "made_at": "2026-11-24T03:00:00.000Z",
        "changes": [change.as_json() for change in phone.replica.outbox],
        **more,
    }


def zipped(head: Any, pictures: dict[str, bytes] | None = None, told: Any = None) -> io.BytesIO:
    """A copy as a phone writes it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("changes.json", json.dumps(head))
        archive.writestr("drafts.json", json.dumps([{"key": "farmer/x"}]))
        archive.writestr("pictures.json", json.dumps(told or [{"sha256": name} for name in pictures or {}]))
        for name, content in (pictures or {}).items():
            archive.writestr(f"pictures/{name}", content)
    made.seek(0)
    return made


def at_work(centre: Centre, area: str, name: str = "lan") -> Client:
    """An officer with a household and a photo of it that could not be sent."""
    phone = centre.officer(area, name=name)
    farmer = phone.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"}).record
    phone.new_change(None, "photo", area, {"of": farmer, "sha256": SHA256, "mime": "image/jpeg"})
    return phone


def nothing_written() -> bool:
    return not any(db.session.execute(db.select(table.id)).first() for table in (LoggedChange, Quarantined)) and not (
        db.session.execute(db.select(Picture.sha256)).first()
    )


@pytest.mark.loss(7)
def test_what_a_phone_could_not_send_comes_in_by_a_file_in_its_authors_name(centre: Centre, settings: Settings) -> None:
    area = centre.area()
    phone = at_work(centre, area)
    report = take_in(zipped(told(phone), {SHA256: JPEG}), settings, None)
    assert (report.author, report.new, report.known, report.refused.total()) == ("Lan", 2, 0, 0)
    assert (report.drafts, report.pictures) == (1, 1)
    record = phone.replica.outbox[0].record
    envelope = browse.history([record])[record][0].envelope
    assert (envelope.author, envelope.device) == (phone.user["id"], phone.device)
    assert shelf_of(settings).open(SHA256).read() == JPEG
    other = centre.officer(area, name="hoa")
    other.sync()
    assert other.replica.base[record]["fields"] == {"name": "Lò Văn Pâng"}


def test_read_in_twice_or_sent_afterwards_too_it_makes_nothing_twice(centre: Centre, settings: Settings) -> None:
    phone = at_work(centre, centre.area())
    copy = zipped(told(phone), {SHA256: JPEG})
    take_in(copy, settings, None)
    copy.seek(0)
    again = take_in(copy, settings, None)
    assert (again.new, again.known) == (0, 2)
    phone.sync()
    assert phone.replica.outbox == []
    assert len(db.session.execute(db.select(LoggedChange.id)).all()) == 2


def test_looking_only_says_what_would_happen_and_writes_nothing(centre: Centre, settings: Settings) -> None:
    phone = at_work(centre, centre.area())
    head = told(phone)
    head["changes"].append({"id": "nonsense"})
    report = take_in(zipped(head, {SHA256: JPEG}), settings, None, dry_run=True)
    assert (report.new, report.refused) == (2, {("invalid", "id"): 1})
    assert nothing_written()


def test_what_its_author_has_no_right_to_is_refused_and_kept(centre: Centre, settings: Settings) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    phone = centre.officer(here)
    phone.new_change(None, "farmer", there, {"name": "Lò Văn Pâng"})
    phone.new_change(None, "farmer", here, {"review": {"state": "approved"}})
    report = take_in(zipped(told(phone)), settings, None)
    assert report.refused == {("forbidden", "area"): 1, ("forbidden", "review"): 1}
    rows = db.session.execute(db.select(Quarantined.user_id, Quarantined.device_id)).all()
    assert rows == [(phone.user["id"], phone.device)] * 2


def test_the_bare_changes_are_read_in_too(centre: Centre, settings: Settings) -> None:
    phone = at_work(centre, centre.area())
    assert take_in(io.BytesIO(json.dumps(told(phone)).encode()), settings, None).new == 2


def test_work_of_somebody_unknown_goes_to_whom_the_reader_names(centre: Centre, settings: Settings) -> None:
    phone = at_work(centre, centre.area())
    copy = zipped(told(phone, user={"id": new_id(), "username": "cu", "name": "Cũ"}))
    with pytest.raises(Problem) as unknown:
        take_in(copy, settings, None)
    assert unknown.value.code == "unknown_author"
    assert nothing_written()
    copy.seek(0)
    assert take_in(copy, settings, None, "lan").author == "Lan"


HEAD = {"nuong": "safety-copy", "form": 1, "user": {"id": new_id()}, "device": new_id(), "changes": []}
GOOD = zipped(HEAD, {SHA256: JPEG}).getvalue()


def bent() -> bytes:
    """A copy in which one bit of a picture flipped."""
    at = GOOD.index(b"pictures/" + SHA256.encode()) + 80
    return GOOD[:at] + bytes([GOOD[at] ^ 1]) + GOOD[at + 1 :]


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not_a_copy"),
    "a picture": (lambda: JPEG, "not_a_copy"),
    "brackets": (lambda: b"[" * 200_000, "not_a_copy"),
    "another zip": (lambda: zipped({"some": "thing"}).getvalue(), "not_a_copy"),
    "a list": (lambda: zipped([]).getvalue(), "not_a_copy"),
    "cut off": (lambda: GOOD[: len(GOOD) // 2], "copy_broken"),
    "damaged": (bent, "copy_broken"),
    "no device": (lambda: zipped(HEAD | {"device": "../.."}).getvalue(), "copy_broken"),
    "no user": (lambda: zipped(HEAD | {"user": None}).getvalue(), "copy_broken"),
    "changes that are none": (lambda: zipped(HEAD | {"changes": {}}).getvalue(), "copy_broken"),
    "a newer form": (lambda: zipped(HEAD | {"form": 2}).getvalue(), "copy_newer"),
    "a form that is none": (lambda: zipped(HEAD | {"form": "x"}).getvalue(), "copy_broken"),
    "another picture": (lambda: zipped(HEAD, {SHA256: JPEG + b"x"}).getvalue(), "copy_broken"),
    "a picture told of that is missing": (lambda: zipped(HEAD, told=[{"sha256": SHA256}]).getvalue(), "copy_broken"),
    "a way out": (lambda: zipped(HEAD, {"../../etc/cron.d/x": b"x"}).getvalue(), "not_a_copy"),
    "a bomb": (lambda: zipped(HEAD | {"note": "0" * (files.MOST_TEXT + 1)}).getvalue(), "copy_too_large"),
    "too many changes": (
        lambda: zipped(HEAD | {"changes": [0] * (files.MOST_CHANGES + 1)}).getvalue(),
        "copy_too_large",
    ),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_of_what_is_no_whole_copy_of_ours_nothing_is_taken_in(centre: Centre, settings: Settings, name: str) -> None:
    write, code = BROKEN[name]
    with pytest.raises(Problem) as refused:
        take_in(io.BytesIO(write()), settings, None, "lan")
    assert refused.value.code == code
    assert nothing_written()


def test_a_picture_over_the_bound_is_refused_before_it_is_unpacked(centre: Centre, settings: Settings) -> None:
    phone = at_work(centre, centre.area())
    big = b"\xff\xd8\xff" + b"0" * settings.picture_bytes
    with pytest.raises(Problem) as refused:
        take_in(zipped(told(phone), {hashlib.sha256(big).hexdigest(): big}), settings, None)
    assert refused.value.code == "copy_too_large"
    assert nothing_written()


def sent_to_the_console(page: Any, copy: io.BytesIO, **form: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/read-in").text)
    assert token
    data = {"csrf_token": token[1], "file": (copy, "nuong.zip"), **form}
    return page.post("/console/read-in", data=data, content_type="multipart/form-data")


def test_a_manager_reads_in_a_copy_of_their_area_at_the_console(centre: Centre) -> None:
    area = centre.area()
    phone = at_work(centre, area)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    looked = sent_to_the_console(page, zipped(told(phone)), dry_run="1")
    assert 'data-test="new">2<' in looked.text
    assert nothing_written()
    assert 'data-test="new">2<' in sent_to_the_console(page, zipped(told(phone))).text
    assert 'data-test="known">2<' in sent_to_the_console(page, zipped(told(phone))).text
    bad = sent_to_the_console(page, io.BytesIO(b"PK nonsense"))
    assert (bad.status_code, 'class="fault"' in bad.text) == (422, True)


def test_a_manager_cannot_read_in_work_of_an_area_that_is_not_theirs(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    phone = at_work(centre, there)
    centre.manager(here)
    assert sent_to_the_console(sign_in(centre, "hoa"), zipped(told(phone))).status_code == 403
    assert nothing_written()


def test_a_made_up_author_gives_a_manager_no_right_that_is_not_theirs(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(there)
    record = lan.new_change(None, "farmer", there, {"name": "Lò Văn Pâng"})
    lan.sync()
    admin, manager = centre.admin(), centre.manager(here)
    # In the administrator's name, and under a made-up area, at a record that lives elsewhere.
    manager.new_change(record.record, "farmer", here, {"name": "Bịa"})
    forged = zipped(told(manager, user=dict(admin.user)))
    assert 'data-test="refused">1' in sent_to_the_console(sign_in(centre, "hoa"), forged).text
    assert browse.one(record.record, [there]).fields["name"] == "Lò Văn Pâng"  # type: ignore[union-attr]


def test_whoever_manages_nothing_reads_nothing_in(centre: Centre) -> None:
    assert centre.http.get("/console/read-in").status_code == 302
    assert centre.http.post("/console/read-in", data={"file": (io.BytesIO(b"x" * MOST_FORM), "x")}).status_code == 413


def test_the_command_says_what_became_of_a_copy(tmp_path: Path) -> None:
    home = tmp_path / "home"
    area = nuong(home, "area", "add", "HTX Chiềng Mung").stdout.strip()
    words = ("user", "add", "lan", "--role", "officer", "--area", area, "--password-stdin")
    user = nuong(home, *words, said="mua-rao-2026").stdout.strip()
    id_ = new_id()
    change = {"id": id_, "record": id_, "type": "farmer", "area": area, "set": {"name": "Lò"}, "schema": 1}
    head = {"nuong": "safety-copy", "form": 1, "user": {"id": user}, "device": new_id(), "changes": [change, {}]}
    copy = tmp_path / "nuong.zip"
    copy.write_bytes(zipped(head).getvalue())
    looked = nuong(home, "import-changes", str(copy), "--dry-run")
    done = nuong(home, "import-changes", str(copy))
    again = nuong(home, "import-changes", str(copy))
    assert "1 new, 0 already there, 1 refused" in looked.stdout
    assert "1 new, 0 already there, 1 refused" in done.stdout
    assert "0 new, 1 already there, 1 refused" in again.stdout
    copy.write_bytes(b"PK")
    bad = nuong(home, "import-changes", str(copy))
    assert (bad.returncode, "Traceback" in bad.stderr) == (1, False)
    assert "cut off or damaged" in bad.stderr


def test_a_user_who_left_is_not_known_any_more(centre: Centre, settings: Settings) -> None:
    from sqlalchemy import update

    from server.store.engine import writing
    from server.store.tables import User

    phone = at_work(centre, centre.area())
    writing(lambda connection: connection.execute(update(User).values(is_disabled=True)))
    assert people.sender_without_device(phone.user["id"]) is None
    with pytest.raises(Problem) as unknown:
        take_in(zipped(told(phone)), settings, None)
    assert unknown.value.code == "unknown_author"
