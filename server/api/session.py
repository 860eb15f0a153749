"""Signing in and out: a bearer token of one user on one device."""

import unicodedata
from typing import Any

from flask import Blueprint, Response, current_app, request

from server.api.speaking import answered, bearer, said
from server.app import settings_of
from server.store import enrolment, people
from sync.change import ID
from sync.problem import FieldError, Problem, sentence

MOST_BYTES = 16 * 1024  # nobody is known yet who sends this: it may cost little


def add_to(api: Blueprint) -> None:
    api.add_url_rule("/session", view_func=sign_in, methods=["POST"])
    api.add_url_rule("/session", view_func=sign_out, methods=["DELETE"])


def sign_in() -> Response:
    """A token for a name and a password, or for a code that a manager showed, on one device."""
    body = said(MOST_BYTES)
    settings, address = settings_of(current_app), request.remote_addr or ""
    if isinstance(body, dict) and "code" in body:
        code, device, device_name = _read(body, "code")
        token = enrolment.redeem(code, device, device_name, address, settings.slow_after)
    else:
        username, password, device, device_name = _read(body, "username", "password")
        user = people.check_password(username, password, address, settings.slow_after)
        token = people.open_session(user, device, device_name)
    sender = people.sender_of(token, settings.token_days)
    areas = {area: {"name": sender.area_names[area], "role": role} for area, role in sender.roles.items()}
    who = {"id": sender.user_id, "name": sender.name, "username": sender.username}
    return answered({"token": token, "user": who, "areas": areas}, 201)


def sign_out() -> Response:
    """End the token."""
    people.close_session(bearer())
    return Response(status=204)


def _read(body: Any, *proofs: str) -> list[str]:
    """The values of *proofs* in *body*, and the device's id and name."""
    errors = []
    body = body if isinstance(body, dict) else {}
    device = body.get("device") if isinstance(body.get("device"), dict) else {}
    for path in proofs:
        if not isinstance(body.get(path), str) or not body[path]:
            errors.append(FieldError(path, "required"))
    if not isinstance(device.get("id"), str) or not ID.fullmatch(device["id"]):
        errors.append(FieldError("device.id", "id"))
    if not isinstance(device.get("name", ""), str):
        errors.append(FieldError("device.name", "type"))
    if errors:
        fields = ", ".join(each.field for each in errors)
        raise Problem(
            "bad_request",
            400,
            sentence("The request is not as the API page says: see “%(field)s”."),
            params={"field": fields},
            errors=errors,
        )
    # A lone surrogate or a NUL can stand in no name, and no database takes it.
    name = unicodedata.normalize("NFC", _plain(device.get("name", "")))
    return [*(_plain(body[path]) for path in proofs), device["id"], name]


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")
