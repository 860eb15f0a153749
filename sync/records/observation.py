"""A pest or a disease that was looked for: found or not found, both count (ISPM 6)."""

from sync.records.declaration import Check, RecordType
from sync.records.fields import Choice, Geometry, Instant, Integer, Number, Reference, Text, Words

FOUND = {"found": ("present",)}

RECORD = RecordType(
    name="observation",
    label=Words("Sâu bệnh", "Pest or disease"),
    plural=Words("Sâu bệnh", "Pests and diseases"),
    identity=("at", "pest", "found"),
    fields={
        "plot": Reference(Words("Nương", "Plot"), "plot", asked=True),
        "found": Choice(Words("Có thấy không", "Found"), "found", asked=True),
        "pest": Choice(
            Words("Sâu, bệnh", "Pest or disease"), "pest", pictures=True,
            hint=Words("Để trống nếu chưa biết là gì", "Leave it empty when it is not known"),
        ),
        "crop": Choice(Words("Trên cây", "On crop"), "crop", pictures=True),
        "inspected": Integer(Words("Số cây đã xem", "Plants looked at"), 0, 1_000_000),
        "affected": Integer(Words("Số cây bị", "Plants affected"), 0, 1_000_000, shown_when=FOUND),
        "severity": Choice(Words("Mức độ", "Severity"), "severity", shown_when=FOUND),
        "part": Choice(Words("Bộ phận bị", "Part affected"), "part", shown_when=FOUND),
        "stage": Choice(Words("Giai đoạn cây (BBCH)", "Growth stage (BBCH)"), "stage", pictures=True),
        "identified_by": Choice(Words("Nhận biết bằng", "Identified by"), "identified_by"),
        "at": Instant(Words("Lúc", "Time"), asked=True),
        "point": Geometry(Words("Vị trí", "Position"), "Point"),
        "accuracy_m": Number(Words("Sai số GPS", "GPS accuracy"), 0, 100_000, decimals=1, unit="m"),
        "advice": Text(Words("Lời khuyên đã cho", "Advice given"), 2000, lines=True),
    },
    checks=(Check("not_greater", ("affected", "inspected")), Check("not_future", ("at",))),
    open=8,
    counted=("inspected", "affected"),
)  # fmt: skip
