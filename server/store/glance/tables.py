"""The tables of what is seen at a glance. A deleted record has no row here; the log and `record` keep it."""

from typing import Any

from sqlalchemy import BigInteger, Float, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables import Id, db


def _where(condition: str) -> Any:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Glance(db.Model):  # type: ignore[name-defined, misc]
    """A record of any type.

    `plot`: the plot that it belongs to, through joins (a plot's is itself, where it was not joined into another);
    `farmer`: likewise. `day`: when it was (YYYY-MM-DD); `season`: of a harvest. `crop`, `kg`, `pest` ("" where the pest is
    not known), `found`, `inspected`, `affected`, `phi_until`: as the types have them. `commune`: of a household (a plot's is in
    `PlotGlance`). `author`: who recorded it;
    `changed_at`: when the newest of what it shows, its review aside, reached the centre. `review`: new, approved, queried,
    answered, rejected, or changed (since the review). `twin`: joined into another. `missing`: the declared fields that are
    empty, between spaces. `text`: what is searched, folded.
    """

    __tablename__ = "glance"
    __table_args__ = (
        Index(None, "area", "type", "changed_at"),
        # Whether it was joined into another stands in both, so that counting needs no look at the rows.
        Index(None, "area", "type", "day", "twin"),
        # Whether anything was recorded on a plot in a season, or between two days, is seen without a look at the rows.
        Index(None, "plot", "type", "area", "day", "season"),
        Index(None, "farmer"),
        Index(None, "area", "type", "review", "changed_at", "twin"),
        # Few are: a check finds them without reading the others.
        Index("ix_glance_affected", "area", **_where("affected > inspected")),
        Index("ix_glance_phi", "plot", **_where("phi_until > ''")),
        # Harvests with a weight: yields are summed by it without a look at the rows.
        Index(
            "ix_glance_kg",
            "area",
            "plot",
            "crop",
            "season",
            "kg",
            sqlite_where=text("kg > 0 AND twin = 0"),
            postgresql_where=text("kg > 0 AND NOT twin"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(Id)
    plot: Mapped[str | None] = mapped_column(Id)
    farmer: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(400))
    day: Mapped[str] = mapped_column(String(10))
    season: Mapped[str] = mapped_column(String(10))
    crop: Mapped[str] = mapped_column(String(60))
    kg: Mapped[float | None] = mapped_column(Float)
    pest: Mapped[str] = mapped_column(String(60))
    found: Mapped[str] = mapped_column(String(60))
    inspected: Mapped[float | None] = mapped_column(Float)
    affected: Mapped[float | None] = mapped_column(Float)
    phi_until: Mapped[str] = mapped_column(String(10))
    commune: Mapped[str] = mapped_column(String(60))
    author: Mapped[str] = mapped_column(Id)
    changed_at: Mapped[str] = mapped_column(String(30))
    review: Mapped[str] = mapped_column(String(10))
    conflicted: Mapped[bool] = mapped_column()
    twin: Mapped[bool] = mapped_column()
    missing: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class PlotGlance(db.Model):  # type: ignore[name-defined, misc]
    """What a plot has besides: its household, place, size, shape, and what was recorded on it (in its own area).

    `crops`, `varieties`: between spaces, and between bars (folded). `yield_t_ha`: of the newest season with a harvest,
    `yield_season`, of the crop picked most. `disease`: what the newest observation found (None: nothing). `visited`: the
    newest day of anything recorded. `shape`: simplified GeoJSON geometry; `west` … `north` its box. `shape_print`: of
    all that its overlaps depend on.
    """

    __tablename__ = "glance_plot"
    __table_args__ = (Index(None, "area", "west"), Index(None, "area", "name_key"))
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    area: Mapped[str] = mapped_column(Id)
    name_key: Mapped[str] = mapped_column(String(400))
    farmer_name: Mapped[str] = mapped_column(String(200))
    farmer_key: Mapped[str] = mapped_column(String(400))
    commune: Mapped[str] = mapped_column(String(60))
    village: Mapped[str] = mapped_column(String(200))
    village_key: Mapped[str] = mapped_column(String(400))
    village_folded: Mapped[str] = mapped_column(String(200))
    crops: Mapped[str] = mapped_column(Text)
    varieties: Mapped[str] = mapped_column(Text)
    area_ha: Mapped[float | None] = mapped_column(Float)
    declared_ha: Mapped[float | None] = mapped_column(Float)
    west: Mapped[float | None] = mapped_column(Float)
    south: Mapped[float | None] = mapped_column(Float)
    east: Mapped[float | None] = mapped_column(Float)
    north: Mapped[float | None] = mapped_column(Float)
    shape: Mapped[str | None] = mapped_column(Text)
    shape_print: Mapped[str] = mapped_column(String(16))
    crosses: Mapped[bool] = mapped_column()
    harvests: Mapped[int] = mapped_column()
    observations: Mapped[int] = mapped_column()
    photos: Mapped[int] = mapped_column()
    yield_season: Mapped[str] = mapped_column(String(10))
    yield_t_ha: Mapped[float | None] = mapped_column(Float)
    disease: Mapped[str | None] = mapped_column(String(60))
    visited: Mapped[str] = mapped_column(String(10))


class Overlap(db.Model):  # type: ignore[name-defined, misc]
    """Two plots of one area that share ground: how many hectares, and of the smaller one how much (0 to 1)."""

    __tablename__ = "glance_overlap"
    __table_args__ = (Index(None, "area", "share"), Index(None, "other"))
    one: Mapped[str] = mapped_column(Id, primary_key=True)
    other: Mapped[str] = mapped_column(Id, primary_key=True)
    area: Mapped[str] = mapped_column(Id)
    shared_ha: Mapped[float] = mapped_column(Float)
    share: Mapped[float] = mapped_column(Float)


class GlanceMark(db.Model):  # type: ignore[name-defined, misc]
    """How far an area's numbering has been followed."""

    __tablename__ = "glance_mark"
    area: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
