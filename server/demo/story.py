"""What happened in the demonstration: households, fields on slopes, two seasons of harvests, an outbreak of coffee rust.

Invented, but as it could be: names as they are there, communes by their code, sizes and yields within what is known.
Deterministic: the same day gives the same story. Must never ask the clock.
"""

import hashlib
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from server.demo.drawing import leaf
from sync.change import Change
from sync.records import LISTS, SCHEMA

_PHOTOS = 4
SEED = 1984  # the year in which coffee rust took most of the old Arabica of Sơn La: only a number here

_THAI = ("Lò Văn", "Cầm Văn", "Quàng Văn", "Tòng Văn", "Hà Văn", "Lường Văn", "Cà Thị", "Lò Thị", "Quàng Thị")
_HMONG = ("Vàng A", "Giàng A", "Mùa A", "Sùng A", "Thào A", "Hờ Thị", "Lầu Thị")
_KINH = ("Nguyễn Văn", "Trần Thị", "Phạm Văn", "Đỗ Thị")
_GIVEN = ("Pâng", "Hặc", "Tiến", "Dung", "Chu", "Páo", "Dơ", "Sinh", "Hương", "Ín", "Mai", "Kẻo", "Xuân", "Thắng", "Lả",
          "Ơn", "Muôn", "Sáng", "Nhia", "Chống", "Biên", "Thoa", "Ngoan", "Hiêng")  # fmt: skip


@dataclass(frozen=True)
class Village:
    """A village: its area (0 to 2), commune, the middle of its fields, and what grows there."""

    name: str
    area: int
    commune: str
    longitude: float
    latitude: float
    names: tuple[str, ...]
    crops: tuple[str, ...]


VILLAGES = (
    Village("bản Nà Ớt", 0, "Xã Chiềng Mung", 104.071, 21.236, _THAI, ("COFAR", "X-PLUM")),
    Village("bản Xum", 0, "Xã Chiềng Mung", 104.094, 21.221, _THAI, ("COFAR",)),
    Village("bản Co Mạ", 0, "Xã Chiềng Mai", 104.043, 21.193, _HMONG, ("COFAR", "X-PLUM")),
    Village("bản Huổi Pá", 1, "Xã Yên Châu", 104.297, 21.054, _THAI, ("X-MANGO", "DMCLO")),
    Village("bản Khóng", 1, "Xã Yên Châu", 104.322, 21.038, _KINH + _THAI, ("X-MANGO", "DMCLO", "X-PLUM")),
    Village("bản Hua Nguống", 2, "Xã Mường Ảng", 103.224, 21.524, _THAI, ("CAHSI", "COFAR")),
    Village("bản Pá Cha", 2, "Xã Mường Ảng", 103.251, 21.541, _HMONG, ("CAHSI", "COFAR")),
)

# Months of harvest, kg of one picking a hectare, form, đồng a kg, buyer.
_PICKINGS: dict[str, tuple[tuple[int, ...], tuple[int, int], str, int, str]] = {
    "COFAR": ((10, 11, 12, 1), (1400, 3000), "cherry", 21000, "Xưởng chế biến của HTX"),
    "X-MANGO": ((5, 6, 7), (1800, 3600), "fresh", 14000, "Thương lái Mộc Châu"),
    "DMCLO": ((7, 8), (2000, 4500), "fresh", 16000, "HTX"),
    "X-PLUM": ((5, 6), (2500, 5000), "fresh", 12000, "Thương lái Hà Nội"),
    "CAHSI": ((3, 4, 5, 6, 7, 8, 9, 10), (700, 1500), "leaf", 9000, "Nhà máy chè"),
}
_VARIETIES = {"COFAR": ("Catimor", "THA1"), "X-MANGO": ("Đài Loan", "Tròn Yên Châu"), "DMCLO": ("Miền Thiết", "Hương Chi"),
              "X-PLUM": ("Mận hậu", "Tam hoa"), "CAHSI": ("Shan tuyết", "Kim Tuyên")}  # fmt: skip


@dataclass
class Story:
    """Tells the story as edits: (who, change), in the order in which they were made."""

    areas: list[str]
    authors: dict[str, str]
    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311  (a story, no secret)
    edits: list[tuple[str, Change]] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)

    def tell(self) -> list[tuple[str, Change]]:
        """All edits, oldest first."""
        for village in VILLAGES:
            self._village(village)
        self._disagreement()
        self._query()
        self._pictures()
        return sorted(self.edits, key=lambda each: each[1].id)

    # A village, a household, a field --------------------------------------------------------------------------------

    def _village(self, village: Village) -> None:
        households = self.chance.randint(7, 10)
        for number in range(households):
            farmer = self._farmer(village, number)
            for each in range(self.chance.choice((1, 1, 2, 2, 3))):
                self._plot(village, farmer, number, each)

    def _farmer(self, village: Village, number: int) -> str:
        name = f"{self.chance.choice(village.names)} {self.chance.choice(_GIVEN)}"
        return self._edit(
            self._officer(village),
            self._on(date(2024, 3, 4) + timedelta(days=number)),
            "farmer",
            village.area,
            {
                "name": name,
                "phone": f"09{self.chance.randint(10, 99)} {self.chance.randint(100, 999)} {self.chance.randint(100, 999)}",
                "sex": "female" if "Thị" in name else "male",
                "birth_year": self.chance.randint(1955, 1998),
                "commune": _commune(village.commune),
                "village": village.name,
                "consent": True,
            },
        )

    def _plot(self, village: Village, farmer: str, row: int, place: int) -> None:
        crop = village.crops[0] if self.chance.random() < 0.65 else self.chance.choice(village.crops)
        ring, area = self._field(village, row, place)
        plot = self._edit(
            self._officer(village),
            self._on(date(2024, 3, 20) + timedelta(days=row * 2 + place)),
            "plot",
            village.area,
            {
                "farmer": farmer,
                "name": f"Nương {village.name.removeprefix('bản ')} {row + 1}{'abc'[place]}",
                "boundary": {"type": "Polygon", "coordinates": [ring]},
                "capture": "walked" if self.chance.random() < 0.7 else "tapped",
                "accuracy_m": round(self.chance.uniform(3, 12), 1),
                "declared_area_ha": round(area * self.chance.uniform(0.85, 1.2), 1),
                "crops": [
                    {
                        "crop": crop,
                        "variety": self.chance.choice(_VARIETIES[crop]),
                        "planted_on": f"{self.chance.randint(2008, 2020)}-06-01",
                        "plants": int(area * (4500 if crop in ("COFAR",) else 12000 if crop == "CAHSI" else 400)),
                    }
                ],
                "commune": _commune(village.commune),
                "village": village.name,
            },
        )
        for year in (2024, 2025):
            self._harvests(village, plot, crop, area, year)
        self._observations(village, plot, crop)
        if self.chance.random() < 0.6:
            self._diary(village, plot)

    def _field(self, village: Village, row: int, place: int) -> tuple[list[list[float]], float]:
        """A strip along the contour, in a grid of its own so that neighbours do not overlap; closed ring and its ha."""
        wide, deep = self.chance.uniform(90, 190), self.chance.uniform(45, 110)  # metres
        middle_x, middle_y = (place - 1) * 215 + self.chance.uniform(-8, 8), (row - 5) * 130
        slant = math.radians(14 + 20 * math.sin(village.longitude * 50))
        points = []
        corners = self.chance.randint(7, 11)
        for each in range(corners):
            turn = 2 * math.pi * each / corners
            reach = self.chance.uniform(0.84, 1.0)
            # Squarer than an ellipse: fields meet at edges.
            x = wide / 2 * math.copysign(abs(math.cos(turn)) ** 0.6, math.cos(turn)) * reach
            y = deep / 2 * math.copysign(abs(math.sin(turn)) ** 0.6, math.sin(turn)) * reach
            points.append((middle_x + x, middle_y + y + 0.0006 * x * x))
        turned = [
            (x * math.cos(slant) - y * math.sin(slant), x * math.sin(slant) + y * math.cos(slant)) for x, y in points
        ]
        scale = 111_320 * math.cos(math.radians(village.latitude))
        ring = [[round(village.longitude + x / scale, 6), round(village.latitude + y / 110_574, 6)] for x, y in turned]
        doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
        return [*ring, ring[0]], abs(doubled) / 2 / 10_000

    # What is recorded on it -----------------------------------------------------------------------------------------

    def _harvests(self, village: Village, plot: str, crop: str, area: float, year: int) -> None:
        months, (low, high), form, price, buyer = _PICKINGS[crop]
        for month in months:
            if self.chance.random() < (0.45 if crop == "CAHSI" else 0.2):
                continue
            day = date(year + (month < 3), month, self.chance.randint(1, 28))
            if day >= self.now.date():
                continue
            kilograms = round(area * self.chance.uniform(low, high) / 10) * 10
            in_ta = kilograms >= 500 and self.chance.random() < 0.4
            self._edit(
                self._officer(village),
                self._on(day),
                "harvest",
                village.area,
                {
                    "plot": plot,
                    "date": day.isoformat(),
                    "crop": crop,
                    "quantity": kilograms / 100 if in_ta else kilograms,
                    "unit": "ta" if in_ta else "kg",
                    "form": form,
                    "grade": self.chance.choice(("A", "A", "B", "mixed")),
                    "buyer": buyer,
                    "price_vnd": price + self.chance.randint(-15, 15) * 100,
                },
            )

    def _observations(self, village: Village, plot: str, crop: str) -> None:
        for weeks in sorted(self.chance.sample(range(3, 80), 2)):
            self._observe(village, plot, crop, self.now - timedelta(weeks=weeks), None)
        if crop == "COFAR":
            # The rust came up the valley: first bản Xum, then its neighbours, each week to more fields.
            first = {"bản Xum": 8, "bản Nà Ớt": 6, "bản Co Mạ": 4}.get(village.name)
            for weeks in range(first or 0, 0, -2):
                if self.chance.random() < 0.75:
                    share = min(0.7, 0.12 * ((first or 0) - weeks + 1) * self.chance.uniform(0.5, 1.5))
                    self._observe(village, plot, crop, self.now - timedelta(weeks=weeks), share)

    def _observe(self, village: Village, plot: str, crop: str, at: datetime, share: float | None) -> None:
        local = at.replace(hour=self.chance.randint(0, 9), minute=self.chance.randint(0, 59), second=0, microsecond=0)
        values: dict[str, Any] = {
            "plot": plot,
            "found": "present" if share else "absent",
            "pest": "HEMIVA" if crop == "COFAR" else "DACUDO" if crop != "CAHSI" else "X-GREENFLY",
            "crop": crop,
            "at": local.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "inspected": 30,
            "identified_by": "officer",
            "stage": "8" if crop == "COFAR" else "7",
        }
        if share:
            values |= {
                "affected": round(30 * share),
                "part": "leaf",
                "severity": "1" if share < 0.1 else "2" if share < 0.25 else "3" if share < 0.5 else "4",
            }
            values["advice"] = "Tỉa cành cho thoáng, thu gom lá bệnh, phun thuốc gốc đồng khi trời tạnh."
        self._edit(self._officer(village), local + timedelta(minutes=4), "observation", village.area, values)

    def _diary(self, village: Village, plot: str) -> None:
        day = self.now.date() - timedelta(days=self.chance.randint(20, 300))
        spray = self.chance.random() < 0.5
        values: dict[str, Any] = {"plot": plot, "date": day.isoformat(), "kind": "spray" if spray else "fertilise"}
        if spray:
            values |= {
                "product": "Norshield 86.2WG",
                "ingredient": "Cuprous oxide",
                "dose": "20 g / bình 16 l",
                "phi_days": 7,
            }
        else:
            values |= {"product": "NPK 16-16-8", "dose": "0,3 kg / gốc"}
        self._edit(self._officer(village), self._on(day), "activity", village.area, values)

    # What waits for a person ----------------------------------------------------------------------------------------

    def _disagreement(self) -> None:
        """Two officers corrected the same fields, each without a signal: both values wait for a person."""
        plots = [change for _, change in self.edits if change.type == "plot" and change.area == self.areas[1]][:2]
        at = self.now - timedelta(days=3)
        for plot in plots:
            for who, more in (("lan", 0.2), ("pao", -0.1)):
                value = round(max(0.1, plot.set["declared_area_ha"] + more), 1)
                self._correct(who, at, plot, {"declared_area_ha": value})
                at += timedelta(minutes=90)

    def _query(self) -> None:
        """The manager asks about a harvest; and two things are to be done."""
        harvest = max(
            (change for _, change in self.edits if change.type == "harvest"), key=lambda each: each.set["quantity"]
        )
        review = {"state": "queried", "note": "Số này có đúng không? Cao gấp đôi mọi năm.", "seen": [harvest.id]}
        self._correct("hoa", self.now - timedelta(days=1), harvest, {"review": review})
        for number, plot in enumerate([change for _, change in self.edits if change.type == "plot"][:3]):
            due = (self.now.date() + timedelta(days=2 + 3 * number)).isoformat()
            task = {"of": plot.record, "what": "Xem lại bệnh gỉ sắt, đếm 30 cây", "due": due}
            self._edit("hoa", self.now - timedelta(days=1, minutes=number), "task", self.areas.index(plot.area), task)

    def _pictures(self) -> None:
        """Leaves that were photographed where rust was found. Of the last one only the preview has arrived so far."""
        rust = [
            (who, change)
            for who, change in self.edits
            if change.set.get("pest") == "HEMIVA" and change.set.get("affected")
        ]
        for number, (who, seen) in enumerate(sorted(rust, key=lambda each: each[1].id)[-_PHOTOS:], 1):
            spots = 2 + seen.set["affected"]
            full, small = (leaf(width, width * 3 // 4, spots, number) for width in (320, 96))
            self.pictures += [small] if number == _PHOTOS else [small, full]
            at = datetime.fromisoformat(seen.set["at"])
            values = {
                "of": seen.record,
                "sha256": hashlib.sha256(full).hexdigest(),
                "preview_sha256": hashlib.sha256(small).hexdigest(),
                "size_bytes": len(full),
                "mime": "image/png",
                "width": 320,
                "height": 240,
                "taken_at": seen.set["at"],
            }
            self._edit(who, at + timedelta(minutes=5), "photo", self.areas.index(seen.area), values)

    # Making edits ---------------------------------------------------------------------------------------------------

    def _officer(self, village: Village) -> str:
        return ("lan", "lan", "pao")[village.area] if self.chance.random() < 0.8 or village.area != 1 else "pao"

    def _on(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, self.chance.randint(0, 9), self.chance.randint(0, 59), tzinfo=UTC)

    def _edit(self, who: str, at: datetime, type_: str, area: int, values: dict[str, Any]) -> str:
        change_id = self._id(at)
        self.edits.append((who, Change(change_id, self._id(at), type_, self.areas[area], values, schema=SCHEMA)))
        return self.edits[-1][1].record

    def _correct(self, who: str, at: datetime, before: Change, values: dict[str, Any]) -> None:
        over = {name: [before.id] for name in values if name in before.set}
        change = Change(self._id(at), before.record, before.type, before.area, values, over, schema=SCHEMA)
        self.edits.append((who, change))

    def _id(self, at: datetime) -> str:
        """A UUIDv7 of that moment (RFC 9562, 5.7), its random bits from the story's seed."""
        time = f"{int(at.timestamp() * 1000):012x}"
        bits = f"{self.chance.getrandbits(74):019x}"
        variant = "89ab"[int(bits[3], 16) % 4]
        return f"{time[:8]}-{time[8:]}-7{bits[:3]}-{variant}{bits[4:7]}-{bits[7:19]}"


def _commune(name: str) -> str | None:
    return next((str(each["code"]) for each in LISTS["commune"] if each["vi"] == name), None)
