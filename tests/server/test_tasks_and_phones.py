"""Tasks for all that a filter finds; and which phones were heard from, what they report, who cuts them off."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from server.store import audit, officers, people, tasks
from server.store.engine import writing
from server.store.tables import Device
from sync.client import SignedOut
from tests.conftest import Centre
from tests.server.test_console import plot_of, sign_in
from tests.server.test_refused import press


def give(page: Any, query: str, **form: str) -> Any:
    values = {"what": "Lấy mẫu đất", "due": "2030-01-31", **form}
    return press(page, f"/console/tasks/new{query}", **values)


def test_a_task_for_all_that_a_filter_finds_reaches_the_phone_and_is_seen_done(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plots = {plot_of(lan, area, name) for name in ("Huổi Pá 1", "Huổi Pá 2", "Pá Ổ")}
    centre.manager(area)
    page = sign_in(centre, "hoa")
    assert "2" in page.get("/console/tasks/new?text=huoi+pa").text
    assert give(page, "?text=huoi+pa", assignee=people.user_id_of("lan") or "").status_code == 302
    lan.sync()
    given = [each for each in lan.replica.base.values() if each["type"] == "task"]
    assert len(given) == 2
    assert {each["fields"]["of"] for each in given} < plots
    lan.new_change(given[0]["id"], "task", area, {"done": {"done": True, "on": "2026-11-24"}})
    lan.sync()
    (group,) = tasks.given([area])
    assert (len(group.open), len(group.done), group.is_late("2030-02-01")) == (1, 1, True)
    shown = page.get("/console/tasks?lang=en").text
    assert "1 / 2" in shown


def test_what_is_not_done_is_withdrawn_and_what_is_done_stays(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    for name in ("A", "B"):
        plot_of(lan, area, name)
    centre.manager(area)
    page = sign_in(centre, "hoa")
    give(page, "")
    lan.sync()
    one = next(each for each in lan.replica.base.values() if each["type"] == "task")
    lan.new_change(one["id"], "task", area, {"done": {"done": True}})
    lan.sync()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/tasks").text)
    assert token
    form = {"csrf_token": token[1], "what": "Lấy mẫu đất", "due": "2030-01-31", "assignee": ""}
    page.post("/console/tasks/withdraw", data=form)
    (group,) = tasks.given([area])
    assert (len(group.open), len(group.done)) == (0, 1)


def test_a_task_needs_words_a_day_and_somebody_who_would_see_it(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    plot_of(centre.officer(here), here)
    centre.officer(there, name="pao")
    centre.manager(here)
    page = sign_in(centre, "hoa")
    assert give(page, "", what="").status_code == 422
    assert give(page, "", due="mai").status_code == 422
    elsewhere = give(page, "", assignee=people.user_id_of("pao") or "")
    assert elsewhere.status_code == 422
    assert 'data-test="wrong-assignee"' in elsewhere.text
    assert give(page, "?crop=CAHSI").status_code in (400, 422)
    assert page.get(f"/console/tasks/new?area={there}").status_code == 422
    assert tasks.given([here]) == []


def test_no_more_tasks_are_given_than_the_page_said(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plot_of(lan, area, "A")
    centre.manager(area)
    page = sign_in(centre, "hoa")
    assert 'name="count" value="1"' in page.get("/console/tasks/new").text
    plot_of(lan, area, "B")
    answer = give(page, "", count="1")
    assert answer.status_code == 409
    assert 'name="count" value="2"' in answer.text
    assert give(page, "", count="2").status_code == 302
    lan.sync()
    assert sum(each["type"] == "task" for each in lan.replica.base.values()) == 2


def test_whose_only_phone_was_cut_off_has_none(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    lan.sync()
    assert officers.without_phone([area]) == []
    assert people.revoke_device(lan.device or "") == 1
    assert officers.without_phone([area]) == ["Lan"]


def test_phones_say_what_waits_on_them_and_who_is_silent(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    centre.officer(area, name="pao")
    people.add_user("mai", "mua-rao-2026", people.OFFICER, [area], name="Mai Không Máy")
    plot_of(lan, area)
    report = {
        "app": "1a2b",
        "unsent": 3,
        "refused": 2,
        "free_bytes": 20_000_000,
        "oldest_unsent": "2026-11-20T02:00:00Z",
    }
    lan._send("POST", "/api/v1/sync", json={"protocol": 1, "epoch": None, "areas": {}, "changes": [], "report": report})
    long_ago = datetime.now(UTC) - timedelta(days=9)
    pao = people.user_id_of("pao")
    writing(lambda c: c.execute(update(Device).where(Device.user_id == pao).values(seen_at=long_ago)))
    centre.manager(area)
    page = sign_in(centre, "hoa")
    shown = page.get("/console/devices?lang=en").text
    for words in ("1a2b", "▲ 2", "20 MB", "Almost full", "Mai Không Máy", "three days: 1"):
        assert words in shown, words
    silent = page.get("/console/devices?show=silent").text
    assert "Pao" in silent
    assert silent.count('data-test="phone"') == 1
    today = officers.days()[0]
    assert officers.recorded([area])[people.user_id_of("lan") or ""][today] == 3


def test_a_lost_phone_is_cut_off_by_a_manager_of_all_its_areas_and_let_in_again_by_a_code(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(here)
    centre.officer(here, there, name="pao")
    centre.manager(here)
    page = sign_in(centre, "hoa")
    phones = {each.person: each for each in officers.phones([here])}
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/devices").text)
    assert token

    def cut(name: str) -> int:
        each = phones[name]
        form = {"csrf_token": token[1] if token else "", "user": each.user_id}
        return int(page.post(f"/console/devices/{each.id}/cut-off", data=form).status_code)

    assert cut("Pao") == 403
    assert cut("Lan") == 302
    with pytest.raises(SignedOut):
        lan.sync()
    assert [each["what"] for each in audit.page(None)] == ["phone_cut_off"]
