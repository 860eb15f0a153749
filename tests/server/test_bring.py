"""Bringing in what exists: nothing before it is confirmed, no doubles, every problem by row and cell, and back again."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.bring import work
from server.store import bring, browse, people
from server.store.bring import File
from sync.problem import Problem
from tests.conftest import Centre
from tests.server.test_bring_files import POLYGON, collection, xlsx
from tests.server.test_console import sign_in

HOUSEHOLDS = "Mã hộ,Họ và tên,Bản,Điện thoại\nH1,Lò Văn Pâng,bản Nà Ớt,0912345678\nH2,Cà Văn Xôm,bản Pá Ổ,\n"


class Desk:
    """A manager at the console who brings files in."""

    def __init__(self, centre: Centre, area: str, name: str = "hoa") -> None:
        self.centre, self.area = centre, area
        self.page = sign_in(centre, name)

    def send(self, type_: str, content: bytes, name: str = "ho.csv") -> str:
        """Send a file; the address of its page, once it was read."""
        data = {**self._token("/console/bring"), "type": type_, "area": self.area, "file": (io.BytesIO(content), name)}
        answer = self.page.post("/console/bring", data=data, content_type="multipart/form-data")
        assert answer.status_code == 302
        return self._after(str(answer.headers["Location"]))

    def step(self, address: str, step: str, **form: str) -> Any:
        """Press a button of the page; the page after it."""
        shown = self.page.get(address).text
        chosen = {
            f"column-{place}": match[1]
            for place, part in enumerate(re.findall(r'<select name="column-\d+".*?</select>', shown, re.DOTALL))
            if (match := re.search(r'value="([^"]+)" selected', part))
        }
        self.page.post(address, data={**self._token(address), **chosen, "step": step, **form})
        self._after(address)
        return self.page.get(f"{address}?lang=en").text

    def bring(self, type_: str, content: bytes, name: str = "ho.csv") -> str:
        """Send, check, write: the page at the end."""
        address = self.send(type_, content, name)
        self.step(address, "check")
        shown: str = self.step(address, "write")
        return shown

    def file(self, address: str) -> File:
        found = bring.one(address.rpartition("/")[2], [self.area])
        assert found
        return found

    def count(self, type_: str) -> int:
        return len(browse.all_of(type_, [self.area]))

    def _token(self, address: str) -> dict[str, str]:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page.get(address).text)
        assert found
        return {"csrf_token": found[1]}

    def _after(self, address: str) -> str:
        work.wait(address.rpartition("/")[2])
        return address


@pytest.fixture
def desk(centre: Centre) -> Desk:
    area = centre.area()
    centre.manager(area)
    return Desk(centre, area)


def figure(page: str, name: str) -> int:
    found = re.search(rf'data-test="{name}">(\d+)<', page)
    assert found, name
    return int(found[1])


def test_nothing_is_written_until_somebody_confirms_and_then_it_is_a_change_like_any_other(desk: Desk) -> None:
    address = desk.send("farmer", HOUSEHOLDS.encode())
    checked = desk.step(address, "check")
    assert figure(checked, "new") == 2
    assert "Lò Văn Pâng" in checked
    assert desk.count("farmer") == 0
    done = desk.step(address, "write")
    assert figure(done, "written") == 2
    phone = desk.centre.phone("hoa")
    phone.sync()
    names = {each["fields"]["name"] for each in phone.replica.base.values()}
    assert names == {"Lò Văn Pâng", "Cà Văn Xôm"}
    (entry,) = next(iter(browse.history([next(iter(phone.replica.base))]).values()))
    assert entry.envelope.author == people.user_id_of("hoa")


def test_the_same_file_twice_makes_no_doubles_nor_does_it_with_its_rows_in_another_order(desk: Desk) -> None:
    desk.bring("farmer", HOUSEHOLDS.encode())
    head, *rows = HOUSEHOLDS.splitlines()
    for text in (HOUSEHOLDS, "\n".join([head, *reversed(rows)])):
        address = desk.send("farmer", text.encode())
        shown = desk.step(address, "check")
        assert (figure(shown, "new"), figure(shown, "here")) == (0, 2)
        assert "There is nothing to write" in shown
    assert desk.count("farmer") == 2


def test_two_who_bring_the_same_file_at_once_make_no_doubles(desk: Desk) -> None:
    addresses = [desk.send("farmer", HOUSEHOLDS.encode()) for _ in range(2)]
    for address in addresses:
        assert figure(desk.step(address, "check"), "new") == 2
    for address in addresses:
        desk.step(address, "write")
    assert desk.count("farmer") == 2


def test_a_household_that_an_officer_registered_is_not_made_again_but_told_what_it_lacks(desk: Desk) -> None:
    lan = desk.centre.officer(desk.area)
    here = lan.new_change(None, "farmer", desk.area, {"name": "Lò Văn Pâng", "village": "Bản  nà ớt"}).record
    lan.sync()
    shown = desk.bring("farmer", HOUSEHOLDS.encode())
    assert figure(shown, "written") == 2
    assert desk.count("farmer") == 2
    seen = browse.one(here, [desk.area])
    assert seen
    assert seen.fields["phone"] == "0912345678"
    assert seen.fields["village"] == "Bản  nà ớt"
    assert seen.conflicts == {}


def test_every_problem_is_named_by_row_and_cell_and_the_rest_can_be_written(desk: Desk) -> None:
    text = HOUSEHOLDS + "H3,,bản Pá Ổ,\nH4,Lò Thị Mai,bản Pá Ổ,gọi sau\nH4,Lò Thị Mai,bản Pá Ổ,\n"
    address = desk.send("farmer", text.encode())
    shown = desk.step(address, "check")
    assert (figure(shown, "new"), figure(shown, "fault")) == (3, 2)
    problems = re.findall(r'<tr><th scope="row">(\d+)</th><td>([^<]*)</td><td>([^<]*)</td><td>([^<]*)</td>', shown)
    assert [(row, column) for row, column, _cell, _said in problems] == [("4", "Họ và tên"), ("5", "Điện thoại")]
    assert problems[1][2:] == ("gọi sau", "Not of the right form. Check it.")
    desk.step(address, "write")
    assert desk.count("farmer") == 3


def test_what_was_wrong_is_taken_along_mended_and_brought_again(desk: Desk) -> None:
    text = HOUSEHOLDS + "H3,=HYPERLINK(1),bản Pá Ổ,gọi sau\n"
    address = desk.send("farmer", text.encode())
    desk.step(address, "check")
    desk.step(address, "write")
    file = desk.page.get(f"{address}/mend", buffered=True)
    assert "attachment" in file.headers["Content-Disposition"]
    taken = file.data.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in taken
    shown = desk.bring("farmer", taken.replace("gọi sau", "0987654321").encode("utf-8-sig"))
    assert figure(shown, "written") == 1
    assert "=HYPERLINK(1)" in {each.fields["name"] for each in browse.all_of("farmer", [desk.area])}


def test_what_a_file_made_is_taken_back_but_for_what_somebody_has_changed_since(desk: Desk) -> None:
    address = desk.send("farmer", HOUSEHOLDS.encode())
    desk.step(address, "check")
    desk.step(address, "write")
    lan = desk.centre.officer(desk.area)
    lan.sync()
    pang = next(id_ for id_, each in lan.replica.base.items() if each["fields"]["name"] == "Lò Văn Pâng")
    lan.new_change(pang, "farmer", desk.area, {"note": "đã gặp"})
    lan.sync()
    desk.step(address, "take_back")
    assert [each.id for each in browse.all_of("farmer", [desk.area])] == [pang]
    again = desk.step(desk.send("farmer", HOUSEHOLDS.encode()), "check")
    assert (figure(again, "new"), figure(again, "here")) == (1, 1)


def test_a_plot_on_which_somebody_has_recorded_since_is_not_taken_back(desk: Desk) -> None:
    desk.bring("farmer", HOUSEHOLDS.encode())
    plots = "Tên nương;Chủ hộ;Cây trồng\nHuổi Pá 3;Lò Văn Pâng;Mận\nPá Ổ 2;Lò Văn Pâng;Mận\n"
    address = desk.send("plot", plots.encode())
    desk.step(address, "check")
    desk.step(address, "write")
    lan = desk.centre.officer(desk.area)
    lan.sync()
    (plot,) = [id_ for id_, each in lan.replica.base.items() if each["fields"]["name"] == "Huổi Pá 3"]
    harvest = {"plot": plot, "quantity": 1, "unit": "kg", "date": "2026-11-20"}
    lan.new_change(None, "harvest", desk.area, harvest)
    lan.sync()
    desk.step(address, "take_back")
    assert [each.id for each in browse.all_of("plot", [desk.area])] == [plot]


def test_whoever_lost_the_right_takes_nothing_back_and_is_not_said_to_have(desk: Desk) -> None:
    address = desk.send("farmer", HOUSEHOLDS.encode())
    desk.step(address, "check")
    desk.step(address, "write")
    bringing = address.rpartition("/")[2]
    file = bring.one(bringing, [desk.area])
    assert file
    people.set_role(file.user_id, desk.area, None)
    with pytest.raises(Problem, match="not_yours_any_more"):
        bring.take_back(file)
    assert bring.made(bringing) == desk.count("farmer") == 2


def test_households_plots_and_harvests_find_each_other(desk: Desk) -> None:
    desk.bring("farmer", HOUSEHOLDS.encode())
    plots = xlsx(
        ["DANH SÁCH NƯƠNG"],
        ["Tên nương", "Chủ hộ", "Cây trồng", "Giống", "Diện tích (ha)", "Vĩ độ", "Kinh độ"],
        ["Huổi Pá 3", "Lò Văn Pâng", "Cà phê chè", "Catimor", "1,24", 21.2361, 104.0715],
        ["Pá Ổ 2", "H2", "Mận", None, 0.5, None, None],
        ["Co Mạ", "Ai Đó", "Mận", None, 0.5, None, None],
    )
    address = desk.send("plot", plots, "nuong.xlsx")
    shown = desk.step(address, "check")
    assert (figure(shown, "new"), figure(shown, "fault")) == (2, 1)
    assert "There is no household “Ai Đó” here" in shown
    desk.step(address, "write")
    harvests = "Nương;Chủ hộ;Ngày;Sản phẩm;Số lượng;Đơn vị\nHuổi Pá 3;Lò Văn Pâng;20/11/2026;cà phê chè;1.250,5;kg\n"
    desk.bring("harvest", harvests.encode(), "thu.csv")
    (harvest,) = browse.all_of("harvest", [desk.area])
    plot = browse.one(harvest.fields["plot"], [desk.area])
    assert plot
    assert plot.fields["boundary"] == {"type": "Point", "coordinates": [104.0715, 21.2361]}
    assert plot.fields["crops"] == [{"crop": "COFAR", "variety": "Catimor"}]
    assert (harvest.fields["quantity"], harvest.fields["date"]) == (1250.5, "2026-11-20")
    assert figure(desk.step(desk.send("harvest", harvests.encode()), "check"), "here") == 1


def test_a_map_gives_plots_that_are_here_the_boundary_that_they_lack(desk: Desk) -> None:
    desk.bring("farmer", HOUSEHOLDS.encode())
    desk.bring("plot", "Tên nương,Chủ hộ\nHuổi Pá 3,H1\n".encode(), "nuong.csv")
    shape = collection(
        ({"Tên nương": "Huổi Pá 3", "Chủ hộ": "H1"}, POLYGON), ({"Tên nương": "Mới", "Chủ hộ": "H2"}, POLYGON)
    )
    address = desk.send("plot", shape, "nuong.geojson")
    shown = desk.step(address, "check")
    assert (figure(shown, "new"), figure(shown, "more")) == (1, 1)
    desk.step(address, "write")
    found = {each.fields["name"]: each.fields["boundary"] for each in browse.all_of("plot", [desk.area])}
    assert found == {"Huổi Pá 3": POLYGON, "Mới": POLYGON}


def test_a_boundary_that_is_here_is_never_replaced_by_a_file(desk: Desk) -> None:
    desk.bring("farmer", HOUSEHOLDS.encode())
    shape = collection(({"Tên nương": "Huổi Pá 3", "Chủ hộ": "H1"}, POLYGON))
    desk.bring("plot", shape, "nuong.geojson")
    other = json.loads(json.dumps(POLYGON).replace("21.002", "21.003"))
    shown = desk.step(desk.send("plot", collection(({"Tên nương": "Huổi Pá 3", "Chủ hộ": "H1"}, other))), "check")
    assert figure(shown, "here") == 1
    (plot,) = browse.all_of("plot", [desk.area])
    assert plot.fields["boundary"] == POLYGON


def test_columns_are_matched_by_hand_where_the_guess_is_wrong(desk: Desk) -> None:
    address = desk.send("farmer", "Cột A,Cột B\nLò Văn Pâng,bản Nà Ớt\n".encode())
    shown = desk.step(address, "check")
    assert "Hãy cho biết cột nào ghi" in shown
    assert desk.file(address).state == bring.MATCHING
    shown = desk.step(address, "check", **{"column-0": "name", "column-1": "name"})
    assert "cannot be the same thing" in shown
    shown = desk.step(address, "check", **{"column-0": "name", "column-1": "village"})
    assert figure(shown, "new") == 1


def test_a_file_that_cannot_be_read_says_so_and_nothing_is_written(desk: Desk) -> None:
    address = desk.send("plot", collection(({}, POLYGON), crs={"properties": {"name": "EPSG:9210"}}), "a.geojson")
    shown = desk.page.get(f"{address}?lang=en").text
    assert "EPSG:9210, not in WGS 84" in shown
    assert desk.file(address).state == bring.UNREADABLE


def test_work_that_a_killed_server_left_is_gone_on_with_where_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Họ và tên,Bản\n" + "".join(f"Người {number},Nà Ớt\n" for number in range(450))
    address = desk.send("farmer", text.encode())
    desk.step(address, "check")
    file = desk.file(address)
    # It dies after the first step: the state stays, and nobody gives a sign of life.
    bring.go_on(file.id, bring.WRITING, [bring.CHECKED], total=450, done=0)
    assert bring.write(desk.file(address)) == 200
    assert desk.count("farmer") == 200
    assert not bring.take_over(desk.file(address))
    monkeypatch.setattr(bring, "SILENT", bring.SILENT * 0)
    shown = desk.page.get(f"{address}?lang=en").text
    assert "stands still" in shown
    shown = desk.step(address, "go_on")
    assert figure(shown, "written") == 450
    assert desk.count("farmer") == 450


def test_rights_that_were_taken_away_meanwhile_stop_the_rest(desk: Desk) -> None:
    address = desk.send("farmer", HOUSEHOLDS.encode())
    desk.step(address, "check")
    hoa = people.user_id_of("hoa")
    assert hoa
    bring.go_on(desk.file(address).id, bring.WRITING, [bring.CHECKED], total=2, done=0)
    people.set_role(hoa, desk.area, None)
    work.start(desk.centre.app, desk.file(address).id, [desk.area])
    work.wait(desk.file(address).id)
    assert desk.count("farmer") == 0
    assert bring.tally(desk.file(address).id) == {bring.REFUSED: 2}


def test_another_manager_sees_nothing_of_it(desk: Desk) -> None:
    address = desk.send("farmer", HOUSEHOLDS.encode())
    desk.centre.manager(desk.centre.area("Nơi khác"), name="la")
    other = sign_in(desk.centre, "la")
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/mend").status_code == 404
    assert "ho.csv" not in other.get("/console/bring").text


@pytest.mark.parametrize("query", ["?after=x", "?after=99999999999999", "?after=-1"])
def test_an_address_by_hand_gets_a_page(desk: Desk, query: str) -> None:
    address = desk.send("farmer", HOUSEHOLDS.encode())
    desk.step(address, "check")
    assert desk.page.get(address + query).status_code == 200


def test_a_name_in_a_file_leads_nowhere(desk: Desk, settings: Any) -> None:
    desk.send("farmer", HOUSEHOLDS.encode(), "../../../etc/ho.csv")
    assert {each.parent.name for each in Path(settings.home, "bring").iterdir()} == {"bring"}
    assert bring.list_files([desk.area])[0].file == "ho.csv"
