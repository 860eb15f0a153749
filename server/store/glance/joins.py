"""Where records belong once joins (`same_as`) are followed: within one area, since nobody need see into another."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from server.store.browse import Joined
from server.store.engine import among
from server.store.glance.rows import Place
from server.store.glance.tables import Glance
from server.store.log import SAME_AS
from server.store.tables import Record, Reference
from sync.change import ID


class Joins:
    """The joins that matter to *states*: of themselves, and of what they name."""

    def __init__(self, connection: Connection, states: Iterable[Any]) -> None:
        states = list(states)
        self._states = {state.id: state for state in states}
        named = {target for state in states for name in ("plot", "farmer", "of") if (target := _id_in(state, name))}
        into: dict[str, str] = {}
        todo = {state.id for state in states} | named
        while todo:
            found = _joined(connection, todo)
            into |= found
            todo = set(found.values()) - set(into)
        self._joined = Joined(into)
        self._kinds = _kinds(connection, named)

    def place(self, state: Any) -> Place:
        """Where *state* belongs."""
        twin = self._joined.stands_for(state.id) != state.id
        farmer = self._named(state, "farmer")
        if state.type == "plot":
            return Place(self._joined.stands_for(state.id), farmer, twin)
        plot = self._named(state, "plot")
        on = _id_in(state, "of")
        if on in self._kinds:
            type_, its_plot = self._kinds[on]
            if on in self._states:
                its_plot = self._named(self._states[on], "plot")  # newer than its row, which is being made
            plot = self._joined.stands_for(on) if type_ == "plot" else its_plot
            farmer = self._joined.stands_for(on) if type_ == "farmer" else farmer
        return Place(plot, farmer, twin)

    def _named(self, state: Any, name: str) -> str | None:
        target = _id_in(state, name)
        return self._joined.stands_for(target) if target else None


def _id_in(state: Any, name: str) -> str | None:
    """The record that a field names; None where it holds anything else, as in a record of a type that is not known here."""
    target = state.fields.get(name)
    return target if isinstance(target, str) and ID.fullmatch(target) else None


def _joined(connection: Connection, records: Collection[str]) -> dict[str, str]:
    one, target = aliased(Record), aliased(Record)
    rows = connection.execute(
        select(Reference.record, Reference.target)
        .join(one, one.id == Reference.record)
        .join(target, target.id == Reference.target)
        .where(
            Reference.field == SAME_AS,
            among(connection, Reference.record, records),
            one.area == target.area,
            one.type == target.type,
            ~target.deleted,
        )
    )
    return dict(rows.all())


def _kinds(connection: Connection, records: Collection[str]) -> dict[str, tuple[str, str | None]]:
    """The type of each of *records*, and the plot that it belongs to."""
    rows = connection.execute(
        select(Record.id, Record.type, Glance.plot)
        .outerjoin(Glance, Glance.id == Record.id)
        .where(among(connection, Record.id, records))
    )
    return {record: (type_, plot) for record, type_, plot in rows}
