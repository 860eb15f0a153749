"""Changes in: what is judged, numbered, logged, folded; what is refused goes to quarantine.

Must never change a change of the log, and never write part of a batch: one batch, one transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from server.store import epoch, quarantine
from server.store.engine import among, insert_all, writing
from server.store.logged import ENVELOPE, LOGGED, read_body, read_logged
from server.store.numbering import Numbering
from server.store.people import Sender, still
from server.store.tables import Area, Departure, LoggedChange, PictureName, Record, Reference
from sync.change import Change, Envelope, Logged, Refused, read_change
from sync.merge import State, fold
from sync.protocol import FORBIDDEN, ID_REUSED, INVALID, TOO_LARGE, Rejected
from sync.records import reference_fields

SAME_AS = "same_as"
MANAGERS_ALONE = ("review", "area", SAME_AS)
PICTURE_FIELDS = ("sha256", "preview_sha256")
# The text of all changes of one record. A season's edits are some kilobytes, a walked track one megabyte; without a
# bound one broken program could make a record that no phone can read.
MOST_HISTORY_BYTES = 32 * 1024 * 1024


Result = TypeVar("Result")
_TRIES = 6


class Moved(Exception):
    """A record lives in another area than its change says, or would: begin again, with *areas* locked too."""

    def __init__(self, *areas: str) -> None:
        super().__init__(*areas)
        self.areas = areas


@dataclass(frozen=True, slots=True)
class Brought:
    """How a change comes: with which envelope, and judged by whose rights (None: another server has judged it)."""

    envelope: Envelope
    sender: Sender | None


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
    """What became of a batch. `touched`: record to what was held before it (None: new) and its state after.

    `before`: each area's counter as the batch found it; `numbers`: (area, number) that it took to the digest there.
    """

    accepted: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    repeated: set[str] = field(default_factory=set)
    fresh: list[Change] = field(default_factory=list)
    touched: dict[str, tuple[Held | None, State]] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, int], str] = field(default_factory=dict)


def accepting(work: Callable[[Connection, frozenset[str]], Result]) -> Result:
    """Run *work*, which calls `accept`, in one transaction; from its beginning with more areas locked where it must.

    *work* gets the connection and the areas to lock besides those that the changes name.
    """
    also: frozenset[str] = frozenset()

    def gated(connection: Connection) -> Result:
        # While a backup is put in the place of everything, whoever writes waits: a row of theirs in the midst of what is
        # thrown away would stand in the new history under a number that is given again.
        epoch.current(connection)
        return work(connection, also)

    for _ in range(_TRIES):
        try:
            return writing(gated)
        except Moved as moved:
            also |= set(moved.areas)
    return writing(gated)


def accept(
    connection: Connection,
    sender: Sender,
    changes: Sequence[Change],
    envelope: Envelope,
    also: frozenset[str] = frozenset(),
    brought: Mapping[str, Brought] | None = None,
) -> Outcome:
    """Take *changes* into the log, in order, under the locks of all areas that they touch, held to commit.

    *brought*: by their ids, those that come by way of another server. Within `accepting`; every change is in the outcome
    once: accepted (now or before) or rejected.
    """
    outcome = Outcome()
    new = _sort_out_repeats(connection, changes, outcome)
    if not new:
        return outcome
    locked = _areas_named(new) | also
    numberings = _lock_areas(connection, locked)
    # Under the locks: what is read here stays true to the end. Only a record that lives elsewhere than its change says
    # costs a second beginning.
    held = _held(connection, {change.record for change in new})
    if elsewhere := {each.area for each in held.values()} - locked:
        raise Moved(*elsewhere)
    log, sizes = _log_of(connection, set(held))
    ways = {change.id: (brought or {}).get(change.id) or Brought(envelope, sender) for change in new}
    _judge(ways, new, held, log, numberings, outcome, sizes)
    _write(connection, outcome, held, log, numberings, {change: way.envelope for change, way in ways.items()})
    return outcome


def correct(connection: Connection, envelopes: Mapping[str, Envelope]) -> None:
    """Put the envelopes that the centre has in the place of those that were made here, where a change took two ways.

    Within `accepting`. Every replica must show the same author and time beside a value in dispute.
    """
    rows = connection.execute(
        select(LoggedChange.id, LoggedChange.record, *ENVELOPE).where(
            among(connection, LoggedChange.id, list(envelopes))
        )
    )
    other = {
        id_: record
        for id_, record, author, device, received_at, skew_ms in rows
        if Envelope(author, device, received_at, skew_ms) != envelopes[id_]
    }
    for id_ in other:
        given = envelopes[id_]
        connection.execute(
            update(LoggedChange)
            .where(LoggedChange.id == id_)
            .values(author=given.author, device=given.device, received_at=given.received_at, skew_ms=given.skew_ms)
        )
    _fold_again(connection, set(other.values()))


def _fold_again(connection: Connection, records: set[str]) -> None:
    """Store the state of *records* anew. Where it became another, it takes a number, so that whoever reads here is told."""
    if not records:
        return
    numberings = _lock_areas(connection, {each.area for each in _held(connection, records).values()})
    log, _sizes = _log_of(connection, records)
    for record, held in _held(connection, records).items():
        if held.area not in numberings:
            raise Moved(held.area)
        state, rows = fold(log[record]), _Rows()
        rows.add_record(state, held.seq)
        if rows.records[0]["wire"] == connection.scalar(select(Record.wire).where(Record.id == record)):
            continue
        last = max(entry.change.id for entry in log[record])
        number, chain = numberings[held.area].take(record, last)
        row = {"area": held.area, "seq": number, "chain": chain, "record": record, "change": last}
        insert_all(connection, Departure.__table__, [row])
        wire = orjson.dumps({"seq": number} | state.as_json()).decode()
        connection.execute(update(Record).where(Record.id == record).values(seq=number, wire=wire))
        connection.execute(update(Area).where(Area.id == held.area).values(counter=number, chain=chain))


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
    outcome = accepting(lambda connection, also: accept(connection, still(connection, sender), checked, envelope, also))
    outcome.rejected.extend(rejected)
    return outcome


def quarantine_rejected(
    connection: Connection, sender: Sender, outcome: Outcome, brought: Mapping[str, Brought] | None = None
) -> None:
    """Keep every rejected change whole, where a manager sees it; what was accepted after all leaves.

    *brought*: as in `accept`: what a hub brings is kept in its author's name, as it is accepted later.
    """
    own: list[Rejected] = []
    bare: set[str] = set()
    for each in outcome.rejected:
        way = (brought or {}).get(each.id or "")
        if way is None or way.sender is None:
            own.append(each)
            continue
        author = replace(way.sender, device_id=way.envelope.device)
        bare |= quarantine.keep(connection, author, [each], way.envelope.received_at)
    bare |= quarantine.keep(connection, sender, own)
    outcome.rejected = [
        replace(each, detail={**each.detail, "kept": False}) if each.id in bare else each for each in outcome.rejected
    ]
    quarantine.settle(connection, [change.id for change in outcome.fresh])


def _sort_out_repeats(connection: Connection, changes: Sequence[Change], outcome: Outcome) -> list[Change]:
    """The changes that are not in the log yet; repeats count as accepted, another change under a known id is refused."""
    rows = connection.execute(
        select(LoggedChange.id, LoggedChange.body).where(
            among(connection, LoggedChange.id, {change.id for change in changes})
        )
    )
    known = {change_id: read_body(body) for change_id, body in rows}
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
            among(connection, Record.id, records)
        )
    )
    return {row[0]: Held(*row[1:]) for row in rows}


def _areas_named(new: Sequence[Change]) -> set[str]:
    """The areas that changes name: where they say that their records live, and where they move them to."""
    targets = {target for change in new if isinstance(target := change.set.get("area"), str)}
    return {change.area for change in new} | targets


def _lock_areas(connection: Connection, areas: Collection[str]) -> dict[str, Numbering]:
    """Lock *areas* in the order of their ids (no deadlock), and read how far their numbers are."""
    rows = connection.execute(
        select(Area.id, Area.counter, Area.chain).where(Area.id.in_(areas)).order_by(Area.id).with_for_update()
    )
    return {area: Numbering(counter, chain) for area, counter, chain in rows}


def _log_of(connection: Connection, records: set[str]) -> tuple[defaultdict[str, list[Logged]], Counter[str]]:
    """All changes of *records*, and how many characters they take, by record."""
    log: defaultdict[str, list[Logged]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    if not records:
        return log, sizes
    rows = connection.execute(
        select(LoggedChange.record, *LOGGED).where(among(connection, LoggedChange.record, records))
    )
    for row in rows:
        log[row.record].append(read_logged(row))
        sizes[row.record] += len(row.body)
    return log, sizes


def _judge(
    ways: Mapping[str, Brought],
    new: Sequence[Change],
    held: Mapping[str, Held],
    log: Mapping[str, list[Logged]],
    numberings: Mapping[str, Numbering],
    outcome: Outcome,
    sizes: Mapping[str, int],
) -> None:
    """Each change by the rights of its sender in the area where the record lives, or in the area that it names."""
    homes = {record: (each.type, each.area) for record, each in held.items()}
    least = {record: min(entry.change.id for entry in entries) for record, entries in log.items()}
    moved = {record for record, entries in log.items() if any("area" in entry.change.set for entry in entries)}
    for change in new:
        sender = ways[change.id].sender
        type_, home = homes.get(change.record, (change.type, change.area))
        carries = change.record not in moved and change.area != home and change.id < least.get(change.record, "")
        refusal = _refusal(sender, change, type_, home, carries, numberings) if sender else None
        if sender and refusal is None and sizes.get(change.record, 0) > MOST_HISTORY_BYTES:
            detail = {"field": "", "code": "too_big", "most": MOST_HISTORY_BYTES}
            refusal = Rejected(change.id, TOO_LARGE, detail, change.as_json())
        if refusal is not None:
            outcome.rejected.append(refusal)
            continue
        outcome.fresh.append(change)
        outcome.accepted += 1
        homes.setdefault(change.record, (change.type, change.area))
        least[change.record] = min(least.get(change.record, change.id), change.id)
        if "area" in change.set:
            moved.add(change.record)


def _refusal(
    sender: Sender, change: Change, type_: str, home: str, carries: bool, areas: Collection[str]
) -> Rejected | None:
    def refused(reason: str, **detail: Any) -> Rejected:
        return Rejected(change.id, reason, detail, change.as_json())

    if home not in areas or home not in sender.roles:
        return refused(FORBIDDEN, field="area", code="no_role_in_area")
    if carries and not (sender.manages(home) and sender.manages(change.area)):
        # The least id says where a record lives: a made-up one would move it, which is a manager's alone, in both areas.
        return refused(FORBIDDEN, field="area", code="managers_alone")
    if change.type != type_:
        return refused(INVALID, field="type", code="other_type", type=type_)
    for name in MANAGERS_ALONE:
        if name in change.set and not sender.manages(home):
            return refused(FORBIDDEN, field=name, code="managers_alone")
    target = change.set.get("area")
    if isinstance(target, str) and (target not in areas or not sender.manages(target)):
        return refused(FORBIDDEN, field="area", code="no_role_in_area")
    return None


def _write(
    connection: Connection,
    outcome: Outcome,
    held: Mapping[str, Held],
    log: defaultdict[str, list[Logged]],
    numberings: Mapping[str, Numbering],
    envelopes: Mapping[str, Envelope],
) -> None:
    by_record: defaultdict[str, list[Change]] = defaultdict(list)
    for change in outcome.fresh:
        by_record[change.record].append(change)
    rows = _Rows()
    outcome.before = {area: each.number for area, each in numberings.items()}
    for record, changes in by_record.items():
        state = fold([*log[record], *(Logged(change, envelopes[change.id]) for change in changes)])
        if state.area not in numberings:
            # A rival move that this batch leaves standing alone: its area was none of those that the batch names.
            raise Moved(state.area)
        was = held.get(record)
        for change in changes:
            body = orjson.dumps(change.as_json()).decode()
            number, chain = numberings[state.area].take(change.id, body)
            rows.changes.append(_log_row(change, state.area, number, chain, body, envelopes[change.id]))
            outcome.numbers[state.area, number] = chain
        if was is not None and was.area != state.area:
            number, chain = numberings[was.area].take(record, changes[-1].id)
            left = {"area": was.area, "seq": number, "chain": chain, "record": record, "change": changes[-1].id}
            rows.departures.append(left)
            outcome.numbers[was.area, number] = chain
        rows.add_record(state, numberings[state.area].number)
        outcome.touched[record] = (was, state)
    rows.write(connection, held)
    moved_on = [
        {"of": area, "to": each.number, "at": each.chain}
        for area, each in numberings.items()
        if each.number != outcome.before[area]
    ]
    if moved_on:
        statement = update(Area).where(Area.id == bindparam("of"))
        connection.execute(statement.values(counter=bindparam("to"), chain=bindparam("at")), moved_on)


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
        for name in (*reference_fields(state.type), SAME_AS):
            target = state.fields.get(name)
            if isinstance(target, str):
                self.references.append({"record": state.id, "field": name, "target": target})
        for name in PICTURE_FIELDS if state.type == "photo" else ():
            sha256 = state.fields.get(name)
            if isinstance(sha256, str):
                self.pictures.append({"record": state.id, "field": name, "sha256": sha256})

    def write(self, connection: Connection, held: Collection[str]) -> None:
        """Write all rows. *held*: the records that were there before the batch.

        A new record is inserted, never put in the place of one that is there: where somebody made it at the same
        moment in another area, the database says so, and the batch begins again with that one before its eyes.
        """
        insert_all(connection, LoggedChange.__table__, self.changes)
        insert_all(connection, Departure.__table__, self.departures)
        insert_all(connection, Record.__table__, [row for row in self.records if row["id"] not in held])
        if known := [row for row in self.records if row["id"] in held]:
            connection.execute(_UPDATE_RECORD, [{"of": row["id"], **row} for row in known])
            records = [row["id"] for row in known]
            connection.execute(delete(Reference).where(among(connection, Reference.record, records)))
            connection.execute(delete(PictureName).where(among(connection, PictureName.record, records)))
        insert_all(connection, Reference.__table__, self.references)
        insert_all(connection, PictureName.__table__, self.pictures)


_UPDATE_RECORD = (
    update(Record.__table__)
    .where(Record.__table__.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("type", "area", "seq", "deleted", "conflicted", "wire")})
)


def _log_row(change: Change, area: str, seq: int, chain: str, body: str, envelope: Envelope) -> dict[str, Any]:
    return {
        "id": change.id,
        "record": change.record,
        "area": area,
        "seq": seq,
        "chain": chain,
        "body": body,
        "author": envelope.author,
        "device": envelope.device,
        "received_at": envelope.received_at,
        "skew_ms": envelope.skew_ms,
    }
