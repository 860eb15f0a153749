"""A code that a manager shows signs one phone in, once, within a quarter of an hour."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from server.store import enrolment, people
from server.store.engine import writing
from server.store.tables import Attempt, Enrolment, User, db
from sync.client import new_id
from sync.problem import Problem
from tests.conftest import PASSWORD, Centre
from tests.server.test_cli import nuong
from tests.server.test_console import sign_in


def redeem(centre: Centre, code: Any, **more: Any) -> Any:
    body = {"code": code, "device": {"id": new_id(), "name": "máy mới"}} | more
    return centre.post("/api/v1/session", json=body, headers={"Accept-Language": "en"})


def code_for(name: str) -> str:
    user = people.user_id_of(name)
    assert user
    return enrolment.make(user, None)


def test_a_code_signs_a_phone_in_without_a_password(centre: Centre) -> None:
    area = centre.area("HTX A")
    centre.officer(area)
    answer = redeem(centre, code_for("lan"))
    assert answer.status_code == 201
    assert (answer.json["user"]["username"], answer.json["areas"]) == (
        "lan",
        {area: {"name": "HTX A", "role": "officer"}},
    )
    phone = centre.phone("lan")
    phone.token = answer.json["token"]
    phone.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"})
    assert phone.sync() == 1


def test_a_code_is_taken_however_it_is_typed(centre: Centre) -> None:
    centre.officer(centre.area())
    code = code_for("lan")
    typed = f"  {code.replace('-', ' ').lower().replace('0', 'o').replace('1', 'l')} "
    assert redeem(centre, typed).status_code == 201


def test_a_code_is_over_once_it_was_used(centre: Centre) -> None:
    centre.officer(centre.area())
    code = code_for("lan")
    assert redeem(centre, code).status_code == 201
    again = redeem(centre, code)
    assert (again.status_code, again.json["code"]) == (410, "code_used")


def test_of_many_phones_that_show_one_code_at_once_one_gets_in(centre: Centre) -> None:
    centre.officer(centre.area())
    code = code_for("lan")
    with ThreadPoolExecutor(6) as several:
        answers = list(several.map(lambda _: redeem(centre, code).status_code, range(6)))
    assert sorted(answers) == [201, 410, 410, 410, 410, 410]


def test_a_code_is_good_for_a_quarter_of_an_hour(centre: Centre) -> None:
    centre.officer(centre.area())
    code = code_for("lan")

    def made(ago: timedelta) -> None:
        until = datetime.now(UTC) - ago + enrolment.LASTS
        writing(lambda connection: connection.execute(update(Enrolment).values(expires_at=until)))

    made(ago=timedelta(minutes=16))
    late = redeem(centre, code)
    assert (late.status_code, late.json["code"]) == (410, "code_expired")
    made(ago=timedelta(minutes=14))
    assert redeem(centre, code).status_code == 201


def test_a_code_for_somebody_who_left_opens_nothing(centre: Centre) -> None:
    centre.officer(centre.area())
    code = code_for("lan")
    writing(lambda connection: connection.execute(update(User).values(is_disabled=True)))
    assert redeem(centre, code).status_code == 410


def test_wrong_codes_are_slowed_down_as_wrong_passwords_are(centre: Centre) -> None:
    centre.officer(centre.area())
    wrong = [redeem(centre, "AAAAA-AAAAA") for _ in range(51)]
    assert {(each.status_code, each.json["code"]) for each in wrong[:50]} == {(401, "wrong_code")}
    right = redeem(centre, code_for("lan"))
    assert (right.status_code, right.json["code"]) == (429, "too_many_attempts")
    assert int(right.headers["Retry-After"]) >= 1
    earlier = datetime.now(UTC) - timedelta(minutes=20)
    writing(lambda connection: connection.execute(update(Attempt).values(last_at=earlier)))
    assert redeem(centre, code_for("lan")).status_code == 201


def test_a_code_is_nowhere_kept(centre: Centre) -> None:
    centre.officer(centre.area())
    code = code_for("lan")
    kept = str(db.session.execute(db.select(Enrolment.__table__)).all())
    assert code not in kept
    assert code.replace("-", "") not in kept


@pytest.mark.parametrize(
    ("body", "field"),
    [({"code": ""}, "code"), ({"code": 5}, "code"), ({"code": "x", "device": {"id": "x"}}, "device.id")],
)
def test_what_is_wrong_in_the_request_is_named(centre: Centre, body: dict[str, Any], field: str) -> None:
    answer = redeem(centre, **body)
    assert answer.status_code == 400
    assert field in [each["field"] for each in answer.json["errors"]]


def test_a_manager_enrols_only_people_all_of_whose_areas_are_theirs(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    centre.officer(here)
    centre.officer(here, there, name="xa")
    centre.manager(here)
    centre.admin()
    manager = people.sender_without_device(people.user_id_of("hoa") or "")
    assert manager
    assert {each.username for each in enrolment.whom(manager)} == {"hoa", "lan"}
    for name in ("xa", "quan-tri"):
        with pytest.raises(Problem) as refused:
            enrolment.make(people.user_id_of(name) or "", manager)
        assert refused.value.code == "not_yours_to_enrol"
    admin = people.sender_without_device(people.user_id_of("quan-tri") or "")
    assert admin
    assert len(enrolment.whom(admin)) == 4


def test_the_console_shows_a_code_as_a_picture_and_as_text(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    centre.officer(here)
    centre.officer(there, name="xa")
    centre.manager(here)
    page = sign_in(centre, "hoa")
    form = page.get("/console/devices").text
    assert "(lan)" in form
    assert "(xa)" not in form
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token

    def shown(name: str) -> Any:
        return page.post("/console/enrol", data={"csrf_token": token[1], "user": people.user_id_of(name) or ""})

    answer = shown("lan")
    code = re.search(r'data-test="code">([^<]+)<', answer.text)
    assert code
    assert f"/#/enrol/{code[1]}" in answer.text
    assert 'src="data:image/svg+xml' in answer.text
    assert redeem(centre, code[1]).status_code == 201
    assert shown("xa").status_code == 403
    assert shown("nobody").status_code == 403


def test_the_command_makes_a_code(tmp_path: Path) -> None:
    area = nuong(tmp_path, "area", "add", "HTX").stdout.strip()
    nuong(tmp_path, "user", "add", "lan", "--role", "officer", "--area", area, "--password-stdin", said=PASSWORD)
    made = nuong(tmp_path, "device", "enrol", "lan", "--address", "https://example.org/nuong/")
    code, address, *picture = made.stdout.splitlines()
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", code)
    assert address == f"https://example.org/nuong/#/enrol/{code}"
    assert len(picture) > 10
    unknown = nuong(tmp_path, "device", "enrol", "khong-co")
    assert (unknown.returncode, "user list" in unknown.stderr) == (1, True)
