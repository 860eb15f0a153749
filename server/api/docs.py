"""The API's description: OpenAPI 3.1, its record types from the declarations; and a page to read it on."""

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, Response, render_template

from server.api import photos
from server.api.speaking import answered
from sync import packing, protocol
from sync.change import ID
from sync.records import TYPES, schema_for

_ID = {"type": "string", "pattern": f"^{ID.pattern}$"}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_OBJECT: dict[str, Any] = {"type": "object"}


def add_to(api: Blueprint) -> None:
    api.template_folder = "templates"
    api.add_url_rule("/openapi.json", view_func=openapi)


def mount(app: Flask) -> None:
    app.add_url_rule("/docs/api", view_func=page)


def openapi() -> Response:
    """The description as JSON."""
    return answered(description())


def page() -> str:
    """The description as a page."""
    return render_template("api.html", api=description())


@cache
def description() -> dict[str, Any]:
    """The whole description. A record type that is declared is in it by itself."""
    marshmallow = MarshmallowPlugin()
    spec = APISpec(
        title="Nương",
        version="1",
        openapi_version="3.1.0",
        info={"description": "What phones, hubs and programs say to the centre. The model is in docs/sync.md."},
        plugins=[marshmallow],
    )
    if marshmallow.converter is not None:
        marshmallow.converter.add_attribute_function(_shape_of)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for name in TYPES:
        spec.components.schema(f"{name}_fields", schema=schema_for(name))
    for name, schema in _messages().items():
        spec.components.schema(name, schema)
    for path, operations in _paths().items():
        spec.path(path, operations=operations)
    return dict(spec.to_dict())


_SHAPES: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "geometry": {"type": "object"},
    "object": {"type": "object"},
    "items": {"type": "array", "items": {"type": "object"}},
    "choices": {"type": "array", "items": {"type": "string"}},
    "ids": {"type": "array", "items": {"type": "string"}},
}


def _shape_of(_converter: Any, field: Any, **_kw: Any) -> dict[str, Any]:
    """The JSON Schema of a declared field: its kind and its limits."""
    shape = dict(_SHAPES.get(field.kind, {"type": "string"}))
    names = {
        "max_length": "maxLength",
        "pattern": "pattern",
        "min": "minimum",
        "max": "maximum",
        "max_items": "maxItems",
    }
    shape |= {names[key]: value for key, value in field.limits().items() if key in names}
    return shape | {"description": f"{field.label.vi} · {field.label.en}"}


def _messages() -> dict[str, dict[str, Any]]:
    change = {
        "type": "object",
        "description": "What one edit changed. `set` holds the fields of its type, those of a newer app too.",
        "required": ["id", "record", "type", "area", "set"],
        "properties": {
            "id": _ID,
            "record": _ID,
            "type": {"type": "string", "examples": list(TYPES)},
            "area": _ID,
            "set": {"type": "object", "minProperties": 1, "maxProperties": 100},
            "over": {"type": "object", "additionalProperties": {"type": "array", "items": _ID}},
            "seen": {"type": "array", "items": _ID},
            "schema": {"type": "integer", "minimum": 1},
            "envelope": {
                "type": "object",
                "description": "`author`, `device`, `received_at`, `skew_ms`: between servers only.",
            },
        },
    }
    record = {
        "type": "object",
        "properties": {
            "id": _ID,
            "type": {"type": "string"},
            "area": _ID,
            "seq": {"type": "integer"},
            "fields": _OBJECT,
            "heads": {"oneOf": [_ID, {"type": "object", "additionalProperties": {"type": "array"}}]},
            "conflicts": {"type": "object", "additionalProperties": {"type": "array"}},
            "deleted": {"type": "boolean"},
        },
    }
    return {
        "change": change,
        "record": record,
        "problem": {
            "type": "object",
            "description": "RFC 9457; `code` is stable, `detail` a sentence in the reader's language.",
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "code": {"type": "string"},
                "errors": {"type": "array", "items": _OBJECT},
                "trouble": {
                    "type": "string",
                    "description": "With an error of the server's own: what it is called on the page of health.",
                },
            },
        },
        "sign_in": {
            "type": "object",
            "description": "`username` and `password`, or the `code` that a manager showed in their place.",
            "required": ["device"],
            "properties": {
                "username": {"type": "string"},
                "password": {"type": "string"},
                "code": {"type": "string", "examples": ["7KQ2M-X4H9T"]},
                "device": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": _ID, "name": {"type": "string"}},
                },
            },
        },
        "session": {
            "type": "object",
            "properties": {"token": {"type": "string"}, "user": _OBJECT, "areas": _OBJECT},
        },
        "asked_for": {
            "type": "object",
            "required": ["sha256"],
            "properties": {"sha256": {"type": "array", "maxItems": photos.MOST_ASKED, "items": _SHA256}},
        },
        "lacking": {"type": "object", "properties": {"missing": {"type": "array", "items": _SHA256}}},
        "exchange": {
            "type": "object",
            "required": ["protocol"],
            "properties": {
                "protocol": {"const": protocol.PROTOCOL},
                "epoch": {"type": ["string", "null"]},
                "schema": {"type": "integer"},
                "sent_at": {"type": "string", "format": "date-time"},
                "areas": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
                "marks": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
                "refused": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Changes that were refused before and still stand on the phone.",
                },
                "lists": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 2**31 - 1,
                    "description": "How far the installation's own lists were read: the `at` of the last reply that had them.",
                },
                "changes": {"type": "array", "maxItems": protocol.MOST_CHANGES, "items": _ref("change")},
                "limit": {"type": "integer", "minimum": 1, "maximum": protocol.MOST_LIMIT},
                "report": _OBJECT,
                "want": {
                    "enum": [protocol.RECORDS, protocol.WANT_CHANGES],
                    "description": "`changes`: for hubs alone.",
                },
            },
        },
        "reply": {
            "type": "object",
            "properties": {
                "protocol": {"const": protocol.PROTOCOL},
                "epoch": {"type": "string"},
                "server_time": {"type": "string", "format": "date-time"},
                "schema": {"type": "integer"},
                "accepted": {"type": "integer"},
                "rejected": {"type": "array", "items": _OBJECT},
                "areas": _OBJECT,
                "records": {"type": "array", "items": _ref("record")},
                "gone": {"type": "array", "items": _OBJECT},
                "people": _OBJECT,
                "settled": {
                    "type": "object",
                    "additionalProperties": {"type": "string"},
                    "description": "What became of changes that were asked about: accepted, mended, put_away.",
                },
                "lists": {
                    "type": "object",
                    "description": "What is new in the installation's own lists; absent where nothing is.",
                    "properties": {
                        "at": {"type": "integer", "description": "To be named in the next request."},
                        "entries": {"type": "object", "additionalProperties": {"type": "array", "items": _OBJECT}},
                        "anew": {"type": "boolean", "description": "All of them, from the beginning."},
                        "more": {"type": "boolean"},
                    },
                },
                "changes": {"type": "array", "items": _ref("change"), "description": "For a hub, in place of records."},
            },
        },
    }


def _paths() -> dict[str, dict[str, Any]]:
    signed_in: list[dict[str, list[str]]] = [{"token": []}]
    usual = (400, 401, 413, 503, 507)  # the last two: the database is away, the disk is full
    return {
        "/api/v1/session": {
            "post": _operation("Sign in: a token of one user on one device", "sign_in", 201, "session", *usual, 410, 429),
            "delete": {
                "summary": "Sign out",
                "security": signed_in,
                "responses": {"204": {"description": "ended"}, **_problems(401, 503, 507)},
            },
        },
        "/api/v1/sync": {
            "post": _packed(_operation("The exchange: changes in, records out", "exchange", 200, "reply", *usual, 403, 415))
            | {"security": signed_in},
        },
        **_photos(signed_in),
        **_maps(signed_in),
        "/api/v1/accounts": {
            "get": _answer("Who works in the areas of a hub: for the hub alone", 401, 403, 503) | {"security": signed_in},
        },
        "/api/v1/schema": {"get": _answer("The record declarations")},
        "/api/v1/openapi.json": {"get": _answer("This description")},
        "/healthz": {"get": _answer("Whether the centre is alive and reaches its database")},
    }  # fmt: skip


def _maps(signed_in: list[dict[str, list[str]]]) -> dict[str, dict[str, Any]]:
    """Maps that phones keep, read in parts."""
    pack = {"name": "name", "in": "path", "required": True, "schema": _ID}
    part = _header("Range", {"type": "string", "examples": ["bytes=0-262143"]}, required=False)
    read = {"200": {"description": "it"}, "206": {"description": "a part"}, "304": {"description": "held"}}
    return {
        "/api/v1/maps": {
            "get": _answer("The maps of the reader's areas: size, kind, bounds", 401, 503) | {"security": signed_in},
        },
        "/api/v1/maps/{name}": {
            "get": _answer("A map, with the SHA-256 of each of its pieces", 401, 404, 503)
            | {"security": signed_in, "parameters": [pack]},
        },
        "/api/v1/maps/{name}/file": {
            "get": {
                "summary": "A map's file (PMTiles), whole or in part",
                "security": signed_in,
                "parameters": [pack, part],
                "responses": {**read, **_problems(401, 404, 416, 503)},
            },
        },
    }


def _photos(signed_in: list[dict[str, list[str]]]) -> dict[str, dict[str, Any]]:
    """Pictures: in by tus 1.0, out by their hash."""
    version = _header("Tus-Resumable", {"const": photos.VERSION})
    offset = _header("Upload-Offset", {"type": "integer", "minimum": 0})
    checksum = _header("Upload-Checksum", {"type": "string"}, required=False)
    chunk = {"content": {photos.CHUNK: {"schema": {"type": "string", "format": "binary"}}}}
    upload = {"name": "name", "in": "path", "required": True, "schema": _ID}
    sha256 = {"name": "name", "in": "path", "required": True, "schema": _SHA256}

    def asked(summary: str, parameters: list[dict[str, Any]], good: dict[str, str], *problems: int) -> dict[str, Any]:
        told = {status: {"description": description} for status, description in good.items()}
        responses = {**told, **_problems(401, *problems)}
        return {"summary": summary, "security": signed_in, "parameters": parameters, "responses": responses}

    announced = [
        version,
        _header("Upload-Length", {"type": "integer", "minimum": 0}),
        _header("Upload-Metadata", {"type": "string", "description": "sha256, and its hex text in base64"}),
        checksum,
    ]
    kept = (400, 409, 412, 413, 422, 460, 503, 507)
    return {
        "/api/v1/photos": {
            "options": {"summary": "What tus can do here", "responses": {"204": {"description": "in its headers"}}},
            "post": asked("Announce a picture; its first bytes may come along", announced, {"201": "Location"}, *kept)
            | {"requestBody": chunk},
        },
        "/api/v1/photos/missing": {
            "post": _operation("Which pictures the centre lacks", "asked_for", 200, "lacking", 400, 401, 413, 415, 503)
            | {"security": signed_in},
        },
        "/api/v1/photos/{name}": {
            "get": asked(
                "A picture, by its SHA-256", [sha256], {"200": "it", "206": "a part", "304": "held"}, 404, 416, 503
            ),
            "head": asked(
                "How much of an upload is here", [version, upload], {"200": "Upload-Offset"}, 404, 410, 412, 422, 503
            ),
            "patch": asked(
                "Some more of a picture",
                [version, upload, offset, checksum],
                {"204": "Upload-Offset"},
                404,
                410,
                415,
                *kept,
            )
            | {"requestBody": {"required": True, **chunk}},
            "delete": asked("Give an upload up", [version, upload], {"204": "given up"}, 404, 410, 412),
        },
    }


def _header(name: str, schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": schema}


def _operation(summary: str, takes: str, status: int, gives: str, *problems: int) -> dict[str, Any]:
    answer = {"description": gives, "content": {"application/json": {"schema": _ref(gives)}}}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(takes)}}},
        "responses": {str(status): answer, **_problems(*problems)},
    }


def _packed(operation: dict[str, Any]) -> dict[str, Any]:
    """The same, whose messages may be packed as well (`sync.packing`): whoever sends so is answered so."""
    for side in (operation["requestBody"], operation["responses"]["200"]):
        side["content"][packing.media_type()] = side["content"]["application/json"]
    return operation


def _answer(summary: str, *problems: int) -> dict[str, Any]:
    good = {"200": {"description": "JSON", "content": {"application/json": {}}}}
    return {"summary": summary, "responses": {**good, **_problems(*problems)}}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref("problem")}}
    return {str(status): {"description": "a problem", "content": content} for status in statuses}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
