"""Changes in: what is judged, numbered, logged, folded; what is refused goes to quarantine.

Must never change a row of the log, and never write part of a batch: one batch, one transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from server.store import quarantine
from server.store.engine import insert_or_update, writing
from server.store.people import Sender
from server.store.tables import Area, Departure, LoggedChange, PictureName, Record, Reference
from sync.change import Change, Envelope, Logged, Refused, read_change
from sync.merge import State, fold
from sync.protocol import FORBIDDEN, ID_REUSED, INVALID, TOO_LARGE, Rejected
from sync.records import reference_fields

MANAGERS_ALONE = ("review", "area", "same_as")
PICTURE_FIELDS = ("sha256", "preview_sha256")
# The text of all changes of one record. A season's edits are some kilobytes, a walked track one megabyte; without a
# bound one broken program could make a record that no phone can read.
MOST_HISTORY_BYTES = 32 * 1024 * 1024


Result = TypeVar("Result")
_TRIES = 6


class Moved(Exception):
    """A record went to another area between the look and the lock, or would: begin again, with *areas* locked too."""

    def __init__(self, *areas: str) -> None:
        super().__init__(*areas)
        self.areas = areas


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a record before the batch."""

    type: str
    area: str
    seq: int
    deleted: bool
    conflicted: bool


@dataclass(slots=True)
class Outcome:
    """What became of a batch. `touched`: record to what was held before it (None: new) and its state after."""

    accepted: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    repeated: set[str] = field(default_factory=set)
    fresh: list[Change] = field(default_factory=list)
    touched: dict[str, tuple[Held | None, State]] = field(default_factory=dict)


def accepting(work: Callable[[Connection, frozenset[str]], Result]) -> Result:
    """Run *work*, which calls `accept`, in one transaction; from its beginning with more areas locked where it must.

    *work* gets the connection and the areas to lock besides those that the changes name.
    """
    also: frozenset[str] = frozenset()
    for _ in range(_TRIES):
        try:
            return writing(lambda connection, also=also: work(connection, also))  # type: ignore[misc]
        except Moved as moved:
            also |= set(moved.areas)
    return writing(lambda connection: work(connection, also))


def accept(
    connection: Connection,
    sender: Sender,
    changes: Sequence[Change],
    envelope: Envelope,
    also: frozenset[str] = frozenset(),
) -> Outcome:
    """Take *changes* into the log, in order, under the locks of all areas that they touch, held to commit.

    Within `accepting`; every change is in the outcome once: accepted (now or before) or rejected.
    """
    outcome = Outcome()
    new = _sort_out_repeats(connection, changes, outcome)
    if not new:
        return outcome
    held = _held(connection, {change.record for change in new})
    counters = _lock_areas(connection, new, held, also)
    if _held(connection, set(held)) != held:
        raise Moved
    log, sizes = _log_of(connection, set(held))
    _judge(sender, new, held, log, counters, outcome, sizes)
    _write(connection, outcome, held, log, counters, envelope)
    return outcome


def accept_from_console(sender: Sender, changes: Sequence[Change], received_at: str) -> Outcome:
    """A manager's own edits, made at the console: judged and merged like any other, in a transaction of their own."""
    envelope = Envelope(author=sender.user_id, device=sender.device_id or "console", received_at=received_at)
    checked: list[Change] = []
    rejected: list[Rejected] = []
    for change in changes:
        try:
            checked.append(read_change(change.as_json()))
        except Refused as refused:
            rejected.append(Rejected(change.id, refused.reason, refused.detail))
    outcome = accepting(lambda connection, also: accept(connection, sender, checked, envelope, also))
    outcome.rejected.extend(rejected)
    return outcome


def quarantine_rejected(connection: Connection, sender: Sender, outcome: Outcome) -> None:
    """Keep every rejected change whole, where a manager sees it; what was accepted after all leaves."""
    quarantine.keep(connection, sender, outcome.rejected)
    quarantine.settle(connection, [change.id for change in outcome.fresh])


def _sort_out_repeats(connection: Connection, changes: Sequence[Change], outcome: Outcome) -> list[Change]:
    """The changes that are not in the log yet; repeats count as accepted, another change under a known id is refused."""
    rows = connection.execute(
        select(LoggedChange.id, LoggedChange.body).where(LoggedChange.id.in_({change.id for change in changes}))
    )
    known = {change_id: read_logged(body) for change_id, body in rows}
    new: dict[str, Change] = {}
    for change in changes:
        before = known.get(change.id) or new.get(change.id)
        if before is None:
            new[change.id] = change
        elif not change.same_as(before):
            outcome.rejected.append(Rejected(change.id, ID_REUSED, {"field": "id"}, change.as_json()))
        else:
            outcome.accepted += 1
            if change.id in known:
                outcome.repeated.add(before.record)
    return list(new.values())


def _held(connection: Connection, records: set[str]) -> dict[str, Held]:
    rows = connection.execute(
        select(Record.id, Record.type, Record.area, Record.seq, Record.deleted, Record.conflicted).where(
            Record.id.in_(records)
        )
    )
    return {row[0]: Held(*row[1:]) for row in rows}


def _lock_areas(
    connection: Connection, new: Sequence[Change], held: Mapping[str, Held], also: frozenset[str]
) -> dict[str, int]:
    """Lock every area that the batch can touch, in the order of their ids (no deadlock), and read their counters."""
    areas = {change.area for change in new} | {each.area for each in held.values()} | also
    areas.update(target for change in new if isinstance(target := change.set.get("area"), str))
    rows = connection.execute(
        select(Area.id, Area.counter).where(Area.id.in_(areas)).order_by(Area.id).with_for_update()
    )
    return dict(rows.all())


def _log_of(connection: Connection, records: set[str]) -> tuple[defaultdict[str, list[Logged]], Counter[str]]:
    """All changes of *records*, and how many characters they take, by record."""
    log: defaultdict[str, list[Logged]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    if not records:
        return log, sizes
    rows = connection.execute(
        select(
            LoggedChange.record,
            LoggedChange.body,
            LoggedChange.author,
            LoggedChange.device,
            LoggedChange.received_at,
            LoggedChange.skew_ms,
        ).where(LoggedChange.record.in_(records))
    )
    for record, body, author, device, received_at, skew_ms in rows:
        log[record].append(Logged(read_logged(body), Envelope(author, device, received_at, skew_ms)))
        sizes[record] += len(body)
    return log, sizes


def _judge(
    sender: Sender,
    new: Sequence[Change],
    held: Mapping[str, Held],
    log: Mapping[str, list[Logged]],
    counters: Mapping[str, int],
    outcome: Outcome,
    sizes: Mapping[str, int],
) -> None:
    """Each change by the rights of its sender in the area where the record lives, or in the area that it names."""
    homes = {record: (each.type, each.area) for record, each in held.items()}
    least = {record: min(entry.change.id for entry in entries) for record, entries in log.items()}
    for change in new:
        type_, home = homes.get(change.record, (change.type, change.area))
        refusal = _refusal(sender, change, type_, home, least.get(change.record), counters)
        if refusal is None and sizes.get(change.record, 0) > MOST_HISTORY_BYTES:
            detail = {"field": "", "code": "too_big", "most": MOST_HISTORY_BYTES}
            refusal = Rejected(change.id, TOO_LARGE, detail, change.as_json())
        if refusal is not None:
            outcome.rejected.append(refusal)
            continue
        outcome.fresh.append(change)
        outcome.accepted += 1
        homes.setdefault(change.record, (change.type, change.area))


def _refusal(
    sender: Sender, change: Change, type_: str, home: str, least: str | None, counters: Mapping[str, int]
) -> Rejected | None:
    def refused(reason: str, **detail: Any) -> Rejected:
        return Rejected(change.id, reason, detail, change.as_json())

    if home not in counters or home not in sender.roles:
        return refused(FORBIDDEN, field="area", code="no_role_in_area")
    if change.area != home and (least is None or change.id < least) and change.area not in sender.roles:
        # The least id says where a record lives: it must not carry one into an area that its sender has no part in.
        return refused(FORBIDDEN, field="area", code="no_role_in_area")
    if change.type != type_:
        return refused(INVALID, field="type", code="other_type", type=type_)
    for name in MANAGERS_ALONE:
        if name in change.set and not sender.manages(home):
            return refused(FORBIDDEN, field=name, code="managers_alone")
    target = change.set.get("area")
    if isinstance(target, str) and (target not in counters or not sender.manages(target)):
        return refused(FORBIDDEN, field="area", code="no_role_in_area")
    return None


def _write(
    connection: Connection,
    outcome: Outcome,
    held: Mapping[str, Held],
    log: defaultdict[str, list[Logged]],
    counters: dict[str, int],
    envelope: Envelope,
) -> None:
    by_record: defaultdict[str, list[Change]] = defaultdict(list)
    for change in outcome.fresh:
        by_record[change.record].append(change)
    rows = _Rows()
    before = dict(counters)
    for record, changes in by_record.items():
        state = fold([*log[record], *(Logged(change, envelope) for change in changes)])
        if state.area not in counters:
            # A rival move that this batch leaves standing alone: its area was none of those that the batch names.
            raise Moved(state.area)
        was = held.get(record)
        for change in changes:
            counters[state.area] += 1
            rows.changes.append(_log_row(change, state.area, counters[state.area], envelope))
        if was is not None and was.area != state.area:
            counters[was.area] += 1
            rows.departures.append(
                {"area": was.area, "seq": counters[was.area], "record": record, "change": changes[-1].id}
            )
        rows.add_record(state, counters[state.area])
        outcome.touched[record] = (was, state)
    rows.write(connection, [record for record in by_record if record in held])
    moved_on = [{"of": area, "to": count} for area, count in counters.items() if count != before[area]]
    if moved_on:
        connection.execute(update(Area).where(Area.id == bindparam("of")).values(counter=bindparam("to")), moved_on)


@dataclass(slots=True)
class _Rows:
    """What one batch writes, table by table."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    departures: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    references: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)

    def add_record(self, state: State, seq: int) -> None:
        self.records.append(
            {
                "id": state.id,
                "type": state.type,
                "area": state.area,
                "seq": seq,
                "deleted": state.deleted,
                "conflicted": bool(state.conflicts),
                "wire": orjson.dumps({"seq": seq} | state.as_json()).decode(),
            }
        )
        for name in reference_fields(state.type):
            target = state.fields.get(name)
            if isinstance(target, str):
                self.references.append({"record": state.id, "field": name, "target": target})
        for name in PICTURE_FIELDS if state.type == "photo" else ():
            sha256 = state.fields.get(name)
            if isinstance(sha256, str):
                self.pictures.append({"record": state.id, "field": name, "sha256": sha256})

    def write(self, connection: Connection, known: Sequence[str]) -> None:
        if self.changes:
            connection.execute(LoggedChange.__table__.insert(), self.changes)
        if self.departures:
            connection.execute(Departure.__table__.insert(), self.departures)
        insert_or_update(connection, Record.__table__, self.records, ["id"])
        if known:
            connection.execute(delete(Reference).where(Reference.record.in_(known)))
            connection.execute(delete(PictureName).where(PictureName.record.in_(known)))
        if self.references:
            connection.execute(Reference.__table__.insert(), self.references)
        if self.pictures:
            connection.execute(PictureName.__table__.insert(), self.pictures)


def _log_row(change: Change, area: str, seq: int, envelope: Envelope) -> dict[str, Any]:
    return {
        "id": change.id,
        "record": change.record,
        "area": area,
        "seq": seq,
        "body": orjson.dumps(change.as_json()).decode(),
        "author": envelope.author,
        "device": envelope.device,
        "received_at": envelope.received_at,
        "skew_ms": envelope.skew_ms,
    }


def read_logged(body: str) -> Change:
    """The change in a row of the log. It was judged when it came in: today's rules must not judge it again."""
    raw = orjson.loads(body)
    return Change(
        id=raw.pop("id"),
        record=raw.pop("record"),
        type=raw.pop("type"),
        area=raw.pop("area"),
        set=raw.pop("set"),
        over=raw.pop("over", {}),
        seen=raw.pop("seen", ()),
        schema=raw.pop("schema", 1),
        more=raw,
    )
