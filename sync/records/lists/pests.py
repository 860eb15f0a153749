"""Pests and diseases to look for, each with the crops that it is looked for on.

A code is EPPO's where it was checked; the others carry our own mark `X-`, never a guess. "Not known" has no code: the
field is left empty.
"""

from typing import Any

from sync.records.lists.crops import CHECKED, OWN


def _pest(code: str, vi: str, en: str, scientific: str, *hosts: str) -> dict[str, Any]:
    source = OWN if code.startswith("X-") else CHECKED
    return {"code": code, "vi": vi, "en": en, "scientific": scientific, "hosts": list(hosts), "source": source}


PESTS: list[dict[str, Any]] = [
    _pest("HEMIVA", "Gỉ sắt cà phê", "Coffee leaf rust", "Hemileia vastatrix", "COFAR"),
    _pest("X-BERRYBORER", "Mọt đục quả cà phê", "Coffee berry borer", "Hypothenemus hampei", "COFAR"),
    _pest("X-STEMBORER", "Sâu đục thân cà phê", "Coffee stem borer", "Xylotrechus quadripes", "COFAR"),
    _pest(
        "DACUDO", "Ruồi đục quả", "Oriental fruit fly", "Bactrocera dorsalis",
        "X-MANGO", "DMCLO", "X-PLUM", "PAQED", "CIDSI", "1MUBG", "COFAR",
    ),
    _pest(
        "X-ANTHRACNOSE", "Thán thư", "Anthracnose", "Colletotrichum", "X-MANGO", "DMCLO", "PAQED", "1MUBG", "COFAR"
    ),
    _pest("X-HOPPER", "Rầy xoài", "Mango hopper", "Idioscopus", "X-MANGO"),
    _pest("X-WITCHBROOM", "Chổi rồng nhãn", "Longan witches' broom", "", "DMCLO"),
    _pest("X-STINKBUG", "Bọ xít nhãn", "Longan stink bug", "Tessaratoma papillosa", "DMCLO"),
    _pest("X-GREENFLY", "Rầy xanh chè", "Tea green leafhopper", "Empoasca", "CAHSI"),
    _pest("X-TEABUG", "Bọ xít muỗi", "Tea mosquito bug", "Helopeltis", "CAHSI", "X-CINNAMON", "X-MACADAMIA"),
    _pest("X-BLISTER", "Phồng lá chè", "Blister blight", "Exobasidium vexans", "CAHSI"),
    _pest("X-MOSAIC", "Khảm lá sắn", "Cassava mosaic disease", "Begomovirus", "X-CASSAVA"),
    _pest("LAPHFR", "Sâu keo mùa thu", "Fall armyworm", "Spodoptera frugiperda", "X-MAIZE", "ORYSA"),
    _pest("X-LEAFFALL", "Rụng lá cao su", "Rubber leaf fall", "", "HVEBR"),
]  # fmt: skip
