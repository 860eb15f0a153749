"""Pictures in S3-compatible object storage: moto's server as a process of its own, boto3 as it is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from server.app import create_app, settings_of
from server.config import Settings
from server.pictures import shelf_of
from server.pictures.check import check
from server.store import backup
from server.store.tables import db
from tests.conftest import Centre
from tests.pictures import Sending, code, get, in_base64, large, missing, photo_record, png, sha256
from tests.serving import LansCentre, free_port, listens

LEAF, FRUIT = png(30), png(200)
BUCKET = "anh"


class Storage:
    """Object storage that can go away and come back, empty."""

    def __init__(self) -> None:
        self.port = free_port()
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "nuong",
            "AWS_SECRET_ACCESS_KEY": "nuong",
            "AWS_DEFAULT_REGION": "ap-southeast-1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not listens(self.port):
            assert self._process.poll() is None, "the object storage ended at its start"
            time.sleep(0.05)  # nothing tells us otherwise
        place = {"LocationConstraint": self.environment["AWS_DEFAULT_REGION"]}
        self.client().create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def client(self) -> Any:
        keys = {name.lower(): self.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        region = self.environment["AWS_DEFAULT_REGION"]
        return boto3.client("s3", endpoint_url=self.environment["AWS_ENDPOINT_URL"], region_name=region, **keys)

    def held(self) -> list[str]:
        """The names of what it holds."""
        return [each["Key"] for each in self.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    storage = Storage()
    storage.start()
    for name, value in storage.environment.items():
        monkeypatch.setenv(name, value)
    yield storage
    storage.stop()


@pytest.fixture
def centre(storage: Storage, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Centre]:
    """A centre whose pictures are in *storage*."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(migrated_sqlite, home / "nuong.sqlite3")
    app = create_app(Settings(home=home, secret_key="test", pictures=f"s3://{BUCKET}/nuong"))
    with app.app_context():
        yield Centre(app)
        db.session.remove()
        db.engine.dispose()


def test_a_picture_is_kept_there_once_and_comes_out_again(storage: Storage, centre: Centre) -> None:
    area = centre.area()
    lan, pao = centre.officer(area), centre.officer(area, name="pao")
    for phone in (lan, pao):
        assert Sending(phone, LEAF).send().status_code == 204
    photo_record(lan, area, LEAF)
    assert storage.held() == [f"nuong/{sha256(LEAF)}"]
    place = {"Bucket": BUCKET, "Key": storage.held()[0]}
    assert storage.client().head_object(**place)["ContentType"] == "image/png"
    # What the storage was given to check the picture by (moto's believes it, Amazon's does not).
    told = storage.client().get_object_attributes(**place, ObjectAttributes=["Checksum"])
    assert told["Checksum"]["ChecksumSHA256"] == in_base64(bytes.fromhex(sha256(LEAF)))
    assert get(pao, sha256(LEAF)).content == LEAF
    assert get(pao, sha256(LEAF), Range="bytes=10-19").content == LEAF[10:20]
    assert missing(lan, sha256(LEAF), sha256(FRUIT)) == [sha256(FRUIT)]


def test_what_is_not_what_its_hash_says_never_gets_there(storage: Storage, centre: Centre) -> None:
    lan = centre.officer(centre.area())
    answer = Sending(lan, FRUIT, name=sha256(LEAF)).send()
    assert (answer.status_code, code(answer)) == (422, "hash_mismatch")
    assert storage.held() == []


def test_what_came_while_the_storage_was_away_is_kept_and_put_there_afterwards(
    storage: Storage, centre: Centre
) -> None:
    lan = centre.officer(centre.area())
    by_head, by_patch = Sending(lan, LEAF), Sending(lan, FRUIT)
    by_head.announce()
    by_patch.announce()
    storage.stop()
    for sending in (by_head, by_patch):
        answer = sending.patch(0, sending.picture)
        assert (answer.status_code, code(answer)) == (503, "pictures_away")
        assert sending.head().status_code == 503
    assert lan._send("POST", "/api/v1/photos/missing", json={"sha256": [sha256(LEAF)]}).json() == {
        "missing": [sha256(LEAF)]
    }
    storage.start()
    assert by_head.offset() == len(LEAF)
    assert by_patch.patch(len(FRUIT), b"").headers["Upload-Offset"] == str(len(FRUIT))
    assert sorted(storage.held()) == sorted(f"nuong/{sha256(each)}" for each in (LEAF, FRUIT))
    assert missing(lan, sha256(LEAF), sha256(FRUIT)) == []


def test_a_storage_that_lost_everything_is_noticed(storage: Storage, centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    sending = Sending(lan, LEAF)
    sending.send()
    photo_record(lan, area, LEAF)
    storage.stop()
    answer = lan._send("POST", "/api/v1/photos/missing", json={"sha256": [sha256(LEAF)]})
    assert (answer.status_code, code(answer)) == (503, "pictures_away")
    assert get(lan, sha256(LEAF)).status_code == 503
    storage.start()
    assert missing(lan, sha256(LEAF)) == [sha256(LEAF)]
    assert get(lan, sha256(LEAF)).status_code == 404
    assert sending.head().status_code == 404
    assert check(shelf_of(settings_of(centre.app))).lost == [sha256(LEAF)]


def test_a_backup_takes_pictures_from_there_and_brings_them_back(
    storage: Storage, centre: Centre, tmp_path: Path
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    for each in (LEAF, large(100_000)):
        Sending(lan, each).send()
    photo_record(lan, area, LEAF)
    shelf = shelf_of(settings_of(centre.app))
    file = tmp_path / "nuong.backup"
    assert backup.write(file, shelf).pictures == 2
    storage.stop()
    storage.start()
    restored = backup.restore(file, replace=True, shelf=shelf)
    assert (restored.pictures, restored.lacking) == (2, [])
    assert get(centre.phone("lan"), sha256(LEAF)).content == LEAF


def test_a_centre_that_was_killed_finds_its_pictures_there_again(storage: Storage, tmp_path: Path) -> None:
    served = LansCentre(tmp_path / "home", pictures=f"s3://{BUCKET}")
    served.start()
    try:
        half, whole = Sending(served.phone(), FRUIT), Sending(served.phone(), LEAF)
        assert whole.send().status_code == 204
        half.announce(FRUIT[:40])
        served.kill()
        assert os.environ["AWS_ENDPOINT_URL"] == storage.environment["AWS_ENDPOINT_URL"]
        served.start()
        lan = served.phone()
        half.phone = lan
        assert half.patch(half.offset(), FRUIT[40:]).status_code == 204
        assert missing(lan, sha256(LEAF), sha256(FRUIT)) == []
        assert sorted(storage.held()) == sorted([sha256(LEAF), sha256(FRUIT)])
    finally:
        served.stop()
