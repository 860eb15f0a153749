"""Links that are good once: the first administrator begins by one, and a lost password is set anew."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from server.store import audit, invitations, people
from server.store.engine import reading, writing
from server.store.tables import Invitation
from sync.problem import Problem
from tests.conftest import PASSWORD, Centre
from tests.server.test_console import sign_in
from tests.server.test_refused import press
from tests.wire import Browser

NEW = "mot-hai-ba-bon"


def filled(page: Browser, link: str, **form: str) -> Any:
    return press(page, link, **{"password": NEW, "again": NEW, **form})


def link_for(user: str | None = None) -> str:
    return f"/console/invited/{invitations.make(user, None)}"


def test_the_first_administrator_begins_by_a_link_and_is_signed_in(centre: Centre) -> None:
    page, link = Browser(centre.app), link_for()
    assert page.get(link).status_code == page.get(link).status_code == 200  # a messenger looks at it too
    done = filled(page, link, username="Quản-Trị", name="Lò Thị Mai")
    assert (done.status_code, done.location) == (302, "/console/admin/areas")
    assert page.get("/console/admin").status_code == 200
    user = people.check_password("quản-trị", NEW, "x", 5)
    assert people.sender_without_device(user).is_admin  # type: ignore[union-attr]
    again = Browser(centre.app).get(link)
    assert again.status_code == 410
    assert "đã được dùng" in again.text
    assert [row["what"] for row in audit.page(None)] == ["link_used", "link_made"]


def test_what_will_not_do_leaves_the_link_as_it_was(centre: Centre) -> None:
    centre.officer(centre.area())
    page, link = Browser(centre.app), link_for()
    for wrong in (
        {"username": "lan"},
        {"username": "a b"},
        {"username": "mai", "again": "x" * 9},
        {"username": "mai", "password": "kurz", "again": "kurz"},
    ):
        answer = filled(page, link, **wrong)
        assert answer.status_code in (409, 422)
        assert 'class="fault"' in answer.text
    assert filled(page, link, username="mai", name="M\0ai" + "i" * 300).status_code == 302


def test_only_what_proves_a_link_is_kept_and_never_in_the_audit_log(centre: Centre) -> None:
    link = link_for()
    secret = link.rsplit("/", 1)[1]
    with reading() as connection:
        (row,) = connection.execute(select(Invitation.__table__)).mappings()
    assert secret not in str(dict(row)) + str(audit.page(None))


def test_a_link_is_good_for_a_day_and_a_newer_one_takes_its_place(centre: Centre) -> None:
    first, second = link_for(), link_for()
    page = Browser(centre.app)
    assert page.get(first).status_code == 404
    assert page.get(second).status_code == 200
    writing(lambda c: c.execute(update(Invitation).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))))
    late = page.get(second)
    assert late.status_code == 410
    assert "nuong user invite" in late.text
    with pytest.raises(Problem, match="link_expired"):
        invitations.redeem(second.rsplit("/", 1)[1], "mai", "", NEW)


def test_who_guesses_links_must_wait(centre: Centre) -> None:
    page = Browser(centre.app)
    answers = [page.get(f"/console/invited/falsch-{number}").status_code for number in range(51)]
    assert answers[:50] == [404] * 50
    assert answers[50] == 429
    assert page.get(link_for()).status_code == 429


def test_an_administrator_makes_a_link_for_somebody_who_lost_their_password(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    centre.manager(area)
    centre.admin()
    page = sign_in(centre, "quan-tri")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/admin/people").text)
    assert token
    page.post("/console/admin/people/lan", data={"csrf_token": token[1], "what": "link"})
    shown = re.search(r"http://localhost(/console/invited/[\w-]+)", page.get("/console/admin/people").text)
    assert shown
    hers = Browser(centre.app)
    assert "lan" in hers.get(shown[1]).text
    assert filled(hers, shown[1], username="quan-tri").location == "/console/sign-in"  # no console for an officer
    assert people.check_password("lan", NEW, "x", 5)
    with pytest.raises(Problem, match="wrong_password"):
        people.check_password("lan", PASSWORD, "x", 5)
    lan.sync()  # her phone stays signed in
    assert people.check_password("quan-tri", PASSWORD, "x", 5)


def test_somebody_who_was_shut_out_comes_in_by_no_link(centre: Centre) -> None:
    centre.officer(centre.area())
    link = link_for(people.must_know("lan"))
    people.set_disabled("lan", True)
    assert Browser(centre.app).get(link).status_code == 404
    with pytest.raises(Problem, match="wrong_link"):
        invitations.redeem(link.rsplit("/", 1)[1], "", "", NEW)
