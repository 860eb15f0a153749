"""The manager's work on records: the review, what was seen, conflicts settled by hand, history, and what can be taken back."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from server.store import browse, glance, people
from sync.client import Client
from tests.conftest import Centre
from tests.pictures import Sending, photo_record, png, sha256
from tests.server.test_console import plot_of, sign_in
from tests.server.test_glance import a_field, square


class Desk:
    """A manager at the console, an officer with a phone, and one plot with a harvest."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.area, self.other = centre.area(), centre.area("HTX Mường Bon")
        self.lan: Client = centre.officer(self.area)
        self.plot = plot_of(self.lan, self.area)
        centre.manager(self.area, self.other)
        self.page = sign_in(centre, "hoa")
        shown = self.page.get("/console/review?type=harvest").text
        self.harvest = re.findall(r'name="record" value="([^"]+)"', shown)[0]

    def form(self, address: str) -> dict[str, Any]:
        """The hidden values of all forms of a page."""
        found: dict[str, Any] = {}
        for name, value in re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page.get(address).text
        ):
            found.setdefault(name, value)
        return found

    def decide(self, state: str, record: str, note: str = "", form: dict[str, Any] | None = None) -> Any:
        form = form or self.form(f"/console/review?type=harvest&at={record}")
        return self.page.post(
            "/console/review", data=form | {"record": record, "state": state, "note": note}, follow_redirects=True
        )

    def state(self, record: str) -> str:
        found = browse.one(record, [self.area])
        assert found
        from server.store.glance.rows import review_of

        return review_of(found)

    def edit(self, record: str, type_: str, values: dict[str, Any]) -> None:
        self.lan.sync()
        self.lan.new_change(record, type_, self.area, values)
        self.lan.sync()


@pytest.fixture
def desk(centre: Centre) -> Desk:
    return Desk(centre)


def test_an_approval_covers_what_was_looked_at_and_a_later_edit_shows_as_changed_with_what_is_new(desk: Desk) -> None:
    assert "1 đã duyệt" in desk.decide("approved", desk.harvest).text
    assert desk.state(desk.harvest) == "approved"
    assert desk.harvest not in desk.page.get("/console/review?type=harvest").text
    desk.edit(desk.harvest, "harvest", {"quantity": 90})
    assert desk.state(desk.harvest) == "changed"
    shown = desk.page.get("/console/review?type=harvest").text
    fresh = re.findall(r'class="fresh"><dt>([^<]+)', shown)
    assert [each.strip() for each in fresh] == ["Số lượng"]
    assert "trước đó: 120" in shown
    desk.decide("approved", desk.harvest)
    assert desk.state(desk.harvest) == "approved"


def test_what_comes_in_while_the_page_is_open_is_not_approved_with_it(desk: Desk) -> None:
    form = desk.form(f"/console/review?type=harvest&at={desk.harvest}")
    desk.edit(desk.harvest, "harvest", {"quantity": 90})
    desk.decide("approved", desk.harvest, form=form)
    assert desk.state(desk.harvest) == "changed"


def test_a_query_wants_a_question_and_its_answer_comes_back_into_the_queue(desk: Desk) -> None:
    address = f"/console/review?type=harvest&at={desk.harvest}"
    form = desk.form(address) | {"record": desk.harvest, "state": "queried", "note": " ", "about": "quantity"}
    empty = desk.page.post(address, data=form)
    assert empty.status_code == 422
    # The same page, the fault at its field, and what was ticked still ticked.
    assert desk.harvest in empty.text
    assert "Hãy viết" in re.findall(r'data-test="wrong">([^<]+)', empty.text)[0]
    assert re.search(r'name="about" value="quantity" checked', empty.text)
    form = desk.form(f"/console/review?type=harvest&at={desk.harvest}") | {"about": ["quantity", "nonsense"]}
    desk.decide("queried", desk.harvest, "120 hay 1.200 kg?", form)
    assert "hỏi về: Số lượng" in desk.page.get(f"/console/record/{desk.harvest}").text
    assert desk.state(desk.harvest) == "queried"
    assert desk.harvest not in desk.page.get("/console/review?type=harvest").text
    desk.lan.sync()
    record = desk.lan.replica.base[desk.harvest]
    assert record["fields"]["review"]["note"] == "120 hay 1.200 kg?"
    known = browse.one(desk.harvest, [desk.area])
    assert known
    asked = next(change for change, names in known.heads.items() if "review" in names)
    desk.edit(desk.harvest, "harvest", {"answer": {"text": "Cân lại rồi, 120", "to": asked}})
    assert desk.state(desk.harvest) == "answered"
    shown = desk.page.get("/console/review?type=harvest").text
    assert "Cân lại rồi, 120" in shown
    desk.decide("approved", desk.harvest)
    assert desk.state(desk.harvest) == "approved"


def test_what_comes_late_from_the_field_is_shown_with_what_stood_there_before(desk: Desk) -> None:
    """An edit made offline before the review has an older id than what the reviewer saw."""
    pao = desk.centre.officer(desk.area, name="pao")
    pao.sync()
    desk.lan.sync()
    desk.lan.new_change(desk.plot, "plot", desk.area, {"name": "Tên mới"})
    pao.new_change(desk.plot, "plot", desk.area, {"village": "bản Khác"})
    pao.sync()
    address = f"/console/review?type=plot&at={desk.plot}"
    desk.decide("approved", desk.plot, form=desk.form(address))
    desk.lan.sync()
    shown = desk.page.get(f"{address}&state=changed&lang=en").text
    assert "before: Huổi Pá 3" in shown
    assert "before: Tên mới" not in shown


def test_the_review_draws_where_a_plot_lies_and_where_it_lay_before(desk: Desk) -> None:
    address = f"/console/review?type=plot&at={desk.plot}&lang=en"
    assert desk.page.get(address).text.count("Polygon") == 1
    desk.decide("approved", desk.plot, form=desk.form(address))
    desk.edit(desk.plot, "plot", {"boundary": square(104.1, 21.1)})
    shown = desk.page.get(f"{address}&state=changed").text
    assert shown.count("Polygon") == 2
    assert len(re.findall(r"a boundary, [\d.]+ ha", shown)) == 2


def test_an_approval_looks_at_no_value_in_dispute(desk: Desk) -> None:
    pao = desk.centre.officer(desk.area, name="pao")
    pao.sync()
    desk.lan.sync()
    for phone, name in ((desk.lan, "Một"), (pao, "Hai")):
        phone.new_change(desk.plot, "plot", desk.area, {"name": name})
        phone.sync()
    address = f"/console/review?type=plot&at={desk.plot}"
    desk.decide("approved", desk.plot, form=desk.form(address))
    assert desk.state(desk.plot) == "changed"


def test_a_decision_leads_back_to_the_page_of_the_list_where_it_was_made(desk: Desk) -> None:
    for number in range(60):
        desk.lan.new_change(None, "farmer", desk.area, {"name": f"Hộ {number:02}"})
    desk.lan.sync()
    first = desk.page.get("/console/review?type=farmer").text
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = html.unescape(further)
    (row, *_rest) = re.findall(r'<th scope="row"><a href="([^"]+)"', desk.page.get(second).text)
    shown = desk.page.get(html.unescape(row)).text
    assert 'aria-current="true"' in shown
    assert 'data-key="n"' in shown
    (back,) = set(re.findall(r'name="back" value="([^"]*)"', shown))
    assert "after=" in back


def test_a_question_about_many_is_kept_with_its_ticks_until_it_can_be_sent(desk: Desk) -> None:
    address = "/console/review?type=harvest"
    form = desk.form(address) | {"many": "yes", "state": "rejected", "note": "Ai cân?"}
    del form["record"]
    none = desk.page.post(address, data=form)
    assert none.status_code == 422
    assert "Ai cân?" in none.text
    ticked = desk.page.post(address, data=form | {"record": desk.harvest, "state": "queried", "note": ""})
    assert f'value="{desk.harvest}" checked' in ticked.text


def test_many_are_approved_at_once_and_the_number_is_said(desk: Desk) -> None:
    for quantity in range(5):
        harvest = {"plot": desk.plot, "quantity": quantity, "unit": "kg", "date": "2026-11-20", "crop": "COFAR"}
        desk.lan.new_change(None, "harvest", desk.area, harvest)
    desk.lan.sync()
    shown = desk.page.get("/console/review?type=harvest").text
    records = set(re.findall(r'type="checkbox" name="record" value="([^"]+)"', shown))
    assert len(records) == 6
    form = desk.form("/console/review?type=harvest")
    form |= dict(re.findall(r'name="(seen-[^"]+)" value="([^"]*)"', shown))
    data = form | {"record": [*records, "nonsense", desk.harvest], "state": "approved"}
    assert "6 đã duyệt" in desk.page.post("/console/review", data=data, follow_redirects=True).text
    assert {desk.state(each) for each in records} == {"approved"}
    assert desk.page.post("/console/review", data=form | {"record": [], "state": "approved"}).status_code == 422
    assert desk.page.post("/console/review", data=form | {"record": desk.harvest, "state": "fine"}).status_code == 400


def test_an_approval_covers_the_pictures_that_it_showed_and_a_later_one_waits_by_itself(desk: Desk) -> None:
    seen, unseen, later = (png(colour) for colour in (10, 60, 110))
    Sending(desk.lan, seen).send()
    shown, not_there = (photo_record(desk.lan, desk.area, each, of=desk.harvest) for each in (seen, unseen))
    assert ">2</b>" in _tab(desk, "photo")
    form = desk.form(f"/console/review?type=harvest&at={desk.harvest}")
    desk.edit(not_there, "photo", {"caption": "chưa đến"})
    desk.decide("approved", desk.harvest, form=form)
    assert [desk.state(each) for each in (desk.harvest, shown, not_there)] == ["approved", "approved", "new"]
    Sending(desk.lan, later).send()
    after = photo_record(desk.lan, desk.area, later, of=desk.harvest)
    assert desk.state(desk.harvest) == "approved"
    for address in (f"/console/review?type=photo&at={after}", f"/console/record/{after}"):
        page = desk.page.get(address).text
        assert f'src="/console/photo/{sha256(later)}"' in page
        # Whose it is, though a harvest has no name; and the picture before what is said of it.
        assert re.search(r"<dt>Ảnh của</dt><dd>Thu hoạch: [^<]*120 kg", page)
        assert page.index(sha256(later)) < page.index("<dt>Ảnh của</dt>")
    desk.decide("queried", after, "Chụp nương nào?", form=desk.form(f"/console/review?type=photo&at={after}"))
    assert [desk.state(each) for each in (shown, after)] == ["approved", "queried"]


def test_a_query_about_a_record_says_nothing_of_its_pictures(desk: Desk) -> None:
    picture = png(10)
    Sending(desk.lan, picture).send()
    photo = photo_record(desk.lan, desk.area, picture, of=desk.harvest)
    desk.decide("queried", desk.harvest, "120 hay 1.200 kg?")
    assert [desk.state(each) for each in (desk.harvest, photo)] == ["queried", "new"]


def _tab(desk: Desk, type_: str) -> str:
    found = re.search(rf'data-test="tab-{type_}">[^\n]*', desk.page.get("/console/review").text)
    assert found
    return found[0]


def test_nobody_reviews_in_an_area_that_is_not_theirs(desk: Desk) -> None:
    desk.centre.manager(desk.other, name="la")
    stranger = sign_in(desk.centre, "la")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', stranger.get("/console/review").text)[0]
    stranger.post("/console/review", data={"csrf_token": token, "record": desk.harvest, "state": "approved"})
    assert desk.state(desk.harvest) == "new"
    of = f"/console/record/{desk.plot}"
    for address in (of, f"{of}/history", f"{of}/do/delete", f"/console/conflict/{desk.plot}"):
        assert stranger.get(address).status_code == 404, address


def test_history_tells_who_what_when_from_which_phone_and_shows_any_earlier_state(desk: Desk) -> None:
    desk.edit(desk.plot, "plot", {"name": "Huổi Pá 4", "certificate": "BK 7"})
    shown = desk.page.get(f"/console/record/{desk.plot}/history").text
    assert shown.count('data-test="entry"') == 2
    for word in ("Lan", "Huổi Pá 3", "Huổi Pá 4", "BK 7", "về đến trung tâm"):
        assert word in shown, word
    first = re.findall(r"history\?at=([0-9a-f-]+)", shown)[-1]
    earlier = desk.page.get(f"/console/record/{desk.plot}/history?at={first}").text.partition('data-test="earlier"')[2]
    assert "Huổi Pá 3" in earlier
    assert "BK 7" not in earlier
    assert desk.page.get(f"/console/record/{desk.plot}/history?at=nonsense").status_code == 200


def test_what_a_phone_measured_is_counted_in_the_history_and_left_out_of_a_records_details(desk: Desk) -> None:
    fixes = [{"at": "2026-11-30T08:02:00Z", "point": {"type": "Point", "coordinates": [104.0, 21.0]}}] * 24
    desk.edit(desk.plot, "plot", {"track": fixes, "doubts": ["mock"]})
    assert "24 lần đo" in desk.page.get(f"/console/record/{desk.plot}/history").text
    for address in (f"/console/plot/{desk.plot}", f"/console/review?type=plot&at={desk.plot}"):
        shown = desk.page.get(address).text
        assert "<dt>Vết đi" not in shown
        assert "30/11/2026 15:02 · một điểm" not in shown


def _conflict(desk: Desk, field: str, one: Any, other: Any) -> None:
    pao = desk.centre.officer(desk.area, name="pao")
    pao.sync()
    desk.lan.sync()
    for phone, value in ((desk.lan, one), (pao, other)):
        phone.new_change(desk.plot, "plot", desk.area, {field: value})
        phone.sync()


def test_a_conflict_is_settled_by_typing_a_third_value(desk: Desk) -> None:
    _conflict(desk, "declared_area_ha", 1.2, 2.1)
    shown = desk.page.get(f"/console/conflict/{desk.plot}").text
    form = shown.partition('data-test="third"')[2].partition("</form>")[0]
    data: dict[str, Any] = {"rival": re.findall(r'name="rival" value="([^"]+)"', form), "field": "declared_area_ha"}
    data["csrf_token"] = re.findall(r'name="csrf_token" value="([^"]+)"', form)[0]
    wrong = desk.page.post(f"/console/settle/{desk.plot}", data=data | {"typed": "một mẫu"})
    assert wrong.status_code == 422
    assert "“một mẫu”" in html.unescape(re.findall(r'data-test="wrong">([^<]+)', wrong.text)[0])
    assert 'name="typed" required value="một mẫu" aria-invalid="true"' in wrong.text
    assert 'name="rival"' in wrong.text
    # Nothing on this page chooses a decimal mark.
    two = html.unescape(desk.page.post(f"/console/settle/{desk.plot}", data=data | {"typed": "1.050"}).text)
    assert "Hãy viết “1050”, hoặc “1,05” nếu là số lẻ" in two
    desk.page.post(f"/console/settle/{desk.plot}", data=data | {"typed": "1,75"})
    found = browse.one(desk.plot, [desk.area])
    assert found
    assert not found.conflicts
    assert found.fields["declared_area_ha"] == 1.75


def test_boundaries_in_dispute_are_drawn_and_one_press_settles_them(desk: Desk) -> None:
    _conflict(desk, "boundary", square(104.0, 21.0), square(104.0, 21.0, 0.003))
    shown = desk.page.get(f"/console/conflict/{desk.plot}").text
    assert "data-shapes=" in shown
    assert shown.count("104.003") == 2
    assert 'data-test="third"' not in shown


def test_deleting_is_said_in_numbers_and_taken_back(desk: Desk) -> None:
    address = f"/console/record/{desk.plot}/do/delete"
    assert "1 bản ghi gắn với nó vẫn còn" in desk.page.get(address).text
    desk.page.post(address, data=desk.form(address))
    assert desk.plot not in desk.page.get("/console/").text
    gone = desk.page.get("/console/deleted").text
    assert "Huổi Pá 3" in gone
    desk.page.post(address.replace("delete", "restore"), data=desk.form(address.replace("delete", "restore")))
    assert desk.plot in desk.page.get("/console/").text
    assert "Huổi Pá 3" not in desk.page.get("/console/deleted").text


def test_a_plot_moves_with_all_that_hangs_on_it_and_comes_back(desk: Desk) -> None:
    address = f"/console/record/{desk.plot}/do/move"
    assert "2 bản ghi rời" in desk.page.get(address).text
    desk.page.post(address, data=desk.form(address) | {"area": desk.other})
    glance.follow([desk.area, desk.other])
    for record in (desk.plot, desk.harvest):
        assert browse.one(record, [desk.other])
    desk.lan.sync()
    assert desk.plot not in desk.lan.replica.base
    assert desk.page.post(address, data=desk.form(address) | {"area": "nowhere"}).status_code == 422
    desk.page.post(address, data=desk.form(address) | {"area": desk.area})
    desk.lan.sync()
    assert desk.plot in desk.lan.replica.base


def test_what_was_joined_into_a_plot_moves_along(desk: Desk) -> None:
    twin = a_field(desk.lan, desk.area, "Huổi Pá ba")
    on_it = {"plot": twin, "quantity": 5, "unit": "kg", "date": "2026-11-21"}
    picked = desk.lan.new_change(None, "harvest", desk.area, on_it).record
    desk.lan.sync()
    join = f"/console/record/{twin}/do/join"
    desk.page.post(join, data=desk.form(join) | {"target": desk.plot})
    address = f"/console/record/{desk.plot}/do/move"
    assert "4 bản ghi rời" in desk.page.get(address).text
    desk.page.post(address, data=desk.form(address) | {"area": desk.other})
    for record in (desk.plot, desk.harvest, twin, picked):
        assert browse.one(record, [desk.other])


def test_a_decision_that_was_made_since_the_page_was_opened_is_not_passed_over(desk: Desk) -> None:
    third = desk.centre.area("HTX thứ ba")
    desk.centre.manager(desk.area, desk.other, third, name="boss")
    boss = sign_in(desk.centre, "boss")
    address = f"/console/record/{desk.plot}/do/move"
    older = desk.form(address)
    token = re.search(r'name="csrf_token" value="([^"]+)"', boss.get(address).text)
    assert token
    boss.post(address, data={**older, "csrf_token": token[1], "area": desk.other})
    people.set_role(people.user_id_of("hoa"), third, people.MANAGER)
    answer = desk.page.post(address, data=older | {"area": third})
    assert answer.status_code == 409
    assert browse.one(desk.plot, [desk.other])


def test_doubles_are_joined_and_parted_again(desk: Desk) -> None:
    twin = a_field(desk.lan, desk.area, "Huổi Pá 3")
    desk.lan.sync()
    address = f"/console/record/{twin}/do/join"
    assert desk.plot in desk.page.get(address).text
    desk.page.post(address, data=desk.form(address) | {"target": desk.plot})
    assert f'id="row-{twin}"' not in desk.page.get("/console/").text
    back = f"/console/record/{desk.plot}/do/join"
    ring = desk.page.post(back, data=desk.form(back) | {"target": twin})
    assert ring.status_code == 422
    part = address.replace("join", "part")
    desk.page.post(part, data=desk.form(part))
    assert f'id="row-{twin}"' in desk.page.get("/console/").text
    assert desk.page.post(address, data=desk.form(address) | {"target": desk.harvest}).status_code == 422


def fields_of(text: str) -> dict[str, Any]:
    """What the form of a page would send as it stands."""
    found: dict[str, Any] = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', text))
    found |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)', text))
    for name, inner in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in found.items()}


def test_a_manager_corrects_a_field_and_what_was_left_as_it_stood_is_not_written(desk: Desk) -> None:
    address = f"/console/record/{desk.harvest}/correct"
    form = fields_of(desk.page.get(address).text)
    assert form["field-quantity"] == "120"
    before = len(browse.history([desk.harvest])[desk.harvest])
    assert "Không có gì thay đổi" in desk.page.post(address, data=form, follow_redirects=True).text
    assert len(browse.history([desk.harvest])[desk.harvest]) == before
    done = desk.page.post(
        address, data=form | {"field-quantity": "95,5", "field-note": "cân lại"}, follow_redirects=True
    )
    assert "95,5" in done.text
    entry = browse.history([desk.harvest])[desk.harvest][-1]
    assert entry.change.set == {"quantity": 95.5, "note": "cân lại"}
    assert fields_of(desk.page.get(address).text)["field-quantity"] == "95,5"
    assert fields_of(desk.page.get(f"{address}?lang=en").text)["field-quantity"] == "95.5"
    assert "field-unit_kg" not in form
    assert entry.envelope.author == people.user_id_of("hoa")
    desk.lan.sync()
    assert desk.lan.replica.base[desk.harvest]["fields"]["quantity"] == 95.5


def test_what_cannot_be_is_said_at_its_field_and_nothing_of_the_form_is_written(desk: Desk) -> None:
    address = f"/console/record/{desk.harvest}/correct"
    form = fields_of(desk.page.get(address).text)
    wrong = desk.page.post(address, data=form | {"field-quantity": "nhiều", "field-note": "giữ lại"})
    assert wrong.status_code == 422
    assert re.search(r'id="wrong-quantity"[^>]*>[^<]*số', wrong.text)
    assert fields_of(wrong.text)["field-note"] == "giữ lại"
    assert fields_of(wrong.text)["seen"] == form["seen"]
    found = browse.one(desk.harvest, [desk.area])
    assert found
    assert (found.fields["quantity"], "note" in found.fields) == (120, False)


def test_what_came_in_since_the_form_was_opened_is_kept_beside_the_correction(desk: Desk) -> None:
    address = f"/console/record/{desk.harvest}/correct"
    form = fields_of(desk.page.get(address).text)
    desk.edit(desk.harvest, "harvest", {"quantity": 90})
    done = desk.page.post(address, data=form | {"field-quantity": "95"})
    assert done.location == f"/console/conflict/{desk.harvest}"
    found = browse.one(desk.harvest, [desk.area])
    assert found
    assert sorted(each["value"] for each in found.conflicts["quantity"]) == [90, 95]
    assert "field-quantity" not in fields_of(desk.page.get(address).text)


def test_the_crops_of_a_plot_are_corrected_row_by_row_and_keep_what_a_newer_app_put_there(desk: Desk) -> None:
    crops = [{"crop": "COFAR", "variety": "Catimor", "shade": "dày"}, {"crop": "X-MANGO"}]
    desk.edit(desk.plot, "plot", {"crops": crops, "certifications": ["organic"]})
    address = f"/console/record/{desk.plot}/correct"
    form = fields_of(desk.page.get(address).text)
    assert (form["crops-0-crop"], form["crops-0-variety"], form["crops-1-crop"]) == ("COFAR", "Catimor", "X-MANGO")
    form = {name: value for name, value in form.items() if name != "field-certifications"}
    form |= {
        "crops-0-variety": "Typica",
        "crops-0-planted_on": "2019-05-01",
        "crops-1-crop": "",
        "crops-2-crop": "X-PLUM",
    }
    desk.page.post(address, data=form | {"field-certifications": ["organic", "vietgap"]})
    found = browse.one(desk.plot, [desk.area])
    assert found
    assert found.fields["crops"] == [
        {"crop": "COFAR", "variety": "Typica", "planted_on": "2019-05-01", "shade": "dày"},
        {"crop": "X-PLUM"},
    ]
    assert found.fields["certifications"] == ["organic", "vietgap"]
    assert found.fields["name"] == "Huổi Pá 3"


def test_nobody_corrects_what_is_not_theirs_and_a_pictures_own_figures_stay(desk: Desk) -> None:
    photo = photo_record(desk.lan, desk.area, png(10), of=desk.harvest)
    shown = fields_of(desk.page.get(f"/console/record/{photo}/correct").text)
    assert {name for name in shown if name.startswith("field-")} == {"field-caption", "field-taken_at", "field-note"}
    desk.centre.manager(desk.other, name="la")
    other = sign_in(desk.centre, "la")
    assert other.get(f"/console/record/{photo}/correct").status_code == 404
    assert desk.page.get("/console/record/%00/correct").status_code == 404
    desk.edit(photo, "photo", {"deleted": True})
    assert desk.page.get(f"/console/record/{photo}/correct").status_code == 404
