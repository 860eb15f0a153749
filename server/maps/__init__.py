"""Maps that phones keep: packs of tiles (PMTiles) for an area, in a folder of files named by their SHA-256.

On disk always, also where pictures are in object storage: a phone reads a pack in many small parts, and a lost one is
handed in again. Must never know who may have a pack, and never offer one whose file is not durable.
"""

from server.config import Settings
from server.pictures.disk import DiskShelf


def maps_shelf(settings: Settings) -> DiskShelf:
    """Where the packs are."""
    return DiskShelf(settings.home / "maps")
