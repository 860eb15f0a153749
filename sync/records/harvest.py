"""What was picked on a plot on a day. Yield in t/ha is derived from it and never typed."""

from collections.abc import Mapping
from typing import Any

from sync.records.declaration import Check, RecordType
from sync.records.fields import Choice, Date, Number, Reference, Text, Words
from sync.records.lists import BUILT_IN, Lists

RECORD = RecordType(
    name="harvest",
    label=Words("Thu hoạch", "Harvest"),
    plural=Words("Thu hoạch", "Harvests"),
    identity=("date", "crop", "quantity", "unit"),
    fields={
        "plot": Reference(Words("Nương", "Plot"), "plot", asked=True),
        "quantity": Number(Words("Số lượng", "Quantity"), 0, 1_000_000, decimals=2, asked=True),
        "unit": Choice(Words("Đơn vị", "Unit"), "unit", asked=True, default="kg", fills={"unit_kg": "local_kg"}),
        # A sack is what the place fills it with: its weight goes along with the value, whatever a list says later.
        "unit_kg": Number(
            Words("Một bao nặng", "One sack weighs"), 0, 1000, decimals=1, unit="kg", shown_when={"unit": ("bao",)}
        ),
        "date": Date(Words("Ngày", "Date"), asked=True),
        "crop": Choice(Words("Cây trồng", "Crop"), "crop", asked=True, pictures=True),
        "form": Choice(Words("Dạng", "Form"), "form"),
        "grade": Choice(Words("Loại", "Grade"), "grade"),
        "buyer": Text(Words("Bán cho", "Sold to"), 120, recent=True),
        "moisture_percent": Number(Words("Độ ẩm", "Moisture"), 0, 100, decimals=1, unit="%"),
        "price_vnd": Number(Words("Giá", "Price"), 0, 1_000_000_000, decimals=0, unit="đ/kg"),
    },
    checks=(Check("not_future", ("date",)),),
    open=8,
)


def kilograms(fields: Mapping[str, Any], lists: Lists = BUILT_IN) -> float | None:
    """What a harvest weighs in kg, a sack by its own weight where the entry says it; None where nobody can tell."""
    quantity, unit = fields.get("quantity"), lists.entry("unit", str(fields.get("unit") or "kg"))
    if isinstance(quantity, bool) or not isinstance(quantity, int | float) or not unit or "kg" not in unit:
        return None
    own = fields.get("unit_kg") if "local_kg" in unit else None
    return float(quantity * (own if isinstance(own, int | float) else unit["kg"]))
