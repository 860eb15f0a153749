"""An area's history as a manager meets it: 200,000 records in five years, 20,000 of them plots in sixty villages, and what
people did to them since. Deterministic, as the workload that it grows from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

from benchmarks.workload import Entry, Workload, as_change
from server.store import audit, log, migrate, people, quarantine
from server.store.engine import insert_all, writing
from server.store.tables import Audit, Device, db
from sync.change import Change, Envelope, as_text
from sync.protocol import Rejected
from sync.records import LISTS, SCHEMA

RECORDS = 200_000
OFFICERS = 40
_BATCH = 1000
_COLUMNS, _LINES = 10, 6  # villages, four kilometres apart
_SPACING, _CELL = 0.04, 0.0012  # degrees: between villages; between fields, some 125 m
_WEST, _SOUTH = 103.8, 21.1
MIDDLE = (_WEST + _COLUMNS * _SPACING / 2, _SOUTH + _LINES * _SPACING / 2)
_COMMUNES = [each["code"] for each in LISTS["commune"] if each["province"] == "14"][:6]
_FAMILIES = ("Lò", "Cầm", "Quàng", "Tòng", "Lường", "Hà", "Vàng", "Giàng", "Sùng", "Bạc", "Hoàng", "Đèo")
_MIDDLES = ("Văn", "Thị", "A", "Mí", "Đức", "Minh")
_GIVEN = (
    "Pâng",
    "Ính",
    "Dua",
    "Chù",
    "Muôn",
    "Sương",
    "Hặc",
    "Xôm",
    "Tủa",
    "Nhịa",
    "Pản",
    "Ưu",
    "Inh",
    "Sinh",
    "Cương",
)


@dataclass
class Season(Workload):
    """A workload with households, tasks and villages: fields lie side by side, some of them on each other."""

    morning: ClassVar[int] = 1_753_000_000_000
    _farmers: list[tuple[str, int]] = field(default_factory=list)
    _cells: list[list[tuple[int, int]]] = field(default_factory=list)

    def _records(self, count: int) -> list[Entry]:
        if not self._cells:
            cells = [(column, line) for column in range(19) for line in range(19)]
            self._cells = [self._chance.sample(cells, len(cells)) for _ in range(_COLUMNS * _LINES)]
        farmers = [self._entry("farmer") for _ in range(count // 40)]
        tasks = count // 100
        plain = super()._records(count - len(farmers) - tasks)
        # Plots are a tenth of all that there is.
        more = [self._entry("plot") for _ in range(count // 10 - (count - len(farmers) - tasks) // 10)]
        rest = [self._entry("task") for _ in range(tasks)]
        return [*farmers, *more, *plain, *rest][:count]

    def _date(self) -> str:
        return f"{self._chance.choice((2022, 2023, 2024, 2025, 2026))}{super()._date()[4:]}"

    def _farmer(self) -> dict[str, Any]:
        village = self._chance.randrange(_COLUMNS * _LINES)
        self._farmers.append((self._later(), village))
        words = (self._chance.choice(each) for each in (_FAMILIES, _MIDDLES, _GIVEN))
        return {"name": " ".join(words), "phone": f"09{self._chance.randrange(10**8):08}", "village": f"bản {village}",
                "commune": _COMMUNES[village % len(_COMMUNES)], "consent": True}  # fmt: skip

    def _later(self) -> str:
        # The id that `_entry` has just given.
        return self._newest

    def id(self) -> str:
        self._newest = super().id()
        return self._newest

    def _plot(self) -> dict[str, Any]:
        fields = super()._plot()
        farmer, village = self._chance.choice(self._farmers)
        column, line = self._cells[village].pop() if self._cells[village] else (self._chance.randrange(19), 20)
        x = _WEST + village % _COLUMNS * _SPACING + column * _CELL + self._chance.uniform(-1e-4, 1e-4)
        y = _SOUTH + village // _COLUMNS * _SPACING + line * _CELL + self._chance.uniform(-1e-4, 1e-4)
        old = fields["boundary"]["coordinates"][0]
        west, south = min(each[0] for each in old), min(each[1] for each in old)
        # As large as its neighbours leave room for, but for one in ten, which reaches into theirs.
        scale = self._chance.choice((0.55, 0.6, 0.65, 0.6, 0.55, 0.6, 0.65, 0.6, 0.55, 0.9))
        ring = [[round(x + (a - west) * scale, 6), round(y + (b - south) * scale, 6)] for a, b in old]
        return fields | {
            "farmer": farmer,
            "village": f"bản {village}",
            "commune": _COMMUNES[village % len(_COMMUNES)],
            "boundary": {"type": "Polygon", "coordinates": [ring]},
            "declared_area_ha": round(self._chance.uniform(0.3, 1.1), 1),
        }

    def _task(self) -> dict[str, Any]:
        done = {"done": {"done": True}} if self._chance.random() < 0.7 else {}
        what = f"Đo lại ranh giới, đợt {self._chance.randint(1, 60)}"
        return {"of": self._chance.choice(self._plots), "what": what, "due": self._date(), **done}

    def afterwards(self, area: str) -> Iterator[Change]:
        """What happened to the base: reviews, corrections, conflicts, deletions, and one field that was much corrected."""
        some = self._chance.sample(self.base, min(len(self.base), 36_000 * self.size // RECORDS))
        edits = iter(some)
        for place, (each, state) in enumerate(zip(islice(edits, len(some) * 5 // 6), _states(), strict=False)):
            if each.type in ("photo", "task"):
                continue
            seen = {"review": {"state": state, "note": "", "seen": [each.record]}}
            yield self._edit(each, area, seen)
            if place % 15 == 0:
                yield self._edit(each, area, {"note": "Đã sửa sau khi duyệt"}, {"note": [each.record]})
        for each in islice(edits, len(some) // 72):
            for note in ("Đất dốc", "Đất bằng"):
                yield self._edit(each, area, {"note": note}, {"note": [each.record]})
        for each in islice(edits, len(some) // 72):
            yield Change(self.id(), each.record, each.type, area, {"deleted": True}, {}, [each.record], SCHEMA)
        much, last = self.much_corrected, self.much_corrected.record
        for number in range(60):
            change = self._edit(much, area, {"declared_area_ha": number / 10}, {"declared_area_ha": [last]})
            last = change.id
            yield change

    @property
    def much_corrected(self) -> Entry:
        """The plot with a long history."""
        return next(each for each in self.base if each.type == "plot")

    def _edit(self, each: Entry, area: str, values: dict[str, Any], over: Any = None) -> Change:
        return Change(self.id(), each.record, each.type, area, values, over or {}, schema=SCHEMA)


def _states() -> Iterator[str]:
    while True:
        yield from ("approved",) * 17 + ("queried",) * 2 + ("rejected",)


def fill(size: int = RECORDS) -> tuple[str, str, Season]:
    """An area with the season in it, its manager, and the season. What is seen at a glance has not been made yet."""
    area, officers, manager = _people(OFFICERS)
    season = Season(size)
    base = (as_change(entry, area) for entry in season.base)
    for number, batch in enumerate(_parts(base)):
        _accept(officers[number % OFFICERS], batch)
    for batch in _parts(season.afterwards(area)):
        _accept(manager, batch)
    _phones(officers)
    _refused(area, officers, season)
    _looked_at(area, manager)
    return area, manager, season


def people_of(officers: int) -> str:
    """An empty area with *officers* ("o0" …) and two managers ("m0", "m1")."""
    return _people(officers)[0]


def _people(count: int) -> tuple[str, list[str], str]:
    migrate.upgrade(db.engine)
    area = people.add_area("HTX Chiềng Mung")
    officers = [people.add_user(f"o{each}", "mua-rao-2026", people.OFFICER, [area]) for each in range(count)]
    managers = [people.add_user(f"m{each}", "mua-rao-2026", people.MANAGER, [area]) for each in range(2)]
    return area, officers, managers[0]


def _parts(changes: Iterable[Change]) -> Iterator[list[Change]]:
    rest = iter(changes)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _accept(author: str, batch: list[Change]) -> None:
    sender = people.sender_without_device(author)
    assert sender
    now = as_text(datetime.now(UTC))
    envelope = Envelope(author=author, device="bench", received_at=now)
    outcome = writing(lambda connection: log.accept(connection, sender, batch, envelope))
    if outcome.rejected:
        raise RuntimeError(f"refused: {outcome.rejected[0]}")


def _phones(officers: list[str]) -> None:
    now = datetime.now(UTC)
    report = json.dumps({"app": "0.3", "unsent": 4, "refused": 1, "free_bytes": 2 * 10**9})
    rows = [
        {"id": people.new_id(), "user_id": each, "name": "Redmi 9A", "made_at": now - timedelta(days=90),
         "seen_at": now - timedelta(hours=place), "skew_ms": 900, "worst_skew_ms": 90_000, "report": report}
        for place, each in enumerate(officers)
    ]  # fmt: skip
    writing(lambda connection: insert_all(connection, Device.__table__, rows))


def _refused(area: str, officers: list[str], season: Season) -> None:
    """A hundred and fifty changes in quarantine: a weight that is none."""
    for number in range(150):
        sender = people.sender_without_device(officers[number % OFFICERS])
        assert sender
        raw = as_change(Entry(season.id(), "harvest", {"quantity": f"nhiều {number}"}), area).as_json()
        refused = [Rejected(raw["id"], "invalid", {"field": "quantity", "code": "not_a_number"}, raw)]
        writing(lambda connection, who=sender, what=refused: quarantine.keep(connection, who, what))  # type: ignore[misc]


def _looked_at(area: str, manager: str) -> None:
    rows = [
        {"at": datetime.now(UTC) - timedelta(minutes=each), "user_id": manager, "what": "exported", "area": area,
         "said": json.dumps({"type": "plot", "format": "csv", "rows": each})}
        for each in range(100_000, 0, -1)
    ]  # fmt: skip
    writing(lambda connection: insert_all(connection, Audit.__table__, rows))
    audit.note_now(manager, "filled", area)
