"""A kept picture as an answer: whole or in part, or "you have it already".

Must never decide who may see it: its callers have.
"""

from collections.abc import Callable

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from server.pictures.shelf import Shelf
from server.store.pictures import Kept
from sync.problem import Problem, sentence


def shown(picture: Kept, shelf: Shelf, cache: str, lacking: Callable[[], Problem] | None = None) -> Response:
    """The answer with *picture*; *cache*: what its reader's cache may do.

    Raises `Problem` (404; the one that *lacking* makes) where the shelf lacks it.
    """
    response = Response(mimetype=picture.mime)
    response.set_etag(picture.sha256)
    response.headers["Cache-Control"] = cache
    # A picture is data: whatever else somebody hid in it, a browser runs none of it.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.if_none_match.contains(picture.sha256):
        response.status_code = 304
        return response
    response.content_length = picture.size
    response.accept_ranges = "bytes"
    if request.method == "HEAD":
        return response
    try:
        content = shelf.open(picture.sha256)
    except FileNotFoundError:
        raise (lacking or no_picture)() from None
    response.response = wrap_file(request.environ, content)
    response.direct_passthrough = True
    # A range that is not understood is as if it were not there (RFC 9110, 14.2).
    if request.range and request.range.units == "bytes":
        try:
            response.make_conditional(request, accept_ranges=True, complete_length=picture.size)
        except RequestedRangeNotSatisfiable:
            content.close()
            raise
    return response


def no_picture() -> Problem:
    """There is none, it has not arrived, or it is not theirs: one answer for all, so that it tells nobody which."""
    return Problem("no_picture", 404, sentence("There is no such picture here, or it has not arrived yet."))
