"""The description of the API is true: what is made from it is answered as it says, on every path, whatever is sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.api import photos
from server.api.docs import description
from sync import packing
from tests.conftest import Centre

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 25  # of each operation: enough to meet each kind of value, few enough for every run

_plain = json.loads(json.dumps(description()))
OPERATIONS = [
    (method, path)
    for path, each in _plain["paths"].items()
    for method in each
    if method in ("get", "head", "post", "patch", "delete", "options")
]

# Those to which something can be said that is wrong.
ASKING = [
    (method, path) for method, path in OPERATIONS if {"parameters", "requestBody"} & set(_plain["paths"][path][method])
]


@schemathesis.serializer(photos.CHUNK)
def as_it_is(_context: Any, value: Any) -> bytes:
    """A part of a picture travels as its bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.serializer(packing.media_type())
def packed(_context: Any, value: Any) -> bytes:
    """A message as our own programs send it."""
    return packing.pack(json.dumps(value).encode()) or b""


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "a stranger"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_what_the_description_allows_is_answered_as_it_says(
    centre: Centre, method: str, path: str, signed_in: bool
) -> None:
    phone = centre.officer(centre.area())
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {phone.token}"} if signed_in else {})
    api = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", centre.app)
    operation = api[path][method.upper()]

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def holds(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    holds()


@pytest.mark.parametrize(("method", "path"), ASKING, ids=[f"{method} {path}" for method, path in ASKING])
def test_what_the_description_does_not_allow_is_no_fault_of_ours(centre: Centre, method: str, path: str) -> None:
    phone = centre.officer(centre.area())
    headers = {"Accept-Encoding": "identity", "Authorization": f"Bearer {phone.token}"}
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", centre.app)[path][method.upper()]

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def holds(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=[not_a_server_error, content_type_conformance])

    holds()


def test_the_description_names_every_path_of_the_api(centre: Centre) -> None:
    named = set(_plain["paths"])
    there = {
        re.sub("<.*?>", "{name}", rule.rule)
        for rule in centre.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert there - named == set()
