"""What a person typed into a cell, read as the value that a declared field wants. Pure: no file, no database.

Must never guess where two readings are possible: it says so, and the person decides.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sync.records import BUILT_IN, Lists
from sync.records.fields import Choice, Choices, Date, Declared, Flag, Instant, Integer, Number, Text

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
COMMA, POINT = ",", "."

_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[t ].*)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/. ]+([0-9]{1,2})[-/. ]+([0-9]{4}|[0-9]{2})(?: .*)?")
_IN_WORDS = re.compile(r"(?:ngay )?([0-9]{1,2}) ?thang ?([0-9]{1,2})(?: ?nam ?| |, ?)([0-9]{4}|[0-9]{2})")
_YES = frozenset(("co", "x", "yes", "y", "true", "1", "dung", "dong y"))
_NO = frozenset(("khong", "no", "n", "false", "0", "k", "sai"))


class Unreadable(ValueError):
    """A cell that cannot be read: `code` names the sentence in `faults`, `params` fill it."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


def fold(text: str) -> str:
    """Without marks and case, one space between words: "Họ  và tên" and "ho va ten" are the same."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return _SPACES.sub(" ", bare.replace("đ", "d").replace("Đ", "d").casefold()).strip()


def is_empty(cell: Any) -> bool:
    """Whether a cell says nothing: empty, blanks, a dash."""
    return cell is None or (isinstance(cell, str) and cell.strip() in ("", "-", "–", "—"))


def as_text(cell: Any) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
    return unicodedata.normalize("NFC", str(cell)).strip()


def read(declared: Declared, cell: Any, mark: str = "", lists: Lists = BUILT_IN) -> Any:
    """The value of *cell* for *declared*. *mark*: the decimal mark of the file, where somebody said which; *lists*: those of the
    installation.

    Raises `Unreadable`. What is read may still break the field's own rules: `validate_set` says so.
    """
    if isinstance(declared, Number):
        return read_number(cell, mark, whole=isinstance(declared, Integer))
    if isinstance(declared, Date):
        return read_day(cell)
    if isinstance(declared, Instant):
        return _read_instant(cell)
    if isinstance(declared, Flag):
        return _read_flag(cell)
    if isinstance(declared, Choice):
        return read_choice(declared.list, as_text(cell), lists)
    if isinstance(declared, Choices):
        return [read_choice(declared.list, each, lists) for each in re.split("[,;]", as_text(cell)) if each.strip()]
    if isinstance(declared, Text):
        return _read_text(declared, cell)
    raise Unreadable("not_by_cell")


def read_number(cell: Any, mark: str = "", *, whole: bool = False) -> float | int:
    """A number, with a decimal comma or point. One that can be read in two ways is refused unless *mark* decides."""
    if isinstance(cell, bool | date):
        raise Unreadable("not_a_number", value=as_text(cell))
    if isinstance(cell, int | float):
        return int(cell) if float(cell).is_integer() else float(cell)
    text = as_text(cell).replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if not _NUMBER.fullmatch(text):
        raise Unreadable("not_a_number", value=as_text(cell)[:40])
    if _PLAIN.fullmatch(text):
        return int(text[:30])
    decimal = _decimal_mark(text, mark, whole)
    grouping = POINT if decimal == COMMA else COMMA
    head, _, tail = text.partition(decimal) if decimal else (text, "", "")
    groups = head.lstrip("+-").split(grouping)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(each) != 3 for each in groups[1:])):
        raise Unreadable("not_a_number", value=text[:40])
    if not tail.isdigit() and tail:
        raise Unreadable("not_a_number", value=text[:40])
    found = float(f"{head.replace(grouping, '')}.{tail or '0'}")
    return int(found) if found.is_integer() else found


def _decimal_mark(text: str, mark: str, whole: bool) -> str:
    """Which of the two marks in *text* is the decimal one; none where both only part thousands."""
    if COMMA in text and POINT in text:
        return max(COMMA, POINT, key=text.rfind)
    only = COMMA if COMMA in text else POINT
    if text.count(only) > 1:
        return POINT if only == COMMA else COMMA
    if mark:
        return mark
    # "1.200": a thousand and two hundred, or one and a fifth? Another number of digits tells.
    digits = len(text) - text.index(only) - 1
    if digits != 3 or text.lstrip("+-").startswith("0"):
        return only
    if whole:
        return POINT if only == COMMA else COMMA
    raise _two_readings(text, only)


def _two_readings(text: str, only: str) -> Unreadable:
    """*one* and *other*: the readings, each written so that it can be read in no other way."""
    other = text.replace(only, COMMA).rstrip("0").rstrip(COMMA)
    # Three digits behind the mark are what makes it doubtful: a nought behind them says that they are decimals.
    if len(other.partition(COMMA)[2]) == 3:
        other += "0"
    return Unreadable("two_readings", value=text, one=text.replace(only, ""), other=other)


def read_day(cell: Any) -> str:
    """A day as YYYY-MM-DD; in text the day comes before the month, as people here write."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = as_text(cell)
    folded = fold(text)
    if found := _YEAR_FIRST.fullmatch(folded):
        year, month, day = (int(part) for part in found.groups())
    elif found := (_DAY_FIRST.fullmatch(folded) or _IN_WORDS.fullmatch(folded)):
        day, month, year = (int(part) for part in found.groups())
        year += 2000 if year < 70 else 1900 if year < 100 else 0
    else:
        raise Unreadable("not_a_day", value=text[:40])
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise Unreadable("not_a_day", value=text[:40]) from None


def _read_instant(cell: Any) -> str:
    if isinstance(cell, datetime):
        moment = cell
    else:
        try:
            moment = datetime.fromisoformat(as_text(cell))
        except ValueError:
            moment = datetime.fromisoformat(read_day(cell))
    return (moment if moment.tzinfo else moment.replace(tzinfo=HERE)).isoformat()


def _read_flag(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    folded = fold(as_text(cell))
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise Unreadable("not_yes_or_no", value=as_text(cell)[:40])


def _read_text(declared: Text, cell: Any) -> str:
    text = as_text(cell)
    if not declared.lines:
        text = _SPACES.sub(" ", text)
    if declared.mode == "tel" and isinstance(cell, int | float) and len(text) == 9:
        return f"0{text}"  # a spreadsheet takes the nought off a number
    return text


def read_choice(list_: str, text: str, lists: Lists = BUILT_IN) -> str:
    """The code that *text* names, by the code itself or its name in any language."""
    folded = fold(text)
    found = _names(list_, lists).get(folded, ())
    if len(found) > 1:
        raise Unreadable("two_of_this_name", value=text[:60], codes=", ".join(sorted(found)))
    if not found:
        raise Unreadable("not_in_list", value=text[:60])
    return next(iter(found))


@lru_cache(maxsize=100)
def _names(list_: str, lists: Lists) -> Mapping[str, frozenset[str]]:
    """Folded name to the codes that it may mean."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for entry in lists.all(list_):
        names[fold(entry["code"])].add(entry["code"])
        for name in (entry["vi"], entry.get("en") or "", entry.get("scientific") or ""):
            # "sack (50 kg)" is also known by what stands before the mark.
            for part in (name, re.split(r"[,(]", name)[0]):
                names[fold(part)].add(entry["code"])
    for name, codes in list(names.items()):
        for prefix in ("xa ", "phuong ", "thi tran "):
            if name.startswith(prefix):
                names[name.removeprefix(prefix)] |= codes
    # A code says exactly one thing, whatever else is called so.
    names.update({fold(entry["code"]): {entry["code"]} for entry in lists.all(list_)})
    return {name: frozenset(codes) for name, codes in names.items()}
