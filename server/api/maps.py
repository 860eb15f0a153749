"""Maps out: which an area has, and a pack's bytes in parts, as small as a thin link wants them.

Must never let a crowd that reads maps keep an officer from sending what she has.
"""

from threading import BoundedSemaphore
from typing import Any, cast

from flask import Blueprint, Response, current_app

from server.api.speaking import answered, sender
from server.app import settings_of
from server.maps import maps_shelf
from server.maps.pack import MIME, PIECE
from server.pictures.shown import shown
from server.store import maps
from server.store.maps import Offered, no_map
from server.store.pictures import Kept
from sync.problem import Problem, sentence

_SHARE = 4  # of the threads of a worker one in so many carries maps


def add_to(api: Blueprint) -> None:
    api.record_once(_open)
    api.add_url_rule("/maps", view_func=listed)
    api.add_url_rule("/maps/<string(length=36):pack>", view_func=pieces)
    api.add_url_rule("/maps/<string(length=36):pack>/file", view_func=file)


def _open(state: Any) -> None:
    state.app.extensions["nuong_map_places"] = BoundedSemaphore(max(1, settings_of(state.app).threads // _SHARE))


def listed() -> Response:
    """The maps of the areas of whoever asks."""
    return answered({"maps": [_told(each) for each in maps.offered(list(sender().roles))]})


def pieces(pack: str) -> Response:
    """One map, with what its pieces must be."""
    found = _theirs(pack)
    return answered({**_told(found), "piece_bytes": PIECE, "pieces": found.pieces})


def file(pack: str) -> Response:
    """A map's bytes: all, or the range that is asked for."""
    found = _theirs(pack)
    places = cast(BoundedSemaphore, current_app.extensions["nuong_map_places"])
    if not places.acquire(blocking=False):
        raise Problem(
            "maps_busy",
            503,
            sentence("Many phones are reading maps at this moment. The next try comes by itself."),
            headers={"Retry-After": "5"},
        )
    try:
        kept = Kept(found.sha256, found.size, MIME)
        response = shown(kept, maps_shelf(settings_of(current_app)), "private, no-store", no_map)
    except BaseException:
        places.release()
        raise
    # What is passed through to the server is closed by nobody who would tell us.
    response.direct_passthrough = False
    response.call_on_close(places.release)
    return response


def _theirs(pack: str) -> Offered:
    found = maps.one(pack, list(sender().roles))
    if found is None:
        raise no_map()
    return found


def _told(each: Offered) -> dict[str, Any]:
    return {
        "id": each.id,
        "area": each.area,
        "name": each.name,
        "size": each.size,
        "sha256": each.sha256,
        "tiles": each.tiles,
        "min_zoom": each.min_zoom,
        "max_zoom": each.max_zoom,
        "bounds": each.bounds,
        "attribution": each.attribution,
    }
