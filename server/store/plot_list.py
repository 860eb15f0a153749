"""The questions of the page of plots: rows of its table, sums, what its map draws.

Each takes a filter, which never reaches beyond the reader's areas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, func, select

from server.store import filters
from server.store.engine import among, reading
from server.store.filters import Filter
from server.store.glance.tables import Glance, PlotGlance
from server.store.tables import Membership, User

# A tile draws at most so many shapes: one that has more is drawn as dots.
MOST_SHAPES = 3000
_plot = filters.on_plot()
_NOT_SHOWN = ("id", "area", "name_key", "shape")
_ROW = (
    *(
        getattr(Glance, name)
        for name in ("id", "name", "farmer", "author", "changed_at", "review", "conflicted", "missing")
    ),
    *(getattr(_plot, column.name) for column in PlotGlance.__table__.columns if column.name not in _NOT_SHOWN),
)


@dataclass(frozen=True, slots=True)
class Sums:
    """How many plots a filter means, their hectares, and the box round them (None: none has a boundary)."""

    count: int
    hectares: float
    box: tuple[float, float, float, float] | None


def rows(ids: Sequence[str], areas: Sequence[str]) -> list[Row[Any]]:
    """The rows of these plots, in their order."""
    with reading() as connection:
        asked = filters.matching("plot", Filter(areas=tuple(areas)), *_ROW).where(among(connection, Glance.id, ids))
        found = {row.id: row for row in connection.execute(asked)}
    return [found[each] for each in ids if each in found]


def of_farmer(farmer: str, areas: Sequence[str]) -> list[Row[Any]]:
    """The plots of a household, by name."""
    wish = Filter(areas=tuple(areas), farmer=farmer)
    with reading() as connection:
        return list(connection.execute(filters.matching("plot", wish, *_ROW).order_by(Glance.name_key).limit(500)))


def sums(wish: Filter) -> Sums:
    """What stands above the table."""
    asked = filters.matching(
        "plot",
        wish,
        func.count(),
        func.sum(_plot.area_ha),
        func.min(_plot.west),
        func.min(_plot.south),
        func.max(_plot.east),
        func.max(_plot.north),
    )
    with reading() as connection:
        count, hectares, *box = connection.execute(asked).one()
    return Sums(count, hectares or 0, (box[0], box[1], box[2], box[3]) if box[0] is not None else None)


def on_tile(wish: Filter, west: float, south: float, east: float, north: float, shapes: bool) -> list[Row[Any]]:
    """The plots whose boxes touch a box; with their shapes only where asked for, and where there are not too many."""
    # Sums, so that SQLite goes from a record to its plot by the id, and not by the index of boxes once for each record.
    here = and_(_plot.west + 0 <= east, _plot.east + 0 >= west, _plot.south + 0 <= north, _plot.north + 0 >= south)
    columns = [Glance.id, Glance.name, _plot.farmer_name, Glance.review, Glance.conflicted, _plot.disease]
    columns += [_plot.west, _plot.south, _plot.east, _plot.north]
    with reading() as connection:
        if shapes:
            asked = filters.matching("plot", wish, *columns, _plot.shape).where(here).limit(MOST_SHAPES + 1)
            found = list(connection.execute(asked))
            if len(found) <= MOST_SHAPES:
                return found
        return list(connection.execute(filters.matching("plot", wish, *columns).where(here)))


def communes(areas: Sequence[str]) -> list[str]:
    """The communes that plots of *areas* are in."""
    asked = select(PlotGlance.commune).where(PlotGlance.area.in_(areas), PlotGlance.commune != "").distinct()
    with reading() as connection:
        return sorted(connection.scalars(asked))


def officers(areas: Sequence[str]) -> dict[str, str]:
    """Who works in *areas*: names by ids, sorted."""
    asked = (
        select(User.id, User.name)
        .where(User.id.in_(select(Membership.user_id).where(Membership.area_id.in_(areas))))
        .order_by(User.name)
    )
    with reading() as connection:
        return dict(connection.execute(asked).all())


def shape(plot: str, areas: Sequence[str]) -> str | None:
    """The simplified shape of a plot, as GeoJSON text."""
    asked = select(PlotGlance.shape).where(PlotGlance.id == plot, PlotGlance.area.in_(areas))
    with reading() as connection:
        return connection.scalar(asked)


def box_of(plot: str, areas: Sequence[str]) -> tuple[float, float, float, float] | None:
    """The box round a plot; None where it has no boundary."""
    asked = select(PlotGlance.west, PlotGlance.south, PlotGlance.east, PlotGlance.north)
    with reading() as connection:
        found: Any = connection.execute(asked.where(PlotGlance.id == plot, PlotGlance.area.in_(areas))).first()
    return (found[0], found[1], found[2], found[3]) if found and found[0] is not None else None
