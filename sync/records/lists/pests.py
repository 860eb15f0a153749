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
        "X-MANGO", "X-LONGAN", "X-PLUM", "X-PASSION", "X-ORANGE", "X-BANANA", "COFAR",
    ),
    _pest(
        "X-ANTHRACNOSE", "Thán thư", "Anthracnose", "Colletotrichum", "X-MANGO", "X-LONGAN", "X-PASSION", "X-BANANA", "COFAR"
    ),
    _pest("X-HOPPER", "Rầy xoài", "Mango hopper", "Idioscopus", "X-MANGO"),
    _pest("X-WITCHBROOM", "Chổi rồng nhãn", "Longan witches' broom", "", "X-LONGAN"),
    _pest("X-STINKBUG", "Bọ xít nhãn", "Longan stink bug", "Tessaratoma papillosa", "X-LONGAN"),
    _pest("X-GREENFLY", "Rầy xanh chè", "Tea green leafhopper", "Empoasca", "X-TEA"),
    _pest("X-TEABUG", "Bọ xít muỗi", "Tea mosquito bug", "Helopeltis", "X-TEA", "X-CINNAMON", "X-MACADAMIA"),
    _pest("X-BLISTER", "Phồng lá chè", "Blister blight", "Exobasidium vexans", "X-TEA"),
    _pest("X-MOSAIC", "Khảm lá sắn", "Cassava mosaic disease", "Begomovirus", "X-CASSAVA"),
    _pest("LAPHFR", "Sâu keo mùa thu", "Fall armyworm", "Spodoptera frugiperda", "X-MAIZE", "X-RICE"),
    _pest("X-LEAFFALL", "Rụng lá cao su", "Rubber leaf fall", "", "X-RUBBER"),
]  # fmt: skip
