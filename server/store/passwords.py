"""Passwords: what is kept of one, and whether one is right.

Must never keep a password, and never let many sign-ins at once take a small server's memory.
"""

import hashlib
import hmac
import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sync.problem import FieldError, Problem, sentence

SHORTEST, LONGEST = 8, 200

# RFC 9106's second choice (64 MiB) would let eight sign-ins at once take half of a small server's memory.
_hasher = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)
# A morning on which everybody signs in at once costs time, and not memory.
_two_at_a_time = BoundedSemaphore(2)
# Checked when there is no such user, so that the answer takes as long.
_nobody = _hasher.hash(secrets.token_hex(16))


def check(password: str) -> None:
    """Raises `Problem` (`bad_password`) for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Problem(
            "bad_password",
            422,
            sentence("Give a password of %(least)s to %(most)s characters."),
            params={"least": SHORTEST, "most": LONGEST},
            errors=[FieldError("password", "length")],
        )


def hashed(password: str) -> str:
    """What is kept of a password. Raises `Problem` (`bad_password`)."""
    check(password)
    with _two_at_a_time:
        return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether *password* is the one of which *kept* is kept; None, where there is nobody, takes as long."""
    # An endless password would be an endless hash.
    if len(password) > LONGEST:
        return False
    try:
        with _two_at_a_time:
            return _hasher.verify(kept or _nobody, password) and kept is not None
    except (VerificationError, InvalidHashError, UnicodeError):
        return False


def proof(kept: str) -> str:
    """What a browser's session carries: it shows that the password was this one, and nothing of what is kept of it."""
    return hashlib.sha256(kept.encode()).hexdigest()


def proves(shown: str, kept: str) -> bool:
    """Whether a session that carries *shown* was begun under the password of which *kept* is kept."""
    return hmac.compare_digest(shown.encode(), proof(kept).encode())
