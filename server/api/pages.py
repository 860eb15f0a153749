"""Replies as packed messages; of large pages, what packing them costs is paid once and not by each phone that reads them.

Must never decide what is read: a page is found again by its text, which was read from the database for this reader and
this request, so one that is kept can never be another's, or yesterday's.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock

from server.store.exchange import Reply
from sync import packing

_LEVEL = 6  # of 9: nearly as small, at a third of the time
_LARGE = 32 * 1024  # bytes of JSON; below it the head is better packed in one with the records
_MOST_KEPT = 8 * 1024 * 1024  # bytes in each worker: a hundred pages of 600 records


class Kept:
    """Packed pages by what they hold, at most *most* bytes of them; those that nobody asks for go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._pages: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = Lock()

    def packed(self, text: bytes, number: int) -> bytes | None:
        """*text* as the first part of a message (`packing.pack_first`)."""
        key = hashlib.blake2b(text, salt=number.to_bytes(2, "big")).digest()
        with self._lock:
            if page := self._pages.get(key):
                self._pages.move_to_end(key)
                return page
        # Two who ask at once both pack it: the others of a storm do not wait for them.
        page = packing.pack_first(text, number, _LEVEL)
        if page is not None:
            self._keep(key, page)
        return page

    def _keep(self, key: bytes, page: bytes) -> None:
        with self._lock:
            if key not in self._pages:
                self._pages[key] = page
                self._size += len(page)
            while self._size > self._most:
                _, oldest = self._pages.popitem(last=False)
                self._size -= len(oldest)


_kept = Kept(_MOST_KEPT)


def packed(reply: Reply, number: int) -> bytes | None:
    """*reply* packed with dictionary *number*; None where it can't be."""
    if len(reply.records) < _LARGE:
        return packing.pack(reply.text(), number, _LEVEL)
    page = _kept.packed(b'{"records":' + reply.records, number)
    rest = packing.pack_rest(b"," + reply.head[1:])
    return page + rest if page is not None and rest is not None else None
