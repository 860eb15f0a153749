"""Running an installation alone, by pages: people, areas, backups that were tried, health, and who did what."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from server.store import areas, audit, people, trial
from sync.problem import Problem
from tests.conftest import PASSWORD, Centre
from tests.server.test_cli import nuong
from tests.server.test_console import plot_of, sign_in
from tests.server.test_refused import press
from tests.wire import Browser

PAGES = ("/console/admin", "/console/admin/people", "/console/admin/areas", "/console/admin/backups")


def admin(centre: Centre) -> Any:
    centre.admin()
    return sign_in(centre, "quan-tri")


@pytest.mark.parametrize("path", PAGES)
def test_these_pages_are_for_administrators_alone(centre: Centre, path: str) -> None:
    centre.manager(centre.area())
    assert sign_in(centre, "hoa").get(path).status_code == 403
    assert admin(centre).get(path).status_code == 200


def test_a_person_is_added_with_a_password_that_is_shown_once_and_signs_in(centre: Centre) -> None:
    area = centre.area()
    page = admin(centre)
    press(page, "/console/admin/people", username="mai", name="Lò Thị Mai", role="officer", area=area)
    shown = page.get("/console/admin/people").text
    password = re.search(r"một lần: ([\w-]+)", shown)
    assert password
    assert password[1] not in page.get("/console/admin/people").text
    assert password[1] not in page.get("/console/audit").text
    assert people.check_password("mai", password[1], "x", 5) == people.user_id_of("mai")


@pytest.mark.parametrize(("typed", "field"), [("quan-tri", "username"), ("hai chữ", "username"), ("mai", "password")])
def test_a_person_who_cannot_be_added_stands_in_the_form_with_the_fault_at_its_field(
    centre: Centre, typed: str, field: str
) -> None:
    area = centre.area("Mường Bon")
    page = admin(centre)
    password = "ngắn" if field == "password" else PASSWORD
    answer = press(
        page, "/console/admin/people", username=typed, name="Lò Thị Mai", role="manager", area=area, password=password
    )
    assert answer.status_code in (409, 422)
    assert f'data-test="wrong-{field}"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert 'value="Lò Thị Mai"' in answer.text
    assert 'value="manager" selected' in answer.text
    assert f'value="{area}" selected' in answer.text
    assert password not in answer.text


def test_an_area_that_cannot_be_set_up_so_stands_in_its_form_as_it_was_typed(centre: Centre) -> None:
    top = centre.area("Tỉnh Sơn La")
    answer = press(admin(centre), "/console/admin/areas", area=top, name="Tỉnh Sơn La mới", parent=top)
    assert answer.status_code == 422
    assert 'value="Tỉnh Sơn La mới"' in answer.text
    assert 'data-test="wrong-parent"' in answer.text


def test_two_areas_are_never_called_the_same(centre: Centre) -> None:
    mung, bon = centre.area("HTX Chiềng Mung"), centre.area("HTX Mường Bon")
    page = admin(centre)
    decomposed = unicodedata.normalize("NFD", "htx  chiềng MUNG ")
    for form in ({"name": decomposed}, {"name": "HTX Chiềng Mung", "area": bon}):
        answer = press(page, "/console/admin/areas", **form)
        assert answer.status_code == 409
        assert 'data-test="wrong-name"' in answer.text
    assert [each["name"] for each in people.list_areas()] == ["HTX Chiềng Mung", "HTX Mường Bon"]
    # Its own name, written otherwise; and a name that differs by a mark alone, as those of communes may.
    for form in ({"name": "HTX CHIỀNG MUNG", "area": mung}, {"name": "HTX Mương Bon"}):
        assert press(page, "/console/admin/areas", **form).status_code == 302


def test_a_form_that_leads_to_a_problem_leads_back_to_its_page_and_nowhere_else(centre: Centre) -> None:
    page = admin(centre)
    address = "/console/admin/people/quan-tri"
    for came, back in (
        ("http://localhost/console/admin/people?lang=vi", "/console/admin/people?lang=vi"),
        ("http://localhost/console/settle/x", ""),
        ("http://localhost//evil.example", ""),
        ("http://localhost/", ""),
    ):
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/admin/people").text)
        assert token
        answer = page.post(address, data={"csrf_token": token[1], "what": "disable"}, headers={"Referer": came})
        assert answer.status_code == 422
        assert re.findall(r'href="([^"]+)" data-test="back"', answer.text) == [back] * bool(back)


def test_roles_are_given_and_taken_away_and_the_phone_follows(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    lan = centre.officer(here)
    lan.sync()
    page = admin(centre)
    address = "/console/admin/people"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get(address).text)
    assert token
    for area, role in ((there, "officer"), (here, "")):
        form = {"csrf_token": token[1], "what": "role", "area": area, "role": role}
        page.post(f"{address}/lan", data=form)
    assert set(people.sender_without_device(people.user_id_of("lan") or "").roles) == {there}  # type: ignore[union-attr]
    form = {"csrf_token": token[1], "what": "role", "area": there, "role": "king"}
    assert page.post(f"{address}/lan", data=form).status_code == 404


def test_a_person_is_shut_out_and_let_in_again_but_nobody_shuts_themselves_out(centre: Centre) -> None:
    centre.officer(centre.area())
    page = admin(centre)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/admin/people").text)
    assert token

    def press_for(name: str, what: str) -> int:
        return int(page.post(f"/console/admin/people/{name}", data={"csrf_token": token[1], "what": what}).status_code)  # type: ignore[index]

    assert press_for("lan", "disable") == 302
    with pytest.raises(Problem, match="wrong_password"):
        people.check_password("lan", PASSWORD, "x", 5)
    assert press_for("lan", "enable") == 302
    assert people.check_password("lan", PASSWORD, "x", 5)
    assert press_for("quan-tri", "disable") == 422
    assert press_for("khong-co", "disable") == 404


def test_areas_lie_in_each_other_and_are_summed_up_but_never_in_a_ring(centre: Centre) -> None:
    top, below = centre.area("Huyện Mai Sơn"), centre.area("HTX Chiềng Mung")
    lan = centre.officer(below)
    plot_of(lan, below)
    page = admin(centre)
    press(page, "/console/admin/areas", area=below, name="HTX Ara-Tay", parent=top)
    nodes = areas.tree()
    assert [(node.name, node.depth) for node in nodes] == [("Huyện Mai Sơn", 0), ("HTX Ara-Tay", 1)]
    assert nodes[0].below["plots"] == 1
    assert nodes[0].below["hectares"] == pytest.approx(4.6, abs=0.1)
    assert press(page, "/console/admin/areas", area=top, name="x", parent=below).status_code == 422
    assert press(page, "/console/admin/areas", area=top, name="x", parent=top).status_code == 422
    centre.manager(top)
    assert "Huổi Pá" not in sign_in(centre, "hoa").get("/console/").text


def test_who_asks_for_an_area_is_shown_what_lies_in_it_everywhere_but_nothing_that_is_not_theirs(
    centre: Centre,
) -> None:
    top, middle, below, other = (centre.area(name) for name in ("Tỉnh", "Huyện Mai Sơn", "HTX Chiềng Mung", "Nơi khác"))
    areas.set_up(middle, "Huyện Mai Sơn", top)
    areas.set_up(below, "HTX Chiềng Mung", middle)
    lan = centre.officer(below, other)
    plot_of(lan, below, "Huổi Pá")
    plot_of(lan, other, "Co Mạ")
    page = admin(centre)
    hoa = sign_in_as_manager_of(centre, top, middle)
    for path in ("/console/?", "/console/review?type=plot&", "/console/out/plot.csv?"):
        shown = page.get(f"{path}area={top}", buffered=True).text
        assert "Huổi Pá" in shown, path
        assert "Co Mạ" not in shown, path
        assert "Huổi Pá" not in page.get(f"{path}area={other}", buffered=True).text, path
        # A role above gives none below.
        assert "Huổi Pá" not in hoa.get(f"{path}area={top}", buffered=True).text, path
    for question in ("yields", "weeks", "coverage", "land"):
        assert page.get(f"/console/seeing/{question}?area={top}").text.count("<td") > 0, question
        assert hoa.get(f"/console/seeing/{question}?area={top}").text.count("<td") == 0, question
    assert "và các địa bàn nằm trong đó" in page.get(f"/console/?area={middle}").text
    assert "và các địa bàn nằm trong đó" not in page.get(f"/console/?area={below}").text


def sign_in_as_manager_of(centre: Centre, *of: str) -> Any:
    centre.manager(*of)
    return sign_in(centre, "hoa")


def test_a_backup_is_tried_by_a_restore_and_can_be_taken_along(centre: Centre, settings: Any) -> None:
    area = centre.area()
    plot_of(centre.officer(area), area)
    page = admin(centre)
    press(page, "/console/admin/backups")
    (made,) = trial.listed(settings.home)
    assert made["state"] in (*trial.AT_WORK, "tried")
    trial.wait(made["name"])
    (made,) = trial.listed(settings.home)
    assert (made["state"], made["fault"]) == ("tried", "")
    assert "khôi phục" in page.get("/console/admin/backups").text
    taken = page.get(f"/console/admin/backups/{made['name']}.backup", buffered=True)
    assert (taken.status_code, len(taken.data)) == (200, made["size"])
    assert page.get("/console/admin/backups/..%2fnuong.backup").status_code == 404


def test_a_backup_by_the_command_is_known_to_the_page_of_health(centre: Centre, settings: Any, tmp_path: Path) -> None:
    page = admin(centre)
    assert 'data-test="by-command"' not in page.get("/console/admin").text
    assert nuong(settings.home, "backup", str(tmp_path / "tối.backup"), database=settings.database_url).returncode == 0
    shown = page.get("/console/admin").text
    said = re.search(r'data-test="by-command">([^<]+)<', shown)
    assert said
    assert said[1].startswith("tối.backup lúc ")
    assert "▲" not in shown[shown.index("Bản sao lưu gần nhất") : shown.index("by-command")]


def test_a_backup_that_is_damaged_is_not_said_to_be_right(centre: Centre, settings: Any) -> None:
    admin(centre)
    name = trial.begin(centre.app, settings)
    trial.wait(name)
    file = trial.folder(settings.home) / f"{name}.backup"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(Problem, match="bad_backup"):
        trial.differences(file)


BEGUN_AND_KILLED = """
import os, sys
from pathlib import Path
from server.app import create_app
from server.config import Settings
from server.store import trial
settings = Settings(home=Path(sys.argv[1]), secret_key="test", database_url=sys.argv[2] or None)
trial.begin(create_app(settings), settings)
os.kill(os.getpid(), 9)
"""


def test_a_backup_whose_server_was_killed_meanwhile_is_said_to_be_broken_off(centre: Centre, settings: Any) -> None:
    page = admin(centre)
    begun = [sys.executable, "-c", BEGUN_AND_KILLED, str(settings.home), settings.database_url or ""]
    assert subprocess.run(begun, check=False).returncode == -9
    (made,) = trial.listed(settings.home)
    assert made["state"] == trial.BROKEN_OFF
    for path in ("/console/admin", "/console/admin/backups"):
        assert "▲ bị đứt" in re.sub(r"<[^>]*>", "", page.get(path).text), path
    assert "data-poll" not in page.get("/console/admin/backups").text


def test_what_administrators_do_is_written_down_with_who_did_it(centre: Centre) -> None:
    area = centre.area()
    page = admin(centre)
    press(page, "/console/admin/people", username="mai", role="officer", area=area, password="mot-hai-ba-bon")
    (row,) = audit.page(None)
    assert (row["who"], row["what"], row["area"]) == ("Quan-Tri", "user_added", "HTX Chiềng Mung")
    assert "mot-hai-ba-bon" not in str(row)


def test_a_manager_sees_of_the_audit_log_what_happened_in_their_areas(centre: Centre) -> None:
    here, there = centre.area("Đây"), centre.area("Kia")
    for area, name in ((here, "hoa"), (there, "la")):
        centre.manager(area, name=name)
        sign_in(centre, name).get("/console/out/plot.csv", buffered=True)
    shown = sign_in(centre, "hoa").get("/console/audit").text
    assert "Đây" in shown
    assert "Kia" not in shown
    for query in ("?before=x", "?who=%00", "?what=;", "?before=99999999999999"):
        assert sign_in(centre, "hoa").get(f"/console/audit{query}").status_code == 200


def test_an_address_of_administration_leads_to_the_sign_in_page_first(centre: Centre) -> None:
    assert Browser(centre.app).get("/console/admin").status_code == 302


def press_for(page: Any, name: str, what: str) -> int:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/console/admin/people").text)
    assert token
    form = {"csrf_token": token[1], "what": what}
    return int(page.post(f"/console/admin/people/{name}", data=form).status_code)


def test_somebody_becomes_an_administrator_and_is_none_any_more_but_one_always_stays(centre: Centre) -> None:
    centre.manager(centre.area())
    page, hoa = admin(centre), sign_in(centre, "hoa")
    assert hoa.get("/console/admin").status_code == 403
    assert press_for(page, "quan-tri", "demote") == 422
    assert press_for(page, "hoa", "promote") == 302
    assert hoa.get("/console/admin").status_code == 200
    assert press_for(hoa, "quan-tri", "demote") == 302
    assert page.get("/console/admin").status_code in (302, 403)
    for last in (lambda: people.set_admin("hoa", False), lambda: people.set_disabled("hoa", True)):
        with pytest.raises(Problem, match="last_administrator"):
            last()
    assert [row["what"] for row in audit.page(None)][:2] == ["admin_demoted", "admin_promoted"]


def test_of_two_administrators_who_end_each_other_at_the_same_moment_one_stays(centre: Centre) -> None:
    names = ("quan-tri", "hoa")
    for name in names:
        centre.admin(name)
    together = Barrier(len(names))

    def end(name: str) -> str:
        with centre.app.app_context():
            together.wait()
            try:
                people.set_admin(name, False)
            except Problem as problem:
                return problem.code
            return "done"

    with ThreadPoolExecutor(len(names)) as pool:
        assert sorted(pool.map(end, names)) == ["done", "last_administrator"]


def test_a_new_password_ends_the_sessions_that_the_old_one_began_and_no_phone(centre: Centre) -> None:
    phone = centre.manager(centre.area())
    here, elsewhere = sign_in(centre, "hoa"), sign_in(centre, "hoa")
    assert elsewhere.get("/console/").status_code == 200
    wrong = press(here, "/console/password", now="no", password="mot-hai-ba-bon", again="mot-hai-ba-bon")
    assert (wrong.status_code, "chưa đúng" in wrong.text) == (401, True)
    unlike = press(here, "/console/password", now=PASSWORD, password="mot-hai-ba-bon", again="mot-hai-ba")
    assert unlike.status_code == 422
    short = press(here, "/console/password", now=PASSWORD, password="x", again="x")
    assert (short.status_code, elsewhere.get("/console/").status_code) == (422, 200)
    done = press(here, "/console/password", now=PASSWORD, password="mot-hai-ba-bon", again="mot-hai-ba-bon")
    assert (done.status_code, here.get("/console/").status_code) == (302, 200)
    assert elsewhere.get("/console/").location.startswith("/console/sign-in")
    phone.sync()
    assert people.check_password("hoa", "mot-hai-ba-bon", "x", 5)


def test_an_administrator_who_gives_themselves_a_password_reads_it_and_stays_signed_in(centre: Centre) -> None:
    page = admin(centre)
    assert press_for(page, "quan-tri", "password") == 302
    password = re.search(r"một lần: ([\w-]+)", page.get("/console/admin/people").text)
    assert password
    assert people.check_password("quan-tri", password[1], "x", 5)
