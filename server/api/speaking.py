"""What the handlers of the API share: who is speaking, what they said, and how a JSON answer looks."""

from typing import Any

from flask import Response, current_app, json, request

from server.api import pages
from server.app import settings_of
from server.store import people
from server.store.exchange import Reply
from sync import packing
from sync.problem import Problem, sentence
from sync.protocol import MOST_READ_BYTES, MOST_SENT_BYTES, body_too_large, parse_json, unpack


def bearer() -> str:
    """The token of this request. Raises `Problem` (401)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("no_token", 401, sentence("Sign in first."), headers={"WWW-Authenticate": "Bearer"})
    return token.strip()


def sender() -> people.Sender:
    """Who holds the token of this request. Raises `Problem` (401)."""
    return people.sender_of(bearer(), settings_of(current_app).token_days)


def said(most: int | None = None) -> Any:
    """The JSON value in the body of this request. Raises `Problem`."""
    return parse_json(said_text(most))


def said_text(most: int | None = None) -> bytes:
    """The body of this request, unpacked, within bounds. Raises `Problem`.

    *most*: bytes, packed and unpacked, where less is enough than a day's work may take.
    """
    return unpacked(sent_bytes(most), most)


def sent_bytes(most: int | None = None) -> bytes:
    """The body of this request as it was sent: it can be read once. Raises `Problem` for one of more than *most* bytes."""
    most_sent = most or MOST_SENT_BYTES
    if (request.content_length or 0) > most_sent:
        raise body_too_large(most_sent)
    # Read one byte past the bound: a chunked body names no length beforehand.
    return request.stream.read(most_sent + 1)


def unpacked(body: bytes, most: int | None = None) -> bytes:
    """The text in *body*, packed as the headers of this request say. Raises `Problem`."""
    encoding, content_type = request.headers.get("Content-Encoding"), request.headers.get("Content-Type")
    return unpack(body, encoding, content_type, most or MOST_SENT_BYTES, most or MOST_READ_BYTES)


def answered(body: Any, status: int = 200) -> Response:
    """A JSON answer that no cache keeps."""
    text = body if isinstance(body, bytes) else json.dumps(body)
    response = Response(text, status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def answered_packed(reply: Reply) -> Response:
    """A reply as an answer to a POST, packed for whoever packs or asks for it; gzip or plain for the others."""
    number = packing.number_in(request.headers.get("Accept") or "") or packing.number_in(request.content_type)
    if "json" in request.headers.get("Accept", ""):
        number = None
    packed = pages.packed(reply, number) if number is not None else None
    if packed is None:
        return answered(reply.text())
    return Response(packed, 200, content_type=packing.media_type(number or 0))
