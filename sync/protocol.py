"""The messages on the wire, version 1: their shapes, their bounds, and the marks by which each side knows the other.

Must never do I/O and never decide what is accepted: it reads and writes messages.
"""

import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from sync import packing
from sync.change import ID, MOST_DEPTH, Change, Envelope, Logged, Refused, change_of, depth_of, read_change
from sync.problem import FieldError, Problem, sentence
from sync.records.lists import News

PROTOCOL = 1

MOST_SENT_BYTES = 2 * 1024 * 1024  # a request body as it travels
MOST_READ_BYTES = 8 * 1024 * 1024  # the same, unpacked
MOST_NESTED = 300_000  # lists and objects in a body: each takes a machine many times what it takes to write; tracks fit
MOST_CHANGES = 1000
MOST_AREAS = 1000
DEFAULT_LIMIT = 600  # records in one reply, where the request does not say
MOST_LIMIT = 2000
MOST_ASKED_ABOUT = 100  # refused changes about which one request asks
MOST_REPLY_BYTES = 64 * 1024 * 1024  # unpacked; far above what a server of ours puts into one

_DEVICE = re.compile(r"[0-9a-z-]{1,36}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z")

INVALID, FORBIDDEN, TOO_LARGE, ID_REUSED = "invalid", "forbidden", "too_large", "id_reused"
LISTS_SINCE = 6  # declarations of this version and newer know of an installation's own lists
RECORDS, WANT_CHANGES = "records", "changes"  # what a request wants: state, as phones do, or history, as hubs do


@dataclass(frozen=True, slots=True)
class Rejected:
    """One change that was not accepted. `raw` is what came, whole, for the quarantine; it does not travel back."""

    id: str | None
    reason: str
    detail: Mapping[str, Any]
    raw: Any = None

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "reason": self.reason, "detail": dict(self.detail)}


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one exchange, read. `areas`: area to cursor or None; `sent` counts the refused changes too.

    `marks`: the last cursors of areas that the sender no longer reads: nothing is read by them, but the log must bear
    them out too. `refused`: changes that were refused before and still stand on the phone: it wants to know whether somebody
    has decided about them. `envelopes`: what came as the envelope of a change, by its id, unread: only a hub's is looked at.
    `lists`: how far the sender has read the installation's own lists.
    """

    epoch: str | None
    schema: int
    sent_at: datetime | None
    areas: Mapping[str, str | None]
    changes: Sequence[Change]
    rejected: Sequence[Rejected]
    limit: int = DEFAULT_LIMIT
    report: Mapping[str, Any] | None = None
    want: str = RECORDS
    envelopes: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[str, str | None] = field(default_factory=dict)
    refused: Sequence[str] = ()
    lists: int | None = None

    @property
    def reads_lists(self) -> bool:
        """Whether its sender knows what to do with own lists: an older app would be told of them for ever."""
        return self.lists is not None or self.schema >= LISTS_SINCE

    @property
    def sent(self) -> int:
        return len(self.changes) + len(self.rejected)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to one exchange, read by a phone or a hub. `changes`: with envelopes, for a hub alone."""

    epoch: str
    server_time: str
    schema: int
    accepted: int
    rejected: Sequence[Mapping[str, Any]]
    areas: Mapping[str, Mapping[str, Any]]
    records: Sequence[Mapping[str, Any]]
    gone: Sequence[Mapping[str, Any]]
    people: Mapping[str, str] = field(default_factory=dict)
    changes: Sequence[Logged] = ()
    lists: News | None = None


class NotUs(Exception):
    """The answer does not carry the protocol's marks (a captive portal, a proxy): counts as offline."""


def unpack(
    body: bytes,
    encoding: str | None,
    content_type: str | None = None,
    most_sent: int = MOST_SENT_BYTES,
    most_read: int = MOST_READ_BYTES,
) -> bytes:
    """The body of a request, unpacked as *encoding* (gzip) or *content_type* (`sync.packing`) say.

    At most *most_sent* bytes in, and never more than *most_read* out. Raises `Problem` (`body_too_large`,
    `bad_encoding`).
    """
    if len(body) > most_sent:
        raise body_too_large(most_sent)
    if (content_type or "").strip().lower().startswith(packing.MEDIA_TYPE):
        return _unpack_packed(body, content_type, most_read)
    if encoding in (None, "", "identity"):
        return body
    if encoding != "gzip":
        raise Problem(
            "bad_encoding",
            415,
            sentence("The encoding “%(encoding)s” is not known here. Send gzip, or no encoding."),
            params={"encoding": encoding[:40]},
        )
    # A megabyte of gzip can unpack to a gigabyte: the unpacker is told where to stop.
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(body, most_read)
        if unpacker.unconsumed_tail:
            raise body_too_large(most_read)
        if not unpacker.eof:
            raise zlib.error("cut off")
    except zlib.error as error:
        raise Problem(
            "bad_encoding", 400, sentence("The body is not complete gzip. Send it again."), params={}
        ) from error
    return text


def _unpack_packed(body: bytes, content_type: str | None, most: int) -> bytes:
    number = packing.number_in(content_type)
    if number is None:
        # A newer app than this server: it sends plain JSON instead, and goes on.
        raise Problem(
            "bad_encoding", 415, sentence("This dictionary is not known here. Send JSON, with or without gzip.")
        )
    try:
        return packing.unpack(body, most, number)
    except packing.TooLarge as error:
        raise body_too_large(most) from error
    except packing.NotPacked as error:
        raise Problem("bad_encoding", 400, sentence("The body is cut off or broken. Send it again.")) from error


def body_too_large(most: int) -> Problem:
    """The problem for a body over *most* bytes."""
    return Problem(
        "body_too_large",
        413,
        sentence("The body is larger than %(most)s bytes. Send fewer changes at a time."),
        params={"most": most},
    )


def parse_json(body: bytes) -> Any:
    """The JSON value in *body*.

    A number or a character that is no good (``1e400``, ``NaN``, a lone surrogate) is let through here, so that only
    the change that holds it is refused and not the whole batch. Raises `Problem` (``not_json``, ``body_too_large``).
    """
    # Those inside strings count too: it is a bound on memory, far above what people write.
    if body.count(b"[") + body.count(b"{") > MOST_NESTED:
        raise Problem(
            "body_too_large",
            413,
            sentence("The body holds more than %(most)s lists and objects. Send fewer changes at a time."),
            params={"most": MOST_NESTED},
        )
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise Problem("not_json", 400, sentence("The body is not JSON. Send a JSON object, in UTF-8.")) from error


def _whole(digits: str) -> int | float:
    # Python refuses to read a number of thousands of digits, and the whole message with it.
    return int(digits) if len(digits) < 400 else float(digits)


def read_request(body: Any) -> Request:
    """The request that *body* (parsed JSON) is.

    A change that is no good is in `rejected` and costs the others nothing. Raises `Problem` (`bad_request`,
    `bad_protocol`, `too_many_changes`) where the message itself is no good.
    """
    if not isinstance(body, dict):
        raise _bad("", "type")
    if body.get("protocol") != PROTOCOL or body.get("protocol") is True:
        raise Problem(
            "bad_protocol",
            400,
            sentence("This server speaks protocol %(ours)s. Update the app, or the server."),
            params={"ours": PROTOCOL},
            errors=[FieldError("protocol", "unknown")],
        )
    raw_changes = body.get("changes", [])
    if not isinstance(raw_changes, list):
        raise _bad("changes", "type")
    if len(raw_changes) > MOST_CHANGES:
        raise Problem(
            "too_many_changes",
            413,
            sentence("More than %(most)s changes in one request. Send fewer at a time."),
            params={"most": MOST_CHANGES},
            errors=[FieldError("changes", "too_many", {"most": MOST_CHANGES})],
        )
    changes, rejected = read_changes(raw_changes)
    return Request(
        epoch=_optional(body, "epoch", str),
        schema=_optional(body, "schema", int) or 1,
        sent_at=_read_time(body.get("sent_at")),
        areas=_read_cursors(body, "areas"),
        marks=_read_cursors(body, "marks"),
        refused=_read_ids(body, "refused"),
        lists=_read_number(body, "lists"),
        changes=changes,
        rejected=rejected,
        limit=max(1, min(_optional(body, "limit", int) or DEFAULT_LIMIT, MOST_LIMIT)),
        report=_read_report(body.get("report")),
        want=WANT_CHANGES if body.get("want") == WANT_CHANGES else RECORDS,
        envelopes={
            raw["id"]: raw["envelope"]
            for raw in raw_changes
            if isinstance(raw, dict) and "envelope" in raw and isinstance(raw.get("id"), str)
        },
    )


def _read_ids(body: dict[str, Any], name: str) -> Sequence[str]:
    found = body.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) and ID.fullmatch(each) for each in found):
        raise _bad(name, "type")
    return found[:MOST_ASKED_ABOUT]


def write_request(
    *,
    epoch: str | None,
    areas: Mapping[str, str | None],
    changes: Sequence[Change],
    schema: int,
    sent_at: str,
    limit: int | None = None,
    envelopes: Mapping[str, Envelope] | None = None,
    marks: Mapping[str, str] | None = None,
    lists: int = 0,
) -> bytes:
    """The body of a request, as UTF-8 JSON. *envelopes*: those of the changes, where a hub asks; it is answered with changes."""
    body: dict[str, Any] = {
        "protocol": PROTOCOL,
        "epoch": epoch,
        "schema": schema,
        "sent_at": sent_at,
        "areas": dict(areas),
        "changes": [change.as_json() for change in changes],
    }
    if limit is not None:
        body["limit"] = limit
    if marks:
        body["marks"] = dict(marks)
    if lists:
        body["lists"] = lists
    if envelopes is not None:
        body["want"] = WANT_CHANGES
        body["changes"] = [write_logged(Logged(change, envelopes[change.id])) for change in changes]
    return orjson.dumps(body)


def write_logged(entry: Logged) -> dict[str, Any]:
    """A change with its envelope, as it travels between servers."""
    envelope = entry.envelope
    return entry.change.as_json() | {
        "envelope": {
            "author": envelope.author,
            "device": envelope.device,
            "received_at": envelope.received_at,
            "skew_ms": envelope.skew_ms,
        }
    }


def read_envelope(raw: Any) -> Envelope:
    """The envelope that *raw* is. Raises `Refused` (`invalid`), which names the part at fault."""
    if not isinstance(raw, dict):
        raise Refused(INVALID, field="envelope", code="required")
    author, device, received_at, skew = (raw.get(key) for key in ("author", "device", "received_at", "skew_ms"))
    if not (isinstance(author, str) and ID.fullmatch(author)):
        raise Refused(INVALID, field="envelope.author", code="id")
    if not (isinstance(device, str) and _DEVICE.fullmatch(device)):
        raise Refused(INVALID, field="envelope.device", code="id")
    if not (isinstance(received_at, str) and _MOMENT.fullmatch(received_at) and _read_time(received_at)):
        raise Refused(INVALID, field="envelope.received_at", code="instant")
    if skew is not None and not (isinstance(skew, int) and not isinstance(skew, bool) and abs(skew) < 2**53):
        raise Refused(INVALID, field="envelope.skew_ms", code="type")
    return Envelope(author, device, received_at, skew)


def pack(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body as it is sent, and the headers that say how: packed, or gzip where it can't be."""
    packed = packing.pack(body)
    if packed is not None:
        return packed, {"Content-Type": packing.media_type()}
    return gzip.compress(body, 9, mtime=0), {"Content-Type": "application/json", "Content-Encoding": "gzip"}


def read_reply(status: int, content_type: str, body: bytes, sent: int) -> Reply:
    """The reply that came. *sent* is the number of changes in the request.

    Raises `NotUs` for an answer without our marks, and for one that does not account for every change
    (``accepted + rejected = sent``): whoever asked keeps everything and tries again.
    """
    kind = content_type.partition(";")[0].strip()
    if status != 200 or kind not in ("application/json", packing.MEDIA_TYPE):
        raise NotUs(f"{status} {content_type}")
    try:
        if kind == packing.MEDIA_TYPE:
            body = packing.unpack(body, MOST_REPLY_BYTES, packing.number_in(content_type) or 0)
        reply = orjson.loads(body)
    except (packing.NotPacked, packing.TooLarge, LookupError) as error:
        raise NotUs("cut off, or packed in a way that is not known here") from error
    except orjson.JSONDecodeError as error:
        raise NotUs("not JSON") from error
    if not isinstance(reply, dict) or reply.get("protocol") != PROTOCOL or not isinstance(reply.get("epoch"), str):
        raise NotUs("without the protocol's marks")
    accepted, rejected = reply.get("accepted"), reply.get("rejected")
    if not isinstance(accepted, int) or not isinstance(rejected, list) or accepted + len(rejected) != sent:
        raise NotUs("does not account for every change")
    return Reply(
        epoch=reply["epoch"],
        server_time=reply["server_time"],
        schema=reply["schema"],
        accepted=accepted,
        rejected=rejected,
        areas=reply["areas"],
        records=reply["records"],
        gone=reply["gone"],
        people=reply.get("people", {}),
        changes=[_read_logged(raw) for raw in reply.get("changes", ())],
        lists=_read_lists(reply.get("lists")),
    )


def _read_lists(raw: Any) -> News | None:
    if raw is None:
        return None
    try:
        entries = {
            name: [{**entry, "code": str(entry["code"])} for entry in each] for name, each in raw["entries"].items()
        }
        return News(int(raw["at"]), entries, raw.get("anew") is True, raw.get("more") is True)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotUs("lists that cannot be read") from error


def spread(heads: str | Mapping[str, Sequence[str]], fields: Sequence[str]) -> dict[str, list[str]]:
    """`heads` of a record turned round: field to the ids of the changes that its value came from."""
    if isinstance(heads, str):
        return {name: [heads] for name in fields}
    found: dict[str, list[str]] = {}
    for change_id, names in heads.items():
        for name in names:
            found.setdefault(name, []).append(change_id)
    return found


def _read_logged(raw: Any) -> Logged:
    # What the centre accepted is not judged again here: its declarations may be newer.
    try:
        envelope = read_envelope(raw.get("envelope"))
        change = change_of({key: raw[key] for key in raw if key != "envelope"})
    except (AttributeError, KeyError, TypeError, Refused) as error:
        raise NotUs("a change that cannot be read") from error
    return Logged(change, envelope)


def read_changes(raw_changes: Sequence[Any]) -> tuple[list[Change], list[Rejected]]:
    changes: list[Change] = []
    rejected: list[Rejected] = []
    for raw in raw_changes:
        try:
            # What a sender says about itself is no part of the change.
            bare = {key: raw[key] for key in raw if key != "envelope"} if isinstance(raw, dict) else raw
            changes.append(read_change(bare))
        except Refused as refused:
            named = raw.get("id") if isinstance(raw, dict) else None
            change_id = named if isinstance(named, str) and ID.fullmatch(named) else None
            rejected.append(Rejected(change_id, refused.reason, refused.detail, raw))
    return changes, rejected


def _read_cursors(body: Mapping[str, Any], name: str) -> dict[str, str | None]:
    areas = body.get(name, {})
    if not isinstance(areas, dict):
        raise _bad(name, "type")
    if len(areas) > MOST_AREAS:
        raise _bad(name, "too_many")
    for area, cursor in areas.items():
        if not ID.fullmatch(area):
            raise _bad(name, "id")
        if cursor is not None and not (isinstance(cursor, str) and len(cursor) <= 200):
            raise _bad(f"{name}.{area}", "type")
    return areas


def _read_time(text: Any) -> datetime | None:
    # A phone whose clock makes no sense must still be able to send: no time is better than no work.
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def _read_report(report: Any) -> Mapping[str, Any] | None:
    if report is None:
        return None
    # A report is for the manager's eyes: one that is no good is left out and costs the records nothing.
    if not isinstance(report, dict) or depth_of(report) > MOST_DEPTH:
        return None
    try:
        return report if len(orjson.dumps(report)) <= 16 * 1024 else None
    except orjson.JSONEncodeError:
        return None


def _optional(body: Mapping[str, Any], key: str, kind: type) -> Any:
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, kind) or isinstance(value, bool) or (isinstance(value, str) and len(value) > 200):
        raise _bad(key, "type")
    return value


def _read_number(body: Mapping[str, Any], key: str) -> int | None:
    found: int | None = _optional(body, key, int)
    if found is not None and not 0 <= found < 2**31:
        raise _bad(key, "type")
    return found


def _bad(path: str, code: str) -> Problem:
    return Problem(
        "bad_request",
        400,
        sentence("The request is not as the API page says: see “%(field)s”."),
        params={"field": path},
        errors=[FieldError(path, code)],
    )
