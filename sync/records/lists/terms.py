"""Short lists of terms: units, forms, grades, stages and the like."""

from typing import Any


def _terms(*rows: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"code": code, "vi": vi, "en": en} for code, vi, en in rows]


# Kilograms in one; a sack (bao) is what the place fills it with: `local_kg` until the entry says what it weighs.
_UNITS: list[dict[str, Any]] = [
    {"code": "kg", "vi": "kg", "en": "kg", "kg": 1},
    {"code": "yen", "vi": "yến", "en": "yến (10 kg)", "kg": 10},
    {"code": "ta", "vi": "tạ", "en": "tạ (100 kg)", "kg": 100},
    {"code": "tan", "vi": "tấn", "en": "tonne", "kg": 1000},
    {"code": "bao", "vi": "bao", "en": "sack", "kg": 50, "local_kg": 50},
]

TERMS: dict[str, list[dict[str, Any]]] = {
    "unit": _UNITS,
    "habit": _terms(
        ("tree", "Cây thân gỗ", "Tree"), ("grass", "Cây họ lúa, cỏ", "Grass"), ("herb", "Cây thân thảo", "Herb")
    ),
    "pest_kind": _terms(
        ("insect", "Sâu hại", "Insect"),
        ("disease", "Bệnh hại", "Disease"),
        ("weed", "Cỏ dại", "Weed"),
        ("other", "Loại khác", "Other"),
    ),
    "sex": _terms(("female", "Nữ", "Female"), ("male", "Nam", "Male")),
    "form": _terms(
        ("cherry", "Quả tươi", "Cherry"),
        ("parchment", "Cà phê thóc", "Parchment"),
        ("green", "Cà phê nhân", "Green bean"),
        ("fresh", "Tươi", "Fresh"),
        ("dried", "Khô", "Dried"),
        ("leaf", "Búp, lá", "Leaf"),
        ("root", "Củ", "Root"),
        ("bark", "Vỏ", "Bark"),
        ("latex", "Mủ", "Latex"),
        ("in_shell", "Hạt còn vỏ", "In shell"),
        ("paddy", "Thóc", "Paddy"),
        ("grain", "Hạt khô", "Grain"),
    ),
    "grade": _terms(("A", "A", "A"), ("B", "B", "B"), ("C", "C", "C"), ("mixed", "Xô", "Mixed")),
    # Darwin Core's occurrenceStatus.
    "found": _terms(("present", "Có thấy", "Found"), ("absent", "Không thấy", "None found")),
    "severity": _terms(
        ("1", "Nhẹ (dưới 10 %)", "Slight (under 10 %)"),
        ("2", "Vừa (10–25 %)", "Moderate (10–25 %)"),
        ("3", "Nặng (25–50 %)", "Severe (25–50 %)"),
        ("4", "Rất nặng (trên 50 %)", "Very severe (over 50 %)"),
    ),
    "part": _terms(
        ("leaf", "Lá", "Leaf"),
        ("fruit", "Quả", "Fruit"),
        ("flower", "Hoa", "Flower"),
        ("shoot", "Chồi, cành", "Shoot"),
        ("stem", "Thân", "Stem"),
        ("root", "Rễ", "Root"),
        ("whole", "Cả cây", "Whole plant"),
    ),
    "identified_by": _terms(
        ("officer", "Cán bộ nhìn thấy", "Seen by the officer"),
        ("farmer", "Chủ hộ nói", "Said by the farmer"),
        ("expert", "Chuyên gia xem ảnh hoặc mẫu", "Expert, by photo or sample"),
        ("laboratory", "Xét nghiệm", "Laboratory"),
    ),
    "capture": _terms(
        ("walked", "Đi quanh bằng GPS", "Walked with GPS"),
        ("tapped", "Chấm trên bản đồ", "Tapped on the map"),
        ("point", "Một điểm", "A point"),
        ("imported", "Nhập từ tệp", "Imported"),
    ),
    "corner": _terms(
        ("walked", "Đi qua", "Walked past"),
        ("stood", "Đứng yên đo", "Stood still on"),
        ("tapped", "Chấm trên bản đồ", "Tapped on the map"),
        ("shared", "Chung với nương bên", "On a neighbour's line"),
    ),
    "doubt": _terms(
        ("same_accuracy", "Sai số không bao giờ đổi", "The accuracy never changes"),
        ("no_jitter", "Bước đều như thước kẻ", "Steps like a ruler's"),
        ("too_fast", "Không ai đi bộ nhanh thế", "Nobody walks so fast"),
    ),
    "certification": _terms(
        ("vietgap", "VietGAP", "VietGAP"),
        ("globalgap", "GLOBALG.A.P.", "GLOBALG.A.P."),
        ("organic", "Hữu cơ", "Organic"),
        ("rainforest", "Rainforest Alliance", "Rainforest Alliance"),
        ("4c", "4C", "4C"),
    ),
    "activity": _terms(
        ("spray", "Phun thuốc", "Spraying"),
        ("fertilise", "Bón phân", "Fertilising"),
        ("irrigate", "Tưới", "Irrigation"),
        ("prune", "Tỉa cành", "Pruning"),
        ("weed", "Làm cỏ", "Weeding"),
        ("plant", "Trồng, dặm", "Planting"),
        ("other", "Việc khác", "Other"),
    ),
    "review": _terms(
        ("approved", "Đã duyệt", "Approved"),
        ("queried", "Hỏi lại", "Queried"),
        ("rejected", "Không duyệt", "Rejected"),
    ),
}
