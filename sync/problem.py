"""The one kind of error: a problem with a stable code (RFC 9457), raised anywhere, answered in one place.

Must never know a language: it carries an English sentence, which is the message id of the catalogues,
and the parameters that fill it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any


def sentence(text: str) -> str:
    """Mark *text* for the catalogues without translating it here."""
    return text


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: its path, a stable code, and what the sentence of that code needs."""

    field: str
    code: str
    params: Mapping[str, Any] = with_default(default_factory=dict)
    message: str = ""


class Problem(Exception):
    """Something that a caller must be told.

    ``code`` is stable and for programs, ``status`` the HTTP status, ``message`` an English sentence
    (message id) that says what to do next, ``params`` what fills it, ``errors`` the fields at fault,
    ``headers`` what the answer must carry besides (``Retry-After``).
    """

    def __init__(
        self,
        code: str,
        status: int,
        message: str,
        *,
        params: Mapping[str, Any] | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message % params if params else message)
        self.code = code
        self.status = status
        self.message = message
        self.params = dict(params or {})
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
