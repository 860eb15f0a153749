"""One exchange, from a read request to the text of its reply: the story of a sync as the centre lives it.

Must never answer before its transaction is durable.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, case, func, select, update
from sqlalchemy.exc import DBAPIError

from server.store import epoch as epochs
from server.store import hubs, lists, log, quarantine, reading
from server.store.cursor import Cursor, parse
from server.store.engine import one_moment, writing
from server.store.people import Sender, names_of, still
from server.store.tables import Device
from sync.change import Envelope, Logged, as_text
from sync.merge import State
from sync.problem import Problem, sentence
from sync.protocol import PROTOCOL, WANT_CHANGES, Request, write_logged
from sync.records import SCHEMA
from sync.records.lists import News

# A device is noted as heard from at most this often, unless it brought something: each note is a durable write.
NOTE_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Seen:
    """When a device was heard from, and how far its clock was ahead then (ms; None: it did not say)."""

    at: datetime
    skew: int | None


@dataclass(slots=True)
class _Answer:
    """What one transaction found out: all that the reply says. `sender`: with the rights of that transaction; `settled`:
    how somebody decided about changes that were refused before."""

    sender: Sender
    history: epochs.History
    outcome: log.Outcome
    page: reading.Page
    changes: list[Logged] | None = None
    settled: Mapping[str, str] = field(default_factory=dict)
    lists: News | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The JSON text of a reply in two parts: `head`, an object of all that is for this phone alone, and `records`, an
    array that is the same text for everybody who reads the same page."""

    head: bytes
    records: bytes

    def text(self) -> bytes:
        """The whole reply."""
        return b'%b,"records":%b}' % (self.head[:-1], self.records)


def exchange(sender: Sender, request: Request) -> Reply:
    """Take in what *request* brings and answer with what its sender has not read.

    Raises `Problem` ``not_a_hub`` (403) for whoever wants history and is none.
    """
    if request.want == WANT_CHANGES and not sender.is_hub:
        raise Problem("not_a_hub", 403, sentence("Only a hub is answered with changes. Ask for records."))
    now = datetime.now(UTC)
    skew = int((request.sent_at - now).total_seconds() * 1000) if request.sent_at else None
    seen = _Seen(now, skew)
    try:
        answer = _in_one_transaction(sender, request, seen)
    except epochs.HistoryLost as lost:
        epochs.raise_once(lost.epoch)
        answer = _in_one_transaction(sender, request, seen)
    people = names_of(sorted(reading.authors_named(answer.page.records)))
    return _reply(answer.sender, request, answer, people, now)


def _in_one_transaction(sender: Sender, request: Request, seen: _Seen) -> _Answer:
    if not request.sent:
        with one_moment() as connection:
            history = epochs.current(connection)
            reader = still(connection, sender)
            cursors = _trusted_cursors(connection, history, reader, request)
            page = _page(connection, reader, request, log.Outcome(), cursors)
            changes = _changes(connection, request, log.Outcome(), page)
            settled = quarantine.decided(connection, reader, request.refused)
            told = _lists(connection, request, history, cursors)
            to_note = request.report is not None or not _was_seen_lately(connection, sender, seen)
        if to_note:
            with suppress(Problem, DBAPIError):  # a full disk, a writer who takes long: no reason not to read
                writing(lambda connection: _note_device(connection, sender, request, seen))
        return _Answer(reader, history, log.Outcome(), page, changes, settled, told)

    def work(connection: Connection, also: frozenset[str]) -> _Answer:
        # First of all: while a backup is put in the place of everything, this waits.
        history = epochs.current(connection)
        writer = still(connection, sender)
        cursors = _trusted_cursors(connection, history, writer, request)
        changes, brought, refused = hubs.sort_out(connection, writer, request)
        outcome = log.accept(connection, writer, changes, _envelope(writer, seen), also, brought)
        outcome.rejected += [*request.rejected, *refused]
        log.quarantine_rejected(connection, writer, outcome, brought)
        page = _page(connection, writer, request, outcome, cursors)
        _note_device(connection, writer, request, seen)
        changed = _changes(connection, request, outcome, page)
        settled = quarantine.decided(connection, writer, request.refused)
        told = _lists(connection, request, history, cursors)
        return _Answer(writer, history, outcome, page, changed, settled, told)

    return log.accepting(work)


def _trusted_cursors(
    connection: Connection, history: epochs.History, sender: Sender, request: Request
) -> dict[str, Cursor] | None:
    """The cursors of this sender's areas, which the log bears out; None: all is read anew.

    Raises `HistoryLost` for a cursor that tells of a number which the log does not have with what came before it: so
    a restored backup is noticed without anybody saying so.
    """
    if request.epoch is None:
        return {area: Cursor() for area in sender.roles}
    if request.epoch != history.epoch:
        return None
    given, marks = (
        {area: cursor for area, text in told.items() if (cursor := parse(text, area, history.cursor_key)) is not None}
        for told in (request.areas, request.marks)
    )
    # Those of areas too that are no longer this sender's: what they did there may be what was lost.
    if not (epochs.history_is_whole(connection, given) and epochs.history_is_whole(connection, marks)):
        raise epochs.HistoryLost(history.epoch)
    return {area: given.get(area) or Cursor() for area in sender.roles}


def _page(
    connection: Connection,
    sender: Sender,
    request: Request,
    outcome: log.Outcome,
    cursors: Mapping[str, Cursor] | None,
) -> reading.Page:
    if cursors is None:
        # The phone throws this reply away and begins from nothing: nothing to tell but the epoch.
        page = reading.Page()
        page.cursors = {area: (Cursor(), True) for area in sender.roles}
        return page
    own = reading.Own(_echoes(outcome, cursors), set(outcome.touched), outcome.before, outcome.numbers)
    page = reading.read(connection, cursors, request.limit, own)
    _answer_always(connection, sender, outcome, page)
    return page


def _changes(connection: Connection, request: Request, outcome: log.Outcome, page: reading.Page) -> list[Logged] | None:
    """For a hub the histories of the records on the page, without what it just brought; None for everybody else."""
    if request.want != WANT_CHANGES:
        return None
    found = reading.histories(connection, page.records, [record for record, _area in page.gone])
    brought = {change.id for change in outcome.fresh}
    return [entry for entry in found if entry.change.id not in brought]


def _lists(
    connection: Connection, request: Request, history: epochs.History, cursors: Mapping[str, Cursor] | None
) -> News | None:
    """What is new in the installation's own lists: nothing for an older app, nor in a reply that is thrown away."""
    if cursors is None or not request.reads_lists:
        return None
    return lists.news(connection, history.lists, request.lists, request.limit)


def _echoes(outcome: log.Outcome, cursors: Mapping[str, Cursor]) -> set[str]:
    """The records whose news the phone knows already, because they are its own."""
    sent = _last_sent(outcome)
    return {
        record
        for record, (was, state) in outcome.touched.items()
        if record not in outcome.repeated
        and not state.conflicts
        and (was is None or not (was.conflicted or was.deleted))
        and (was is None or (was.area == state.area and was.area in cursors and was.seq <= cursors[was.area].read))
        and _stands_alone(state, sent[record])
    }


def _stands_alone(state: State, sent: Mapping[str, str]) -> bool:
    """Whether every field that the request set is shown as its last change of it set it, and by no other change."""
    heads: dict[str, str] = {}
    for change, names in state.heads.items():
        for name in names:
            heads[name] = change if name not in heads else ""
    return all(heads.get(name) == last for name, last in sent.items())


def _last_sent(outcome: log.Outcome) -> dict[str, dict[str, str]]:
    """Record to field to the last change of this request that set it."""
    sent: dict[str, dict[str, str]] = {}
    for change in outcome.fresh:
        sent.setdefault(change.record, {}).update(dict.fromkeys(change.set, change.id))
    return sent


def _answer_always(connection: Connection, sender: Sender, outcome: log.Outcome, page: reading.Page) -> None:
    """Records of which a change was repeated, or that turn out to live elsewhere than the change said."""
    elsewhere = {change.record for change in outcome.fresh if outcome.touched[change.record][1].area != change.area}
    for record, (area, wire) in reading.texts(connection, outcome.repeated | elsewhere).items():
        if area in sender.roles:
            page.add(record, wire)
        else:
            page.gone.append((record, None))


def _reply(sender: Sender, request: Request, answer: _Answer, people: Mapping[str, str], now: datetime) -> Reply:
    # Records are joined as the texts that they are stored as: a first sync costs the server almost no thought.
    head: dict[str, Any] = {
        "protocol": PROTOCOL,
        "epoch": answer.history.epoch,
        "server_time": as_text(now),
        "schema": SCHEMA,
        "accepted": answer.outcome.accepted,
        "rejected": [each.as_json() for each in answer.outcome.rejected],
        "areas": _areas(sender, request, answer),
        "gone": [{"id": record, "area": area} if area else {"id": record} for record, area in answer.page.gone],
    }
    if answer.settled:
        head["settled"] = dict(answer.settled)
    if people:
        head["people"] = people
    if answer.lists is not None:
        head["lists"] = answer.lists.as_json()
    if answer.changes is not None:
        head["changes"] = [write_logged(entry) for entry in answer.changes]
    # json, not orjson: a rejected change's detail may echo a lone surrogate, which only the escapes of json can carry.
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=not _is_plain(head))
    if answer.changes is not None:
        return Reply(text.encode(), b"[]")
    return Reply(text.encode(), f"[{','.join(answer.page.records.values())}]".encode())


def _areas(sender: Sender, request: Request, answer: _Answer) -> dict[str, dict[str, Any]]:
    areas: dict[str, dict[str, Any]] = {}
    for area, (cursor, more) in answer.page.cursors.items():
        sealed = cursor.sealed(area, answer.history.cursor_key)
        areas[area] = {"cursor": sealed, "more": more, "role": sender.roles[area]}
        if area in answer.page.left:
            areas[area]["left"] = answer.page.left[area]
        # An area that was just given has a name that its reader has not heard.
        if request.areas.get(area) is None:
            areas[area]["name"] = sender.area_names[area]
    return areas


def _is_plain(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True


def _envelope(sender: Sender, seen: _Seen) -> Envelope:
    return Envelope(author=sender.user_id, device=sender.device_id, received_at=as_text(seen.at), skew_ms=seen.skew)


def _was_seen_lately(connection: Connection, sender: Sender, seen: _Seen) -> bool:
    at = connection.scalar(select(Device.seen_at).where(*_this(sender)))
    return at is not None and seen.at - at < NOTE_EVERY


def _note_device(connection: Connection, sender: Sender, request: Request, seen: _Seen) -> None:
    """Remember that this phone was heard from, how far off its clock is, and what it reports of itself."""
    values: dict[str, Any] = {"seen_at": seen.at}
    if seen.skew is not None:
        worst = func.coalesce(Device.worst_skew_ms, 0)
        values["skew_ms"] = seen.skew
        values["worst_skew_ms"] = case((func.abs(worst) >= abs(seen.skew), worst), else_=seen.skew)
    if request.report is not None:
        values["report"] = orjson.dumps(request.report).decode()
    connection.execute(update(Device).where(*_this(sender)).values(**values))


def _this(sender: Sender) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Device.id == sender.device_id, Device.user_id == sender.user_id
