"""A picture that belongs to a record. The picture itself travels apart, named by its SHA-256."""

from sync.records.declaration import RecordType
from sync.records.fields import Geometry, Instant, Integer, Number, Reference, Text, Words

RECORD = RecordType(
    name="photo",
    label=Words("Ảnh", "Photo"),
    plural=Words("Ảnh", "Photos"),
    identity=("taken_at", "caption"),
    fields={
        "of": Reference(Words("Ảnh của", "Photo of"), asked=True),
        "sha256": Text(Words("Mã SHA-256", "SHA-256"), 64, form="[0-9a-f]{64}", asked=True),
        "preview_sha256": Text(
            Words("Mã SHA-256 của ảnh nhỏ", "SHA-256 of the preview"), 64, form="[0-9a-f]{64}", hidden=True
        ),
        "size_bytes": Integer(Words("Cỡ tệp", "Size"), 0, 100_000_000, unit="B"),
        "mime": Text(Words("Loại tệp", "Type"), 80, form="[a-z]+/[a-z0-9.+-]+"),
        "width": Integer(Words("Rộng", "Width"), 0, 100_000, unit="px"),
        "height": Integer(Words("Cao", "Height"), 0, 100_000, unit="px"),
        "taken_at": Instant(Words("Chụp lúc", "Taken at")),
        "point": Geometry(Words("Chụp ở", "Taken where"), "Point"),
        "accuracy_m": Number(Words("Sai số GPS", "GPS accuracy"), 0, 100_000, decimals=1, unit="m"),
        "caption": Text(Words("Lời ghi", "Caption"), 500),
    },
)
