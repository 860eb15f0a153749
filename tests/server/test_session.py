"""Signing in, and what a token opens."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import Type, extract_parameters
from sqlalchemy import update

from server.store.engine import writing
from server.store.tables import Attempt, Token
from sync.client import Answered, SignedOut
from tests.conftest import PASSWORD, Centre


def test_signing_in_gives_a_token_and_the_areas_with_their_roles(centre: Centre) -> None:
    area = centre.area("HTX A")
    lan = centre.officer(area)
    assert lan.areas == {area: {"name": "HTX A", "role": "officer"}}
    assert len(lan.token or "") >= 32


def test_signing_out_ends_the_token(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    token = lan.token
    lan.sign_out()
    lan.token = token
    with pytest.raises(SignedOut):
        lan.exchange([])


def test_a_token_that_was_not_used_for_too_long_is_expired_and_work_stays(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"})
    long_ago = datetime.now(UTC) - timedelta(days=181)
    writing(lambda connection: connection.execute(update(Token).values(used_at=long_ago)))
    with pytest.raises(SignedOut) as out:
        lan.sync()
    assert out.value.args == ("token_expired",)
    lan.sign_in("lan", PASSWORD)
    lan.sync()
    assert lan.replica.outbox == []


def test_an_unknown_name_is_answered_like_a_wrong_password(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    answers = []
    for name, password in (("lan", "sai-mat-khau"), ("khong-co", "sai-mat-khau")):
        with pytest.raises(Answered) as wrong:
            lan.sign_in(name, password)
        answers.append((wrong.value.status, wrong.value.problem["code"], wrong.value.problem["detail"]))
    assert answers[0] == answers[1]


def test_what_is_kept_of_a_password_is_slow_to_guess_at() -> None:
    # In a process of its own: the one that the tests run in hashes in a hurry.
    program = f"from server.store.passwords import hashed; print(hashed({PASSWORD!r}))"
    kept = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    found = extract_parameters(kept.strip())
    assert (found.type, found.memory_cost, found.time_cost) == (Type.ID, 19 * 1024, 3)  # OWASP's least for Argon2id


def test_the_wait_after_wrong_passwords_ends_and_the_right_one_is_taken(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    for _ in range(5):
        with pytest.raises(Answered):
            lan.sign_in("lan", "sai-mat-khau")
    earlier = datetime.now(UTC) - timedelta(minutes=20)
    writing(lambda connection: connection.execute(update(Attempt).values(last_at=earlier)))
    lan.sign_in("lan", PASSWORD)
    assert lan.token


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "lan", "password": 5, "device": {"id": "x"}}, "password"),
        ({"username": "lan", "password": "x" * 9}, "device.id"),
        ([], "username"),
    ],
)
def test_what_is_missing_is_named(centre: Centre, body: object, field: str) -> None:
    answer = centre.post("/api/v1/session", json=body)
    assert answer.status_code == 400
    assert field in [each["field"] for each in answer.json["errors"]]


def test_a_problem_speaks_the_readers_language(centre: Centre) -> None:
    said = {
        language: centre.post("/api/v1/sync", headers={"Accept-Language": language}).json["detail"]
        for language in ("vi", "en")
    }
    assert said == {"vi": "Hãy đăng nhập trước.", "en": "Sign in first."}


def test_every_page_has_a_policy_without_unsafe_inline(centre: Centre) -> None:
    for path in ("/console/sign-in", "/docs/api", "/"):
        policy = centre.http.get(path).headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


def test_the_schema_is_read_once_and_not_again(centre: Centre) -> None:
    first = centre.http.get("/api/v1/schema")
    assert first.json["types"]["harvest"]["label"]["vi"] == "Thu hoạch"
    again = centre.http.get("/api/v1/schema", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_api_describes_every_record_type(centre: Centre) -> None:
    from sync.records import TYPES

    described = centre.http.get("/api/v1/openapi.json").json
    assert {f"{name}_fields" for name in TYPES} <= set(described["components"]["schemas"])
    assert "/api/v1/sync" in centre.http.get("/docs/api").text


def test_healthz_says_ok_and_nothing_else(centre: Centre) -> None:
    assert centre.http.get("/healthz").json == {"status": "ok"}


def test_a_sign_in_of_more_than_some_kilobytes_is_refused_before_it_is_unpacked(centre: Centre) -> None:
    bomb = gzip.compress(b"[" + b"{}," * 1_000_000 + b"{}]")
    assert len(bomb) < 16 * 1024
    for body, headers in ((bomb, {"Content-Encoding": "gzip"}), (b" " * 20_000, {})):
        answer = centre.post("/api/v1/session", data=body, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")
