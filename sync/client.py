"""Speaks the protocol with `requests`: for hubs, the command line, tests, the bench. The one file that does I/O.

Must never judge an answer itself: `protocol.read_reply` says what is ours, `Replica` what becomes of it.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import requests
import uuid_utils

from sync.change import Change, Logged, as_text
from sync.protocol import NotUs, Reply, pack, read_reply, write_request
from sync.records import SCHEMA
from sync.replica import Replica

TIMEOUT = (10, 60)  # seconds to connect, to read
_MOST_TURNS = 30


class Offline(Exception):
    """No answer of ours came: no connection, a time-out, a login page. Everything is kept."""


class SignedOut(Exception):
    """The token is no longer good; sign in again. Everything is kept."""


class Answered(Exception):
    """The server answered with a problem (RFC 9457): its `status` and `problem`; seconds after which to try again."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        super().__init__(status, problem.get("code"), problem.get("detail"))
        self.status = status
        self.problem = problem
        self.retry_after = retry_after


class Client:
    """One device at one server. *root* is the address with any sub-path; *device* a UUIDv7, made when absent."""

    def __init__(self, root: str, *, device: str | None = None, token: str | None = None) -> None:
        self.root = root.rstrip("/")
        self.device = device or new_id()
        self.token = token
        self.user: Mapping[str, Any] = {}
        self.areas: Mapping[str, Any] = {}
        self.replica = Replica()
        self._http = requests.Session()

    def sign_in(self, username: str, password: str, device_name: str = "nuong client") -> None:
        """Ask for a token. Raises `Answered` for a wrong password, `Offline` without a connection."""
        self.token = None
        answer = self._send(
            "POST",
            "/api/v1/session",
            json={
                "username": username,
                "password": password,
                "device": {"id": self.device, "name": device_name},
            },
        )
        body = self._checked(answer, 201)
        self.token, self.user, self.areas = body["token"], body["user"], body["areas"]
        self.replica.cursors = {area: self.replica.cursors.get(area) for area in self.areas}

    def sign_out(self) -> None:
        """End the token at the server; what is unsent stays in the replica."""
        self._checked(self._send("DELETE", "/api/v1/session"), 204)
        self.token = None

    def new_change(self, record: str | None, type_: str, area: str, values: Mapping[str, Any]) -> Change:
        """Put an edit into the outbox; *record* None begins a new record, which takes its first change's id."""
        change = new_id()
        return self.replica.edit(change, record or change, type_, area, values, SCHEMA)

    def sync(self, batch: int = 200, limit: int | None = None) -> int:
        """Send all that waits and read all that is new. The number of requests that it took."""
        count = 0
        while True:
            epoch = self.replica.epoch
            self._exchange_in_turn(self.replica.outbox[:batch], limit)
            count += 1
            over_again = epoch is not None and epoch != self.replica.epoch
            if not (over_again or self.replica.outbox or self.replica.more or self.replica.more_lists):
                return count

    def _exchange_in_turn(self, changes: list[Change], limit: int | None) -> None:
        """An exchange that waits for its turn where the server asks for that (503 with Retry-After)."""
        for _ in range(_MOST_TURNS):
            try:
                self.exchange(changes, limit)
                return
            except Answered as answer:
                if answer.status != 503 or answer.retry_after is None:
                    raise
                time.sleep(answer.retry_after)
        raise Offline("the server has no turn for us")

    def exchange(self, changes: list[Change], limit: int | None = None) -> Reply:
        """One round trip with just *changes*. Raises `Offline`, `SignedOut` or `Answered`; then nothing was taken."""
        body = write_request(
            epoch=self.replica.epoch,
            areas=self.replica.cursors,
            changes=changes,
            schema=SCHEMA,
            sent_at=now(),
            limit=limit,
            marks=self.replica.marks,
            lists=self.replica.lists_at,
        )
        reply = self._speak(body, len(changes))
        self.replica.take(reply, changes)
        return reply

    def pass_on(
        self, entries: Sequence[Logged], epoch: str | None, areas: Mapping[str, str | None], limit: int, lists: int = 0
    ) -> Reply:
        """One round trip of a hub: changes with their envelopes there, changes back. Raises as `exchange` does."""
        body = write_request(
            epoch=epoch,
            areas=areas,
            changes=[entry.change for entry in entries],
            schema=SCHEMA,
            sent_at=now(),
            limit=limit,
            envelopes={entry.change.id: entry.envelope for entry in entries},
            lists=lists,
        )
        return self._speak(body, len(entries))

    def accounts(self) -> list[dict[str, Any]]:
        """Those who work in the areas of a hub: for the hub alone."""
        found: list[dict[str, Any]] = self._checked(self._send("GET", "/api/v1/accounts"), 200)["accounts"]
        return found

    def _speak(self, body: bytes, sent: int) -> Reply:
        packed, headers = pack(body)
        # Nothing that the centre does not need: on a thin link a header costs as much as a record.
        lean: dict[str, Any] = {**headers, "Accept": None, "Accept-Encoding": None, "Connection": None}
        answer = self._send("POST", "/api/v1/sync", data=packed, headers=lean)
        if answer.status_code != 200:
            self._checked(answer, 200)
        try:
            reply = read_reply(answer.status_code, answer.headers.get("Content-Type", ""), answer.content, sent)
        except NotUs as error:
            raise Offline(str(error)) from error
        return reply

    def _send(self, method: str, path: str, **kw: Any) -> requests.Response:
        headers = {"User-Agent": "nuong", "Accept-Language": "en", **kw.pop("headers", {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            return self._http.request(method, self.root + path, headers=headers, timeout=TIMEOUT, **kw)
        except requests.RequestException as error:
            raise Offline(str(error)) from error

    def _checked(self, answer: requests.Response, expected: int) -> Any:
        ours = answer.headers.get("Content-Type", "").startswith("application/problem+json")
        if answer.status_code != expected and not ours:
            raise Offline(f"an answer that is not ours: {answer.status_code}")
        try:
            # Signing out is answered with nothing.
            said: Any = None if answer.status_code == 204 else answer.json()
        except ValueError as error:
            raise Offline("an answer that was cut off") from error
        if answer.status_code == expected:
            return said
        if answer.status_code == 401 and self.token:
            raise SignedOut(said["code"])
        after = answer.headers.get("Retry-After", "")
        raise Answered(answer.status_code, said, float(after) if after.isdigit() else None)


def new_id() -> str:
    """A new UUIDv7."""
    return str(uuid_utils.uuid7())


def now() -> str:
    """This machine's clock, RFC 3339 in UTC."""
    return as_text(datetime.now(UTC))
