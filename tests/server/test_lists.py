"""The lists of an installation's own: added, hidden, retired, read in from a sheet; told to phones and hubs; read everywhere."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import orjson
import pytest

from server.store import audit, browse, glance, people
from server.store import lists as store
from server.store.glance import Glance, anew
from server.store.tables import db
from sync.client import Client
from sync.protocol import write_request
from sync.records.entries import KINDS
from tests.conftest import Centre
from tests.server.test_administration import admin
from tests.server.test_console import sign_in
from tests.server.test_hub import MakeHub, hub

__all__ = ["hub"]

LISTS = "/console/admin/lists"
FUNGUS = {"code": "abc-50", "vi": "ABC 50EC", "en": "ABC 50EC", "kinds": ["spray"], "phi_days": 14, "source": "nhãn"}


def post(page: Any, path: str, at: str | None = None, **form: Any) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get(at or path).text)
    assert token
    return page.post(path, data={"csrf_token": token[1], **form})


def said(centre: Centre, list_: str, *entries: Any, how: str = "added") -> None:
    """The administrator has said so."""
    author = people.user_id_of("quan-tri") or centre.admin().user["id"]
    store.say(author, list_, entries, how)
    anew.seen({list_: list(entries)})


def told(phone: Client, **more: Any) -> dict[str, Any]:
    """What the centre answers to a phone that has nothing to say but *more*."""
    body = orjson.loads(
        write_request(
            epoch=phone.replica.epoch, areas=phone.replica.cursors, changes=[], schema=6, sent_at="2026-11-24T01:00:00Z"
        )
    )
    answer = phone._send("POST", "/api/v1/sync", json={**body, **more})
    found: dict[str, Any] = answer.json()
    return found


# By pages ------------------------------------------------------------------------------------------------------------


def test_a_product_is_added_and_reaches_phones_the_diary_and_the_audit_log(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    page = admin(centre)
    form = {
        "code": "abc-50",
        "vi": "ABC 50EC",
        "kinds": "spray",
        "phi_days": "14",
        "ingredient": "Abamectin",
        "source": "nhãn",
    }
    by_crop = {"phi_by_crop-crop": ["CAHSI", ""], "phi_by_crop-days": ["21", ""]}
    assert post(page, f"{LISTS}/product/add", **form, **by_crop).status_code == 302
    lan.sync()
    entry = lan.replica.lists["product"]["abc-50"]
    assert entry["phi_by_crop"] == [{"crop": "CAHSI", "days": 21}]
    assert (entry["en"], entry["phi_days"]) == ("ABC 50EC", 14)
    shown = page.get(f"{LISTS}/product").text
    assert shown.index("ABC 50EC") < shown.index("Norshield")
    assert "Chè: 21" in shown
    row = audit.page(None, what="list_changed")[0]
    assert row["said"] == {"list": "product", "how": "added", "count": 1, "codes": ["abc-50"]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_has_its_page_its_form_and_its_file(centre: Centre, kind: str) -> None:
    page = admin(centre)
    for path in (f"{LISTS}/{kind}", f"{LISTS}/{kind}/add", f"{LISTS}/{kind}.csv"):
        assert page.get(path).status_code == 200, path
    assert page.get(f"{LISTS}/commune").status_code == 404
    centre.manager(centre.area())
    assert sign_in(centre, "hoa").get(f"{LISTS}/{kind}").status_code == 403


@pytest.mark.parametrize(
    ("kind", "form", "field"),
    [
        ("crop", {"code": "cofar", "vi": "Cà phê của ta", "habit": "tree"}, "code"),
        ("crop", {"code": "X-COFFEE", "vi": "Cà phê khác", "habit": "tree"}, "code"),
        ("crop", {"code": "ca phe", "vi": "Cà phê khác", "habit": "tree"}, "code"),
        ("crop", {"code": "PRNSA", "vi": "  ", "habit": "tree"}, "vi"),
        ("crop", {"code": "PRNSA", "vi": "Mận", "habit": "tree"}, "vi"),
        ("crop", {"code": "PRNSA", "vi": "Mận tam hoa", "habit": "shrub"}, "habit"),
        ("pest", {"code": "NEW1", "vi": "x" * 121}, "vi"),
        ("product", {"code": "p1", "vi": "Thuốc một", "phi_days": "nửa tháng"}, "phi_days"),
        ("product", {"code": "p1", "vi": "Thuốc một", "phi_days": "400"}, "phi_days"),
        (
            "product",
            {"code": "p1", "vi": "Thuốc một", "phi_by_crop-crop": "CAHSI", "phi_by_crop-days": "-3"},
            "phi_by_crop",
        ),
        ("unit", {"code": "gui", "vi": "gùi"}, "kg"),
        ("unit", {"code": "gui", "vi": "gùi", "kg": "0"}, "kg"),
    ],
)
def test_what_is_no_good_is_said_at_its_field_and_nothing_is_kept(
    centre: Centre, kind: str, form: dict[str, str], field: str
) -> None:
    answer = post(admin(centre), f"{LISTS}/{kind}/add", **form)
    assert answer.status_code == 422
    assert f'data-test="wrong-{field}"' in answer.text
    assert re.findall(r'data-test="wrong-(\w+)"', answer.text) == [field]
    assert store.own(kind) == {}


def test_what_stands_stays_what_it_is(centre: Centre) -> None:
    said(centre, "unit", {"code": "gui", "vi": "gùi", "en": "basket", "kg": 30})
    said(centre, "product", FUNGUS)
    page = sign_in(centre, "quan-tri")
    assert 'data-test="wrong-kg"' in post(page, f"{LISTS}/unit/of/gui", vi="gùi", kg="35").text
    assert 'data-test="wrong-vi"' in post(page, f"{LISTS}/product/of/abc-50", vi="ABD 50EC").text
    assert post(page, f"{LISTS}/unit/of/gui", vi="gùi lớn", kg="30", code="other").status_code == 302
    assert store.own("unit")["gui"].entry == {"code": "gui", "vi": "gùi lớn", "en": "gùi lớn", "kg": 30}


def test_what_is_hidden_or_retired_is_offered_no_more_read_as_before_and_offered_again(centre: Centre) -> None:
    said(centre, "product", FUNGUS)
    page = sign_in(centre, "quan-tri")
    for code in ("abc-50", "hexaconazole"):
        post(page, f"{LISTS}/product/of/{code}/offer", at=f"{LISTS}/product", what="hide")
    with centre.app.app_context():
        known = store.lists()
        assert {"abc-50", "hexaconazole"}.isdisjoint(each["code"] for each in known.offered("product"))
        assert known.label("product", "hexaconazole", "vi") == "Anvil 5SC"
    lan = centre.officer(centre.area())
    lan.sync()
    assert lan.replica.lists["product"]["hexaconazole"] == {"code": "hexaconazole", "hidden": True}
    post(page, f"{LISTS}/product/of/abc-50/offer", at=f"{LISTS}/product", what="offer")
    lan.sync()
    assert lan.replica.lists["product"]["abc-50"] == FUNGUS
    assert [each["said"]["how"] for each in audit.page(None, what="list_changed")] == [
        "offered",
        "hidden",
        "retired",
        "added",
    ]


def test_a_built_in_interval_is_put_right_and_counts_as_checked(centre: Centre) -> None:
    page = admin(centre)
    assert page.get(f"{LISTS}/product?text=anvil").text.count("chưa đối chiếu") == 1
    post(page, f"{LISTS}/product/of/hexaconazole", phi_days="10", source="nhãn 2026")
    assert "chưa đối chiếu" not in page.get(f"{LISTS}/product?text=anvil").text
    assert store.own("product")["hexaconazole"].entry == {"code": "hexaconazole", "phi_days": 10, "source": "nhãn 2026"}
    post(page, f"{LISTS}/product/of/hexaconazole")
    assert "chưa đối chiếu" in page.get(f"{LISTS}/product?text=anvil").text


# By a sheet ----------------------------------------------------------------------------------------------------------

SHEET = (
    "DANH MỤC THUỐC BẢO VỆ THỰC VẬT ĐƯỢC PHÉP SỬ DỤNG\n"
    "TT;Hoạt chất;Tên thương phẩm;Thời gian cách ly (ngày);Cách ly theo cây\n"
    "1;Abamectin;Abafax 1.8EC;7;Chè: 14; \n"
    "2;Imidacloprid;Admire 050EC;mười;\n"
    "3;Hexaconazole;Anvil 5SC;10;\n"
    "4;Abamectin;Abagold 38EC;7;Chè 14\n"
)


def read_in(page: Any, kind: str, text: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get(f"{LISTS}/{kind}").text)
    assert token
    file = (io.BytesIO(text.encode()), "danh mục.csv")
    return page.post(f"{LISTS}/{kind}/file", data={"csrf_token": token[1], "file": file})


def tally(answer: Any) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r'data-test="(new|changed|here|fault)">(\d+)<', answer.text)}


def go_on(page: Any, kind: str, answer: Any, **more: str) -> Any:
    form = dict(
        re.findall(
            r'type="hidden" name="([\w-]+)" value="([^"]*)"', answer.text.partition("tally")[2].partition("<details")[0]
        )
    )
    return page.post(f"{LISTS}/{kind}/file", data={**form, **more})


def test_a_list_of_the_ministry_is_looked_at_row_by_row_then_taken_in_and_twice_makes_no_doubles(
    centre: Centre,
) -> None:
    page = admin(centre)
    answer = read_in(page, "product", SHEET.replace("Chè: 14; ", "Chè: 14"))
    assert tally(answer) == {"new": 1, "changed": 1, "here": 0, "fault": 2}
    assert re.findall(r'<tr><th scope="row">(\d+)</th><td>([^<]+)</td><td>([^<]+)</td>', answer.text) == [
        ("4", "Thời gian cách ly (ngày)", "mười"),
        ("6", "Cách ly theo cây", "Chè 14"),
    ]
    assert store.own("product") == {}  # nothing is written yet
    mend = list(csv.reader(io.StringIO(go_on(page, "product", answer, step="mend").text.lstrip("\ufeff"))))
    assert [(row[2], row[-1].partition(":")[0]) for row in mend[1:]] == [
        ("Admire 050EC", "Thời gian cách ly (ngày)"),
        ("Abagold 38EC", "Cách ly theo cây"),
    ]
    go_on(page, "product", answer)
    assert store.own("product")["abafax-1-8ec"].entry == {
        "code": "abafax-1-8ec", "vi": "Abafax 1.8EC", "en": "Abafax 1.8EC", "ingredient": "Abamectin", "kinds": ["spray"],
        "phi_days": 7, "phi_by_crop": [{"crop": "CAHSI", "days": 14}],
    }  # fmt: skip
    assert store.own("product")["hexaconazole"].entry == {"code": "hexaconazole", "phi_days": 10}
    assert tally(read_in(page, "product", SHEET.replace("Chè: 14; ", "Chè: 14"))) == {
        "new": 0,
        "changed": 0,
        "here": 2,
        "fault": 2,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_that_was_taken_along_comes_back_as_it_was(centre: Centre, kind: str) -> None:
    own = {
        "crop": {
            "code": "PRNSA",
            "vi": "Mận tam hoa",
            "en": "Tam hoa plum",
            "habit": "tree",
            "forms": ["fresh", "leaf"],
        },
        "variety": {"code": "catimor", "vi": "Catimor", "en": "Catimor", "crops": ["COFAR"]},
        "pest": {"code": "NEW1", "vi": "Sâu đo", "en": "Looper", "kind": "insect", "hosts": ["CAHSI", "COFAR"]},
        "product": {**FUNGUS, "phi_by_crop": [{"crop": "CAHSI", "days": 21}, {"crop": "COFAR", "days": 7}]},
        "unit": {"code": "gui", "vi": "gùi", "en": "basket", "kg": 32.5, "crops": ["COFAR"]},
    }[kind]
    said(centre, kind, own)
    page = sign_in(centre, "quan-tri")
    text = page.get(f"{LISTS}/{kind}.csv").text
    found = tally(read_in(page, kind, text))
    assert found == {"new": 0, "changed": 0, "here": len(store.lists().all(kind)), "fault": 0}


def test_columns_are_put_right_by_hand(centre: Centre) -> None:
    page = admin(centre)
    answer = read_in(page, "variety", "Thứ;Ghi\nCatimor;1\nTyphica;2\n")
    answer = go_on(page, "variety", answer, step="check", **{"column-0": "vi"})
    assert tally(answer) == {"new": 2, "changed": 0, "here": 0, "fault": 0}
    go_on(page, "variety", answer)
    assert set(store.own("variety")) == {"catimor", "typhica"}


def test_a_file_that_is_no_list_is_refused_with_what_to_do(centre: Centre) -> None:
    page = admin(centre)
    for text in ("", "\x00\x01\x02", '{"type": "FeatureCollection", "features": []}'):
        answer = read_in(page, "product", text)
        assert answer.status_code == 302
        assert 'class="fault"' in page.get(f"{LISTS}/product").text
    assert page.post(f"{LISTS}/product/file", data={"token": "../../etc/passwd"}).status_code == 400  # no form of ours


def test_two_rows_that_say_different_things_of_one_product_are_a_fault_and_the_same_twice_is_not(
    centre: Centre,
) -> None:
    rows = "Tên thuốc;Cách ly\nAbafax 1.8EC;7\nAbafax 1.8EC;7\nAbafax 1.8EC;9\n"
    assert tally(read_in(admin(centre), "product", rows)) == {"new": 1, "changed": 0, "here": 1, "fault": 1}


# To phones -----------------------------------------------------------------------------------------------------------


def test_an_installation_without_entries_of_its_own_says_nothing_of_them(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    lan.sync()
    assert "lists" not in told(lan)
    assert b"lists" not in write_request(epoch=None, areas={}, changes=[], schema=6, sent_at="")


def test_only_what_is_new_is_told_and_an_older_app_is_told_nothing(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    said(centre, "product", FUNGUS)
    assert told(lan)["lists"] == {"at": 1, "entries": {"product": [FUNGUS]}, "anew": True}
    assert "lists" not in told(lan, schema=5)
    assert "lists" not in told(lan, lists=1)
    said(centre, "unit", {"code": "gui", "vi": "gùi", "en": "basket", "kg": 30})
    assert told(lan, lists=1)["lists"] == {
        "at": 2,
        "entries": {"unit": [{"code": "gui", "vi": "gùi", "en": "basket", "kg": 30}]},
    }
    for nonsense in (-1, "1", True, 2**40, [1]):
        answer = told(lan, lists=nonsense)
        assert (answer["code"], answer["errors"][0]["field"]) == ("bad_request", "lists")


def test_hundreds_of_entries_come_in_pages_that_a_thin_link_carries(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    said(
        centre,
        "product",
        *({**FUNGUS, "code": f"p{each}", "vi": f"P {each}", "en": f"P {each}"} for each in range(700)),
    )
    first = told(lan, limit=50)["lists"]
    assert (first["at"], len(first["entries"]["product"]), first["more"]) == (50, 50, True)
    lan.sync(limit=100)
    assert len(lan.replica.lists["product"]) == 700
    assert (lan.replica.lists_at, lan.replica.more_lists) == (700, False)


def test_after_lost_history_a_phone_has_what_stands(centre: Centre) -> None:
    lan = centre.officer(centre.area())
    said(centre, "product", FUNGUS)
    assert told(lan, lists=9)["lists"]["anew"] is True
    lan.sync()
    with centre.forgetting():
        said(centre, "product", {**FUNGUS, "phi_days": 99}, {**FUNGUS, "code": "gone", "vi": "Gone", "en": "Gone"})
        lan.new_change(None, "farmer", next(iter(lan.areas)), {"name": "Lò Văn Pâng"})
        lan.sync()
        assert "gone" in lan.replica.lists["product"]
    lan.sync()
    assert lan.replica.lists == {"product": {"abc-50": FUNGUS}}


def test_a_record_with_a_code_of_ours_is_read_by_name_in_tables_filters_and_files(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    centre.manager(area)
    # It comes before its list: a phone had it from elsewhere. Its code stands there, and nothing is lost.
    plot = lan.new_change(
        None, "plot", area, {"name": "Co Mạ", "crops": [{"crop": "PRNSA"}], "declared_area_ha": 1}
    ).record
    harvest = {"plot": plot, "date": "2026-11-20", "crop": "PRNSA", "quantity": 3, "unit": "gui"}
    lan.new_change(None, "harvest", area, harvest)
    lan.sync()
    page = sign_in(centre, "hoa")
    assert "PRNSA" in page.get("/console/").text
    said(centre, "crop", {"code": "PRNSA", "vi": "Mận tam hoa", "en": "Tam hoa plum", "habit": "tree"})
    said(centre, "unit", {"code": "gui", "vi": "gùi", "en": "basket", "kg": 30})
    with db.engine.connect() as connection:
        assert (
            connection.execute(Glance.__table__.select().where(Glance.type == "harvest")).mappings().one()["kg"] == 90
        )
    for path in ("/console/?crop=PRNSA", "/console/?text=tam hoa", f"/console/plot/{plot}", "/console/seeing/land"):
        assert "Mận tam hoa" in page.get(path).text, path
    text = page.get("/console/out/harvest.csv", buffered=True).data.decode()
    assert "Mận tam hoa" in text
    assert "gùi" in text
    found = browse.one(plot, [area])
    assert found is not None
    assert found.fields["crops"] == [{"crop": "PRNSA"}]


def test_a_hub_has_the_lists_of_its_centre_and_changes_them_not(centre: Centre, hub: MakeHub) -> None:
    area = centre.area()
    centre.officer(area)
    tram = hub(area)
    said(
        centre,
        "product",
        *({**FUNGUS, "code": f"p{each}", "vi": f"P {each}", "en": f"P {each}"} for each in range(450)),
    )
    said(centre, "crop", {"code": "PRNSA", "vi": "Mận tam hoa", "en": "Tam hoa plum", "habit": "tree"})
    phone = tram.phone("lan")
    phone.new_change(None, "plot", area, {"name": "Co Mạ", "crops": [{"crop": "PRNSA"}]})
    phone.sync()
    tram.sync()
    phone.sync()
    assert len(phone.replica.lists["product"]) == 450
    assert phone.replica.lists["crop"]["PRNSA"]["vi"] == "Mận tam hoa"
    with tram.inside():
        glance.follow([area])
        assert store.lists().label("crop", "PRNSA", "vi") == "Mận tam hoa"
        with pytest.raises(Exception, match="lists_of_the_centre"):
            store.say("x", "unit", [{"code": "gui", "vi": "gùi", "en": "basket", "kg": 30}], "added")
    before = tram.phone("lan")
    tram.sync()
    before.sync()
    assert before.replica.lists_at == phone.replica.lists_at  # nothing was said anew for being read again
    assert json.dumps(before.replica.lists, sort_keys=True) == json.dumps(phone.replica.lists, sort_keys=True)


def test_what_was_said_of_a_list_is_followed_though_the_centre_ended_before_it_was(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    plot = lan.new_change(None, "plot", area, {"name": "Huổi Pá 1"}).record
    spray = {"plot": plot, "date": "2026-11-01", "kind": "spray", "product": "ABC 50EC"}
    record = lan.new_change(None, "activity", area, spray).record
    lan.sync()
    centre.manager(area)
    page = sign_in(centre, "hoa")
    page.get("/console/")
    # It ends once that is on disk, and before anything was looked at.
    author = people.user_id_of("quan-tri") or centre.admin().user["id"]
    store.say(author, "product", [FUNGUS], "added")

    def free_from() -> str:
        found = db.session.execute(db.select(Glance.phi_until).where(Glance.id == record)).scalar_one()
        db.session.rollback()
        return str(found)

    assert free_from() == ""
    centre.app.extensions.pop("nuong_follower")  # it is started again
    page.get("/console/")
    assert free_from() == "2026-11-15"
    assert anew.catch_up() == 0
    glance.rebuild()
    assert free_from() == "2026-11-15"
