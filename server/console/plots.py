"""What stands on the page of one plot: what was recorded on it, by type and season.

Must never ask the database: `store.browse` does.
"""

from collections.abc import Iterable
from typing import Any

from server.language import name_of
from server.store.browse import Seen
from server.store.glance.rows import day_of
from server.store.lists import lists
from sync.records.harvest import kilograms
from sync.seasons import season_of


def of_type(records: Iterable[Seen], type_: str, by: str) -> list[Seen]:
    """The records of a type, newest first by the field *by*."""
    return sorted(
        (each for each in records if each.type == type_), key=lambda each: str(each.fields.get(by) or ""), reverse=True
    )


def seasons(harvests: Iterable[Seen], area: float | None) -> list[dict[str, Any]]:
    """Tonnes, and tonnes a hectare, by crop and season; newest first."""
    sums: dict[tuple[str, str], float] = {}
    for each in harvests:
        crop, day = str(each.fields.get("crop") or ""), day_of("harvest", each.fields)
        key = (season_of(crop, day) if day else "", crop)
        sums[key] = sums.get(key, 0) + (kilograms(each.fields, lists()) or 0) / 1000
    return [
        {"season": season, "crop": name_of("crop", crop), "t": tonnes, "t_ha": tonnes / area if area else None}
        for (season, crop), tonnes in sorted(sums.items(), reverse=True)
    ]
