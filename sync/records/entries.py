"""What an entry of an installation's own lists holds: declared as records are, a kind after the other.

Must never let in an entry by which a record that is there would be read in another way: a code stays what it is, and so does
what a unit weighs. The faults here are those of `fields`, and four more, whose sentences stand with what is brought in.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from sync.records.declaration import faults_of
from sync.records.fields import CODE_FORM, DAYS, Choice, Choices, Declared, Fault, Integer, Items, Number, Text, Words
from sync.records.lists.own import LISTS, Entry, Lists

MOST_OWN = 3000  # entries of one list
MOST_CROPS = 40

_CODE = Text(Words("Mã", "Code"), 60, form=CODE_FORM, asked=True)
_NAMES: dict[str, Declared] = {
    "code": _CODE,
    "vi": Text(Words("Tên tiếng Việt", "Vietnamese name"), 120, asked=True),
    "en": Text(Words("Tên tiếng Anh", "English name"), 120),
}
_SCIENTIFIC = Text(Words("Tên khoa học", "Scientific name"), 120)
_SOURCE = Text(Words("Theo nguồn nào", "Where this is from"), 200)
_DAYS = Words("Thời gian cách ly", "Pre-harvest interval")

KINDS: Mapping[str, Mapping[str, Declared]] = {
    "crop": {
        **_NAMES,
        "scientific": _SCIENTIFIC,
        "habit": Choice(Words("Kiểu cây", "How it grows"), "habit", asked=True),
        "forms": Choices(Words("Các dạng thu", "Forms that are picked or sold"), "form"),
        "source": _SOURCE,
    },
    "variety": {**_NAMES, "crops": Choices(Words("Của cây", "Of the crop"), "crop"), "source": _SOURCE},
    "pest": {
        **_NAMES,
        "scientific": _SCIENTIFIC,
        "kind": Choice(Words("Loại", "Kind"), "pest_kind"),
        "hosts": Choices(Words("Hại cây nào", "On which crops"), "crop"),
        "source": _SOURCE,
    },
    "product": {
        **_NAMES,
        "ingredient": Text(Words("Hoạt chất", "Active ingredient"), 120),
        "kinds": Choices(Words("Dùng khi", "Used for"), "activity"),
        "phi_days": Integer(_DAYS, 0, 365, unit=DAYS),
        "phi_by_crop": Items(
            Words("Cách ly theo cây", "Interval by crop"),
            {"crop": Choice(Words("Cây trồng", "Crop"), "crop"), "days": Integer(_DAYS, 0, 365, unit=DAYS)},
            MOST_CROPS,
        ),
        "source": _SOURCE,
    },
    "unit": {
        **_NAMES,
        "kg": Number(Words("Nặng", "Weighs"), 0.001, 100_000, decimals=3, unit="kg", asked=True),
        "crops": Choices(Words("Dùng cho cây", "For which crops"), "crop"),
        "source": _SOURCE,
    },
}  # fmt: skip
# What an installation may say of a built-in entry, besides whether its forms offer it.
OVER_BUILT_IN: Mapping[str, tuple[str, ...]] = {"product": ("phi_days", "phi_by_crop", "source")}

_BUILT_IN = {name: {entry["code"]: entry for entry in LISTS[name]} for name in KINDS}
_RESERVED = "X-"  # how our own codes begin, those of a newer app too


def is_built_in(list_: str, code: str) -> bool:
    """Whether an entry is ours and not the installation's."""
    return code in _BUILT_IN[list_]


def fields_of(list_: str, code: str | None) -> Mapping[str, Declared]:
    """What can be said of an entry: of a built-in one less, of one that is there (*code*) all but its code."""
    declared = KINDS[list_]
    if code is None:
        return declared
    names = OVER_BUILT_IN.get(list_, ()) if is_built_in(list_, code) else [name for name in declared if name != "code"]
    return {name: declared[name] for name in names}


def faults_in(list_: str, entry: Entry, lists: Lists, before: Entry | None) -> Iterator[Fault]:
    """What is wrong with an own entry. *before*: the same as it stands, where it is there."""
    code = entry.get("code")
    fields = fields_of(list_, str(code) if before else None)
    said = {name: value for name, value in entry.items() if name in fields}
    for name, each in fields.items():
        if each.asked and said.get(name) in (None, "", []):
            yield Fault(name, "missing")
    yield from faults_of(fields, said)
    if not before:
        yield from _faults_of_code(list_, str(code or ""), lists)
    elif list_ == "product" and said.get("vi") not in (None, before.get("vi")):
        yield Fault("vi", "name_stays", {"name": before["vi"]})
    elif list_ == "unit" and said.get("kg") not in (None, before.get("kg")):
        yield Fault("kg", "weight_stays", {"kg": before["kg"]})
    yield from _faults_of_name(list_, entry, lists)


def _faults_of_code(list_: str, code: str, lists: Lists) -> Iterator[Fault]:
    there = {each["code"].casefold(): each for each in lists.all(list_)}
    if taken := there.get(code.casefold()):
        yield Fault("code", "code_taken", {"name": taken["vi"]})
    elif code.upper().startswith(_RESERVED):
        yield Fault("code", "code_reserved")


def _faults_of_name(list_: str, entry: Entry, lists: Lists) -> Iterator[Fault]:
    for name in ("vi", "en"):
        other = named(list_, str(entry.get(name) or ""), lists)
        if other and other["code"] != entry.get("code"):
            yield Fault(name, "name_taken", {"code": other["code"]})


def named(list_: str, name: str, lists: Lists) -> Entry | None:
    """The entry that is called so, in either language; marks count: “Mận” and “Man” are two names."""
    wanted = _plain(name)
    found = [each for each in lists.all(list_) if wanted and wanted in (_plain(each["vi"]), _plain(each["en"]))]
    return next((each for each in found if not each.get("hidden")), found[0] if found else None)


def code_for(list_: str, name: str, lists: Lists) -> str:
    """A code for an entry that brings none: its name in plain letters, numbered where that is taken."""
    bare = "".join(each for each in unicodedata.normalize("NFD", name) if not unicodedata.combining(each))
    plain = re.sub(r"[^a-z0-9]+", "-", bare.replace("đ", "d").replace("Đ", "d").lower()).strip("-")[:50] or list_
    plain = plain if not plain.upper().startswith(_RESERVED) else f"{list_}-{plain}"
    taken = {each["code"].casefold() for each in lists.all(list_)}
    return next(
        code for number in range(1, 10_000) if (code := plain if number == 1 else f"{plain}-{number}") not in taken
    )


def _plain(name: Any) -> str:
    return " ".join(str(name).casefold().split())
