"""The fields that every record has, whatever its type."""

from sync.records.fields import Choice, Choices, Flag, Ids, Object, Reference, Text, Words

COMMON = {
    "note": Text(Words("Ghi chú", "Note"), 2000, lines=True),
    "deleted": Flag(Words("Đã xoá", "Deleted")),
    "area": Reference(Words("Địa bàn", "Area")),
    "same_as": Reference(Words("Trùng với", "Same as")),
    "review": Object(
        Words("Duyệt", "Review"),
        {
            "state": Choice(Words("Kết quả", "State"), "review"),
            "note": Text(Words("Lời nhắn", "Note"), 2000, lines=True),
            "seen": Ids(Words("Đã xem", "Seen")),
            # The names of the fields that a query is about; none: the whole record.
            "fields": Choices(Words("Hỏi về", "About"), "field"),
        },
    ),
    # What comes back to a query, by whoever may correct the record; `to` is the change that asked.
    "answer": Object(
        Words("Trả lời", "Answer"),
        {
            "text": Text(Words("Lời trả lời", "Answer"), 2000, lines=True),
            "to": Reference(Words("Trả lời cho", "Answers")),
        },
    ),
}
