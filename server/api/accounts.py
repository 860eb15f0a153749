"""Who works in the areas of a hub: what a hub must know to let them in, and nothing that proves who they are."""

from flask import Blueprint, Response

from server.api.speaking import answered, sender
from server.store import hubs
from sync.problem import Problem, sentence


def add_to(api: Blueprint) -> None:
    api.add_url_rule("/accounts", view_func=accounts)


def accounts() -> Response:
    """The accounts, for a hub alone."""
    who = sender()
    if not who.is_hub:
        raise Problem("not_a_hub", 403, sentence("Only a hub is told who works in its areas."))
    return answered({"accounts": hubs.accounts(who)})
