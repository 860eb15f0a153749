"""Backups that were tried: each is restored into a database of its own, which is compared and thrown away.

Must never touch the installation's own data: a trial runs on an empty SQLite in a temporary folder.
"""

import fcntl
import json
import logging
import tarfile
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from flask import Flask

from server import config
from server.maps import maps_shelf
from server.pictures import shelf_of
from server.store import backup, migrate
from server.store.tables import db
from sync.problem import Problem

_MADE_ANEW = ("installation",)  # a restore raises the epoch
AT_WORK, BROKEN_OFF = ("writing", "trying"), "broken_off"
OLD = timedelta(days=7)  # after so long without a backup that was tried, the page of health says so
_BY_COMMAND = "last-by-command"
_log = logging.getLogger("nuong")
_threads: dict[str, threading.Thread] = {}


def folder(home: Path) -> Path:
    """Where they lie."""
    found = home / "backups"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def listed(home: Path) -> list[dict[str, Any]]:
    """The backups, newest first: `name`, `size` and what is known of each (`state`, `rows`, `pictures`, `tried_at`, `fault`)."""
    found = []
    for notes in sorted(folder(home).glob("*.json"), reverse=True):
        file, said = notes.with_suffix(".backup"), json.loads(notes.read_text())
        if said["state"] in AT_WORK and not _held(home, notes.stem):
            said |= {"state": BROKEN_OFF}
        found.append({"name": notes.stem, "size": file.stat().st_size if file.exists() else 0, **said})
    return found


def note_written(home: Path, file: Path) -> None:
    """A backup was written to a place of its own, by the command: the page of health says so, and that nobody tried it."""
    said = {"file": file.name, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    (folder(home) / _BY_COMMAND).write_text(json.dumps(said, ensure_ascii=False))


def last_written(home: Path) -> dict[str, str] | None:
    """The `file` that the command wrote last, and `at` what time."""
    try:
        said: dict[str, str] = json.loads((folder(home) / _BY_COMMAND).read_text())
    except (OSError, ValueError):
        return None
    return said


def begin(app: Flask, settings: config.Settings) -> str:
    """Make a backup and try it, in a thread of its own; its name."""
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    hold = _lock(settings.home, name).open("w")
    fcntl.flock(hold, fcntl.LOCK_EX)
    _note(settings.home, name, state="writing")
    thread = threading.Thread(target=_run, args=(app, settings, name, hold), daemon=True)
    _threads[name] = thread
    thread.start()
    return name


def wait(name: str) -> None:
    """Until the work that this process does on a backup has ended."""
    if thread := _threads.get(name):
        thread.join()


def path_of(home: Path, name: str) -> Path | None:
    """The file of a backup that is listed."""
    known = {each["name"] for each in listed(home)}
    file = folder(home) / f"{name}.backup"
    return file if name in known and file.exists() else None


def _lock(home: Path, name: str) -> Path:
    return folder(home) / f".{name}.lock"


def _held(home: Path, name: str) -> bool:
    """Whether a process is at work on a backup: it holds a file until it ends, however it ends."""
    try:
        with _lock(home, name).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _run(app: Flask, settings: config.Settings, name: str, hold: IO[str]) -> None:
    file = folder(settings.home) / f"{name}.backup"
    try:
        with app.app_context():
            saved = backup.write(file, shelf_of(settings), maps_shelf(settings))
            db.session.remove()
        told: dict[str, Any] = {
            "rows": sum(saved.rows.values()),
            "pictures": saved.pictures,
            "lacking": len(saved.lacking),
            "maps": saved.maps,
            "maps_lacking": len(saved.maps_lacking),
        }
        _note(settings.home, name, state="trying", **told)
        differing = differences(file)
        state = "differs" if differing else "tried"
        _note(
            settings.home, name, state=state, fault=", ".join(differing), tried_at=datetime.now(UTC).isoformat(), **told
        )
    except (Problem, OSError) as error:
        _log.exception("backup %s failed", name)
        said = error.message % error.params if isinstance(error, Problem) else str(error.strerror)
        _note(settings.home, name, state="failed", fault=said)
    finally:
        _lock(settings.home, name).unlink(missing_ok=True)
        hold.close()
        _threads.pop(name, None)


def differences(file: Path) -> list[str]:
    """The tables that are not, row by row, what the backup says, once it was restored; none where all is well."""
    from server.app import create_app

    with tempfile.TemporaryDirectory() as home:
        settings = config.Settings(home=Path(home), secret_key="trial")  # noqa: S106  (of an app that serves nobody)
        with create_app(settings).app_context():
            migrate.upgrade(db.engine)
            backup.restore(file, replace=True)
            again = Path(home, "again.backup")
            backup.write(again)
            db.session.remove()
            db.engine.dispose()
        before, after = _manifest(file), _manifest(again)
    return [name for name, said in before.items() if name not in _MADE_ANEW and after.get(name) != said]


def _manifest(file: Path) -> Mapping[str, Any]:
    with tarfile.open(file) as archive:
        part = archive.extractfile("manifest.json")
        tables: Mapping[str, Any] = json.load(part)["tables"] if part else {}
    return tables


def _note(home: Path, name: str, **said: Any) -> None:
    draft = folder(home) / f".{name}"
    draft.write_text(json.dumps(said))
    draft.replace(folder(home) / f"{name}.json")
