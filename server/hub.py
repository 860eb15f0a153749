"""A hub: a server of ours nearer to the field, which keeps full history and passes everything on to the centre above it.

Must never lose what the centre has not answered: all state of the exchange is in the database, with the changes themselves.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.store import upstream
from server.store.people import HUB, Sender
from sync.client import Answered, Client
from sync.problem import Problem, sentence

_LIMIT = 200  # records in one reply, each with its history
_FILE = "hub.json"


@dataclass(frozen=True, slots=True)
class Done:
    """What one sync of the hub did."""

    sent: int
    refused: int
    came: int


def join(home: Path, root: str, username: str, password: str, make: Callable[..., Client] = Client) -> int:
    """Sign this installation in at the centre at *root* as a hub, and have those work here who work there; how many.

    Raises `Problem`: `already_joined`, `not_a_hub`, `refused_upstream`, `username_taken`.
    """
    place = home / _FILE
    known = json.loads(place.read_text()) if place.exists() else {}
    if known and known["root"] != root.rstrip("/"):
        raise Problem(
            "already_joined",
            409,
            sentence(
                "This hub belongs to the centre at %(root)s. A hub of another centre needs a database of its own."
            ),
            params={"root": known["root"]},
        )
    client = make(root, device=known.get("device"))
    try:
        client.sign_in(username, password, "hub")
        if not client.areas or any(each["role"] != HUB for each in client.areas.values()):
            raise Problem(
                "not_a_hub",
                403,
                sentence("This user is no hub. At the centre: “nuong user add NAME --role hub --area ID”."),
            )
        accounts = client.accounts()
    except Answered as answer:
        raise _refused(answer) from answer
    count = upstream.take_accounts(accounts, client.areas)
    _write(place, {"root": client.root, "device": client.device, "token": client.token, "user": client.user["id"]})
    return count


def sync(home: Path, make: Callable[..., Client] = Client) -> Done:
    """Pass on all that waits and take in all that is new. Raises `Problem`, and `Offline` and `SignedOut` of the client."""
    place = home / _FILE
    if not place.exists():
        raise Problem(
            "not_joined", 409, sentence("This installation is no hub yet. “nuong hub join ADDRESS” makes it one.")
        )
    known = json.loads(place.read_text())
    client = make(known["root"], device=known["device"], token=known["token"])
    trusted = Sender(known["user"], "hub", "hub", known["device"], is_admin=False, roles={}, area_names={})
    sent = refused = came = 0
    try:
        while True:
            reached, batch = upstream.reached(), upstream.waiting()
            reply = client.pass_on(batch, reached.epoch, reached.cursors, _LIMIT, reached.lists)
            if not upstream.take(reply, batch, trusted):
                continue
            sent, refused, came = sent + len(batch), refused + len(reply.rejected), came + len(reply.changes)
            areas = reply.areas
            told_all = reply.lists is None or not reply.lists.more
            if told_all and not any(each["more"] for each in areas.values()) and not upstream.waiting():
                break
        upstream.take_accounts(client.accounts(), areas)
    except Answered as answer:
        raise _refused(answer) from answer
    return Done(sent, refused, came)


def _refused(answer: Answered) -> Problem:
    return Problem(
        "refused_upstream",
        answer.status,
        sentence("The centre says: %(said)s"),
        params={"said": answer.problem.get("detail", answer.status)},
    )


def _write(place: Path, content: object) -> None:
    """The token opens the centre: only this server's user may read it."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content))
    draft.replace(place)
