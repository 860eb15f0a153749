"""Files that are brought in: their rows, how far the work on them is, and which row became which record.

Must never write a record but through `log.accept`, and never in the name of anybody but whoever confirmed.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, select, update

from server.store import audit, log
from server.store.engine import among, insert_all, insert_or_leave, reading, writing
from server.store.people import Sender, new_id, sender_within
from server.store.tables import Bringing, BringingRow, Brought, Record, Reference
from sync.change import Change, Envelope, as_text, change_of
from sync.problem import Problem, sentence
from sync.records import SCHEMA

READING, MATCHING, CHECKING, CHECKED = "reading", "matching", "checking", "checked"
WRITING, DONE, TAKING_BACK, TAKEN_BACK, UNREADABLE = "writing", "done", "taking_back", "taken_back", "unreadable"
AT_WORK = (READING, CHECKING, WRITING, TAKING_BACK)
NEW, MORE, HERE, FAULT, WRITTEN, REFUSED = "new", "more", "here", "fault", "written", "refused"
SILENT = timedelta(seconds=30)
_FIELDS = ("about", "columns", "matched")
_BRINGING = Bringing.__table__
_ROW = BringingRow.__table__


@dataclass(frozen=True, slots=True)
class File:
    """A file that is brought in. `trouble`: the code and parameters of the problem that ended it, and its sentence."""

    id: str
    user_id: str
    area: str
    type: str
    file: str
    kind: str
    state: str
    about: Mapping[str, Any]
    columns: Sequence[str]
    matched: Mapping[int, str]
    mark: str
    total: int
    done: int
    trouble: Mapping[str, Any] | None
    made_at: datetime
    beat_at: datetime

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def is_silent(self) -> bool:
        """Whether whoever worked on it has died."""
        return self.is_at_work and datetime.now(UTC) - self.beat_at > SILENT


@dataclass(frozen=True, slots=True)
class Row:
    """A row of it."""

    number: int
    cells: Sequence[Any]
    verdict: str
    faults: Sequence[tuple[int, str, Mapping[str, Any]]]
    change: Mapping[str, Any] | None


def begin(by: Sender, area: str, type_: str, file: str, kind: str) -> str:
    """A file was sent: its id."""
    bringing, now = new_id(), datetime.now(UTC)
    row = {
        "id": bringing, "user_id": by.user_id, "area": area, "type": type_, "file": file[:200], "kind": kind,
        "state": READING, "about": "{}", "columns": "[]", "matched": "{}", "mark": "", "total": 0, "done": 0,
        "made_at": now, "beat_at": now,
    }  # fmt: skip
    writing(lambda connection: connection.execute(_BRINGING.insert().values(**row)))
    return bringing


def one(bringing: str, areas: Collection[str]) -> File | None:
    """A file, where it is for one of *areas*."""
    with reading() as connection:
        row = connection.execute(select(_BRINGING).where(Bringing.id == bringing, Bringing.area.in_(areas))).first()
    return _file(row) if row else None


def list_files(areas: Collection[str]) -> list[File]:
    """The files for *areas*, newest first."""
    with reading() as connection:
        question = select(_BRINGING).where(Bringing.area.in_(areas)).order_by(Bringing.id.desc()).limit(50)
        return [_file(row) for row in connection.execute(question)]


def go_on(bringing: str, state: str, since: Collection[str], **values: Any) -> bool:
    """Bring a file into *state*, from one of those in *since*; False where somebody else did something meanwhile."""
    texts = {
        name: json.dumps(value, ensure_ascii=False) if name in (*_FIELDS, "trouble") else value
        for name, value in values.items()
    }

    def work(connection: Connection) -> bool:
        found = connection.execute(
            update(_BRINGING)
            .where(Bringing.id == bringing, Bringing.state.in_(since))
            .values(state=state, beat_at=datetime.now(UTC), **texts)
        )
        return found.rowcount == 1

    return writing(work)


def take_over(file: File) -> bool:
    """Whether this process may go on with a file whose worker died: of several that ask, one."""

    def work(connection: Connection) -> bool:
        mine = Bringing.id == file.id, Bringing.state == file.state, Bringing.beat_at < datetime.now(UTC) - SILENT
        return connection.execute(update(_BRINGING).where(*mine).values(beat_at=datetime.now(UTC))).rowcount == 1

    return writing(work)


def clear_rows(bringing: str) -> None:
    writing(lambda connection: connection.execute(delete(_ROW).where(BringingRow.bringing == bringing)))


def add_rows(bringing: str, rows: Sequence[tuple[int, Sequence[Any]]]) -> None:
    """Keep rows as they were read."""

    def work(connection: Connection) -> None:
        values = [
            {
                "bringing": bringing,
                "number": number,
                "cells": orjson.dumps(list(cells)).decode(),
                "verdict": "",
                "faults": "[]",
            }
            for number, cells in rows
        ]
        insert_all(connection, _ROW, values)
        _beat(connection, bringing, len(rows))

    writing(work)


def judged(bringing: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was found out about rows: `number`, `verdict`, `faults`, `key`, `change`."""

    def work(connection: Connection) -> None:
        values = [
            {
                "at": row["number"],
                "verdict": row["verdict"],
                "faults": json.dumps(row["faults"], ensure_ascii=False),
                "key": row["key"],
                "change": json.dumps(row["change"], ensure_ascii=False) if row["change"] else None,
            }
            for row in rows
        ]
        judging = update(_ROW).where(BringingRow.bringing == bringing, BringingRow.number == bindparam("at"))
        connection.execute(judging.values({name: bindparam(name) for name in values[0] if name != "at"}), values)
        _beat(connection, bringing, len(rows))

    writing(work)


def rows(bringing: str, verdicts: Collection[str] = (), after: int = -1, most: int = 500) -> list[Row]:
    """Rows in the order of the file, after the row numbered *after*."""
    question = select(_ROW).where(BringingRow.bringing == bringing, BringingRow.number > after)
    if verdicts:
        question = question.where(BringingRow.verdict.in_(verdicts))
    with reading() as connection:
        found = connection.execute(question.order_by(BringingRow.number).limit(most)).all()
    return [
        Row(
            number=row.number,
            cells=orjson.loads(row.cells),
            verdict=row.verdict,
            faults=json.loads(row.faults),
            change=json.loads(row.change) if row.change else None,
        )
        for row in found
    ]


def tally(bringing: str) -> dict[str, int]:
    """How many rows there are of each verdict."""
    with reading() as connection:
        question = select(BringingRow.verdict, func.count()).where(BringingRow.bringing == bringing)
        return dict(connection.execute(question.group_by(BringingRow.verdict)).all())


def known(area: str, type_: str, keys: Collection[str]) -> dict[str, str]:
    """Which of *keys* came before, and the record that each became; those that were deleted since are as if never."""
    with reading() as connection:
        return _known(connection, area, type_, keys)


def _known(connection: Connection, area: str, type_: str, keys: Collection[str]) -> dict[str, str]:
    rows = connection.execute(
        select(Brought.key, Brought.record)
        .join(Record, Record.id == Brought.record)
        .where(Brought.area == area, Brought.type == type_, among(connection, Brought.key, keys), ~Record.deleted)
    )
    return dict(rows.all())


def codes(area: str) -> dict[tuple[str, str], str]:
    """The codes of the lists that were brought in: (type, code) to record."""
    with reading() as connection:
        rows = connection.execute(
            select(Brought.type, Brought.key, Brought.record)
            .join(Record, Record.id == Brought.record)
            .where(Brought.area == area, Brought.key.startswith("#"), ~Record.deleted)
        )
        return {(type_, key[1:]): record for type_, key, record in rows}


def write(file: File, most: int = 200) -> int:
    """Write the next rows that were confirmed, in one transaction; how many there were. Judged like any push."""

    def work(connection: Connection, also: frozenset[str]) -> int:
        who = _who(connection, file)
        found = connection.execute(
            select(BringingRow.number, BringingRow.key, BringingRow.verdict, BringingRow.change)
            .where(BringingRow.bringing == file.id, BringingRow.verdict.in_((NEW, MORE)))
            .order_by(BringingRow.number)
            .limit(most)
        ).all()
        # Another file may have brought the same row since this one was checked.
        before = _known(connection, file.area, file.type, [row.key for row in found if row.verdict == NEW])
        doubles = {row.number for row in found if row.verdict == NEW and row.key in before}
        changes = {row.number: change_of(json.loads(row.change)) for row in found if row.number not in doubles}
        outcome = log.accept(connection, who, list(changes.values()), _envelope(who), also)
        refused = {each.id for each in outcome.rejected}
        brought = []
        for row in found:
            change = changes.get(row.number)
            if change is not None and change.id not in refused:
                brought.append(_brought(file, row.key, change.record, made=row.verdict == NEW))
        refusals = {number for number, change in changes.items() if change.id in refused}
        no_right = json.dumps([[0, "no_right", {}]])
        _became(connection, file, doubles, {"verdict": HERE})
        _became(connection, file, refusals, {"verdict": REFUSED, "faults": no_right})
        _became(connection, file, set(changes) - refusals, {"verdict": WRITTEN})
        _keep_keys(connection, file, brought)
        _beat(connection, file.id, len(found))
        return len(found)

    return log.accepting(work)


def _became(connection: Connection, file: File, numbers: Collection[int], values: Mapping[str, Any]) -> None:
    mine = BringingRow.bringing == file.id, BringingRow.number.in_(numbers)
    if numbers:
        connection.execute(update(_ROW).where(*mine).values(**values))


def keep_here(file: File, found: Mapping[str, str]) -> None:
    """Remember that rows stand for records that were here before: key to record."""
    brought = [_brought(file, key, record, made=False) for key, record in found.items()]
    writing(lambda connection: insert_or_leave(connection, Brought.__table__, brought))


def take_back(file: File, most: int = 200) -> int:
    """Delete the next records that this file made, where nobody has touched them since, nor recorded anything on them; how many
    were looked at. Raises `Problem` ``not_yours_any_more``."""

    def work(connection: Connection, also: frozenset[str]) -> int:
        who = _who(connection, file)
        if not who.manages(file.area):
            raise Problem(
                "not_yours_any_more",
                403,
                sentence("Whoever brought this in manages the area no longer: nothing more was taken back."),
            )
        rows = connection.execute(
            select(Brought.key, Brought.record, Record.wire, Record.deleted)
            .join(Record, Record.id == Brought.record)
            .where(Brought.bringing == file.id, Brought.made)
            .order_by(Brought.record)
            .limit(most)
        ).all()
        leant_on = _leant_on(connection, file, [row.record for row in rows])
        wires = [orjson.loads(row.wire) for row in rows if not row.deleted and row.record not in leant_on]
        changes = [change for wire in wires if (change := _deletion(file, wire))]
        log.accept(connection, who, changes, _envelope(who), also)
        mine = Brought.area == file.area, Brought.type == file.type
        connection.execute(
            update(Brought.__table__)
            .where(*mine, among(connection, Brought.key, [row.key for row in rows]))
            .values(made=False)
        )
        _beat(connection, file.id, len(rows))
        return len(rows)

    return log.accepting(work)


def _leant_on(connection: Connection, file: File, records: Collection[str]) -> set[str]:
    """Those of *records* that something names which this file has not made: a plot on which somebody has recorded a harvest."""
    own = select(Brought.record).where(Brought.bringing == file.id, Brought.made)
    named = (
        select(Reference.target)
        .join(Record, Record.id == Reference.record)
        .where(among(connection, Reference.target, records), ~Record.deleted, Record.id.not_in(own))
    )
    return set(connection.scalars(named))


def made(bringing: str) -> int:
    """How many records it made that it could still take back."""
    with reading() as connection:
        return connection.scalar(select(func.count()).where(Brought.bringing == bringing, Brought.made)) or 0


def note(file: File, what: str, **said: Any) -> None:
    """For the audit log."""
    audit.note_now(file.user_id, what, file.area, file=file.file, type=file.type, **said)


def fresh(type_: str, area: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The change that makes a record; it takes the record's own id, as every first one."""
    change = new_id()
    return Change(change, change, type_, area, values, schema=SCHEMA).as_json()


def addition(
    type_: str, area: str, record: str, values: Mapping[str, Any], heads: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """The change that adds *values* to a record where it says nothing."""
    over = {name: [head for head, names in heads.items() if name in names] for name in values}
    kept = {name: ids for name, ids in over.items() if ids}
    return Change(new_id(), record, type_, area, values, kept, schema=SCHEMA).as_json()


def _deletion(file: File, wire: Mapping[str, Any]) -> Change | None:
    """None where somebody has touched the record since: its work stays."""
    heads = [wire["heads"]] if isinstance(wire["heads"], str) else list(wire["heads"])
    if heads != [wire["id"]] or wire.get("conflicts"):
        return None
    return Change(new_id(), wire["id"], file.type, wire["area"], {"deleted": True}, {}, heads, SCHEMA)


def _brought(file: File, key: str, record: str, *, made: bool) -> dict[str, Any]:
    return {"area": file.area, "type": file.type, "key": key, "record": record, "bringing": file.id, "made": made}


def _keep_keys(connection: Connection, file: File, brought: Sequence[dict[str, Any]]) -> None:
    """A key whose record was deleted stands for the new one now. Two who bring the same row at once: the second, whom the
    database stops here, begins again and finds it."""
    fresh_ones = [each for each in brought if each["made"]]
    gone = Brought.area == file.area, Brought.type == file.type
    connection.execute(
        delete(Brought.__table__).where(*gone, among(connection, Brought.key, [each["key"] for each in fresh_ones]))
    )
    insert_all(connection, Brought.__table__, fresh_ones)
    insert_or_leave(connection, Brought.__table__, [each for each in brought if not each["made"]])


def _who(connection: Connection, file: File) -> Sender:
    """Whoever confirmed, with the rights of this moment."""
    who = sender_within(connection, file.user_id)
    return who or Sender(file.user_id, "", "", "", False, {}, {})


def _envelope(who: Sender) -> Envelope:
    now = as_text(datetime.now(UTC))
    return Envelope(author=who.user_id, device="console", received_at=now)


def _beat(connection: Connection, bringing: str, more: int) -> None:
    connection.execute(
        update(_BRINGING).where(Bringing.id == bringing).values(done=Bringing.done + more, beat_at=datetime.now(UTC))
    )


def _file(row: Any) -> File:
    values = dict(row._mapping)
    for name in _FIELDS:
        values[name] = json.loads(values[name])
    values["matched"] = {int(place): name for place, name in values["matched"].items()}
    values["trouble"] = json.loads(values["trouble"]) if values["trouble"] else None
    return File(**values)


def all_rows(bringing: str, verdicts: Collection[str]) -> Iterable[Row]:
    """As `rows`, all of them, some at a time."""
    after = -1
    while found := rows(bringing, verdicts, after):
        yield from found
        after = found[-1].number
