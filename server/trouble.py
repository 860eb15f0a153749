"""What went wrong at the centre: the last errors of the server, in one file that all its workers share.

In a file and not in the database: that may be what is gone. Must never hold what a request said: the pattern of its
address, and not the address; the kind of the error, and not its text. Never grows beyond two files of `MOST_BYTES`.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

MOST_BYTES = 256 * 1024  # some 1,500 errors, then they begin to take the place of those before
DAYS = 7
_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
# Read out over the telephone: no letter that looks like another.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One answer of 5xx. `id`: what the answer said it is called; `where`: the pattern of the address; `kind`: of the error."""

    id: str
    at: str
    status: int
    method: str
    where: str
    kind: str


def note(home: Path, status: int, method: str, where: str, kind: str) -> str:
    """Write one down; its id. Where even that fails (the disk is full) the answer still has an id, for the server's log."""
    name = "".join(secrets.choice(_LETTERS) for _ in range(6))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps(asdict(Trouble(name, at, status, method, where[:200], kind[:100])), ensure_ascii=False)
    with suppress(OSError):
        _make_room(home)
        # One write at the end of the file: lines of two workers never mix.
        handle = os.open(home / _NOW, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, f"{line}\n".encode())
        finally:
            os.close(handle)
    return name


def last(home: Path, most: int = 20) -> list[Trouble]:
    """The last ones, newest first."""
    return list(_all(home))[-most:][::-1]


def by_day(home: Path, now: datetime | None = None) -> Sequence[tuple[date, int]]:
    """How many there were on each of the last `DAYS` days (of Vietnam), newest first."""
    today = (now or datetime.now(UTC)).astimezone(_HERE).date()
    found = Counter(datetime.fromisoformat(each.at).astimezone(_HERE).date() for each in _all(home))
    return [(day, found[day]) for day in (today - timedelta(days=back) for back in range(DAYS))]


_NOW, _BEFORE = "errors.jsonl", "errors.before.jsonl"


def _make_room(home: Path) -> None:
    file = home / _NOW
    if not file.exists() or file.stat().st_size < MOST_BYTES:
        return
    with suppress(Timeout), FileLock(home / ".errors.lock", timeout=1):
        # Of two workers that found it full, one has made room.
        if file.stat().st_size >= MOST_BYTES:
            os.replace(file, home / _BEFORE)


def _all(home: Path) -> Iterator[Trouble]:
    for name in (_BEFORE, _NOW):
        try:
            lines = (home / name).read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            # A line that was cut off by a full disk tells of nothing any more.
            with suppress(ValueError, TypeError):
                yield Trouble(**json.loads(line))
