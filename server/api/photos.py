"""Pictures in, by tus 1.0 (core, creation, creation-with-upload, checksum, expiration, termination), and out by their hash.

The protocol: https://tus.io/protocols/resumable-upload. Must never tell anybody of an upload that is not theirs.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, request, url_for
from werkzeug.http import http_date

from server.api.speaking import answered, said, sender
from server.app import settings_of
from server.pictures.arriving import PIECE, Checksum
from server.pictures.intake import Intake
from server.pictures.shown import no_picture, shown
from server.store import pictures
from server.store.pictures import Coming
from sync.problem import FieldError, Problem, sentence

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha256", "sha1", "md5")
MOST_ASKED = 1000
_MOST_ASKED_BYTES = 128 * 1024
CHUNK = "application/offset+octet-stream"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COUNT = re.compile(r"[0-9]{1,15}")

Handler = Callable[..., Response]


def add_to(api: Blueprint) -> None:
    upload = "/photos/<string(length=36):upload>"
    api.record_once(_open)
    api.add_url_rule("/photos/missing", view_func=missing, methods=["POST"])
    api.add_url_rule("/photos/<string(length=64):sha256>", view_func=picture)
    for rule, methods in (("/photos", _PHOTOS), (upload, _UPLOAD)):
        for method, handler in methods.items():
            api.add_url_rule(rule, view_func=handler, methods=[method], provide_automatic_options=False)


def _open(state: Any) -> None:
    state.app.extensions["nuong_intake"] = Intake(settings_of(state.app))


def _intake() -> Intake:
    return cast(Intake, current_app.extensions["nuong_intake"])


# Out ------------------------------------------------------------------------------------------------------------


def missing() -> Response:
    """Which of the pictures that a phone names the centre lacks, as far as its user may know of them."""
    who = sender()
    names = _names(said(_MOST_ASKED_BYTES))
    here = _intake().shelf.having(pictures.known(who, names))
    return answered({"missing": [name for name in names if name not in here]})


def picture(sha256: str) -> Response:
    """A picture, for whoever has a role where a record names it."""
    found = pictures.named(sha256, list(sender().roles))
    if found is None:
        raise no_picture()
    return shown(found, _intake().shelf, "private, max-age=31536000, immutable")


def _names(body: Any) -> list[str]:
    names = body.get("sha256") if isinstance(body, dict) else None
    if not isinstance(names, list):
        raise _bad(FieldError("sha256", "required" if names is None else "type"))
    if len(names) > MOST_ASKED:
        raise _bad(FieldError("sha256", "too_many", {"most": MOST_ASKED}))
    for number, name in enumerate(names):
        if not isinstance(name, str) or not _SHA256.fullmatch(name):
            raise _bad(FieldError(f"sha256.{number}", "format"))
    return list(dict.fromkeys(names))


# In, by tus -----------------------------------------------------------------------------------------------------


def _by_tus(handler: Handler) -> Handler:
    """Every request and answer says the version, problems too; another version than ours is not acted upon."""

    @wraps(handler)
    def spoken(**kw: str) -> Response:
        try:
            _check_version()
            response = handler(**kw)
        except Problem as problem:
            problem.headers["Tus-Resumable"] = VERSION
            raise
        response.headers["Tus-Resumable"] = VERSION
        return response

    return spoken


def options(upload: str = "") -> Response:
    """What this server can do: asked without a token, and in any version."""
    return Response(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings_of(current_app).picture_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@_by_tus
def create() -> Response:
    """Announce a picture; its first bytes may come along."""
    who = sender()
    length, sha256 = _length(), _announced()
    checksum = _checksum()
    upload = _intake().begin(who, sha256, length, request.headers.get("Upload-Metadata", ""))
    headers = {"Location": url_for("api.patch", upload=upload.id)}
    if request.mimetype == CHUNK or length == 0:
        headers["Upload-Offset"] = str(_take(upload, 0, checksum))
    return _told(upload, 201, headers)


@_by_tus
def head(upload: str) -> Response:
    """How much of it is here."""
    found = _intake().find(sender(), upload)
    offset = _intake().offset(found)
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(found.length), "Upload-Metadata": found.described}
    return _told(found, 200, headers)


@_by_tus
def patch(upload: str) -> Response:
    """Some more of it. 204 with its whole length means that the picture is kept."""
    found = _intake().find(sender(), upload)
    if request.mimetype != CHUNK:
        raise Problem(
            "not_a_chunk",
            415,
            sentence("Send a part of the picture, with Content-Type: application/offset+octet-stream."),
        )
    offset = _count("Upload-Offset")
    return _told(found, 204, {"Upload-Offset": str(_take(found, offset, _checksum()))})


@_by_tus
def delete(upload: str) -> Response:
    """Give it up."""
    _intake().end(_intake().find(sender(), upload))
    return Response(status=204)


def override(upload: str) -> Response:
    """For those who can only POST: the method stands in a header."""
    handler = _UPLOAD.get(request.headers.get("X-HTTP-Method-Override", "").upper(), override)
    if handler is override:
        abort(405)
    return handler(upload=upload)


_PHOTOS: dict[str, Handler] = {"OPTIONS": options, "POST": create}
_UPLOAD: dict[str, Handler] = {"OPTIONS": options, "HEAD": head, "PATCH": patch, "DELETE": delete, "POST": override}


def _take(upload: Coming, offset: int, checksum: Checksum | None) -> int:
    most = upload.length - offset
    if (request.content_length or 0) > most >= 0:
        raise Problem("too_large", 413, sentence("This is more than the picture that was announced."))
    return _intake().take(upload, offset, _pieces(most), checksum)


def _pieces(most: int) -> Iterator[bytes]:
    """The body as it comes, at most *most* bytes. Where the link breaks it ends: what came until then is kept."""
    while most > 0:
        try:
            piece = request.stream.read(min(PIECE, most))
        except Exception:  # each server has its own way to say that the phone is gone
            return
        if not piece:
            return
        most -= len(piece)
        yield piece


def _told(upload: Coming, status: int, headers: dict[str, str]) -> Response:
    if not upload.kept:
        headers["Upload-Expires"] = http_date(upload.expires_at)
    return Response(status=status, headers={**headers, "Cache-Control": "no-store"})


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Problem(
            "other_version",
            412,
            sentence("Send the header Tus-Resumable: %(version)s."),
            params={"version": VERSION},
            headers={"Tus-Version": VERSION},
        )


def _length() -> int:
    for name in ("Upload-Defer-Length", "Upload-Concat"):
        if name in request.headers:
            raise _bad(FieldError(name, "unknown"))
    length = _count("Upload-Length")
    most = settings_of(current_app).picture_bytes
    if length > most:
        raise Problem(
            "too_large",
            413,
            sentence("The picture is too large: this centre takes %(most)s bytes. Make it smaller."),
            params={"most": most},
        )
    return length


def _count(name: str) -> int:
    text = request.headers.get(name)
    if text is None:
        raise _bad(FieldError(name, "required"))
    if not _COUNT.fullmatch(text):
        raise _bad(FieldError(name, "format"))
    return int(text)


def _announced() -> str:
    """The SHA-256 in the metadata: pairs of a key and its value in base64, with commas between."""
    found: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key in found:
            raise _bad(FieldError("Upload-Metadata", "twice"))
        found[key] = value.strip()
    if "sha256" not in found:
        raise _bad(FieldError("Upload-Metadata.sha256", "required"))
    sha256 = _decoded(found["sha256"], "Upload-Metadata.sha256").decode("ascii", "replace")
    if not _SHA256.fullmatch(sha256):
        raise _bad(FieldError("Upload-Metadata.sha256", "format"))
    return sha256


def _checksum() -> Checksum | None:
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, digest = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise _bad(FieldError("Upload-Checksum", "unknown"))
    return Checksum(algorithm, _decoded(digest, "Upload-Checksum"))


def _decoded(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _bad(FieldError(field, "format")) from None


def _bad(error: FieldError) -> Problem:
    return Problem(
        "bad_request",
        400,
        sentence("The request is not as the API page says: see “%(field)s”."),
        params={"field": error.field},
        errors=[error],
    )
