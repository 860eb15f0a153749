"""What hubs bring to the centre: changes of other people, with the envelopes that the hub gave them.

Must never believe an envelope from anybody but a hub, and never let a change in that its author had no right to make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from server.store import people
from server.store.engine import reading
from server.store.log import Brought
from server.store.people import HUB, MANAGER, Sender
from server.store.tables import Membership, User
from sync.change import Change, Refused
from sync.protocol import FORBIDDEN, Rejected, Request, read_envelope


def sort_out(
    connection: Connection, sender: Sender, request: Request
) -> tuple[Sequence[Change], Mapping[str, Brought] | None, list[Rejected]]:
    """The changes to take in, how each is brought, and those that a hub may not bring at all."""
    if not sender.is_hub:
        return request.changes, None, []
    brought: dict[str, Brought] = {}
    refused: list[Rejected] = []
    authors: dict[str, Sender | None] = {}
    for change in request.changes:
        try:
            envelope = read_envelope(request.envelopes.get(change.id))
        except Refused as error:
            refused.append(Rejected(change.id, error.reason, error.detail, change.as_json()))
            continue
        if envelope.author not in authors:
            authors[envelope.author] = _author(connection, envelope.author, sender)
        author = authors[envelope.author]
        if author is None:
            detail = {"field": "envelope.author", "code": "unknown"}
            refused.append(Rejected(change.id, FORBIDDEN, detail, change.as_json()))
        else:
            brought[change.id] = Brought(envelope, author)
    return [change for change in request.changes if change.id in brought], brought, refused


def _author(connection: Connection, user_id: str, hub: Sender) -> Sender | None:
    """Somebody as they stand here, within the areas of *hub*: their rights anywhere else are none of its business."""
    author = people.sender_within(connection, user_id)
    if author is None or author.is_hub:
        return None
    return replace(author, roles={area: role for area, role in author.roles.items() if area in hub.roles})


def accounts(hub: Sender) -> list[dict[str, Any]]:
    """Those who may work in the areas of *hub*: id, user name, name, and their roles there. Nothing that proves who they are."""
    found: dict[str, dict[str, Any]] = {}
    with reading() as connection:
        rows = connection.execute(
            select(User.id, User.username, User.name, Membership.area_id, Membership.role)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.area_id.in_(hub.roles), Membership.role != HUB, ~User.is_disabled, ~User.is_admin)
        ).all()
        admins = connection.execute(
            select(User.id, User.username, User.name).where(User.is_admin, ~User.is_disabled)
        ).all()
    everybody = [tuple(row) for row in rows] + [(*admin, area, MANAGER) for admin in admins for area in hub.roles]
    for user, username, name, area, role in everybody:
        person = found.setdefault(user, {"id": user, "username": username, "name": name, "roles": {}})
        person["roles"][area] = role
    return [found[user] for user in sorted(found)]
