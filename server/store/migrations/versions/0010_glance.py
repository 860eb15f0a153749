"""What the console sees at a glance; it is filled from the records by following them, first of all by `nuong upgrade`.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _numbers(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=True) for name in names]


def upgrade() -> None:
    op.create_table(
        "glance",
        _text("id", 36),
        _text("type", 40),
        _text("area", 36),
        _text("plot", 36, nullable=True),
        _text("farmer", 36, nullable=True),
        _text("name", 200),
        _text("name_key", 400),
        _text("day", 10),
        _text("season", 10),
        _text("crop", 60),
        *_numbers("kg"),
        _text("pest", 60),
        _text("found", 60),
        *_numbers("inspected", "affected"),
        _text("phi_until", 10),
        _text("author", 36),
        _text("changed_at", 30),
        _text("review", 10),
        sa.Column("conflicted", sa.Boolean(), nullable=False),
        sa.Column("twin", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glance")),
    )
    for columns in (("area", "type", "changed_at"), ("area", "type", "day"), ("plot", "type"), ("farmer",)):
        op.create_index(op.f(f"ix_glance_{'_'.join(columns)}"), "glance", list(columns))
    op.create_table(
        "glance_plot",
        _text("id", 36),
        _text("area", 36),
        _text("name_key", 400),
        _text("farmer_name", 200),
        _text("farmer_key", 400),
        _text("commune", 60),
        _text("village", 200),
        _text("village_key", 400),
        _text("village_folded", 200),
        sa.Column("crops", sa.Text(), nullable=False),
        sa.Column("varieties", sa.Text(), nullable=False),
        *_numbers("area_ha", "declared_ha", "west", "south", "east", "north"),
        sa.Column("shape", sa.Text(), nullable=True),
        _text("shape_print", 16),
        sa.Column("crosses", sa.Boolean(), nullable=False),
        sa.Column("harvests", sa.Integer(), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False),
        _text("yield_season", 10),
        *_numbers("yield_t_ha"),
        _text("disease", 60, nullable=True),
        _text("visited", 10),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glance_plot")),
    )
    op.create_index(op.f("ix_glance_plot_area_west"), "glance_plot", ["area", "west"])
    op.create_index(op.f("ix_glance_plot_area_name_key"), "glance_plot", ["area", "name_key"])
    op.create_table(
        "glance_overlap",
        _text("one", 36),
        _text("other", 36),
        _text("area", 36),
        sa.Column("shared_ha", sa.Float(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_glance_overlap")),
    )
    op.create_index(op.f("ix_glance_overlap_area_share"), "glance_overlap", ["area", "share"])
    op.create_index(op.f("ix_glance_overlap_other"), "glance_overlap", ["other"])
    op.create_table(
        "glance_mark",
        _text("area", 36),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_glance_mark")),
    )
