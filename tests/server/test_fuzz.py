"""Whatever comes in place of a message: never a fault of ours, never half of it written, and no good change pays for it.

The bytes of each example are shown by Hypothesis where one fails.
"""

from __future__ import annotations

import copy
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from server.store import people
from server.store.tables import Area, Departure, LoggedChange, Quarantined, Record, db
from sync import packing
from sync.client import Client, new_id
from sync.records import SCHEMA
from tests.conftest import PASSWORD, Centre

bounded = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD_IDS = [
    "00000000-0000-7000-8000-000000000000",  # a clock of 1970
    "03b73bdc-1800-7abc-8def-0123456789ab",  # 2099
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "01A20D3B-BB35-7422-BBF0-BEA4996928AA",
    "0" * 36,
    "",
]
ODD_NUMBERS = [0, -1, 2**31, 2**53, 2**63, 2**64, 10**400, -(10**4200), float("nan"), float("inf"), -0.0, 5e-324]
ODD_TEXTS = [
    "\0",
    "\ud800",
    "e\u0301" * 300,
    "\u0301" * 3000,
    "…" * 5000,
    '"~AAAAAAAAAAAAAAAAAAAAAA"',
    "2099-01-01T00:00:00Z",
]
text = st.one_of(st.text(st.characters(), max_size=12), st.sampled_from(ODD_TEXTS), st.sampled_from(ODD_IDS))
number = st.one_of(st.integers(), st.floats(), st.sampled_from(ODD_NUMBERS))
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), number, text),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
    max_leaves=8,
)
# Where one stands in a message, brackets stand there instead, so many: no value in Python could be as deep.
DEEP = "deep brackets stand here"
depths = st.sampled_from([12, 13, 14, 15, 100, 300, 990, 5_000, 100_000])


@pytest.fixture
def area(centre: Centre) -> str:
    return centre.area()


@pytest.fixture
def lan(centre: Centre, area: str) -> Client:
    phone = centre.officer(area)
    phone.new_change(None, "farmer", area, {"name": "Lò Văn Pâng"})
    phone.sync()
    return phone


@pytest.fixture
def station(centre: Centre, area: str) -> Client:
    """A hub of this area."""
    people.add_user("station", PASSWORD, people.HUB, [area])
    return centre.phone("station")


@pytest.fixture
def others(centre: Centre) -> dict[str, str]:
    """Somebody else's: an area, a record in it, the cursor that its reader was given."""
    area = centre.area("HTX Mường Ảng")
    pao = centre.officer(area, name="pao")
    record = pao.new_change(None, "farmer", area, {"name": "Vàng A Páo"}).record
    pao.sync()
    return {"area": area, "record": record, "cursor": pao.replica.cursors[area] or ""}


def good_change(area: str) -> dict[str, Any]:
    record = new_id()
    return {"id": record, "record": record, "type": "farmer", "area": area, "set": {"name": "Lò Thị Dung"}, "schema": 1}


def good_request(phone: Client, area: str) -> dict[str, Any]:
    """A request as a phone would write it: three changes of which the last is never touched, and what it has read."""
    plot = good_change(area) | {
        "type": "plot",
        "set": {
            "name": "Huổi Pá",
            "farmer": new_id(),
            "boundary": {
                "type": "Polygon",
                "coordinates": [[[104.0, 21.0], [104.001, 21.0], [104.001, 21.001], [104.0, 21.0]]],
            },
            "crops": [{"crop": "COFAR", "planted_on": "2020-05-01", "plants": 400}],
        },
        "over": {"name": [new_id()]},
        "seen": [new_id()],
    }
    return {
        "protocol": 1,
        "epoch": phone.replica.epoch,
        "schema": SCHEMA,
        "sent_at": "2026-11-24T03:00:00Z",
        "areas": dict(phone.replica.cursors),
        "marks": {new_id(): phone.replica.cursors[area]},
        "lists": 0,
        "refused": [new_id()],
        "changes": [plot, good_change(area), good_change(area)],
        "limit": 50,
        "report": {"unsent": 3, "last_error": "none"},
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a message where something else could stand."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def on_the_wire(text: bytes, way: str) -> tuple[bytes, dict[str, str]]:
    """*text* as a client may send it, and the headers that say so."""
    if way == "gzip":
        return gzip.compress(text), {"Content-Encoding": "gzip"}
    if way == "packed":
        # Not by our own packer: it has a way out for ids that somebody made up, and whoever means harm does not take it.
        words = packing.dictionary(packing.NEWEST)
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, words)
        return packer.compress(text) + packer.flush(), {"Content-Type": packing.media_type()}
    return text, {}


ways = st.sampled_from(["plain", "gzip", "packed"])


def put(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        body = body[key]
    body[path[-1]] = value


def written() -> tuple[int, ...]:
    """What stands in the log, the records, the quarantine; what was counted, and whether that is what was logged."""
    with db.engine.connect() as connection:
        tables = (LoggedChange, Departure, Record, Quarantined)
        counts = [connection.scalar(select(func.count()).select_from(each)) or 0 for each in tables]
        counted = int(connection.scalar(select(func.sum(Area.counter))) or 0)
    assert counted == counts[0] + counts[1]
    return tuple(counts)


def said_in(answer: Any) -> Any:
    """The reply in an answer, packed or plain."""
    packed = answer.headers["Content-Type"].startswith(packing.MEDIA_TYPE)
    return json.loads(packing.unpack(answer.content, 2**26) if packed else answer.content)


def holds(
    phone: Client, body: bytes, sent: int | None = None, good: str | None = None, headers: dict[str, str] | None = None
) -> Any:
    """Send *body*, see that the answer is in order and that what it says is what was written; the answer."""
    before = written()
    answer = phone._send(
        "POST", "/api/v1/sync", data=body, headers={"Content-Type": "application/json", **(headers or {})}
    )
    after = written()
    if answer.status_code != 200:
        assert answer.status_code in (400, 408, 413, 415)
        problem = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert problem["code"] in (
            "bad_request",
            "bad_protocol",
            "not_json",
            "bad_encoding",
            "too_many_changes",
            "body_too_large",
        )
        assert after == before, "a request that was refused left something behind"
        return answer
    reply = said_in(answer)
    if sent is not None:
        assert reply["accepted"] + len(reply["rejected"]) == sent
    assert after[0] - before[0] <= reply["accepted"]
    assert after[3] - before[3] <= len(reply["rejected"])
    if good:
        assert good not in [each["id"] for each in reply["rejected"]]
        with db.engine.connect() as connection:
            assert connection.scalar(select(LoggedChange.id).where(LoggedChange.id == good)) == good
    assert set(reply["areas"]) == set(phone.areas)
    return answer


@bounded
@given(st.data())
def test_a_message_with_anything_anywhere_costs_no_good_change(lan: Client, area: str, data: st.DataObject) -> None:
    body = good_request(lan, area)
    good = body["changes"][-1]["id"]
    last = len(body["changes"]) - 1
    there = [path for path in places(body) if path[:2] != ("changes", last)]
    for path in data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=3, unique=True)):
        value = data.draw(st.one_of(junk, st.just(DEEP)))
        try:
            put(body, path, value)
        except (TypeError, KeyError, IndexError):
            continue  # what stood there is gone already, by the one before
    depth = data.draw(depths)
    raw = json.dumps(body).replace(json.dumps(DEEP), "[" * depth + "]" * depth).encode()
    sent = len(body["changes"]) if isinstance(body["changes"], list) and DEEP not in body["changes"] else None
    whole = isinstance(body["changes"], list) and body["changes"][-1:] and body["changes"][-1] != DEEP
    is_ours = whole and isinstance(body["changes"][-1], dict) and body["changes"][-1].get("id") == good
    sent_as, headers = on_the_wire(raw, data.draw(ways))
    holds(lan, sent_as, sent if is_ours else None, good if is_ours else None, headers)


@bounded
@given(body=junk, way=ways)
def test_anything_in_place_of_a_message_is_refused(lan: Client, body: Any, way: str) -> None:
    sent_as, headers = on_the_wire(json.dumps(body).encode(), way)
    assert holds(lan, sent_as, headers=headers).status_code == 400


@bounded
@given(data=st.data())
def test_whatever_a_hub_says_of_its_changes_costs_no_good_one(
    lan: Client, station: Client, area: str, data: st.DataObject
) -> None:
    envelope = {
        "author": lan.user["id"],
        "device": new_id(),
        "received_at": "2026-11-24T03:00:00.000Z",
        "skew_ms": None,
    }
    body = good_request(lan, area) | {"want": "changes"}
    for change in body["changes"]:
        change["envelope"] = dict(envelope)
    good = body["changes"][-1]["id"]
    spoilt = body["changes"][0]["envelope"]
    for name in data.draw(st.sets(st.sampled_from(list(envelope)), min_size=1)):
        spoilt[name] = data.draw(junk)
    if data.draw(st.booleans()):
        body["changes"][1]["envelope"] = data.draw(junk)
    sent_as, headers = on_the_wire(json.dumps(body).encode(), data.draw(ways))
    holds(station, sent_as, 3, good, headers)


QUESTIONS: dict[str, Any] = {
    "/api/v1/session": {"username": "lan", "password": "no", "code": None, "device": {"id": new_id(), "name": "A04"}},
    "/api/v1/photos/missing": {"sha256": ["0" * 64, "f" * 64]},
}


@pytest.mark.parametrize("path", QUESTIONS)
@bounded
@given(data=st.data())
def test_a_sign_in_or_a_question_with_anything_anywhere_is_answered(
    lan: Client, path: str, data: st.DataObject
) -> None:
    body = copy.deepcopy(QUESTIONS[path])
    for place in data.draw(st.lists(st.sampled_from(list(places(body))), min_size=1, max_size=2, unique=True)):
        try:
            put(body, place, data.draw(st.one_of(junk, st.just(DEEP))))
        except (TypeError, KeyError, IndexError):
            continue  # what stood there is gone already, by the one before
    depth = data.draw(depths)
    raw = json.dumps(body).replace(json.dumps(DEEP), "[" * depth + "]" * depth).encode()
    sent_as, headers = on_the_wire(raw, data.draw(ways))
    answer = lan._send("POST", path, data=sent_as, headers={"Content-Type": "application/json", **headers})
    assert answer.status_code in (200, 400, 401, 413, 429)
    assert answer.status_code == 200 or answer.headers["Content-Type"] == "application/problem+json"


TOLD = [
    "Upload-Length",
    "Upload-Offset",
    "Upload-Metadata",
    "Upload-Checksum",
    "Tus-Resumable",
    "Range",
    "If-None-Match",
]
# What a header can carry at all.
header = st.one_of(
    st.integers().map(str),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40),
    st.sampled_from(["sha256 ", "sha256 =", "sha1 AAAA", "bytes=-", "bytes=9-1,", "9" * 4000, "-0", "1e3", "\u00b2"]),
)


@bounded
@given(
    way=st.sampled_from(["POST", "PATCH", "HEAD", "GET", "DELETE"]),
    name=st.sampled_from(["", f"/{new_id()}", "/" + "0" * 64]),
    headers=st.dictionaries(st.sampled_from(TOLD), header),
    content=st.binary(max_size=40),
)
def test_a_picture_with_anything_in_its_headers_is_answered(
    lan: Client, way: str, name: str, headers: dict[str, str], content: bytes
) -> None:
    usual = {"Tus-Resumable": "1.0.0", "Upload-Length": "40", "Content-Type": "application/offset+octet-stream"}
    said = {key: value.encode("latin-1") for key, value in (usual | headers).items()}
    answer = lan._send(way, f"/api/v1/photos{name}", data=content, headers=said)
    assert answer.status_code < 500 or answer.json()["code"] in ("crowded", "upload_busy", "no_room")


@bounded
@given(data=st.data())
def test_ids_of_others_open_nothing(lan: Client, area: str, others: dict[str, str], data: st.DataObject) -> None:
    body = good_request(lan, area)
    body["areas"] |= data.draw(
        st.dictionaries(st.sampled_from([area, others["area"]]), st.sampled_from([None, "", others["cursor"]]))
    )
    change = body["changes"][0]
    for key in data.draw(st.sets(st.sampled_from(["record", "area", "id"]), min_size=1)):
        change[key] = others["record"] if key != "area" else others["area"]
    change["set"] = data.draw(
        st.sampled_from([{"name": "Lan"}, {"area": area}, {"deleted": True}, {"review": {"state": "approved"}}])
    )
    change.pop("over")
    answer = holds(lan, json.dumps(body).encode(), 3, body["changes"][-1]["id"])
    assert "Vàng A Páo" not in answer.text
    assert others["area"] not in json.loads(answer.content)["areas"]
    with db.engine.connect() as connection:
        kept = connection.execute(select(Record.area, Record.wire).where(Record.id == others["record"])).one()
    assert (kept.area, json.loads(kept.wire)["fields"]) == (others["area"], {"name": "Vàng A Páo"})


@bounded
@given(data=st.data())
def test_a_cursor_that_was_meddled_with_is_read_from_nothing_and_history_is_not_doubted(
    lan: Client, area: str, others: dict[str, str], data: st.DataObject
) -> None:
    ours = lan.replica.cursors[area] or ""
    cut = data.draw(st.integers(0, len(ours)))
    cursor = data.draw(
        st.one_of(
            st.just(ours[:cut] + data.draw(text)[:100] + ours[cut:]),
            st.just(ours[:cut]),
            st.just(others["cursor"]),
            st.just("999999999." + ours.partition(".")[2]),
            st.text(st.characters(), max_size=200),
        )
    )
    body = {"protocol": 1, "epoch": lan.replica.epoch, "areas": {area: cursor}}
    answer = holds(lan, json.dumps(body).encode(), 0)
    if answer.status_code == 200:
        reply = json.loads(answer.content)
        assert reply["epoch"] == lan.replica.epoch
        assert len(reply["records"]) == (0 if cursor == ours else 1)


@bounded
@given(data=st.data())
def test_a_garbled_or_cut_message_is_refused_whole(lan: Client, area: str, data: st.DataObject) -> None:
    plain = json.dumps(good_request(lan, area)).encode()
    packed = packing.pack(plain)
    assert packed is not None
    ways: list[tuple[bytes, dict[str, str]]] = [
        (plain, {}),
        (gzip.compress(plain), {"Content-Encoding": "gzip"}),
        (packed, {"Content-Type": packing.media_type()}),
        (zlib.compress(plain), {"Content-Encoding": "gzip"}),
        (packed, {"Content-Type": packing.MEDIA_TYPE + ";d=9999"}),
    ]
    body, headers = ways[data.draw(st.integers(0, len(ways) - 1))]
    at = int(data.draw(st.floats(0, 1)) * len(body))
    spoilt = [body[:at], body[:at] + b"\xff" + body[at + 1 :], body[:at] + b"[" + body[at:], body + body[:at]]
    holds(lan, spoilt[data.draw(st.integers(0, len(spoilt) - 1))], headers=headers)


def test_a_key_that_stands_there_twice_counts_once_as_the_phone_reads_it(lan: Client, area: str) -> None:
    change = json.dumps(good_change(area))
    doubled = change[:-1] + ',"set":{"name":"the last one counts"}}'
    body = b'{"protocol":1,"protocol":1,"changes":[],"changes":[%s]}' % doubled.encode()
    reply = json.loads(holds(lan, body, 1).content)
    assert [each["fields"]["name"] for each in reply["records"] if each["id"] in doubled] in (
        [],
        ["the last one counts"],
    )


def test_a_refused_change_is_kept_as_it_came(lan: Client, area: str) -> None:
    """What the fuzzing above refuses is not thrown away: an example of each kind of oddity, read back."""
    odd = [copy.deepcopy(good_change(area)) for _ in range(3)]
    odd[0]["set"] = {"name": "\ud800"}
    odd[1]["set"] = {"birth_year": 10**30}
    odd[2]["set"] = {"note": "\0"}
    holds(lan, json.dumps({"protocol": 1, "changes": odd}).encode(), 3)
    with db.engine.connect() as connection:
        kept = [json.loads(body) for body in connection.scalars(select(Quarantined.body))]
    assert odd[0]["set"] in [each["set"] for each in kept]
