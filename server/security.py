"""What every answer carries for safety, and how a problem becomes an answer.

Must never let a page load or send anything elsewhere, and never show a traceback to anybody.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, json, request
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException

from server import language
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

    *known*: what some faults of others mean; *tiles*: the online map of the settings.
    """
    language.speak(app)
    app.extensions["nuong_policy"] = policy(tiles)
    app.after_request(_headers)
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_fault)
    for kind, read in known.items():
        app.register_error_handler(kind, _answer_known(read))


def answer(problem: Problem) -> Response:
    """RFC 9457 in the reader's language."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": problem.code.replace("_", " "),
        "status": problem.status,
        "detail": language.translate(problem.message, problem.params),
        "code": problem.code,
    }
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


def page_answer(problem: Problem) -> bool:
    """Whether this request came from a page of the console, whose reader wants a page and not JSON."""
    return request.path.startswith("/console") and problem.status != 401


def _answer_http(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    if error.code == 413:
        return answer(body_too_large(MOST_SENT_BYTES))
    code = _CODES.get(error.code, "http_error")
    return answer(Problem(code, error.code, _SENTENCES.get(error.code, _SENTENCES[400])))


def _answer_known(read: Callable[[Any], Problem | None]) -> Callable[[Exception], Response]:
    def answer_it(error: Exception) -> Response:
        problem = read(error)
        if problem is None:
            return _answer_fault(error)
        _log.error("%s %s: %s", request.method, request.path, error)
        return answer(problem)

    return answer_it


def _answer_fault(error: Exception) -> Response:
    _log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return answer(Problem("server_error", 500, _SENTENCES[500]))


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
