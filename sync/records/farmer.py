"""The household that grows."""

from sync.records.declaration import Check, RecordType
from sync.records.fields import Choice, Flag, Text, Words, Year

RECORD = RecordType(
    name="farmer",
    label=Words("Nông hộ", "Farmer"),
    plural=Words("Nông hộ", "Farmers"),
    identity=("name", "village"),
    fields={
        "name": Text(Words("Họ và tên chủ hộ", "Name of the head of household"), 120, asked=True),
        "phone": Text(
            Words("Số điện thoại", "Phone"), 20, form=r"\+?[0-9 .()-]{6,20}", mode="tel",
            hint=Words("Ví dụ 0912 345 678", "For example 0912 345 678"),
        ),
        "sex": Choice(Words("Giới tính", "Sex"), "sex"),
        "birth_year": Year(Words("Năm sinh", "Year of birth"), 1900, 2100),
        "commune": Choice(Words("Xã, phường", "Commune"), "commune", asked=True),
        "village": Text(Words("Bản", "Village"), 120, asked=True, hint=Words("Ví dụ bản Nà Ớt", "For example bản Nà Ớt")),
        "id_number": Text(
            Words("Số căn cước", "ID number"), 20, form=r"[0-9A-Za-z -]{4,20}", mode="numeric",
            hint=Words("Không bắt buộc", "Optional"),
        ),
        "consent": Flag(
            Words("Đồng ý cho dùng dữ liệu", "Consents to the use of the data"),
            hint=Words(
                "Đã giải thích dữ liệu dùng để truy xuất nguồn gốc",
                "It was explained that the data serve to prove origin",
            ),
        ),
    },
    checks=(Check("not_future", ("birth_year",)),),
)  # fmt: skip
