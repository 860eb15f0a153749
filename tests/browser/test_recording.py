"""Recording fast and correcting, as a story: taps counted, what is known filled in, what the manager asks answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from sync.client import Client
from tests.browser.scene import PASSWORD, Centre, Phone

pytestmark = pytest.mark.browser

# What a thumb does: presses that a person makes, not those that a script or a label passes on.
COUNTING = """() => {
  window.taps = 0;
  addEventListener("click", (event) => { if (event.isTrusted && event.detail) window.taps += 1; }, true);
}"""

# A press on the middle of each button below is a press on that button, while a notice stands.
ON_TOP = """document.querySelector(".notice.saved") && [...document.querySelectorAll("footer button")].every((each) => {
  const { left, top, width, height } = each.getBoundingClientRect();
  return each.contains(document.elementFromPoint(left + width / 2, top + height / 2));
})"""


class Field:
    """A plot of coffee that Páo has registered, sprayed three days ago and picked before; and what the manager asks."""

    def __init__(self, centre: Centre) -> None:
        self.area = centre.area
        self.pao = Client(centre.address)
        self.pao.sign_in("pao", PASSWORD, "a program of Páo's")
        self.farmer = self.add("farmer", name="Lò Văn Pâng", village="bản Nà Ớt", commune="04123")
        self.plot = self.add("plot", farmer=self.farmer, name="Huổi Pá 3", crops=[{"crop": "COFAR"}])
        self.harvest = self.add(
            "harvest", plot=self.plot, date=str(self.day(-20)), crop="COFAR", quantity=3, unit="bao", unit_kg=60,
            form="cherry", buyer="HTX Ara-Tay",
        )  # fmt: skip
        self.add("activity", plot=self.plot, date=str(self.day(-3)), kind="spray", product="Anvil 5SC", phi_days=21)
        self.pao.sync()

    @staticmethod
    def day(days: int) -> date:
        """A day of the calendar, as the phone has it."""
        return datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date() + timedelta(days)

    def add(self, type_: str, **values: object) -> str:
        return self.pao.new_change(None, type_, self.area, values).record

    def correct(self, record: str, type_: str, **values: object) -> None:
        self.pao.new_change(record, type_, self.area, values)
        self.pao.sync()

    def ask(self, centre: Centre, record: str, note: str, *fields: str) -> None:
        """The manager asks about a record."""
        hoa = Client(centre.address)
        hoa.sign_in("hoa", PASSWORD, "the manager's")
        hoa.sync()
        review = {"state": "queried", "note": note, "seen": hoa.replica.view(record), "fields": list(fields)}
        hoa.new_change(record, "harvest", self.area, {"review": review})
        hoa.sync()


@pytest.fixture
def field(centre: Centre) -> Field:
    return Field(centre)


def test_a_harvest_and_an_observation_take_few_taps_and_what_is_known_is_filled_in(
    centre: Centre, field: Field, in_the_field: Callable[..., Phone]
) -> None:
    lan = in_the_field("lan")
    centre.stop()
    lan.go(f"/plot/{field.plot}")
    expect(lan.at("not-free")).to_contain_text("Anvil 5SC")
    lan.page.evaluate(COUNTING)
    _a_harvest_in_six_taps(lan, field)
    _none_found_in_three_taps(lan)
    _an_observation_in_eight_taps(lan)
    _the_same_once_more(lan)
    _a_spray_brings_its_interval(lan)
    _an_answer_to_a_question_that_is_not_asked_any_more_stays(lan)


def _taps(phone: Phone) -> int:
    """How many there were since the last time that this was asked."""
    return int(phone.page.evaluate("() => { const found = window.taps; window.taps = 0; return found; }"))


def _a_harvest_in_six_taps(lan: Phone, field: Field) -> None:
    lan.press("new-harvest")
    # From the last entry on this plot: sacks of 60 kg, cherries, and who bought them.
    expect(lan.at("field-unit-bao")).to_have_attribute("aria-pressed", "true")
    expect(lan.at("field-unit_kg")).to_have_value("60")
    expect(lan.at("field-form-cherry")).to_have_attribute("aria-pressed", "true")
    expect(lan.at("field-crop-COFAR")).to_have_attribute("aria-pressed", "true")
    expect(lan.at("field-buyer")).to_have_value("HTX Ara-Tay")
    assert lan.at("field-quantity").get_attribute("inputmode") == "decimal"
    # Within the interval of the spray of three days ago: said, at the date, and no more than said.
    expect(lan.at("warning-date")).to_contain_text(f"Anvil 5SC: từ {field.day(18):%d/%m/%Y}")
    lan.type("quantity", "4")
    lan.press("field-form-parchment")
    lan.press("field-grade-A")
    lan.press("field-date-today")
    lan.press("save")
    expect(lan.at("record-harvest")).to_contain_text("4 bao × 60 kg Cà phê chè")
    assert 2 <= _taps(lan) <= 6
    # The new line is on top, and can be taken back.
    first = lan.page.locator("[data-test^=record-]").first
    expect(first).to_contain_text("4 bao")
    lan.press("undo")
    expect(lan.page.locator("[data-test=record-harvest]")).to_have_count(1)
    _taps(lan)


def _none_found_in_three_taps(lan: Phone) -> None:
    lan.press("new-observation")
    lan.press("field-found-absent")
    expect(lan.at("field-severity")).to_have_count(0)
    lan.press("save")
    expect(lan.at("record-observation")).to_contain_text("Không thấy")
    assert 2 <= _taps(lan) <= 3


def _an_observation_in_eight_taps(lan: Phone) -> None:
    lan.press("new-observation")
    lan.press("field-found-present")
    # Of coffee first, each drawn.
    offered = lan.page.locator(".pictures.pest > button[data-test]")
    expect(offered.first.locator("svg.drawn")).to_be_visible()
    lan.press("field-pest-HEMIVA")
    lan.type("inspected", "27")
    lan.type("affected", "5")
    lan.press("field-severity-2")
    lan.press("field-part-leaf")
    lan.press("field-stage-7")
    taps = _taps(lan)
    # Three more plants, looked at one by one; one tap too many is taken back.
    lan.press("count-sound")
    lan.press("count-affected")
    lan.press("count-affected")
    lan.press("count-affected")
    lan.press("count-undo")
    expect(lan.at("counted")).to_contain_text("7 / 30")
    _taps(lan)
    lan.press("save")
    expect(lan.at("record-observation")).to_contain_text("Gỉ sắt cà phê 7/30")
    assert 2 <= taps + _taps(lan) <= 8


def _the_same_once_more(lan: Phone) -> None:
    lan.press("new-observation")
    # The day's stage comes along, and what this officer found just now stands first.
    expect(lan.at("field-stage-7")).to_have_attribute("aria-pressed", "true")
    first = lan.page.locator(".pictures.pest > button[data-test]").first
    expect(first).to_have_attribute("data-test", "field-pest-HEMIVA")
    lan.press("repeat-last")
    expect(lan.at("field-pest-HEMIVA")).to_have_attribute("aria-pressed", "true")
    expect(lan.at("field-inspected")).to_have_value("")
    lan.press("undo")
    expect(lan.at("field-pest-HEMIVA")).to_have_attribute("aria-pressed", "false")
    lan.press("discard-draft")
    expect(lan.at("new-activity")).to_be_visible()


def _a_spray_brings_its_interval(lan: Phone) -> None:
    lan.press("new-activity")
    expect(lan.at("field-product")).to_have_count(0)
    lan.press("field-kind-spray")
    lan.choose("product-list", "copper-oxide", "norshield")
    expect(lan.at("field-product")).to_have_value("Norshield 86.2WG")
    expect(lan.at("field-phi_days")).to_have_value("14")
    lan.type("phi_days", "40")
    lan.press("save")
    expect(lan.at("not-free")).to_contain_text("Norshield 86.2WG")


def _an_answer_to_a_question_that_is_not_asked_any_more_stays(lan: Phone) -> None:
    lan.press("record-observation")
    lan.press("correct")
    lan.press("field-found-absent")
    expect(lan.at("field-severity")).to_be_visible()
    expect(lan.at("warning-severity")).to_contain_text("không hỏi tới")
    for name in ("affected", "severity", "part"):
        lan.press(f"clear-{name}")
    expect(lan.at("field-severity")).to_have_count(0)
    lan.press("save")
    expect(lan.page.locator("h1")).to_have_text("Không thấy: Gỉ sắt cà phê")


def test_what_the_manager_asks_is_answered_in_place_and_two_values_stand_side_by_side(
    centre: Centre, field: Field, in_the_field: Callable[..., Phone]
) -> None:
    field.ask(centre, field.harvest, "Ba bao hay bốn bao? Xem lại sổ.", "quantity")
    lan = in_the_field("lan")
    lan.go(f"/plot/{field.plot}")
    expect(lan.at("record-harvest")).to_be_visible()
    centre.stop()
    _the_manager_is_answered(lan, field)
    _what_was_corrected_is_known(lan, field)
    centre.start()
    field.correct(field.harvest, "harvest", quantity=5)
    lan.sync()
    lan.wait_until_sent()
    _two_values_stand_side_by_side(lan, field)
    field.pao.sync()
    answer = field.pao.replica.shown(field.harvest)["answer"]
    assert answer["text"] == "Bốn bao, đã hỏi chủ hộ"


def _the_manager_is_answered(lan: Phone, field: Field) -> None:
    lan.go(f"/plot/{field.plot}")
    expect(lan.page.locator("[data-test=record-harvest] [data-stand]")).to_have_attribute("data-stand", "queried")
    lan.press("record-harvest")
    expect(lan.at("review")).to_contain_text("Ba bao hay bốn bao?")
    expect(lan.at("review")).to_contain_text("Hỏi về: Số lượng")
    lan.type("answer", "Bốn bao, đã hỏi")
    lan.until_kept("Bốn bao, đã hỏi")
    # The battery falls out in the middle of the answer.
    lan.kill()
    lan.open()
    lan.back_home()
    lan.go(f"/record/{field.harvest}")
    expect(lan.at("field-answer")).to_have_value("Bốn bao, đã hỏi")
    lan.type("answer", "Bốn bao, đã hỏi chủ hộ")
    lan.press("save-answer")
    expect(lan.at("answer")).to_contain_text("Bốn bao, đã hỏi chủ hộ")
    expect(lan.at("review")).to_contain_text("Quản lý đã hỏi")
    lan.press("correct")
    lan.type("quantity", "4")
    lan.press("save")
    expect(lan.at("value-quantity")).to_have_text("4")


def _what_was_corrected_is_known(lan: Phone, field: Field) -> None:
    lan.press("history")
    steps = lan.page.locator("[data-test=step]")
    expect(steps.first).to_contain_text("Bạn")
    expect(steps.first).to_contain_text("Số lượng: 4")
    expect(steps.first).to_contain_text("Chỉ có trên máy này")
    expect(steps.filter(has_text="Quản lý ·")).to_contain_text("Hỏi lại: Ba bao hay bốn bao?")
    expect(steps.filter(has_text="Cà phê chè")).to_contain_text("Quản lý đã xem")
    # Field by field, each on a line of its own.
    expect(steps.filter(has_text="Cà phê chè").locator("p", has_text="Cà phê chè")).not_to_contain_text("Số lượng")


def _two_values_stand_side_by_side(lan: Phone, field: Field) -> None:
    lan.go(f"/record/{field.harvest}")
    rivals = lan.at("conflict-quantity")
    expect(rivals).to_be_visible()
    lan.go("/")
    expect(lan.at("today").locator("[data-test=record-harvest]").first).to_contain_text(
        "Hai người ghi khác nhau: Số lượng"
    )
    lan.go(f"/record/{field.harvest}")
    expect(rivals).to_contain_text("Vàng A Páo")
    expect(rivals).to_contain_text("Lò Thị Lan")
    expect(rivals).to_contain_text("Chênh nhau 1.")
    # Neither of the two: a third is typed, over both.
    lan.press("third-quantity")
    expect(lan.at("field-quantity")).to_be_focused()
    expect(lan.at("warning-quantity")).to_contain_text("4 · 5")
    lan.type("quantity", "4,5")
    lan.press("save")
    expect(lan.at("conflicts")).to_have_count(0)
    expect(lan.at("value-quantity")).to_have_text("4,5")
    # Deleted, and taken back within ten seconds.
    lan.go(f"/record/{field.harvest}")
    lan.press("delete")
    expect(lan.page.locator("[data-test=record-harvest]")).to_have_count(0)
    # What is said lies on no button, at the end of the page either.
    lan.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    lan.until(ON_TOP)
    lan.press("undo")
    expect(lan.page.locator("[data-test=record-harvest]")).to_have_count(1)
    lan.go("/sync")
    lan.until(
        "[...document.querySelectorAll('[data-test=waiting]')].some((each) => each.textContent.includes('lấy lại'))"
    )
    lan.sync()
    lan.wait_until_sent()
