"""Records out: what a reader who follows cursors has not read yet.

Must never send a byte from an area that the reader has no role in, and never move a cursor past what it sent.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, func, select

from server.store.cursor import Cursor, tail_of
from server.store.engine import among
from server.store.epoch import numbered
from server.store.logged import LOGGED, read_logged
from server.store.tables import Area, Departure, LoggedChange, Record
from sync.change import Logged

# One reply is at most about this long, however many records were asked for: a walked track can be a megabyte.
MOST_REPLY_BYTES = 4 * 1024 * 1024
# Rows are taken from the database in steps, so that a reply which is cut by its bytes was never in memory as a whole.
_FIRST_STEP = 25


@dataclass(slots=True)
class Page:
    """One reply's worth. `records`: id to JSON text; `gone`: (record, area); `cursors`: area to (cursor, more).

    `left`: of each area of which there is more, how many records are still to come.
    """

    records: dict[str, str] = field(default_factory=dict)
    gone: list[tuple[str, str | None]] = field(default_factory=list)
    cursors: dict[str, tuple[Cursor, bool]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    bytes: int = 0

    def add(self, record: str, wire: str) -> None:
        if record not in self.records:
            self.records[record] = wire
            self.bytes += len(wire)


@dataclass(frozen=True, slots=True)
class Own:
    """What the reader's own request did, under locks that are still held.

    `quiet`: of the records that it `touched`, those whose news would be an echo. `before`: the counter of each area
    before it; `numbers`: (area, number) that it took to the digest there.
    """

    quiet: Set[str] = frozenset()
    touched: Set[str] = frozenset()
    before: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def is_all_since(self, area: str, read: int) -> bool:
        """Whether nothing but echoes has happened in *area* since the number *read*."""
        return self.before.get(area) == read and self.quiet == self.touched


def read(connection: Connection, cursors: Mapping[str, Cursor], limit: int, own: Own) -> Page:
    """What is new in each area since its cursor: at most *limit* records, without the echoes of the reader's own.

    Counters are read first: what commits afterwards takes greater numbers, and is met at the next reading.
    """
    page = Page()
    rows = connection.execute(select(Area.id, Area.counter).where(Area.id.in_(list(cursors))))
    counters: dict[str, int] = dict(rows.all())
    ends: dict[str, tuple[int, bool]] = {}
    for area, cursor in cursors.items():
        counter = counters.get(area, 0)
        if counter <= cursor.read:
            ends[area] = (cursor.read, False)
        elif own.is_all_since(area, cursor.read):
            ends[area] = (counter, False)
        else:
            ends[area] = _read_area(connection, page, area, cursor.read, counter, limit, own.quiet)
    page.left = {area: _count(connection, area, end, counters[area]) for area, (end, more) in ends.items() if more}
    page.cursors = _cursors(connection, cursors, counters, ends, own.numbers)
    return page


def texts(connection: Connection, records: set[str]) -> dict[str, tuple[str, str]]:
    """Of each record that there is: the area where it lives, and its JSON text."""
    if not records:
        return {}
    rows = connection.execute(select(Record.id, Record.area, Record.wire).where(among(connection, Record.id, records)))
    return {record: (area, wire) for record, area, wire in rows}


def histories(connection: Connection, records: Collection[str], departed: Collection[str]) -> list[Logged]:
    """All changes of *records*; of *departed* only those that say where they went."""
    rows = connection.execute(
        select(*LOGGED).where(among(connection, LoggedChange.record, {*records, *departed})).order_by(LoggedChange.id)
    )
    found: list[Logged] = []
    begun: set[str] = set()
    for row in rows:
        logged = read_logged(row)
        first = logged.change.record not in begun
        begun.add(logged.change.record)
        if logged.change.record in records or first or "area" in logged.change.set:
            found.append(logged)
    return found


def authors_named(wires: Mapping[str, str]) -> set[str]:
    """The users named in the conflicts of records."""
    return {
        candidate["by"]
        for wire in wires.values()
        if '"conflicts":' in wire
        for rivals in orjson.loads(wire).get("conflicts", {}).values()
        for candidate in rivals
    }


def _read_area(
    connection: Connection, page: Page, area: str, after: int, counter: int, limit: int, quiet: Set[str]
) -> tuple[int, bool]:
    """Add one area's news to the page; the number up to which it was read, and whether there is more."""
    room = limit - len(page.records) - len(page.gone)
    if room <= 0 or page.bytes >= MOST_REPLY_BYTES:
        return after, True
    end = after
    for taken, (seq, record, wire) in enumerate(_news(connection, area, after, counter, room + 1)):
        if taken == room or (page.bytes >= MOST_REPLY_BYTES and taken):
            return end, True
        if wire is None:
            page.gone.append((record, area))
        elif record not in quiet:
            page.add(record, wire)
        end = seq
    return counter, False


def _news(
    connection: Connection, area: str, after: int, counter: int, most: int
) -> Iterator[tuple[int, str, str | None]]:
    """At most *most* records and departures of one area, in the order of their numbers."""
    departures = deque(_departures(connection, area, after, counter, most))
    step = min(_FIRST_STEP, most)
    while step:
        rows = _records(connection, area, after, counter, step)
        for row in rows:
            while departures and departures[0][0] < row[0]:
                yield departures.popleft()
            yield row
        most -= len(rows)
        after = rows[-1][0] if rows else after
        size = sum(len(wire or "") for _seq, _record, wire in rows) // max(1, len(rows)) + 1
        step = min(most, max(1, MOST_REPLY_BYTES // size)) if len(rows) == step else 0
    yield from departures


def _records(
    connection: Connection, area: str, after: int, counter: int, most: int
) -> list[tuple[int, str, str | None]]:
    rows = connection.execute(
        select(Record.seq, Record.id, Record.wire)
        .where(Record.area == area, Record.seq > after, Record.seq <= counter)
        .order_by(Record.seq)
        .limit(most)
    )
    return list(rows)


def _count(connection: Connection, area: str, after: int, counter: int) -> int:
    query = select(func.count()).where(Record.area == area, Record.seq > after, Record.seq <= counter)
    return connection.scalar(query) or 0


def _departures(
    connection: Connection, area: str, after: int, counter: int, most: int
) -> list[tuple[int, str, str | None]]:
    rows = connection.execute(
        select(Departure.seq, Departure.record)
        .where(Departure.area == area, Departure.seq > after, Departure.seq <= counter)
        # What has come back meanwhile, or was corrected in its place, is told of as a record.
        .where(~select(Record.id).where(Record.id == Departure.record, Record.area == area).exists())
        .order_by(Departure.seq)
        .limit(most)
    )
    return [(seq, record, None) for seq, record in rows]


def _cursors(
    connection: Connection,
    cursors: Mapping[str, Cursor],
    counters: Mapping[str, int],
    ends: Mapping[str, tuple[int, bool]],
    known: Mapping[tuple[str, int], str],
) -> dict[str, tuple[Cursor, bool]]:
    marks = [
        (area, number)
        for area, (end, _more) in ends.items()
        for number in {end, counters.get(area, 0)}
        if number and number not in (cursors[area].read, cursors[area].told) and (area, number) not in known
    ]
    chains = {**known, **numbered(connection, marks)} if marks else known
    made = {}
    for area, (end, more) in ends.items():
        old = cursors[area]
        tails = {old.read: old.read_tail, old.told: old.told_tail, 0: ""}
        told = max(counters.get(area, 0), old.told)
        made[area] = (
            Cursor(
                read=end,
                read_tail=tails[end] if end in tails else tail_of(chains[area, end]),
                told=told,
                told_tail=tails[told] if told in tails else tail_of(chains[area, told]),
            ),
            more,
        )
    return made
