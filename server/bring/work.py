"""The work on a file that was brought in: read it, check it, write it, take it back; beside the requests, some rows at a time.

Must never hold its progress in memory alone: it stands in the database after each step, so that another process can go on
where this one died.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask

from server.app import settings_of
from server.bring import columns, kinds
from server.bring.cells import fold
from server.bring.rows import Here, Known, key_of, lacking, read_row, same_as
from server.bring.table import empty_file, unreadable
from server.store import bring, browse
from server.store.bring import File
from server.store.engine import give_way
from server.store.lists import lists
from server.store.tables import db
from sync.problem import Problem

STEP = 500
_log = logging.getLogger("nuong")
_threads: dict[str, threading.Thread] = {}


def place_of(app: Flask, bringing: str) -> Path:
    """Where the file lies until it was read."""
    folder = settings_of(app).home / "bring"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / bringing


def start(app: Flask, bringing: str, areas: Sequence[str]) -> None:
    """Do what the state of the file asks for, in a thread of its own."""
    thread = threading.Thread(target=_run, args=(app, bringing, list(areas)), name=f"bring-{bringing[:8]}", daemon=True)
    _threads[bringing] = thread
    thread.start()


def wait(bringing: str) -> None:
    """Until the work that this process does on a file has ended."""
    if thread := _threads.get(bringing):
        thread.join()


def _run(app: Flask, bringing: str, areas: list[str]) -> None:
    with app.app_context():
        file = bring.one(bringing, areas)
        try:
            if file is not None and file.is_at_work:
                _WORK[file.state](app, file)
        except Problem as problem:
            trouble = {"code": problem.code, "message": problem.message, "params": problem.params}
            if bring.go_on(bringing, bring.UNREADABLE, [bring.READING], trouble=trouble):
                bring.clear_rows(bringing)  # of a million rows the first were kept already
            else:
                # No fault of the file's (a full disk, say): the work stands still, and goes on when somebody presses it.
                _log.warning("the work on %s broke off: %s", bringing, problem.code)
        except Exception:
            # The page says that the work stands still, and whoever looks at it may press “go on”.
            _log.exception("the work on %s broke off", bringing)
            sorry = unreadable("?")
            trouble = {
                "code": sorry.code,
                "message": sorry.message,
                "params": {"kind": file.kind.upper() if file else ""},
            }
            bring.go_on(bringing, bring.UNREADABLE, [bring.READING], trouble=trouble)
        finally:
            db.session.remove()
            _threads.pop(bringing, None)


def _read(app: Flask, file: File) -> None:
    path = place_of(app, file.id)
    bring.clear_rows(file.id)
    bring.go_on(file.id, file.state, [file.state], done=0)
    table = kinds.opened(path, file.kind, file.type, file.about.get("sheet"), file.file)
    total, step = 0, list[tuple[int, list[Any]]]()
    for row in table.rows:
        step.append(row)
        if len(step) == STEP:
            bring.add_rows(file.id, step)
            give_way()
            total += len(step)
            step.clear()
    bring.add_rows(file.id, step)
    total += len(step)
    if not total:
        raise empty_file()
    guessed = columns.guess(file.type, table.columns)
    bring.go_on(
        file.id, bring.MATCHING, [bring.READING],
        about={**file.about, **table.about}, columns=table.columns, matched=guessed, total=total, done=0,
    )  # fmt: skip


def _check(_app: Flask, file: File) -> None:
    bring.go_on(file.id, file.state, [file.state], done=0)
    here = _here(file)
    seen: dict[str, int] = {}
    for rows in _steps(file, ()):
        read = {row.number: read_row(file.type, row.cells, file.matched, file.mark, here) for row in rows}
        keys = {number: key_of(file.type, each) for number, each in read.items() if not each.faults}
        known = bring.known(file.area, file.type, set(keys.values()))
        found = []
        for row in rows:
            each, key = read[row.number], keys.get(row.number)
            if key is not None and key in seen:
                each.wrong(_naming(file), "twice_in_file", row=seen[key])
            seen.setdefault(key or f"row {row.number}", row.number)
            found.append(_judge(file, row.number, each, key, known, here))
        here_before = {
            str(one["key"]): str(one["record"]) for one in found if one["verdict"] == bring.HERE and one["record"]
        }
        bring.keep_here(file, here_before)
        bring.judged(file.id, found)
        give_way()
    bring.go_on(file.id, bring.CHECKED, [bring.CHECKING], done=0)


def _judge(file: File, number: int, each: Any, key: str | None, known: dict[str, str], here: Here) -> dict[str, Any]:
    """What becomes of a row: a new record, more for one that is here, nothing, or a fault."""
    verdict: dict[str, Any] = {
        "number": number,
        "verdict": bring.FAULT,
        "faults": each.faults,
        "key": key,
        "change": None,
        "record": None,
    }
    if each.faults or key is None:
        return verdict
    record = known.get(key) or same_as(file.type, each, here)
    if record is None:
        return {**verdict, "verdict": bring.NEW, "change": bring.fresh(file.type, file.area, each.values)}
    there = here.by_id.get(record)
    more = lacking(there.fields, each.values) if there else {}
    if more and file.type != "harvest":
        seen = browse.one(record, [file.area])
        if seen is not None and not seen.deleted:
            change = bring.addition(file.type, file.area, record, more, seen.heads)
            return {**verdict, "verdict": bring.MORE, "change": change, "record": record}
    return {**verdict, "verdict": bring.HERE, "record": record}


def _naming(file: File) -> int:
    """The column that names a row, for what is wrong with all of it."""
    wanted = (columns.CODE, "name", "date")
    return next((place for wish in wanted for place, name in file.matched.items() if name == wish), 0)


def _write(_app: Flask, file: File) -> None:
    while bring.write(file):
        give_way()
    if bring.go_on(file.id, bring.DONE, [bring.WRITING]):
        bring.note(file, "brought_in", **bring.tally(file.id))


def _take_back(_app: Flask, file: File) -> None:
    while bring.take_back(file):
        give_way()
    if bring.go_on(file.id, bring.TAKEN_BACK, [bring.TAKING_BACK]):
        bring.note(file, "taken_back")


_WORK: dict[str, Callable[[Flask, File], None]] = {
    bring.READING: _read,
    bring.CHECKING: _check,
    bring.WRITING: _write,
    bring.TAKING_BACK: _take_back,
}


def _steps(file: File, verdicts: Sequence[str]) -> Any:
    after = -1
    while rows := bring.rows(file.id, verdicts, after, STEP):
        yield rows
        after = rows[-1].number


def _slight(value: Any) -> Any:
    """*value*; of a boundary or a walked track only that there is one: 20,000 of them need not be in memory."""
    return True if value and isinstance(value, dict | list) else value


def _here(file: File) -> Here:
    """What is in the area already: one that was joined into another stands for it."""
    joined = browse.joined([file.area])

    def known(type_: str) -> list[Known]:
        return [
            Known(
                joined.stands_for(each.id),
                fold(str(each.fields.get("name") or "")),
                fold(str(each.fields.get("village") or "")),
                {name: _slight(value) for name, value in each.fields.items()},
            )
            for each in browse.each_of(type_, file.area)
            if joined.stands_for(each.id) == each.id
        ]

    return Here(known("farmer"), known("plot"), bring.codes(file.area), lists())
