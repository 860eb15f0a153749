"""The principal growth stages of the BBCH scale, as they look on a tree, on a grass and on a herb.

Source: U. Meier (ed.), Growth stages of mono- and dicotyledonous plants, BBCH Monograph, 2nd edition, 2001: the general
scale, with the names of its scale for cereals where these differ. A stage that a habit does not go through is left out.
"""

from typing import Any


def _stage(code: str, vi: str, en: str, *habits: str, grass: tuple[str, str] | None = None) -> dict[str, Any]:
    own = {"grass": {"vi": grass[0], "en": grass[1]}} if grass else {}
    return {"code": code, "vi": f"{code} {vi}", "en": f"{code} {en}", "habits": list(habits), **own}


_ALL = ("tree", "grass", "herb")

STAGES: list[dict[str, Any]] = [
    _stage("0", "Nảy mầm, bật chồi", "Germination, bud development", *_ALL),
    _stage("1", "Ra lá", "Leaf development", *_ALL),
    _stage("2", "Ra cành", "Side shoots", "grass", "herb", grass=("Đẻ nhánh", "Tillering")),
    _stage("3", "Vươn chồi", "Shoot growth", *_ALL, grass=("Vươn lóng", "Stem elongation")),
    _stage("4", "Củ, bẹ, lá lớn dần", "Harvestable vegetative parts", "grass", "herb", grass=("Làm đòng", "Booting")),
    _stage("5", "Ra nụ", "Inflorescence emergence", *_ALL, grass=("Trổ bông, trổ cờ", "Heading")),
    _stage("6", "Nở hoa", "Flowering", *_ALL),
    _stage("7", "Nuôi quả", "Fruit development", *_ALL, grass=("Hạt ngậm sữa", "Grain filling")),
    _stage("8", "Quả chín", "Ripening", *_ALL, grass=("Hạt chín", "Ripening")),
    _stage("9", "Già, nghỉ", "Senescence, dormancy", *_ALL),
]
