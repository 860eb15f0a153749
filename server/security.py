"""What every answer carries for safety, and how a problem becomes an answer.

Must never let a page load or send anything elsewhere, and never show a traceback to anybody.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, json, request
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException

from server import language, trouble
from sync import packing
from sync.problem import Problem, sentence
from sync.protocol import MOST_SENT_BYTES, body_too_large

_POLICY = (
    "default-src 'self'",
    "img-src 'self' data: blob:{tiles}",  # drawn shapes and pictures that are still on the phone
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
PERMISSIONS = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()"

_SENTENCES = {
    400: sentence("The request could not be understood."),
    401: sentence("Sign in first."),
    403: sentence("You have no right to this."),
    404: sentence("There is nothing at this address. Check it, or go back to the start."),
    405: sentence("This address does not do that."),
    413: sentence("What was sent is too large."),
    415: sentence("Send JSON, with Content-Type: application/json."),
    500: sentence("Something went wrong here. Nothing of yours was lost; try again in a while."),
}
_CODES = {400: "bad_request", 401: "signed_out", 403: "forbidden", 404: "not_found", 405: "bad_method", 413: "too_large",
          415: "not_json", 500: "server_error"}  # fmt: skip

_log = logging.getLogger("nuong")


def protect(app: Flask, known: Mapping[type[Exception], Callable[[Any], Problem | None]], tiles: str = "") -> None:
    """Give *app* the headers, the languages and the answers to problems.

    *known*: what some faults of others mean (None: nothing that is known); *tiles*: the online map of the settings.
    """
    language.speak(app)
    app.extensions["nuong_policy"] = policy(tiles)
    app.extensions["nuong_known"] = known
    app.before_request(_refuse_nul)
    app.after_request(_headers)
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, _answer_fault)


def _refuse_nul() -> None:
    # No name of anything here has one, and PostgreSQL takes none even to look for.
    if "\0" in request.path:
        abort(404)


def answer(problem: Problem, trouble_id: str = "") -> Response:
    """RFC 9457 in the reader's language. *trouble_id*: what an error of ours is called where it was written down."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": problem.code.replace("_", " "),
        "status": problem.status,
        "detail": language.translate(problem.message, problem.params),
        "code": problem.code,
    }
    if trouble_id:
        body["trouble"] = trouble_id
    if problem.errors:
        body["errors"] = [
            {
                "field": each.field,
                "code": each.code,
                **each.params,
                **({"message": each.message} if each.message else {}),
            }
            for each in problem.errors
        ]
    response = Response(json.dumps(body), problem.status, content_type="application/problem+json")
    response.headers["Content-Language"] = str(get_locale())
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(problem.headers)
    return response


def policy(tiles: str = "") -> str:
    """The Content-Security-Policy of every page. *tiles*: the online map of the settings, the one other place to ask."""
    return "; ".join(_POLICY).format(tiles=f" https://{urlsplit(tiles).netloc}" if tiles else "")


def answer_http(error: HTTPException) -> Any:
    """What a program reads of an error of HTTP's."""
    if error.response is not None or error.code is None or error.code < 400:
        return error
    if error.code == 413:
        return answer(body_too_large(MOST_SENT_BYTES))
    code = _CODES.get(error.code, "http_error")
    return answer(Problem(code, error.code, _SENTENCES.get(error.code, _SENTENCES[400])))


def _answer_fault(error: Exception) -> Response:
    return answer(*fault(error))


def fault(error: Exception) -> tuple[Problem, str]:
    """What is said of an error that nobody raised for a reader to see, and what this one is called: it is written down."""
    read = next((read for kind, read in current_app.extensions["nuong_known"].items() if isinstance(error, kind)), None)
    known = read(error) if read else None
    problem = known or Problem("server_error", 500, _SENTENCES[500])
    # The pattern of the address: what stands in an address may be somebody's, or a secret.
    where = request.url_rule.rule if request.url_rule else "?"
    home = current_app.extensions["nuong_settings"].home
    name = trouble.note(home, problem.status, request.method, where, type(error).__name__)
    _log.error("%s %s failed (%s)", request.method, where, name, exc_info=None if known else error)
    if known:
        _log.error("%s: %s", name, error)
    return problem, name


def _headers(response: Response) -> Response:
    headers = response.headers
    if response.mimetype == packing.MEDIA_TYPE:
        # No cache keeps the answer to a POST and no browser runs this type. On a thin link a header costs as much as
        # a record, so what would say so is left out.
        headers.pop("Vary", None)
        return response
    headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype != "text/html":
        # An answer of the API is read by programs; the rest would be bytes on a 2G link for nobody.
        return response
    headers.setdefault("Content-Security-Policy", current_app.extensions["nuong_policy"])
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
