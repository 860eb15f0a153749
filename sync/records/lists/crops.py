"""The crops of the Northwest. A code is EPPO's where it was checked; the others carry our own mark `X-`, never a guess."""

from typing import Any

CHECKED = "EPPO"
OWN = "own code; the EPPO code was not checked"


def _crop(code: str, vi: str, en: str, scientific: str, *forms: str) -> dict[str, Any]:
    source = OWN if code.startswith("X-") else CHECKED
    return {"code": code, "vi": vi, "en": en, "scientific": scientific, "forms": list(forms), "source": source}


CROPS: list[dict[str, Any]] = [
    _crop("COFAR", "Cà phê chè", "Arabica coffee", "Coffea arabica", "cherry", "parchment", "green"),
    _crop("X-MANGO", "Xoài", "Mango", "Mangifera indica", "fresh", "dried"),
    _crop("DMCLO", "Nhãn", "Longan", "Dimocarpus longan", "fresh", "dried"),
    _crop("X-PLUM", "Mận", "Plum", "Prunus salicina", "fresh", "dried"),
    _crop("CAHSI", "Chè", "Tea", "Camellia sinensis", "leaf", "dried"),
    _crop("PAQED", "Chanh leo", "Passion fruit", "Passiflora edulis", "fresh"),
    _crop("CIDSI", "Cam", "Orange", "Citrus x sinensis", "fresh"),
    _crop("1MUBG", "Chuối", "Banana", "Musa", "fresh"),
    _crop("X-CASSAVA", "Sắn", "Cassava", "Manihot esculenta", "root", "dried"),
    _crop("X-MACADAMIA", "Mắc ca", "Macadamia", "Macadamia integrifolia", "in_shell"),
    _crop("X-CINNAMON", "Quế", "Cinnamon", "Cinnamomum cassia", "bark", "leaf"),
    _crop("HVEBR", "Cao su", "Rubber", "Hevea brasiliensis", "latex"),
    _crop("X-GINSENG", "Sâm Lai Châu", "Lai Châu ginseng", "Panax vietnamensis var. fuscidiscus", "root", "leaf"),
    _crop("X-CARDAMOM", "Thảo quả", "Black cardamom", "Lanxangia tsao-ko", "fresh", "dried"),
    _crop("X-MEDICINAL", "Cây thuốc khác", "Other medicinal plant", "", "fresh", "dried", "root", "leaf"),
    _crop("ORYSA", "Lúa", "Rice", "Oryza sativa", "paddy"),
    _crop("X-MAIZE", "Ngô", "Maize", "Zea mays", "fresh", "grain"),
]
