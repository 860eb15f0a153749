"""What the plots page shows: rows from plots, their farmers and what was recorded on them; filters and sorting.

Must never ask the database itself: `store.browse` does.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.console import words
from server.store import browse
from server.store.browse import Seen
from server.store.folding import fold
from sync.geometry import area_ha
from sync.records import LISTS, label_of

PAGE = 50
SORTS = ("name", "farmer", "village", "crops", "area")
_PARTS = re.compile(r"([0-9]+)")
_KILOGRAMS = {unit["code"]: unit["kg"] for unit in LISTS["unit"]}


@dataclass(slots=True)
class Row:
    """One plot in the table."""

    plot: Seen
    farmer: str
    farmer_id: str | None
    area: float | None
    children: list[Seen] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.plot.fields.get("name") or "–")

    @property
    def village(self) -> str:
        return str(self.plot.fields.get("village") or "")

    @property
    def commune(self) -> str:
        code = self.plot.fields.get("commune")
        return label_of("commune", code, words.language()) if code else ""

    @property
    def crops(self) -> str:
        codes = [each.get("crop") for each in self.plot.fields.get("crops") or []]
        return ", ".join(label_of("crop", code, words.language()) for code in codes if code)

    @property
    def harvests(self) -> list[Seen]:
        return of_type(self.children, "harvest", "date")

    @property
    def observations(self) -> list[Seen]:
        return of_type(self.children, "observation", "at")

    @property
    def disease(self) -> Seen | None:
        """The newest observation, when it found something."""
        newest = self.observations[:1]
        return newest[0] if newest and newest[0].fields.get("found") == "present" else None


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for."""

    area: str = ""
    crop: str = ""
    text: str = ""
    sort: str = "name"
    page: int = 1


def rows(areas: Sequence[str], wish: Filters) -> list[Row]:
    """The rows that *wish* asks for, without what was recorded on them."""
    chosen = [wish.area] if wish.area else areas
    joined = browse.joined(chosen)
    known = {each.id: each for each in browse.all_of("farmer", chosen)}
    farmers = {each: known[meant] for each in known if (meant := joined.stands_for(each)) in known}
    found = [row_of(plot, farmers) for plot in browse.all_of("plot", chosen) if joined.stands_for(plot.id) == plot.id]
    found = [row for row in found if _wanted(row, wish)]
    return sorted(found, key=lambda row: _key(row, wish.sort))


def fill(page: Iterable[Row], areas: Sequence[str]) -> None:
    """Add what was recorded to the rows of one page: one question for all."""
    page = list(page)
    joined = browse.joined(areas)
    twins = {row.plot.id: joined.joined_into(row.plot.id) for row in page}
    children = browse.referring({each for found in twins.values() for each in found}, areas)
    for row in page:
        row.children = [child for twin in sorted(twins[row.plot.id]) for child in children.get(twin, [])]


def of_type(records: Iterable[Seen], type_: str, by: str) -> list[Seen]:
    """The records of a type, newest first by the field *by*."""
    return sorted(
        (each for each in records if each.type == type_), key=lambda each: str(each.fields.get(by) or ""), reverse=True
    )


def seasons(harvests: Iterable[Seen], area: float | None) -> list[dict[str, Any]]:
    """Tonnes, and tonnes a hectare, by crop and year of harvest; newest first."""
    sums: dict[tuple[str, str], float] = {}
    for each in harvests:
        kilograms = (each.fields.get("quantity") or 0) * _KILOGRAMS.get(each.fields.get("unit") or "kg", 0)
        key = (str(each.fields.get("date") or "")[:4], str(each.fields.get("crop") or ""))
        sums[key] = sums.get(key, 0) + kilograms / 1000
    return [
        {
            "year": year,
            "crop": label_of("crop", crop, words.language()),
            "t": tonnes,
            "t_ha": tonnes / area if area else None,
        }
        for (year, crop), tonnes in sorted(sums.items(), reverse=True)
    ]


def features(found: Iterable[Row]) -> dict[str, Any]:
    """The rows as GeoJSON: what the map draws."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row.plot.id,
                "geometry": row.plot.fields["boundary"],
                "properties": {"name": row.name, "farmer": row.farmer, "needs": bool(row.plot.conflicts)},
            }
            for row in found
            if row.plot.fields.get("boundary")
        ],
    }


def row_of(plot: Seen, farmers: dict[str, Seen]) -> Row:
    farmer = farmers.get(plot.fields.get("farmer") or "")
    return Row(
        plot=plot,
        farmer=str(farmer.fields.get("name") or "–") if farmer else "",
        farmer_id=farmer.id if farmer else None,
        area=area_ha(plot.fields.get("boundary")),
    )


def _wanted(row: Row, wish: Filters) -> bool:
    if wish.crop and wish.crop not in [each.get("crop") for each in row.plot.fields.get("crops") or []]:
        return False
    hay = fold(f"{row.name} {row.farmer} {row.village} {row.commune} {row.plot.fields.get('puc') or ''}")
    return all(word in hay for word in fold(wish.text).split())


def _key(row: Row, sort: str) -> Any:
    if sort == "area":
        return -(row.area or 0)
    # By the numbers in it, too: field 2 comes before field 10.
    return [
        (part.isdigit(), part.zfill(9) if part.isdigit() else part)
        for part in _PARTS.split(fold(str(getattr(row, sort))))
    ]
