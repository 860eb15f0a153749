"""How the installation is doing, in numbers. Must never need more than some quick questions."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from server.store import migrate
from server.store.engine import one_moment
from server.store.tables import (
    Device,
    LoggedChange,
    NotKept,
    Picture,
    PictureName,
    Quarantined,
    Record,
    Upload,
    db,
)

LITTLE = 1024 * 1024 * 1024


def look(home: Path) -> dict[str, Any]:
    """Disk (bytes), database (bytes, revision), what waits, and what needs somebody."""
    disk = shutil.disk_usage(home)
    with one_moment() as connection:

        def count(question: Any) -> int:
            return int(connection.scalar(question) or 0)

        awaited = select(func.count(PictureName.sha256.distinct())).where(
            PictureName.sha256.not_in(select(Picture.sha256))
        )
        week = datetime.now(UTC) - timedelta(days=7)
        return {
            "free": disk.free,
            "total": disk.total,
            "database": _size(connection, home),
            "kind": db.engine.dialect.name,
            "revision": migrate.current(connection),
            "changes": count(select(func.count()).select_from(LoggedChange)),
            "records": count(select(func.count()).select_from(Record)),
            "pictures": count(select(func.count()).select_from(Picture)),
            "picture_bytes": count(select(func.sum(Picture.size))),
            "uploads": count(select(func.count()).select_from(Upload).where(~Upload.kept)),
            "awaited": count(awaited),
            "refused": count(select(func.count()).select_from(Quarantined).where(Quarantined.settled_at.is_(None))),
            "not_kept": count(select(func.sum(NotKept.count))),
            "phones": count(select(func.count()).select_from(Device).where(Device.seen_at > week)),
        }


def _size(connection: Any, home: Path) -> int:
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")))
    return sum(each.stat().st_size for each in home.glob("nuong.sqlite3*"))
