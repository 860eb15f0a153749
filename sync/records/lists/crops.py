"""The crops of the Northwest. A code is EPPO's where it was checked; the others carry our own mark `X-`, never a guess."""

from typing import Any

CHECKED = "EPPO"
OWN = "own code; the EPPO code was not checked"


def _crop(code: str, vi: str, en: str, scientific: str, habit: str, *forms: str) -> dict[str, Any]:
    """*habit*: how it grows, `tree`, `grass` or `herb`: by which pictures its stages are told."""
    source = OWN if code.startswith("X-") else CHECKED
    named = {"code": code, "vi": vi, "en": en, "scientific": scientific}
    return {**named, "habit": habit, "forms": list(forms), "source": source}


CROPS: list[dict[str, Any]] = [
    _crop("COFAR", "Cà phê chè", "Arabica coffee", "Coffea arabica", "tree", "cherry", "parchment", "green"),
    _crop("X-MANGO", "Xoài", "Mango", "Mangifera indica", "tree", "fresh", "dried"),
    _crop("DMCLO", "Nhãn", "Longan", "Dimocarpus longan", "tree", "fresh", "dried"),
    _crop("X-PLUM", "Mận", "Plum", "Prunus salicina", "tree", "fresh", "dried"),
    _crop("CAHSI", "Chè", "Tea", "Camellia sinensis", "tree", "leaf", "dried"),
    _crop("PAQED", "Chanh leo", "Passion fruit", "Passiflora edulis", "herb", "fresh"),
    _crop("CIDSI", "Cam", "Orange", "Citrus x sinensis", "tree", "fresh"),
    _crop("1MUBG", "Chuối", "Banana", "Musa", "herb", "fresh"),
    _crop("X-CASSAVA", "Sắn", "Cassava", "Manihot esculenta", "herb", "root", "dried"),
    _crop("X-MACADAMIA", "Mắc ca", "Macadamia", "Macadamia integrifolia", "tree", "in_shell"),
    _crop("X-CINNAMON", "Quế", "Cinnamon", "Cinnamomum cassia", "tree", "bark", "leaf"),
    _crop("HVEBR", "Cao su", "Rubber", "Hevea brasiliensis", "tree", "latex"),
    _crop(
        "X-GINSENG", "Sâm Lai Châu", "Lai Châu ginseng", "Panax vietnamensis var. fuscidiscus", "herb", "root", "leaf"
    ),
    _crop("X-CARDAMOM", "Thảo quả", "Black cardamom", "Lanxangia tsao-ko", "herb", "fresh", "dried"),
    _crop("X-MEDICINAL", "Cây thuốc khác", "Other medicinal plant", "", "herb", "fresh", "dried", "root", "leaf"),
    _crop("ORYSA", "Lúa", "Rice", "Oryza sativa", "grass", "paddy"),
    _crop("X-MAIZE", "Ngô", "Maize", "Zea mays", "grass", "fresh", "grain"),
]
