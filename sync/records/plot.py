"""A field of one household: where it is, how large, what grows there."""

from sync.records.declaration import Check, RecordType
from sync.records.fields import (
    MOST_VERTICES,
    Choice,
    Choices,
    Date,
    Geometry,
    Instant,
    Integer,
    Items,
    Number,
    Reference,
    Text,
    Words,
)

# A walk of five and a half hours, at a fix a second.
MOST_FIXES = 20_000

TRACK = {
    "at": Instant(Words("Lúc", "At")),
    "point": Geometry(Words("Điểm", "Point"), "Point"),
    "accuracy_m": Number(Words("Sai số", "Accuracy"), 0, 100_000, unit="m"),
}

# How each corner of the boundary was found: the boundary itself says only where.
CORNERS = {
    "point": Geometry(Words("Điểm", "Point"), "Point"),
    "how": Choice(Words("Cách đo", "How it was found"), "corner"),
    "accuracy_m": Number(Words("Sai số", "Accuracy"), 0, 100_000, decimals=1, unit="m"),
    "fixes": Integer(Words("Số lần đo", "Fixes"), 1, MOST_FIXES),
}

CROPS = {
    "crop": Choice(Words("Cây trồng", "Crop"), "crop", asked=True, pictures=True),
    "variety": Text(Words("Giống", "Variety"), 80, suggest="variety"),
    "planted_on": Date(Words("Ngày trồng", "Planted on")),
    "plants": Integer(Words("Số cây", "Plants"), 0, 10_000_000, unit=Words("cây", "plants")),
}

RECORD = RecordType(
    name="plot",
    label=Words("Nương", "Plot"),
    plural=Words("Nương", "Plots"),
    identity=("name", "village"),
    fields={
        "farmer": Reference(Words("Nông hộ", "Farmer"), "farmer", asked=True),
        "name": Text(Words("Tên nương", "Name of the plot"), 120, asked=True),
        "boundary": Geometry(
            Words("Ranh giới", "Boundary"), "Polygon", "Point",
            hint=Words("Đi quanh nương, chấm trên bản đồ, hoặc một điểm", "Walk round it, tap it on the map, or give a point"),
        ),
        "crops": Items(Words("Cây trồng", "Crops"), CROPS, 20),
        "declared_area_ha": Number(
            Words("Diện tích khai báo", "Declared area"), 0, 10_000, decimals=4, unit="ha",
            hint=Words("Theo lời chủ hộ hoặc giấy tờ", "As the farmer or the papers say"),
        ),
        "commune": Choice(Words("Xã, phường", "Commune"), "commune"),
        "village": Text(Words("Bản", "Village"), 120),
        "certificate": Text(Words("Số giấy chứng nhận QSDĐ", "Land-use certificate number"), 60),
        "puc": Text(Words("Mã số vùng trồng", "Growing-area code (PUC)"), 60),
        "certifications": Choices(Words("Chứng nhận", "Certifications"), "certification"),
        "capture": Choice(Words("Cách đo", "How it was captured"), "capture"),
        "accuracy_m": Number(Words("Sai số GPS", "GPS accuracy"), 0, 100_000, decimals=1, unit="m"),
        "track": Items(Words("Vết đi", "Track"), TRACK, MOST_FIXES, hidden=True),
        "corners": Items(Words("Các góc", "Corners"), CORNERS, MOST_VERTICES, hidden=True),
        "doubts": Choices(Words("Vị trí đáng ngờ", "Doubtful positions"), "doubt", hidden=True),
    },
    checks=(
        Check("not_crossing", ("boundary",)), Check("area_agrees", ("declared_area_ha", "boundary")),
        Check("not_doubtful", ("doubts",)),
    ),
)  # fmt: skip
