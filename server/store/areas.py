"""Areas as they lie within each other, for sums over what is below: a province's, a district's.

Must never give anybody a right: a role is given in each area, and an area above gives none below.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, update

from server.store import people
from server.store.engine import reading, writing
from server.store.glance.tables import Glance, PlotGlance
from server.store.tables import Area, Membership
from sync.problem import FieldError, Problem, sentence


@dataclass(slots=True)
class Node:
    """An area with what lies in it. `sums`: members, farmers, plots, hectares of it alone; `below`: with all beneath it."""

    id: str
    name: str
    parent: str | None
    sums: dict[str, float]
    depth: int = 0
    children: list["Node"] = field(default_factory=list)

    @property
    def below(self) -> dict[str, float]:
        found = dict(self.sums)
        for child in self.children:
            for name, number in child.below.items():
                found[name] += number
        return found


def tree() -> list[Node]:
    """All areas, each after the one that it lies in, by name."""
    nodes = _nodes()
    tops: list[Node] = []
    for node in sorted(nodes.values(), key=lambda each: each.name):
        above = nodes.get(node.parent or "")
        (above.children if above else tops).append(node)
    return [each for top in tops for each in _walk(top, 0)]


def within(area: str, among: Collection[str]) -> tuple[str, ...]:
    """*area* and all that lie in it, however deep, as far as they are among those of *among*."""
    with reading() as connection:
        parents: Mapping[str, str | None] = dict(connection.execute(select(Area.id, Area.parent)).all())
    found = {area}
    # A ring is not made by `set_up`; one that came with an old backup ends here all the same.
    while new := {each for each, above in parents.items() if above in found} - found:
        found |= new
    return tuple(each for each in among if each in found)


def set_up(area: str, name: str, parent: str | None) -> None:
    """Rename an area, and lay it into another. Raises `Problem` (`bad_name`, `area_name_taken`, `no_such_area`,
    `area_in_itself`)."""
    name = people.area_name(name)

    def work(connection: Connection) -> None:
        parents: Mapping[str, str | None] = dict(connection.execute(select(Area.id, Area.parent)).all())
        if area not in parents or (parent is not None and parent not in parents):
            raise Problem(
                "no_such_area", 404, sentence("There is no such area."), errors=[FieldError("area", "unknown")]
            )
        people.check_name_is_free(connection, area, name)
        above, passed = parent, set[str]()
        while above is not None and above not in passed:
            if above == area:
                raise Problem(
                    "area_in_itself",
                    422,
                    sentence("An area cannot lie in itself. Choose another one above it."),
                    errors=[FieldError("parent", "in_itself")],
                )
            passed.add(above)
            above = parents.get(above)
        connection.execute(update(Area).where(Area.id == area).values(name=name, parent=parent))

    writing(work)


def _nodes() -> dict[str, Node]:
    with reading() as connection:
        rows = connection.execute(select(Area.id, Area.name, Area.parent)).all()
        counted: dict[str, dict[str, Any]] = {
            "members": dict(
                connection.execute(select(Membership.area_id, func.count()).group_by(Membership.area_id)).all()
            ),
            "hectares": dict(
                connection.execute(
                    select(PlotGlance.area, func.sum(PlotGlance.area_ha)).group_by(PlotGlance.area)
                ).all()
            ),
        }
        for type_ in ("farmer", "plot"):
            question = select(Glance.area, func.count()).where(Glance.type == type_, ~Glance.twin).group_by(Glance.area)
            counted[f"{type_}s"] = dict(connection.execute(question).all())
    return {
        row.id: Node(row.id, row.name, row.parent, {name: found.get(row.id) or 0 for name, found in counted.items()})
        for row in rows
    }


def _walk(node: Node, depth: int) -> list[Node]:
    node.depth = depth
    return [node, *(each for child in node.children for each in _walk(child, depth + 1))]
