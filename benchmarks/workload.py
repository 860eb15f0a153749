"""The workload that everybody is measured with: a base of 5,000 records and a day's work on it.

10 % plots with boundaries of 12 vertices, 60 % harvests, 25 % observations, 5 % activities, about 390 bytes of JSON
each; the day brings 60 new records and 15 edits. Deterministic: the same seed gives the same records to all.
"""

import math
import random
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sync.change import Change
from sync.records import SCHEMA

_BUYERS = ("HTX", "Xưởng chế biến của HTX", "Thương lái Mộc Châu", "Thương lái Hà Nội", "Nhà máy chè")
_VILLAGES = ("bản Nà Ớt", "bản Xum", "bản Co Mạ", "bản Huổi Pá", "bản Khóng", "bản Hua Nguống", "bản Pá Cha")
_NOTES = (
    "",
    "",
    "Mưa to, quả rụng nhiều",
    "Chủ hộ đi vắng, con trai trả lời",
    "Cây mới cải tạo năm ngoái",
    "Đất dốc, khó đi",
)
_STORIES = (
    "Vườn nằm sát suối, đất còn ẩm sau mưa",
    "Chủ hộ hẹn tuần sau đo lại ranh giới phía trên",
    "Đã nhắc ghi nhật ký phun thuốc và giữ vỏ bao bì",
    "Quả chín không đều, hái thành ba đợt",
    "Đường vào lầy, xe máy phải để ngoài bản",
    "Cây che bóng mới trồng năm ngoái, sống khoảng một nửa",
    "Năm nay giá thấp, hộ định giữ lại chờ thương lái khác",
    "Tổ hợp tác mượn cân của hợp tác xã, đã đối chiếu",
)
_CROPS = ("COFAR", "COFAR", "COFAR", "X-MANGO", "X-PLUM")


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as everybody is given it."""

    record: str
    type: str
    fields: dict[str, Any]


@dataclass
class Workload:
    """`base`: what is there before; `new` and `edits` (record, fields): the day. `rich`: more is typed into each record
    (about 510 bytes of JSON), as an officer does who has time."""

    morning: ClassVar[int] = 1_790_000_000_000  # ms since 1970: only a number here
    size: int = 5000
    seed: int = 7
    rich: bool = False
    base: list[Entry] = field(default_factory=list)
    new: list[Entry] = field(default_factory=list)
    edits: list[tuple[Entry, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._clock = self.morning
        self._plots: list[str] = []
        self.base = self._records(self.size)
        self._clock += 86_400_000
        # An officer spends the day on a dozen fields, one after the other: 6 that are new and 6 that were there.
        self._plots = self._chance.sample(self._plots, 6)
        self.new = self._records(60)
        old = [entry for entry in self.base if entry.type == "harvest"]
        for entry in self._chance.sample(old, min(15, len(old))):
            self.edits.append((entry, {"quantity": self._chance.randint(20, 900)}))

    def another_day(self, number: int, new: int = 60, edits: int = 15) -> list[Entry]:
        """The entries of a further day, as whole edits: *new* records, and *edits* with just the field that changed.

        Days of different numbers share nothing but the base.
        """
        self._chance.seed(f"{self.seed} {number}")
        self._clock += number * 86_400_000
        old = self._chance.sample([entry for entry in self.base if entry.type == "harvest"], edits)
        changed = [Entry(each.record, each.type, {"quantity": self._chance.randint(1000, 2000)}) for each in old]
        return [*self._records(new), *changed]

    def more(self, count: int) -> list[Entry]:
        """*count* further new records of the same kinds."""
        return self._records(count)

    def id(self) -> str:
        """A UUIDv7, some minutes after the last."""
        self._clock += self._chance.randint(20_000, 400_000)
        time, bits = f"{self._clock:012x}", f"{self._chance.getrandbits(74):019x}"
        return f"{time[:8]}-{time[8:]}-7{bits[:3]}-{'89ab'[int(bits[3], 16) % 4]}{bits[4:7]}-{bits[7:19]}"

    def _records(self, count: int) -> list[Entry]:
        # The shares hold exactly, whatever the number; plots come first, as in the field.
        plots, observations, activities = count // 10, count // 4, count // 20
        kinds = ["observation"] * observations + ["activity"] * activities
        kinds += ["harvest"] * (count - plots - len(kinds))
        self._chance.shuffle(kinds)
        return [self._entry(kind) for kind in ["plot"] * plots + kinds]

    def _entry(self, kind: str) -> Entry:
        entry = Entry(self.id(), kind, getattr(self, f"_{kind}")())
        if kind == "plot":
            self._plots.append(entry.record)
        if note := self._chance.choice(_NOTES):
            entry.fields["note"] = note
        if self.rich:
            entry.fields["note"] = ". ".join(self._chance.sample(_STORIES, 3))
        return entry

    def _date(self) -> str:
        return f"2026-{self._chance.randint(1, 11):02}-{self._chance.randint(1, 28):02}"

    def _plot(self) -> dict[str, Any]:
        x, y = self._chance.uniform(103.2, 104.4), self._chance.uniform(20.9, 21.6)
        turns = [2 * math.pi * each / 12 for each in range(12)]
        ring = [
            [round(x + math.cos(turn) * self._chance.uniform(4e-4, 9e-4), 6),
             round(y + math.sin(turn) * self._chance.uniform(3e-4, 7e-4), 6)]
            for turn in turns
        ]  # fmt: skip
        village = self._chance.choice(_VILLAGES)
        return {
            "farmer": self.id(),
            "name": f"Nương {village.removeprefix('bản ')} {self._chance.randint(1, 90)}",
            "village": village,
            "boundary": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            "crops": [{"crop": self._chance.choice(_CROPS), "planted_on": f"{self._chance.randint(2005, 2022)}-06-01"}],
            "declared_area_ha": round(self._chance.uniform(0.2, 2.5), 1),
            "capture": "walked",
            "accuracy_m": round(self._chance.uniform(3, 12), 1),
        }

    def _harvest(self) -> dict[str, Any]:
        return {
            "plot": self._chance.choice(self._plots),
            "date": self._date(),
            "crop": self._chance.choice(_CROPS),
            "quantity": self._chance.randint(20, 900),
            "unit": "kg",
            "form": self._chance.choice(("cherry", "fresh", "dried")),
            "grade": self._chance.choice("AAB"),
            "buyer": self._chance.choice(_BUYERS),
            "price_vnd": self._chance.randint(80, 230) * 100,
        }

    def _observation(self) -> dict[str, Any]:
        affected = self._chance.choice((0, 0, self._chance.randint(1, 30)))
        x, y = self._chance.uniform(103.2, 104.4), self._chance.uniform(20.9, 21.6)
        return {
            "plot": self._chance.choice(self._plots),
            "found": "present" if affected else "absent",
            "pest": self._chance.choice(("HEMIVA", "HEMIVA", "DACUDO")),
            "crop": self._chance.choice(_CROPS),
            "inspected": 30,
            "affected": affected,
            "severity": str(min(4, affected // 6)),
            "part": "leaf",
            "identified_by": "officer",
            "at": f"{self._date()}T{self._chance.randint(0, 10):02}:{self._chance.randint(0, 59):02}:00Z",
            "point": {"type": "Point", "coordinates": [round(x, 6), round(y, 6)]},
            "accuracy_m": round(self._chance.uniform(3, 12), 1),
        }

    def _activity(self) -> dict[str, Any]:
        return {
            "plot": self._chance.choice(self._plots),
            "kind": "spray",
            "date": self._date(),
            "product": "Norshield 86.2WG",
            "ingredient": "Cuprous oxide",
            "dose": "20 g / bình 16 l",
            "phi_days": 7,
            "operator": self._chance.choice(("Chủ hộ", "Con trai", "Tổ dịch vụ của HTX")),
        }


def as_change(entry: Entry, area: str) -> Change:
    """*entry* as the change that makes it."""
    return Change(entry.record, entry.record, entry.type, area, entry.fields, schema=SCHEMA)
