"""The console's questions to the database. Each takes the areas that the reader manages, and answers from those alone.

Must never be called with areas that were not checked against the reader's roles.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import aliased

from server.store.engine import among, reading
from server.store.log import SAME_AS
from server.store.logged import LOGGED, read_logged
from server.store.quarantine import meant_for
from server.store.tables import Area, Device, LoggedChange, PassedOn, Quarantined, Record, Reference, User
from sync.change import ID, Logged
from sync.merge import State

Fields = dict[str, Any]
# In the words of the index of joins, which is not taken for a parameter.
_IS_JOIN = Reference.field == literal_column(f"'{SAME_AS}'")


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as the console shows it."""

    id: str
    type: str
    area: str
    fields: Fields
    conflicts: dict[str, list[Fields]]
    deleted: bool
    heads: dict[str, list[str]]

    @property
    def changed_since_review(self) -> bool:
        """Whether a value stands here that whoever reviewed the record did not look at."""
        review = self.fields.get("review")
        if not isinstance(review, dict):
            return False
        seen = {each for each in review.get("seen") or () if isinstance(each, str)}
        rivals = {each["change"] for rivals in self.conflicts.values() for each in rivals}
        # The review is a change too, and may have set more than itself.
        own = {change for change, names in self.heads.items() if "review" in names}
        return bool((set(self.heads) | rivals) - seen - own)

    def view(self) -> list[str]:
        """Every change that the record shows, its conflicts included: what a delete has seen."""
        rivals = {each["change"] for rivals in self.conflicts.values() for each in rivals}
        return sorted(set(self.heads) | rivals)


@dataclass(frozen=True, slots=True)
class Joined:
    """Which records were joined into which (`same_as`): one farmer who was registered on two phones, say."""

    into: Mapping[str, str]

    def stands_for(self, record: str) -> str:
        """The record into which *record* was joined, however often; itself where it was not, or where the joins go in a ring."""
        passed = {record}
        found = record
        while (found_next := self.into.get(found)) is not None:
            if found_next in passed:
                return record
            passed.add(found_next)
            found = found_next
        return found

    def joined_into(self, record: str) -> set[str]:
        """*record* and all that were joined into it."""
        others: defaultdict[str, list[str]] = defaultdict(list)
        for twin, target in self.into.items():
            others[target].append(twin)
        found, todo = {record}, [record]
        while todo:
            new = [twin for twin in others[todo.pop()] if twin not in found]
            found.update(new)
            todo += new
        return found


def joined(areas: Collection[str]) -> Joined:
    """The joins between records that are in *areas* and not deleted."""
    one, target = aliased(Record), aliased(Record)
    # Few are joins: each looks for its records, and not the other way about.
    here = select(one.id).where(one.id == Reference.record, one.area.in_(areas))
    there = select(target.id).where(target.id == Reference.target, target.area.in_(areas), ~target.deleted)
    asked = select(Reference.record, Reference.target).where(_IS_JOIN, here.exists(), there.exists())
    with reading() as connection:
        rows = connection.execute(asked).all()
        return Joined(dict(rows))


def all_of(type_: str, areas: Collection[str]) -> list[Seen]:
    """All records of a type in *areas* that are not deleted."""
    with reading() as connection:
        rows = connection.scalars(
            select(Record.wire).where(Record.area.in_(areas), Record.type == type_, ~Record.deleted)
        ).all()
    return [read_wire(wire) for wire in rows]


def each_of(type_: str, area: str, size: int = 500) -> Iterator[Seen]:
    """As `all_of` in one area, *size* in memory at a time, in the order of their ids."""
    asked = select(Record.id, Record.wire).where(Record.area == area, Record.type == type_, ~Record.deleted)
    last = ""
    while True:
        with reading() as connection:
            rows = connection.execute(asked.where(Record.id > last).order_by(Record.id).limit(size)).all()
        yield from (read_wire(wire) for _id, wire in rows)
        if len(rows) < size:
            return
        last = rows[-1][0]


def one(record: str, areas: Collection[str]) -> Seen | None:
    """A record, where it lives in one of *areas*; None for what is no id at all."""
    if not ID.fullmatch(record):
        return None
    with reading() as connection:
        wire = connection.scalar(select(Record.wire).where(Record.id == record, Record.area.in_(areas)))
    return read_wire(wire) if wire else None


def referring(targets: Collection[str], areas: Collection[str]) -> dict[str, list[Seen]]:
    """The records in *areas* that name each of *targets* in a reference field, those not deleted."""
    with reading() as connection:
        rows = connection.execute(
            select(Reference.target, Record.wire)
            .join(Record, Record.id == Reference.record)
            .where(Reference.target.in_(targets), Reference.field != SAME_AS, Record.area.in_(areas), ~Record.deleted)
        ).all()
    found: defaultdict[str, list[Seen]] = defaultdict(list)
    for target, wire in rows:
        found[target].append(read_wire(wire))
    return found


def history(records: Collection[str]) -> dict[str, list[Logged]]:
    """All changes of records, oldest edit first. The caller has checked that they are the reader's."""
    with reading() as connection:
        rows = connection.execute(
            select(LoggedChange.record, *LOGGED).where(LoggedChange.record.in_(records)).order_by(LoggedChange.id)
        ).all()
    found: defaultdict[str, list[Logged]] = defaultdict(list)
    for row in rows:
        found[row.record].append(read_logged(row))
    return found


def conflicted(areas: Collection[str], after: str = "", most: int = 500) -> list[Seen]:
    """The records in *areas* whose values are in dispute, newest record first; *after*: those older than this one."""
    asked = select(Record.wire).where(Record.area.in_(areas), Record.conflicted)
    if after:
        asked = asked.where(Record.id < after)
    with reading() as connection:
        return [read_wire(wire) for wire in connection.scalars(asked.order_by(Record.id.desc()).limit(most))]


def conflict_count(areas: Collection[str]) -> int:
    """How many records in *areas* have values in dispute."""
    asked = select(func.count()).select_from(Record).where(Record.area.in_(areas), Record.conflicted)
    with reading() as connection:
        return connection.scalar(asked) or 0


def deleted(areas: Collection[str], after: str = "", most: int = 50) -> list[Seen]:
    """The records in *areas* that are deleted, newest record first; *after*: those older than this one."""
    asked = select(Record.wire).where(Record.area.in_(areas), Record.deleted)
    if after:
        asked = asked.where(Record.id < after)
    with reading() as connection:
        return [read_wire(wire) for wire in connection.scalars(asked.order_by(Record.id.desc()).limit(most))]


def names_of(records: Collection[str], areas: Collection[str]) -> dict[str, str]:
    """What records are called (and areas and people), by id; none of another area."""
    if not records:
        return {}
    with reading() as connection:
        wires = connection.scalars(
            select(Record.wire).where(among(connection, Record.id, records), Record.area.in_(areas))
        )
        found = {state.id: str(state.fields.get("name") or "–") for state in map(read_wire, wires)}
        people = connection.execute(select(User.id, User.name).where(among(connection, User.id, records)))
        places = connection.execute(
            select(Area.id, Area.name).where(among(connection, Area.id, records), Area.id.in_(areas))
        )
        return found | dict(people.all()) | dict(places.all())


def device_names(devices: Collection[str]) -> dict[str, str]:
    """What phones are called."""
    with reading() as connection:
        return dict(
            connection.execute(select(Device.id, Device.name).where(among(connection, Device.id, devices))).all()
        )


def attention_count(areas: Collection[str]) -> int:
    """How many conflicts and refused changes wait for a person."""
    with reading() as connection:
        refused = connection.scalar(
            select(func.count()).select_from(Quarantined).where(meant_for(areas), Quarantined.settled_at.is_(None))
        )
        # Few are passed on and refused: each looks for its change, and not the other way about.
        theirs = select(LoggedChange.id).where(LoggedChange.id == PassedOn.change_id, LoggedChange.area.in_(areas))
        upstream = connection.scalar(
            select(func.count()).select_from(PassedOn).where(PassedOn.reason.is_not(None), theirs.exists())
        )
    return conflict_count(areas) + (refused or 0) + (upstream or 0)


def quarantined(areas: Collection[str]) -> Sequence[dict[str, Any]]:
    """What was refused in *areas* and is not settled: who, when, why, and the change as it came."""
    with reading() as connection:
        rows = connection.execute(
            select(
                Quarantined.reason,
                Quarantined.detail,
                Quarantined.body,
                Quarantined.received_at,
                User.name.label("author"),
            )
            .join(User, User.id == Quarantined.user_id)
            .where(meant_for(areas), Quarantined.settled_at.is_(None))
            .order_by(Quarantined.id.desc())
            .limit(500)
        ).mappings()
        return [{**row, "detail": orjson.loads(row["detail"]), "change": _loads(row["body"])} for row in rows]


def read_wire(wire: str) -> Seen:
    """A record from the text that a reply carries."""
    return _seen(orjson.loads(wire))


def read_state(state: State) -> Seen:
    """A folded state as the console shows it."""
    return _seen(orjson.loads(orjson.dumps(state.as_json())))


def _seen(record: Fields) -> Seen:
    heads = record["heads"]
    if isinstance(heads, str):
        heads = {heads: ["deleted"] if record["deleted"] else list(record.get("fields", ()))}
    return Seen(
        id=record["id"],
        type=record["type"],
        area=record["area"],
        fields=record.get("fields", {}),
        conflicts=record.get("conflicts", {}),
        deleted=record["deleted"],
        heads=heads,
    )


def _loads(body: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
