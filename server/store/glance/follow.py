"""Follows the centre's own numbering, area by area, as a phone does: what came since the mark is seen at a glance.

So pushing costs nothing more than before, nothing can be passed by, and what is here is always `rebuild`'s result.
Must never be run inside the transaction of a push.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, select, text, union_all

from server.store.browse import Seen, read_wire
from server.store.engine import among, insert_all, insert_or_update, reading, writing
from server.store.glance.joins import Joins
from server.store.glance.plots import write_plots
from server.store.glance.rows import Made, row_of
from server.store.glance.tables import Glance, GlanceMark, Overlap, PlotGlance
from server.store.lists import lists_in
from server.store.log import SAME_AS
from server.store.tables import Area, Departure, LoggedChange, Record, Reference

CHUNK = 150  # for some tenths of a second nobody else can write, on SQLite
# What one page waits for at most, in records: beyond that it says that it is behind.
MOST_AT_ONCE = 1500
_COUNTED_EVERY = 1000  # numbers
_LOCK = 0x6E75_6F6E  # PostgreSQL's advisory lock: one follower at a time


def behind(areas: Collection[str]) -> int:
    """How many numbers of *areas* have not been followed yet."""
    with reading() as connection:
        return sum(_behind(connection, areas).values())


def follow(areas: Collection[str], most: int = MOST_AT_ONCE) -> int:
    """Take in what came to *areas*, at most *most* records; how many numbers are left."""
    with reading() as connection:
        late = _behind(connection, areas)
    for area in sorted(late):
        while most > 0:
            done = writing(lambda connection, area=area: _step(connection, area))  # type: ignore[misc]
            most -= CHUNK
            if done < CHUNK:
                break
    return behind(areas) if late and most <= 0 else 0


def mark(areas: Collection[str]) -> int:
    """A number that is another one whenever something came to *areas* and was seen."""
    with reading() as connection:
        return int(connection.scalar(select(func.sum(GlanceMark.seq)).where(GlanceMark.area.in_(areas))) or 0)


def rebuild() -> int:
    """Make all of it anew; how many rows there are then."""

    def forget(connection: Connection) -> None:
        _alone(connection)
        for table in (Glance, PlotGlance, Overlap, GlanceMark):
            connection.execute(delete(table))

    writing(forget)
    with reading() as connection:
        areas = list(connection.scalars(select(Area.id)))
    follow(areas, most=10**9)
    with reading() as connection:
        return connection.scalar(select(func.count()).select_from(Glance)) or 0


def _behind(connection: Connection, areas: Collection[str]) -> dict[str, int]:
    rows = connection.execute(
        select(Area.id, Area.counter - func.coalesce(GlanceMark.seq, 0))
        .outerjoin(GlanceMark, GlanceMark.area == Area.id)
        .where(Area.id.in_(areas), Area.counter != func.coalesce(GlanceMark.seq, 0))
    )
    return {area: int(count) for area, count in rows}


def _alone(connection: Connection) -> None:
    # SQLite has one writer anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _step(connection: Connection, area: str) -> int:
    """One chunk of an area's numbering; how many records it had."""
    _alone(connection)
    counter = connection.scalar(select(Area.counter).where(Area.id == area)) or 0
    mark = connection.scalar(select(GlanceMark.seq).where(GlanceMark.area == area)) or 0
    if mark > counter:
        mark = 0  # the centre lost history: all is looked at again
    # What left the area took a number there too: its rows go with it, whoever follows the area that it went to.
    numbered = union_all(
        *(
            select(record, table.seq).where(table.area == area, table.seq > mark, table.seq <= counter)
            for table, record in ((Record, Record.id.label("record")), (Departure, Departure.record))
        )
    ).subquery()
    found = connection.execute(select(numbered).order_by(numbered.c.seq).limit(CHUNK)).all()
    if found:
        see(connection, {record for record, _seq in found})
    reached = found[-1][1] if len(found) == CHUNK else counter
    if reached // _COUNTED_EVERY != mark // _COUNTED_EVERY:
        _count(connection)
    insert_or_update(connection, GlanceMark.__table__, [{"area": area, "seq": reached}], ["area"])
    return len(found)


def _count(connection: Connection) -> None:
    """Let SQLite look how many rows share a value: knowing nothing, it reads a whole area for each plot. PostgreSQL does so
    by itself."""
    if connection.dialect.name != "sqlite":
        return
    connection.execute(text("PRAGMA analysis_limit = 1000"))  # some milliseconds, however many rows there are
    for table in (Glance, PlotGlance, Overlap):
        connection.execute(text(f"ANALYZE {table.__tablename__}"))


def see(connection: Connection, touched: set[str]) -> None:
    """Make the rows of *touched* anew, and of all that is seen differently because of them."""
    touched = touched | _dependent(connection, touched)
    states = _states(connection, touched)
    joins = Joins(connection, states.values())
    before = set(connection.scalars(select(Glance.plot).where(among(connection, Glance.id, touched))))
    made = _made(connection, [each.id for each in states.values() if not each.deleted])
    places = {each.id: joins.place(each) for each in states.values() if not each.deleted}
    lists = lists_in(connection)
    rows = [row_of(states[record], made[record], place, lists) for record, place in places.items()]
    connection.execute(delete(Glance).where(among(connection, Glance.id, touched)))
    insert_all(connection, Glance.__table__, rows)
    plots = {plot for plot in (*before, *(place.plot for place in places.values())) if plot}
    plots |= {record for record in touched if (state := states.get(record)) and state.type == "plot"}
    farmers = {record for record in touched if (state := states.get(record)) and state.type == "farmer"}
    plots |= _plots_of(connection, farmers)
    write_plots(connection, plots)


def _dependent(connection: Connection, touched: set[str]) -> set[str]:
    """What hangs on *touched*: pictures and tasks on them, and, where a join is made or undone, all that names its sides."""
    hanging = set(
        connection.scalars(
            select(Reference.record).where(Reference.field == "of", among(connection, Reference.target, touched))
        )
    )
    joined = set(
        connection.scalars(
            select(Reference.record).where(Reference.field == SAME_AS, among(connection, Reference.record, touched))
        )
    )
    joined |= set(connection.scalars(select(Glance.id).where(Glance.twin, among(connection, Glance.id, touched))))
    # One that others were joined into may have been deleted, restored, or joined on.
    new, group = set(touched), set(joined)
    while new:
        new = (
            set(
                connection.scalars(
                    select(Reference.record).where(Reference.field == SAME_AS, among(connection, Reference.target, new))
                )
            )
            - group
        )
        group |= new
    if group:
        hanging |= group | set(
            connection.scalars(select(Reference.record).where(among(connection, Reference.target, group)))
        )
    return hanging


def _states(connection: Connection, records: Collection[str]) -> dict[str, Seen]:
    wires = connection.scalars(select(Record.wire).where(among(connection, Record.id, records)))
    return {state.id: state for state in map(read_wire, wires)}


def _made(connection: Connection, records: Collection[str]) -> dict[str, list[Made]]:
    found: defaultdict[str, list[Made]] = defaultdict(list)
    rows: Iterable[Any] = connection.execute(
        select(
            LoggedChange.record, LoggedChange.id, LoggedChange.author, LoggedChange.received_at, LoggedChange.skew_ms
        )
        .where(among(connection, LoggedChange.record, records))
        .order_by(LoggedChange.id)
    )
    for record, *entry in rows:
        found[record].append(Made(*entry))
    return found


def _plots_of(connection: Connection, farmers: Collection[str]) -> set[str]:
    return (
        set(
            connection.scalars(
                select(Glance.id).where(Glance.type == "plot", among(connection, Glance.farmer, farmers))
            )
        )
        if farmers
        else set()
    )
