"""The exchange: one round trip in which a phone sends what waits and reads what is new."""

from flask import Blueprint, Response, current_app

from server.api.seats import Seats
from server.api.speaking import answered_packed, said_text, sender
from server.store import quarantine
from server.store.exchange import exchange
from sync.problem import Problem
from sync.protocol import parse_json, read_request


def add_to(api: Blueprint) -> None:
    api.add_url_rule("/sync", view_func=sync, methods=["POST"])


def sync() -> Response:
    """Take in changes, answer with records."""
    who = sender()
    try:
        text = said_text()
    except Problem as problem:
        if problem.status == 413:
            quarantine.note_unread(who)
        raise
    with _seats().turn_of(text):
        request = read_request(parse_json(text))
        with _seats().taken_by(request):
            return answered_packed(exchange(who, request))


def _seats() -> Seats:
    seats: Seats = current_app.extensions["nuong_seats"]
    return seats
