"""tus-js-client, the client of those who wrote tus, sends pictures to `nuong serve`: what we speak is tus, not our idea of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.client import Client
from tests.pictures import get, large, missing, photo_record, sha256
from tests.serving import LansCentre

SCRIPT = Path(__file__).parent / "tus_client.mjs"
PICTURE = large(200_000)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LansCentre]:
    served = LansCentre(tmp_path / "home")
    served.start()
    yield served
    served.stop()


def send(served: LansCentre, lan: Client, how: str, name: str = "") -> dict[str, Any]:
    """What came of sending PICTURE."""
    file = served.home / "picture"
    file.write_bytes(PICTURE)
    words = [how, str(served.port), lan.token or "", str(file), name or sha256(PICTURE)]
    done = subprocess.run(["node", str(SCRIPT), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.loss(19)
@pytest.mark.parametrize("how", ["whole", "with-creation", "pauses", "cuts"])
def test_the_official_client_brings_a_picture_whole(served: LansCentre, how: str) -> None:
    lan = served.phone()
    outcome = send(served, lan, how)
    assert "/api/v1/photos/" in outcome["url"]
    assert missing(lan, sha256(PICTURE)) == []
    photo_record(lan, served.area, PICTURE)
    assert get(lan, sha256(PICTURE)).content == PICTURE
    # It asked where to go on each time that it had been stopped.
    assert outcome["requests"].count("HEAD") >= {"pauses": 4, "cuts": 3}.get(how, 0)


def test_the_official_client_gives_an_upload_up(served: LansCentre) -> None:
    lan = served.phone()
    outcome = send(served, lan, "given-up")
    assert outcome["requests"][-1] == "DELETE"
    path = outcome["url"].partition("/api")[2]
    assert lan._send("HEAD", f"/api{path}", headers={"Tus-Resumable": "1.0.0"}).status_code == 404


def test_the_official_client_is_told_why_a_picture_is_refused(served: LansCentre) -> None:
    outcome = send(served, served.phone(), "refused", name="0" * 64)
    assert (outcome["status"], json.loads(outcome["body"])["code"]) == (422, "hash_mismatch")
