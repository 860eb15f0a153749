"""Something to do on a plot or with a farmer, until a day."""

from sync.records.declaration import RecordType
from sync.records.fields import Date, Flag, Object, Reference, Text, Words

DONE = {
    "done": Flag(Words("Xong", "Done")),
    "by": Reference(Words("Bằng bản ghi", "By record")),
    "on": Date(Words("Ngày xong", "Done on")),
}

RECORD = RecordType(
    name="task",
    label=Words("Việc cần làm", "Task"),
    plural=Words("Việc cần làm", "Tasks"),
    identity=("what", "due"),
    fields={
        "of": Reference(Words("Ở nương hoặc hộ", "On plot or farmer"), "plot", "farmer", asked=True),
        "what": Text(Words("Việc gì", "What"), 500, asked=True),
        "due": Date(Words("Đến ngày", "Until")),
        "assignee": Reference(Words("Giao cho", "Given to")),
        "done": Object(Words("Kết quả", "Outcome"), DONE),
    },
)
