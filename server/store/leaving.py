"""What stands beside a record in a file that leaves: where it is, who recorded it, how it was reviewed, what is seen of it at a
glance.

Must never tell of a record outside the areas that were asked about.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from server.store.engine import among, reading
from server.store.glance.tables import Glance, PlotGlance

_whose = aliased(Glance, name="whose")
_plot = aliased(PlotGlance, name="on_plot")


def beside(ids: Collection[str], areas: Collection[str]) -> dict[str, Any]:
    """By id: `area`, `author`, `review`, `kg`, `farmer` and `farmer_name` (of the plot that it belongs to), and of that plot
    `area_ha`, `harvests`, `yield_t_ha`, `yield_season`, `visited`, `disease`."""
    asked = (
        select(
            Glance.id,
            Glance.area,
            Glance.author,
            Glance.review,
            Glance.kg,
            _whose.farmer,
            _plot.farmer_name,
            _plot.area_ha,
            _plot.harvests,
            _plot.yield_season,
            _plot.yield_t_ha,
            _plot.visited,
            _plot.disease,
        )
        .outerjoin(_whose, and_(_whose.id == Glance.plot, _whose.area == Glance.area))
        .outerjoin(_plot, and_(_plot.id == Glance.plot, _plot.area == Glance.area))
    )
    with reading() as connection:
        rows = connection.execute(asked.where(among(connection, Glance.id, ids), Glance.area.in_(areas)))
        return {row.id: row for row in rows}
