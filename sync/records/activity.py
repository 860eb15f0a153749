"""An entry of the farming diary: what was done on a plot, with which product."""

from sync.records.declaration import Check, RecordType
from sync.records.fields import DAYS, Choice, Date, Integer, Reference, Text, Words

APPLIED = {"kind": ("spray", "fertilise")}
SPRAYED = {"kind": ("spray",)}

RECORD = RecordType(
    name="activity",
    label=Words("Nhật ký canh tác", "Farming diary"),
    plural=Words("Nhật ký canh tác", "Farming diary"),
    identity=("date", "kind", "product"),
    fields={
        "plot": Reference(Words("Nương", "Plot"), "plot", asked=True),
        "kind": Choice(Words("Việc đã làm", "What was done"), "activity", asked=True),
        "date": Date(Words("Ngày", "Date"), asked=True),
        "product": Text(
            Words("Tên thuốc, phân", "Product"), 120, suggest="product", recent=True, shown_when=APPLIED,
            fills={"ingredient": "ingredient", "phi_days": "phi_days"},
        ),
        "phi_days": Integer(
            Words("Thời gian cách ly", "Pre-harvest interval"), 0, 365, unit=DAYS, shown_when=SPRAYED,
            hint=Words("Số ngày ghi trên nhãn mới là đúng", "The days on the label are the ones that count"),
        ),
        "dose": Text(
            Words("Liều lượng", "Dose"), 80, recent=True, shown_when=APPLIED,
            hint=Words("Ví dụ 20 g / bình 16 l", "For example 20 g in 16 l"),
        ),
        "ingredient": Text(Words("Hoạt chất", "Active ingredient"), 120, shown_when=SPRAYED),
        "operator": Text(Words("Người làm", "Done by"), 120, recent=True),
    },
    checks=(Check("not_future", ("date",)),),
    open=7,
)  # fmt: skip
