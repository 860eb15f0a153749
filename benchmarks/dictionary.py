"""Writes a preset dictionary for `sync.packing` from the demonstration's story: `python -m benchmarks.dictionary > …`.

What comes up most stands last, where a reference to it is shortest. Of ids only their beginning stands in it: the same
id never comes up again.
"""

import random
import re
import sys
from datetime import UTC, datetime

import orjson

from server.demo.story import Story
from sync.change import Change
from sync.client import new_id
from sync.records import LISTS, TYPES

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHARES = {"farmer": 2, "photo": 0, "task": 1, "activity": 2, "plot": 1, "observation": 3, "harvest": 4}


def text() -> str:
    """The dictionary."""
    chance = random.Random(1)
    story = Story([new_id() for _ in range(3)], {}, datetime(2026, 11, 1, tzinfo=UTC))
    edits = [change for _, change in story.tell()]
    parts = [_names(), _codes(), _refusal()]
    for type_, share in _SHARES.items():
        made = [change for change in edits if change.type == type_ and not change.over]
        parts += [_record(change) for change in chance.sample(made, share)]
    for type_, share in _SHARES.items():
        made = [change for change in edits if change.type == type_ and not change.over]
        parts += [_change(change) for change in chance.sample(made, share)]
    parts += [_photo(), _correction(), _reply(), _request()]
    return _ID.sub("~", ",".join(parts))


def _names() -> str:
    return ",".join(f'"{name}":' for type_ in TYPES.values() for name in type_.fields)


def _codes() -> str:
    lists = ("crop", "pest", "form", "grade", "part", "unit", "severity", "activity", "capture", "found")
    return ",".join(f'"{entry["code"]}"' for name in lists for entry in LISTS[name])


def _refusal() -> str:
    return '{"id":"","reason":"invalid","detail":{"field":"","code":"forbidden"}},"gone":[{"id":"","area":""}]'


def _change(change: Change) -> str:
    return orjson.dumps(change.as_json()).decode()


def _record(change: Change) -> str:
    wire = {
        "seq": 1,
        "id": change.record,
        "type": change.type,
        "area": change.area,
        "fields": dict(change.set),
        "heads": change.id,
        "deleted": False,
    }
    return orjson.dumps(wire).decode()


def _photo() -> str:
    return (
        '"type":"photo","area":"~","set":{"of":"","sha256":"","size_bytes":2,"mime":"image/jpeg","width":1600,'
        '"height":1200,"taken_at":"2026-","point":{"type":"Point","coordinates":[104.'
    )


def _correction() -> str:
    return '"set":{"quantity":120},"over":{"quantity":["~"]},"schema":1},{"id":"","record":"'


def _reply() -> str:
    return (
        '{"protocol":1,"epoch":"~","server_time":"2026-11-23T23:00:00.000Z","schema":1,"accepted":0,"rejected":[],'
        '"areas":{"~":{"cursor":"","more":false,"role":"officer"}},"gone":[],"people":{},"records":[]}'
    )


def _request() -> str:
    return (
        '{"protocol":1,"epoch":"~","schema":1,"sent_at":"2026-11-23T23:00:00.000Z","areas":{"~":""},'
        '"changes":[],"limit":600}'
    )


if __name__ == "__main__":
    sys.stdout.write(text())
