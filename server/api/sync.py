"""The exchange: one round trip in which a phone sends what waits and reads what is new."""

from flask import Blueprint, Response, current_app, request

from server.api.seats import Seats
from server.api.speaking import answered_packed, sender, sent_bytes, unpacked
from server.store import quarantine
from server.store.exchange import exchange
from sync.problem import Problem
from sync.protocol import parse_json, read_request

# Bytes as sent, and unpacked: a request that brings nothing has a cursor for each area, and no more.
_SHORT, _SHORT_UNPACKED = 2 * 1024, 16 * 1024


def add_to(api: Blueprint) -> None:
    api.add_url_rule("/sync", view_func=sync, methods=["POST"])


def sync() -> Response:
    """Take in changes, answer with records."""
    short = sent_bytes() if 0 < (request.content_length or 0) <= _SHORT else None
    if short is not None:
        _seats().turn_away_early(lambda: read_request(parse_json(unpacked(short, _SHORT_UNPACKED))))
    who = sender()
    try:
        text = unpacked(sent_bytes() if short is None else short)
    except Problem as problem:
        if problem.status == 413:
            quarantine.note_unread(who)
        raise
    with _seats().turn_of(text):
        asked = read_request(parse_json(text))
        with _seats().taken_by(asked):
            return answered_packed(exchange(who, asked))


def _seats() -> Seats:
    seats: Seats = current_app.extensions["nuong_seats"]
    return seats
