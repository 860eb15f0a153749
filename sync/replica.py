"""What a device holds, without input and output: `base` + `outbox` = what is shown. For hubs, tests, imports.

Must never merge (servers do) and never remove a change before its acceptance was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync.change import Change
from sync.protocol import Reply, spread
from sync.records.lists import Entry, learnt


@dataclass(slots=True)
class Replica:
    """One person's store on one device.

    `refused` maps a change's id to its rejection, `withheld` to the change itself. `stale`: the records of `base` that a
    new epoch has not brought again yet. `marks`: the last cursor of each area that was taken away: what was done there
    may be lost with an older copy of the database, and nobody else may have read it. `lists`: the installation's own
    entries, by list and code, read up to `lists_at`.
    """

    epoch: str | None = None
    cursors: dict[str, str | None] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    more: set[str] = field(default_factory=set)
    base: dict[str, dict[str, Any]] = field(default_factory=dict)
    outbox: list[Change] = field(default_factory=list)
    sent: list[Change] = field(default_factory=list)
    refused: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    withheld: dict[str, Change] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    people: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[str, Entry]] = field(default_factory=dict)
    lists_at: int = 0
    more_lists: bool = False

    def edit(
        self, change_id: str, record: str, type_: str, area: str, values: Mapping[str, Any], schema: int = 1
    ) -> Change:
        """Put an edit of *values* into the outbox, over everything that this device shows for those fields."""
        over = {name: ids for name in values if (ids := self.standing(record, name))}
        seen = self.view(record) if values.get("deleted") is True else []
        change = Change(change_id, record, type_, area, dict(values), over, seen, schema)
        self.outbox.append(change)
        return change

    def standing(self, record: str, name: str) -> list[str]:
        """The changes whose value this device shows for a field: what an edit of it is made over."""
        for change in reversed(self.outbox):
            if change.record == record and name in change.set:
                return [change.id]
        held = self.base.get(record)
        if held is None:
            return []
        rivals = [each["change"] for each in held["conflicts"].get(name, [])]
        return rivals or list(held["heads"].get(name, []))

    def view(self, record: str) -> list[str]:
        """Every change id that this device shows of the record, conflicts included: what a delete has seen."""
        held = self.base.get(record)
        names = set(held["heads"]) | set(held["conflicts"]) if held else set()
        names.update(name for change in self.outbox if change.record == record for name in change.set)
        return sorted({each for name in names for each in self.standing(record, name)})

    def shown(self, record: str) -> dict[str, Any]:
        """The fields of a record as this device shows them: the base, and the outbox laid over it."""
        held = self.base.get(record)
        fields = dict(held["fields"]) if held else {}
        for change in self.outbox:
            if change.record == record:
                fields.update(change.set)
        return {name: value for name, value in fields.items() if value is not None}

    def take(self, reply: Reply, batch: Sequence[Change]) -> bool:
        """Read the answer to *batch*. False: the server lost history, and all must be read and sent again."""
        if self.epoch is not None and reply.epoch != self.epoch:
            self._start_over(reply.epoch)
            return False
        self.epoch = reply.epoch
        self.people.update(reply.people)
        if reply.lists is not None:
            self.lists, self.lists_at = learnt(self.lists, reply.lists), reply.lists.at
        self.more_lists = reply.lists is not None and reply.lists.more
        self._settle_outbox(reply, batch)
        for departed in reply.gone:
            self._drop(departed)
        for record in reply.records:
            self.base[record["id"]] = _held(record)
            self.stale.discard(record["id"])
        self._read_areas(reply.areas)
        if not self.more:
            self._leave_behind()
        return True

    def _settle_outbox(self, reply: Reply, batch: Sequence[Change]) -> None:
        refusals = {each["id"]: each for each in reply.rejected}
        answered = {record["id"] for record in reply.records}
        for change in batch:
            self.outbox.remove(change)
            if change.id in refusals:
                self.refused[change.id] = refusals[change.id]
                self.withheld[change.id] = change
                continue
            self.sent.append(change)
            if change.record not in answered:
                self._lay(change)

    def _lay(self, change: Change) -> None:
        """Take an accepted change into the base by itself: the server left it out because it would tell nothing."""
        if change.record in self.stale:
            # What stands from before a new epoch is what the server may have lost: nothing to build on.
            self.stale.discard(change.record)
            del self.base[change.record]
        held = self.base.setdefault(
            change.record,
            _held({"id": change.record, "type": change.type, "area": change.area, "fields": {}, "heads": {}}),
        )
        for name, value in change.set.items():
            held["heads"][name] = [change.id]
            if name == "deleted":
                held["deleted"] = value is True
            elif name == "area":
                held["area"] = value
            elif value is None:
                held["fields"].pop(name, None)
            else:
                held["fields"][name] = value

    def _drop(self, departed: Mapping[str, Any]) -> None:
        held = self.base.get(departed["id"])
        if held is not None and departed.get("area") in (None, held["area"]):
            del self.base[departed["id"]]

    def _read_areas(self, areas: Mapping[str, Mapping[str, Any]]) -> None:
        self.marks |= {area: cursor for area, cursor in self.cursors.items() if cursor}
        self.marks = {area: cursor for area, cursor in self.marks.items() if area not in areas}
        self.cursors = {area: each["cursor"] for area, each in areas.items()}
        self.more = {area for area, each in areas.items() if each["more"]}
        for record in [each for each in self.base.values() if each["area"] not in areas]:
            del self.base[record["id"]]

    def _start_over(self, epoch: str) -> None:
        self.epoch = epoch
        self.cursors = dict.fromkeys(self.cursors)
        self.marks = {}
        self.lists_at = 0
        # What was refused goes along: the server may have lost the quarantine that it was kept in.
        self.outbox = [*self.sent, *self.withheld.values(), *self.outbox]
        self.sent = []
        self.refused = {}
        self.withheld = {}
        self.stale = set(self.base)

    def _leave_behind(self) -> None:
        """All is read: what was there before a new epoch and did not come again is no more."""
        for record in self.stale:
            self.base.pop(record, None)
        self.stale = set()


def _held(record: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(record.get("fields", {}))
    names = [*fields, *(["deleted"] if record.get("deleted") else [])]
    return {
        "id": record["id"],
        "type": record["type"],
        "area": record["area"],
        "fields": fields,
        "heads": spread(record.get("heads", {}), names),
        "conflicts": dict(record.get("conflicts", {})),
        "deleted": record.get("deleted", False),
    }
