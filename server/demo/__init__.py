"""A demonstration installation: three co-operatives, their households, fields and two seasons, invented.

Everything is made as phones make it: changes, accepted by the same log. Must never touch an installation that has data.
"""

import hashlib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.config import Settings
from server.demo import tiles
from server.demo.hillside import hills
from server.demo.story import VILLAGES, Story
from server.maps import intake
from server.pictures.shelf import Shelf
from server.store import glance, lists, log, people, pictures
from server.store.engine import writing
from server.store.tables import Installation
from sync.change import Change, Envelope, as_text, read_change

PASSWORD = "nuong-demo"  # noqa: S105  (shown to everybody, with a warning)
_AREAS = ("HTX Cà phê Chiềng Mung", "HTX Trái cây Yên Châu", "HTX Chè Mường Ảng")
_BATCH = 500
_ROUND = 0.015  # degrees of hills round the outermost villages: some 1.6 km
# What this installation has added to the lists: what is grown, spread and carried there under its own names.
_OWN: dict[str, list[dict[str, Any]]] = {
    "variety": [
        {"code": "catimor", "vi": "Catimor", "en": "Catimor", "crops": ["COFAR"]},
        {"code": "shan-tuyet", "vi": "Shan tuyết", "en": "Shan Tuyet", "crops": ["CAHSI"]},
    ],
    "product": [{"code": "npk-16-16-8", "vi": "NPK 16-16-8", "en": "NPK 16-16-8", "kinds": ["fertilise"]}],
    "unit": [{"code": "gui", "vi": "gùi", "en": "basket", "kg": 30, "crops": ["COFAR"], "source": "bản dùng thử"}],
}


def fill(
    tell: Callable[[str], None], shelf: Shelf, now: datetime | None = None, settings: Settings | None = None
) -> list[dict[str, str]]:
    """Fill an empty installation; the logins.

    Pictures go on *shelf*; *now*: the day that the story ends on (UTC); *settings*: where a map of the hills is kept.
    """
    now = now or datetime.now(UTC)
    areas = [people.add_area(name) for name in _AREAS]
    logins = [
        _login("lan", "officer", areas[:2], "Lò Thị Lan"),
        _login("pao", "officer", areas[1:], "Vàng A Páo"),
        _login("hoa", "manager", areas, "Nguyễn Thị Hoa"),
        _login("quantri", "admin", [], "Quản trị"),
    ]
    authors = {login["username"]: people.user_id_of(login["username"]) or "" for login in logins}
    for list_, entries in _OWN.items():
        lists.say(authors["quantri"], list_, entries, "added")
    story = Story(areas, authors, now)
    edits = story.tell()
    for start in range(0, len(edits), _BATCH):
        _accept(edits[start : start + _BATCH], authors)
        tell(f"  {min(start + _BATCH, len(edits))} of {len(edits)} changes")
    glance.follow(areas, most=len(edits))  # the first page of the console is whole
    for picture in story.pictures:
        _keep(picture, shelf)
    if settings:
        _draw_map(areas[0], settings)
    writing(lambda connection: connection.execute(Installation.__table__.update().values(is_demo=True)))
    return logins


def _draw_map(area: str, settings: Settings) -> None:
    """A map of the hills of the first area, as an administrator would hand it in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hills.pmtiles"
        draw_map(path, 0)
        with path.open("rb") as file:
            intake.add(file, area, "", settings, None)


def draw_map(path: Path, area: int) -> None:
    """Write the map of the hills round the villages of an area (0 to 2): contour lines, streams, paths, names."""
    villages = [(each.name, (each.longitude, each.latitude)) for each in VILLAGES if each.area == area]
    longitudes, latitudes = ([place[axis] for _, place in villages] for axis in (0, 1))
    bounds = (
        min(longitudes) - _ROUND,
        min(latitudes) - _ROUND,
        max(longitudes) + _ROUND,
        max(latitudes) + _ROUND,
    )
    told = {"name": f"Đồi quanh {villages[0][0]}", "attribution": "Nương: vẽ cho bản dùng thử, không có thật"}
    tiles.write(path, hills(*bounds, villages), bounds, range(11, 16), told)


def _keep(picture: bytes, shelf: Shelf) -> None:
    sha256 = hashlib.sha256(picture).hexdigest()
    with tempfile.NamedTemporaryFile() as file:
        file.write(picture)
        file.flush()
        shelf.put(sha256, "image/png", Path(file.name))
    pictures.keep(pictures.Kept(sha256, len(picture), "image/png"))


def _login(username: str, role: str, areas: list[str], name: str) -> dict[str, str]:
    people.add_user(username, PASSWORD, role, areas, name)
    where = "/" if role == "officer" else "/console/"
    return {"username": username, "role": role, "password": PASSWORD, "where": where}


def _accept(edits: list[tuple[str, Change]], authors: dict[str, str]) -> None:
    """Each run of edits by one person as one batch, in the order in which they happened."""
    runs: list[tuple[str, list[Change]]] = []
    for author, change in edits:
        if not runs or runs[-1][0] != author:
            runs.append((author, []))
        runs[-1][1].append(change)

    def work(connection: Any, also: frozenset[str]) -> None:
        for author, changes in runs:
            sender = people.sender_without_device(authors[author])
            if sender is None:
                raise LookupError(author)
            checked = [read_change(change.as_json()) for change in changes]
            outcome = log.accept(connection, sender, checked, _envelope(authors[author], changes), also)
            if outcome.rejected:
                raise ValueError(f"the demo made a change that is refused: {outcome.rejected[0]}")

    log.accepting(work)


def _envelope(author: str, changes: list[Change]) -> Envelope:
    sent = max(change.id for change in changes)
    moment = datetime.fromtimestamp(int(sent[:8] + sent[9:13], 16) / 1000 + 3600 * 5, UTC)
    text = as_text(moment)
    return Envelope(author=author, device=f"00000000-0000-7000-8000-{author[-12:]}", received_at=text, skew_ms=0)
