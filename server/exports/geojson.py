"""GeoJSON (RFC 7946), a feature at a time: WGS 84, the headings as the names of the properties."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from server.exports.rows import Line

MIME = "application/geo+json"


def written(headings: list[str], lines: Iterable[Line]) -> Iterator[bytes]:
    """The file, a feature at a time. A record without a place is there too, with no geometry."""
    yield b'{"type":"FeatureCollection","features":['
    for place, line in enumerate(lines):
        named = zip(headings[1:], line.cells[1:], strict=True)
        properties = {name: _property(cell) for name, cell in named if cell is not None}
        feature = {"type": "Feature", "id": line.id, "geometry": line.shape, "properties": properties}
        text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        yield (",\n" if place else "\n").encode() + text.encode()
    yield b"\n]}\n"


def _property(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else cell
