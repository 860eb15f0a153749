"""Tasks as a manager sees them: those given together stand together, with how many are done and how many are late.

Must never find a task outside the areas that it is asked for.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from server.store.browse import Seen, all_of
from server.store.engine import reading
from server.store.tables import Membership, User


@dataclass(slots=True)
class Given:
    """The tasks that say the same, to the same person, until the same day."""

    what: str
    due: str
    assignee: str
    open: list[Seen] = field(default_factory=list)
    done: list[Seen] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.open) + len(self.done)

    def is_late(self, today: str) -> bool:
        return bool(self.open) and "" != self.due < today


def given(areas: Collection[str]) -> list[Given]:
    """All tasks of *areas*, put together; what is due first comes first."""
    found: dict[tuple[str, str, str], Given] = {}
    for each in all_of("task", areas):
        key = tuple(_text(each.fields.get(name)) for name in ("what", "due", "assignee"))
        group = found.setdefault(key, Given(*key))  # type: ignore[arg-type]
        (group.done if is_done(each) else group.open).append(each)
    return sorted(found.values(), key=lambda each: (not each.open, each.due or "9", each.what))


def is_done(task: Seen) -> bool:
    """Whether somebody said that it is done."""
    done = task.fields.get("done")
    return isinstance(done, dict) and bool(done.get("done"))


def people(areas: Collection[str]) -> dict[str, tuple[str, set[str]]]:
    """Those who can be given tasks in *areas*: id to name and areas, by name."""
    found: defaultdict[str, tuple[str, set[str]]] = defaultdict(lambda: ("", set()))
    with reading() as connection:
        rows = connection.execute(
            select(User.id, User.name, Membership.area_id)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.area_id.in_(areas), ~User.is_disabled)
            .order_by(User.name)
        )
        for user, name, area in rows:
            found[user] = (name, found[user][1] | {area})
    return dict(found)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
