"""What the console sees of the records at a glance: rows to filter, sort and count by, made from `record` alone.

Must never be the only place where something stands: `rebuild` makes all of it anew.
"""

from server.store.glance.follow import CHUNK, behind, follow, mark, rebuild
from server.store.glance.tables import Glance, GlanceMark, Overlap, PlotGlance

__all__ = ["CHUNK", "Glance", "GlanceMark", "Overlap", "PlotGlance", "behind", "follow", "mark", "rebuild"]
