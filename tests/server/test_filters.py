"""A filter in an address: what it means, what of it makes no sense, and pages by key."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.datastructures import MultiDict

from server.store import filters, glance, migrate
from server.store.filters import Filter
from server.store.tables import db
from sync.problem import Problem
from tests.conftest import Centre, LeftBy, put_rows
from tests.server.test_glance import a_field, square

BEFORE = ("area", "record", "glance")
HARVEST = {"quantity": 120, "unit": "kg", "date": "2026-01-20", "crop": "COFAR"}


class Scene:
    """Two areas; in the first a coffee field with a harvest and rust on it, and one of mango with nothing."""

    def __init__(self, centre: Centre) -> None:
        self.here, self.there = centre.area("Đây"), centre.area("Kia")
        self.lan, self.pao = centre.officer(self.here, self.there), centre.officer(self.here, name="pao")
        self.hoa = centre.manager(self.here)
        self.coffee = a_field(
            self.lan, self.here, commune="04123", crops=[{"crop": "COFAR", "variety": "Catimor"}], certificate="BK 1"
        )
        self.harvest = self.lan.new_change(None, "harvest", self.here, {"plot": self.coffee, **HARVEST}).record
        found = {"plot": self.coffee, "found": "present", "pest": "HEMIVA", "at": "2026-03-02T02:00:00Z"}
        self.rust = self.lan.new_change(None, "observation", self.here, found).record
        self.mango = a_field(
            self.pao, self.here, "Co Mạ 1", village="bản Xum", crops=[{"crop": "X-MANGO"}], boundary=None
        )
        self.elsewhere = a_field(self.lan, self.there, "Huổi Pá 9")
        for phone in (self.lan, self.pao):
            phone.sync()
        self.names = {
            self.coffee: "coffee",
            self.mango: "mango",
            self.elsewhere: "elsewhere",
            self.harvest: "harvest",
            self.rust: "rust",
        }
        glance.follow([self.here, self.there])

    def find(self, type_: str = "plot", areas: tuple[str, ...] = (), **args: Any) -> list[str]:
        asked = filters.read(MultiDict(args), dict.fromkeys(areas or (self.here,), "?"))
        wish = asked.strictly()
        found = filters.page(type_, wish, 50).ids
        assert filters.count(type_, wish) == len(found)
        assert [each.id for each in filters.walk(type_, wish, 1)] == found
        return [self.names.get(each, "?") for each in found]


@pytest.fixture
def scene(centre: Centre) -> Scene:
    return Scene(centre)


PLOTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["mango", "coffee"]),
    ({"sort": "-name"}, ["coffee", "mango"]),
    ({"sort": "area"}, ["mango", "coffee"]),
    ({"crop": "COFAR"}, ["coffee"]),
    ({"variety": "catimor"}, ["coffee"]),
    ({"commune": "04123"}, ["coffee"]),
    ({"village": "na ot"}, ["coffee"]),
    ({"season": "2025-26"}, ["coffee"]),
    ({"season": "2026"}, []),
    ({"pest": "HEMIVA"}, ["coffee"]),
    ({"pest": "any"}, ["coffee"]),
    ({"pest": "none"}, ["mango"]),
    ({"since": "2026-03-01", "until": "2026-03-31"}, ["coffee"]),
    ({"until": "2020-01-01"}, []),
    ({"state": "waits"}, ["mango", "coffee"]),
    ({"state": "approved"}, []),
    ({"missing": ["boundary"]}, ["mango"]),
    ({"missing": ["boundary", "harvest"]}, ["mango"]),
    ({"missing": ["photo"]}, ["mango", "coffee"]),
    ({"least": "0,01"}, ["coffee"]),
    ({"least": "50"}, []),
    ({"most": "50"}, ["coffee"]),
    ({"text": "lo van huoi"}, ["coffee"]),
    ({"text": "XUM"}, ["mango"]),
    ({"text": "100%"}, []),
]


@pytest.mark.parametrize(("args", "found"), PLOTS, ids=[str(args) for args, _ in PLOTS])
def test_each_part_of_a_filter_finds_its_plots(scene: Scene, args: dict[str, Any], found: list[str]) -> None:
    assert scene.find(**args) == found


def test_records_of_other_types_are_found_by_themselves_and_by_the_plot_that_they_are_on(scene: Scene) -> None:
    assert scene.find("harvest", season="2025-26", commune="04123", variety="Catimor", text="huoi pa") == ["harvest"]
    assert scene.find("harvest", until="2026-01-19") == []
    assert scene.find("harvest", text="pang") == ["harvest"]  # the household's name
    assert scene.find("observation", pest="HEMIVA", since="2026-03-02", until="2026-03-02") == ["rust"]
    assert scene.find("observation", pest="none") == []
    assert len(scene.find("farmer", crop="COFAR", commune="04123", pest="any", season="2025-26")) == 1
    assert len(scene.find("farmer", text="lo van pang")) == 2
    assert scene.find("farmer", variety="bourbon") == []


def test_whoever_recorded_it_is_a_part_of_the_filter(scene: Scene) -> None:
    people_of = {row.author for row in _authors()}
    assert len(people_of) == 2
    found = {tuple(scene.find(officer=each)) for each in people_of}
    assert found == {("coffee",), ("mango",)}


def _authors() -> Any:
    from sqlalchemy import select

    from server.store.glance.tables import Glance
    from server.store.tables import db

    with db.engine.connect() as connection:
        return connection.execute(select(Glance.author).distinct()).all()


def test_nothing_is_found_outside_the_areas_of_the_reader(scene: Scene) -> None:
    assert "elsewhere" not in scene.find()
    assert scene.find(areas=(scene.here, scene.there), area=scene.there) == ["elsewhere"]
    asked = filters.read(MultiDict({"area": scene.there}), {scene.here: "Đây"})
    assert list(asked.faults) == ["area"]
    assert asked.wish.areas == (scene.here,)


def test_pages_by_key_go_there_and_back_and_miss_nothing(centre: Centre) -> None:
    area = centre.area()
    lan = centre.officer(area)
    for number in range(23):
        lan.new_change(None, "plot", area, {"name": f"Nương {number % 7}", "boundary": square(104 + number / 100, 21)})
    lan.sync()
    glance.follow([area])
    for sort in ("name", "-name", "area", "-changed"):
        wish = filters.read(MultiDict({"sort": sort}), {area: ""}).wish
        pages = [filters.page("plot", wish, 5)]
        while pages[-1].after:
            pages.append(filters.page("plot", filters.replace(wish, after=pages[-1].after), 5))
        assert [len(page.ids) for page in pages] == [5, 5, 5, 5, 3]
        assert len({each for page in pages for each in page.ids}) == 23
        back = [pages[-1]]
        while back[-1].before:
            back.append(filters.page("plot", filters.replace(wish, before=back[-1].before), 5))
        assert [page.ids for page in reversed(back)] == [page.ids for page in pages]


BAD = {
    "area": "x" * 5000, "crop": "\0", "commune": "99999", "season": "2025-27", "pest": "'; drop", "officer": "lan",
    "since": "30/02/2026", "until": "never", "state": "fine", "missing": "everything", "least": "-1", "most": "nan",
    "sort": "; drop table", "after": "1", "before": "👻", "farmer": "%", "text": "\ud800%_\\",
}  # fmt: skip


@pytest.mark.parametrize("part", BAD)
def test_what_makes_no_sense_in_an_address_is_said_in_a_sentence_and_left_out(scene: Scene, part: str) -> None:
    asked = filters.read(MultiDict({part: BAD[part]}), {scene.here: "Đây"})
    filters.page("plot", asked.wish, 50)
    if part in ("text", "crop"):  # a search for nonsense finds nothing; of nothing but a NUL nothing is left
        return
    assert list(asked.faults) == [part]
    assert filters.count("plot", asked.wish) == 2
    with pytest.raises(Problem) as raised:
        asked.strictly()
    assert (raised.value.code, raised.value.status) == ("bad_filter", 422)
    assert raised.value.message % raised.value.params


def test_days_that_end_before_they_begin_are_said(app: Any) -> None:
    asked = filters.read(MultiDict({"since": "2026-02-01", "until": "2026-01-01"}), {})
    assert list(asked.faults) == ["until"]
    assert asked.wish.since == "2026-02-01"


def test_a_filter_goes_into_an_address_and_comes_out_the_same(scene: Scene) -> None:
    args = MultiDict(
        [
            ("crop", "COFAR"),
            ("missing", "photo"),
            ("missing", "boundary"),
            ("text", "lò"),
            ("least", "1.5"),
            ("after", scene.coffee),
        ]
    )
    wish = filters.read(args, {scene.here: ""}).wish
    again = filters.read(MultiDict(wish.as_args()), {scene.here: ""}).wish
    assert again == filters.replace(wish, after="")
    assert "crop" not in wish.as_args(crop="")


def test_what_a_filter_asks_nothing_of_is_not_looked_up() -> None:
    area = Filter(areas=("a",))
    assert "JOIN" not in str(filters.matching("harvest", area))
    for asked in (
        filters.matching("harvest", replace(area, commune="03256")),
        filters.matching("harvest", area, order=(filters.SORTS["yield"].desc(),)),
        filters.matching("harvest", area, filters.on_plot().shape),
    ):
        assert re.findall(r"JOIN \w+ AS (\w+)", str(asked)) == ["on_plot"]
    assert "AS on_plot_words" in str(filters.matching("harvest", replace(area, farmer="f")))


def test_a_household_without_a_plot_is_found_by_its_commune_and_by_its_phone_however_it_is_written(
    scene: Scene,
) -> None:
    fields = {"name": "Lò Thị Mai", "village": "bản Xum", "commune": "04123", "phone": "0912 345 678"}
    mai = scene.lan.new_change(None, "farmer", scene.here, fields).record
    scene.lan.sync()
    glance.follow([scene.here])
    scene.names[mai] = "mai"
    assert "mai" in scene.find("farmer", commune="04123")
    assert scene.find("farmer", commune="03256") == []
    for typed in ("0912345678", "+84 912 345 678", "84912345678", "0912.345.678", "345678", "345 678"):
        assert scene.find("farmer", text=typed) == ["mai"], typed
    assert scene.find("farmer", text="2026-11-20") == []


def test_a_database_from_before_tells_where_its_households_live_and_finds_them_by_phone(
    centre: Centre, left_by: LeftBy
) -> None:
    area = centre.area()
    lan = centre.officer(area)
    fields = {"name": "Lò Thị Mai", "village": "bản Xum", "commune": "04123", "phone": "+84 912 345 678"}
    lan.new_change(None, "farmer", area, fields)
    lan.new_change(None, "farmer", area, {"name": "Không điện thoại", "village": "bản Xum"})
    lan.sync()
    glance.follow([area])
    rows = {table: db.session.execute(text(f'SELECT * FROM "{table}"')).mappings().all() for table in BEFORE}
    found = {row["id"]: (row["commune"], "0912345678" in row["text"].split()) for row in rows["glance"]}
    assert sorted(found.values()) == [("", False), ("04123", True)]
    with left_by("0019").app_context():
        with db.engine.begin() as connection:
            for table, there in rows.items():
                bare = (
                    [{**row, "text": row["text"].replace(" 0912345678", "")} for row in there]
                    if table == "glance"
                    else there
                )
                put_rows(connection, table, bare)
        migrate.upgrade(db.engine)
        after = db.session.execute(text("SELECT * FROM glance")).mappings().all()
        db.session.remove()
    assert {row["id"]: (row["commune"], "0912345678" in row["text"].split()) for row in after} == found
