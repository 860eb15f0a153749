"""When are two JSON values the same? When their canonical text (RFC 8785) is.

Must never be used to store or send: it only compares.
"""

from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """The canonical UTF-8 text of a JSON value.

    Raises ``ValueError`` for what no two machines would read alike: an integer beyond ±(2^53-1)
    (RFC 7493, 2.2), a number that is not finite, a lone surrogate, a key that is no string.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same (``1`` and ``1.0`` are; ``1`` and ``true`` are not)."""
    return one is other or canonical(one) == canonical(other)
