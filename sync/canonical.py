"""When are two JSON values the same? When their canonical text (RFC 8785) is.

Must never be used to store or send: it only compares.
"""

from typing import Any

import orjson
import rfc8785

# RFC 8785 writes numbers out where others use an exponent: at worst "1e20", and a comma, as 21 digits and one.
_MOST_LONGER = 5


def canonical(value: Any) -> bytes:
    """The canonical UTF-8 text of a JSON value.

    Raises ``ValueError`` for what no two machines would read alike: an integer beyond ±(2^53-1)
    (RFC 7493, 2.2), a number that is not finite, a lone surrogate, a key that is no string.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def is_within(value: Any, most: int) -> bool:
    """Whether the canonical text of a JSON value takes at most *most* bytes.

    Raises ``ValueError`` as `canonical` does, and costs a tenth: the text itself is only made where it could be too long.
    """
    try:
        text = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except TypeError as error:
        raise ValueError(str(error)) from error
    # A null may be a number that is not finite, which orjson writes so.
    if len(text) * _MOST_LONGER <= most and b"null" not in text:
        return True
    return len(canonical(value)) <= most


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same (``1`` and ``1.0`` are; ``1`` and ``true`` are not)."""
    return one is other or canonical(one) == canonical(other)
