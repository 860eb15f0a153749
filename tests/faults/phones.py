"""Two kinds of phone with one face: the app's own code in a process of Node's, and `sync.client` with its replica.

Must never know what the centre holds: a phone knows what it was told.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import requests
from requests.adapters import BaseAdapter

from sync.change import Change
from sync.client import Answered, Client, Offline, SignedOut
from sync.records import SCHEMA
from tests.conftest import PASSWORD
from tests.faults import model
from tests.faults.chance import Clock
from tests.faults.network import NOTHING, Answer, Network, Request

Json = dict[str, Any]


class Killed(Exception):
    """The phone's battery was pulled in the middle of what it did."""


class Phone(Protocol):
    """What a person can do with a phone, and what the simulator may look at.

    `shown`: record id to what its screens show of it. `base`: the same as its centre told it. A save answers the change
    that was written, or None where there was nothing to write. `sync` answers a word: "all_sent", "some_refused",
    "signed_out", or what went wrong.
    """

    name: str
    username: str
    kind: str

    def sign_in(self) -> bool: ...
    def save(
        self, type_: str, area: str, record: str | None, values: Json, opened: Json | None = None
    ) -> Json | None: ...
    def remove(self, record: str) -> Json: ...
    def restore(self, record: str) -> Json: ...
    def settle(self, record: str, field: str, value: Any) -> Json: ...
    def discard(self, change: str) -> None: ...
    def mend(self, change: str, values: Json) -> None: ...
    def sync(self) -> str: ...
    def shown(self) -> dict[str, Json]: ...
    def base(self) -> dict[str, Json]: ...
    def waiting(self) -> list[Json]: ...
    def refused(self) -> dict[str, Json]: ...
    def turn_clock(self) -> None: ...
    def close(self) -> None: ...


class Replicated:
    """A phone that is `sync.client` and `sync.replica`: what hubs and imports use."""

    kind = "replica"

    def __init__(self, name: str, username: str, network: Network, clock: Clock) -> None:
        self.name = name
        self.username = username
        self._clock = clock
        self._chance = network.chance
        self.most_sent = 8
        self.most_read = (1, 3, 10, 600)
        self.client = Client("http://centre", device=clock.new_id())
        self.client._http.mount("http://centre", _Wire(name, network))

    @property
    def replica(self) -> Any:
        return self.client.replica

    def sign_in(self) -> bool:
        try:
            self.client.sign_in(self.username, PASSWORD)
        except (Offline, Answered):
            return False
        return True

    def save(self, type_: str, area: str, record: str | None, values: Json, opened: Json | None = None) -> Json | None:
        change = self._clock.new_id()
        return self.replica.edit(change, record or change, type_, area, values, SCHEMA).as_json()  # type: ignore[no-any-return]

    def remove(self, record: str) -> Json:
        return self._edit(record, {"deleted": True})

    def restore(self, record: str) -> Json:
        return self._edit(record, {"deleted": False})

    def settle(self, record: str, field: str, value: Any) -> Json:
        return self._edit(record, {field: value})

    def _edit(self, record: str, values: Json) -> Json:
        shown = self.shown()[record]
        made = self.save(shown["type"], shown["area"], record, values)
        assert made
        return made

    def reuse(self, change: Json, values: Json) -> Json:
        """What a broken program does: another change under an id that there was already."""
        again = Change(change["id"], change["record"], change["type"], change["area"], values, {}, (), SCHEMA)
        self.replica.outbox.append(again)
        return again.as_json()

    def discard(self, change: str) -> None:
        del self.replica.refused[change]
        self.replica.withheld.pop(change, None)

    def mend(self, change: str, values: Json) -> None:
        self.discard(change)

    def sync(self) -> str:
        """Send and read until all is done, in batches that are never the same."""
        try:
            while True:
                epoch = self.replica.epoch
                batch = self.replica.outbox[: self._chance.randint(1, self.most_sent)]
                self.client.exchange(batch, self._chance.choice(self.most_read))
                over_again = epoch is not None and epoch != self.replica.epoch
                if not (over_again or self.replica.outbox or self.replica.more):
                    return "all_sent"
        except Offline:
            return "offline"
        except SignedOut:
            return "signed_out"
        except Answered as answered:
            # Somebody who has signed out and could not sign in again has no token at all.
            return "signed_out" if answered.status == 401 else f"refused: {answered.problem.get('code')}"

    def shown(self) -> dict[str, Json]:
        ids = {*self.replica.base, *(change.record for change in self.replica.outbox)}
        return {record: self._shown(record) for record in sorted(ids)}

    def _shown(self, record: str) -> Json:
        held = self.replica.base.get(record)
        own = [change for change in self.replica.outbox if change.record == record]
        fields = {name: value for name, value in self.replica.shown(record).items() if name not in ("deleted", "area")}
        deleted = held["deleted"] if held else False
        area = held["area"] if held else own[0].area
        for change in own:
            deleted = change.set.get("deleted", deleted) is True
            area = change.set.get("area", area)
        over = {name for change in own for name in change.set}
        return {
            "id": record,
            "type": held["type"] if held else own[0].type,
            "area": area,
            "fields": fields,
            "conflicts": {
                name: rivals for name, rivals in (held["conflicts"] if held else {}).items() if name not in over
            },
            "deleted": deleted,
        }

    def base(self) -> dict[str, Json]:
        return {record: _as_told(held) for record, held in self.replica.base.items()}

    def waiting(self) -> list[Json]:
        return [change.as_json() for change in self.replica.outbox]

    def refused(self) -> dict[str, Json]:
        return {change: dict(each) for change, each in self.replica.refused.items()}

    def turn_clock(self) -> None:
        self._clock.turn()

    def close(self) -> None:
        self.client._http.close()


class _Wire(BaseAdapter):
    """A `requests` adapter over the simulator's network."""

    def __init__(self, who: str, network: Network) -> None:
        super().__init__()
        self.who = who
        self.network = network

    def send(self, request: requests.PreparedRequest, **_kw: Any) -> requests.Response:  # type: ignore[override]
        body = request.body or b""
        answer = self.network.carry(
            Request(
                self.who,
                str(request.method),
                request.path_url,
                {str(name): str(value) for name, value in (request.headers or {}).items()},
                body if isinstance(body, bytes) else body.encode(),
            )
        )
        if answer.broken:
            raise requests.ConnectionError("cut off")
        response = requests.Response()
        response.status_code = answer.status
        response.headers["Content-Type"] = answer.type
        response._content = answer.body
        response.request = request
        response.url = str(request.url)
        return response

    def close(self) -> None:
        pass


class App:
    """A phone with the app's own code, in a process that dies by kill -9 and comes back with what was on its disk."""

    kind = "app"

    def __init__(self, name: str, username: str, network: Network, clock: Clock, program: Path, disk: Path) -> None:
        self.name = name
        self.username = username
        self._network = network
        self._clock = clock
        self._program = program
        self._disk = disk
        self._lives = 0
        self.pulled = 0
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        self._lives += 1
        chance = self._network.chance.getrandbits(32)
        settings = {"disk": str(self._disk), "clock": self._clock.ms, "chance": chance}
        process = subprocess.Popen(
            ["node", str(self._program), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._process = process
        assert self._read().get("ready"), "the phone does not start"
        return process

    def pull_battery(self) -> None:
        """Kill -9, and start again from the disk."""
        self._process.kill()
        self._after_death()

    def copy_disk(self) -> None:
        """What a phone's own backup takes along."""
        shutil.copy(self._disk, self._copy)

    def put_back(self) -> None:
        """Its disk as it was at the last copy."""
        self._process.kill()
        shutil.copy(self._copy, self._disk)
        self._after_death()

    @property
    def _copy(self) -> Path:
        return self._disk.with_name(self._disk.name + ".copy")

    def _after_death(self) -> None:
        self._process.wait()
        self.pulled += 1
        self._clock.ms += 60_000
        self._start()

    def _do(self, what: str, *, dies: Json | None = None, dies_at_request: int = 0, **args: Any) -> Any:
        requests_seen = 0
        said = self._say({"do": what, "args": args, **({"dies": dies} if dies else {})})
        while True:
            said = said and self._read()
            if not said:
                self._after_death()
                raise Killed(self.name)
            if "asks" in said:
                requests_seen += 1
                answer = self._carry(said)
                if requests_seen == dies_at_request:
                    # It went out of the phone, and the phone went out before the answer.
                    self.pull_battery()
                    raise Killed(self.name)
                self._say({"answers": said["asks"], "answer": answer})
            elif "failed" in said:
                raise AssertionError(f"{self.name}: {what} failed: {said['failed']}\n{said['stack']}")
            else:
                return said["done"]

    def _carry(self, asked: Json) -> Json:
        path = asked["url"].removeprefix("http://centre")
        body = base64.b64decode(asked["body"])
        answer = self._network.carry(Request(self.name, asked["method"], path, asked["headers"], body))
        return _in_base64(answer)

    def _say(self, line: Json) -> Json:
        """What was said; nothing where nobody lives to hear it."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(line) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return {}
        return line

    def _read(self) -> Json:
        assert self._process.stdout
        line = self._process.stdout.readline()
        found: Json = json.loads(line) if line else {}
        return found

    def sign_in(self) -> bool:
        self._say({"do": "signIn", "args": {"username": self.username, "password": PASSWORD}})
        while True:
            said = self._read()
            if "asks" in said:
                self._say({"answers": said["asks"], "answer": self._carry(said)})
            else:
                return "done" in said

    def save(
        self,
        type_: str,
        area: str,
        record: str | None,
        values: Json,
        opened: Json | None = None,
        dies: Json | None = None,
    ) -> Json | None:
        edit = {"type": type_, "area": area, "record": record or self._clock.new_id(), "set": values}
        if opened is not None:
            edit |= {"opened": opened["fields"], "over": opened["over"]}
        made: Json | None = self._do("save", dies=dies, **edit)
        return made

    def remove(self, record: str) -> Json:
        made: Json = self._do("remove", record=record)
        return made

    def restore(self, record: str) -> Json:
        made: Json = self._do("restore", record=record)
        return made

    def settle(self, record: str, field: str, value: Any) -> Json:
        made: Json = self._do("settle", record=record, field=field, value=value)
        return made

    def discard(self, change: str) -> None:
        self._do("discard", change=change)

    def mend(self, change: str, values: Json) -> None:
        self._do("mend", change=change, set=values)

    def sync(self, dies: Json | None = None, dies_at_request: int = 0) -> str:
        outcome: str = self._do("sync", dies=dies, dies_at_request=dies_at_request)
        return outcome

    def shown(self) -> dict[str, Json]:
        return {record["id"]: record for record in self._do("shown")}

    def held(self) -> Json:
        found: Json = self._do("held")
        return found

    def base(self) -> dict[str, Json]:
        return {record["id"]: _as_told(record) for record in self.held()["base"]}

    def waiting(self) -> list[Json]:
        return [each["change"] for each in self.held()["outbox"] if "refused" not in each]

    def refused(self) -> dict[str, Json]:
        return {each["change"]["id"]: each["refused"] for each in self.held()["outbox"] if "refused" in each}

    def turn_clock(self) -> None:
        self._clock.turn()
        self._do("clock", to=self._clock.ms)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def _in_base64(answer: Answer) -> Json:
    if answer == NOTHING:
        return {"status": 0, "type": "", "body": "", "broken": True}
    body = base64.b64encode(answer.body).decode()
    return {"status": answer.status, "type": answer.type, "body": body, "broken": answer.broken}


def _as_told(held: Mapping[str, Any]) -> Json:
    """A record in a phone's base in the form of the wire, so that it can be held against what the centre tells."""
    heads: dict[str, list[str]] = {}
    deleted = held["deleted"]
    for name, ids in held["heads"].items():
        # A phone that deleted a record itself still has its fields; the others were never told them.
        if not deleted or name == "deleted":
            for change in ids:
                heads.setdefault(change, []).append(name)
    told = {name: held[name] for name in ("id", "type", "area")}
    return {
        **told,
        **({} if deleted else {"fields": dict(held["fields"])}),
        "heads": heads,
        "conflicts": {name: rivals for name, rivals in held["conflicts"].items() if not deleted or name == "deleted"},
        "deleted": deleted,
    }


def text_of(record: Mapping[str, Any]) -> str:
    """A record as the text that two replicas must have alike: all that it says, but for its number in the area."""
    rivals = {
        name: sorted((each["change"], model.plain(each["value"]), each.get("by"), each.get("at")) for each in found)
        for name, found in record.get("conflicts", {}).items()
    }
    told = {name: [value, ids] for name, (value, ids, _rivals) in model.told_of(record).items()}
    return model.plain(
        [
            record["id"],
            record["type"],
            record["area"],
            record.get("deleted", False),
            sorted(told.items()),
            sorted(rivals.items()),
        ]
    )
