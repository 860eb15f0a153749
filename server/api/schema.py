"""The record declarations as JSON: what forms, programs and older apps read."""

import hashlib
from functools import cache

import orjson
from flask import Blueprint, Response, request

from sync.records import describe


def add_to(api: Blueprint) -> None:
    api.add_url_rule("/schema", view_func=schema)


def schema() -> Response:
    """The declarations, with a tag by which a reader need not read them twice."""
    text, tag = _text()
    response = Response(text, content_type="application/json")
    response.set_etag(tag)
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@cache
def _text() -> tuple[bytes, str]:
    text = orjson.dumps(describe())
    return text, hashlib.sha256(text).hexdigest()[:16]
