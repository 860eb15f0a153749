"""The season that a harvest belongs to: a year, or two where the picking goes over New Year ("2025-26").

Pure. A season of two years begins on 1 July; all others are the year of the calendar.
"""

import re
from datetime import date

# Picked from autumn into the spring: coffee and orange from October, cassava from November, in the Northwest.
OVER_NEW_YEAR = frozenset({"COFAR", "CIDSI", "X-CASSAVA"})
_BEGINS = "07-01"
_FORM = re.compile(r"(\d{4})(?:-(\d{2}))?")


def season_of(crop: str | None, day: str) -> str:
    """The season of *crop* that *day* (YYYY-MM-DD) falls in."""
    year = int(day[:4])
    if crop not in OVER_NEW_YEAR:
        return f"{year}"
    first = year if day[5:10] >= _BEGINS else year - 1
    return f"{first}-{(first + 1) % 100:02}"


def is_season(text: str) -> bool:
    """Whether *text* is written as a season is: "2026", or "2025-26"."""
    found = _FORM.fullmatch(text)
    return bool(found) and text[0] in "12" and (found[2] is None or int(found[2]) == (int(found[1]) + 1) % 100)  # type: ignore[index]


def season_days(season: str) -> tuple[date, date]:
    """The first and the last day of a season."""
    year = int(season[:4])
    if "-" in season:
        return date(year, 7, 1), date(year + 1, 6, 30)
    return date(year, 1, 1), date(year, 12, 31)
