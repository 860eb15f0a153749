"""What the columns of a file can mean for each type of record, and how their headings give it away. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.bring.cells import fold
from server.bring.table import SHAPE
from sync.problem import sentence
from sync.records import TYPES
from sync.records.fields import Words

CODE = "code"  # a name that the file's own list gives a row
FARMER, FARMER_VILLAGE, PLOT = "farmer", "farmer_village", "plot"
LATITUDE, LONGITUDE = "latitude", "longitude"
TYPES_BROUGHT = ("farmer", "plot", "harvest")


@dataclass(frozen=True, slots=True)
class Target:
    """What a column can be: `field` of the declaration it is read by, `inner` where it is one of a crop's."""

    name: str
    label: Words
    must: bool = False
    inner: bool = False


# Headings as they stand in the lists of communes and co-operatives, folded; the longest that a heading holds wins.
_HEADINGS: Mapping[str, Mapping[str, str]] = {
    "farmer": {
        "name": "ho va ten|ho ten|ten chu ho|chu ho|ten ho|ho ten chu ho|ho dan|nong ho|name|farmer|farmer name|household",
        "phone": "so dien thoai|dien thoai|sdt|dt|phone|mobile|tel",
        "sex": "gioi tinh|gioi|nam nu|sex|gender",
        "birth_year": "nam sinh|ngay sinh|sinh nam|birth year|year of birth|born",
        "commune": "xa|phuong|xa phuong|ten xa|commune|ward",
        "village": "ban|thon|thon ban|ten ban|ban thon|xom|to|village|hamlet|dia chi",
        "id_number": "cccd|cmnd|so cccd|so cmnd|can cuoc|so can cuoc|id number|id card",
        "consent": "dong y|consent",
        "note": "ghi chu|note|notes|remark",
        CODE: "ma ho|ma so ho|ma nong ho|code|farmer code|household code|id",
    },
    "plot": {
        FARMER: "ho va ten|ho ten|ten chu ho|chu ho|ten ho|ho ten chu ho|nong ho|ma ho|farmer|farmer name|household|owner",
        FARMER_VILLAGE: "ban cua ho|ban chu ho|village of the farmer",
        "name": "ten nuong|nuong|ten thua|thua dat|ten lo|lo|ten vuon|vuon|plot|plot name|field|name",
        "crop": "cay trong|loai cay|cay|crop",
        "variety": "giong|giong cay|variety",
        "planted_on": "ngay trong|planted on|planting date",
        "plants": "so cay|so goc|plants|trees",
        "declared_area_ha": "dien tich|dien tich ha|dt ha|area|area ha|hectares|ha",
        "commune": "xa|phuong|xa phuong|ten xa|commune|ward",
        "village": "ban|thon|thon ban|ban thon|xom|village|hamlet|dia chi|dia diem",
        "certificate": "so gcn|gcn|so do|so gcn qsdd|giay chung nhan|certificate|land certificate",
        "puc": "ma so vung trong|ma vung trong|msvt|puc|growing area code",
        "certifications": "chung nhan|certification|certifications",
        LATITUDE: "vi do|lat|latitude|toa do x|y",
        LONGITUDE: "kinh do|long|lon|lng|longitude|toa do y|x",
        "note": "ghi chu|note|notes|remark|description",
        CODE: "ma nuong|ma thua|ma lo|so thua|code|plot code|id|fid|ma",
        SHAPE: "shape",
    },
    "harvest": {
        PLOT: "ten nuong|nuong|ten thua|thua dat|lo|vuon|ma nuong|ma thua|plot|plot name|plot code|field",
        FARMER: "ho va ten|ho ten|ten chu ho|chu ho|ten ho|nong ho|farmer|farmer name|household",
        "date": "ngay|ngay thu|ngay thu hoach|ngay hai|ngay can|date|harvest date",
        "crop": "cay trong|loai cay|cay|san pham|crop|product",
        "quantity": "so luong|san luong|khoi luong|so kg|kg|quantity|weight|amount",
        "unit": "don vi|don vi tinh|dvt|unit",
        "form": "dang|dang san pham|form",
        "grade": "loai|hang|pham cap|grade",
        "moisture_percent": "do am|moisture",
        "buyer": "ban cho|nguoi mua|don vi mua|buyer|sold to",
        "price_vnd": "gia|don gia|gia ban|price",
        "note": "ghi chu|note|notes|remark",
        CODE: "ma phieu|so phieu|ma|code|id",
    },
}  # fmt: skip

_CODE, _FROM = "ma|ma so|code", "nguon|theo nguon nao|can cu|source|where this is from"
_NAME = "ten|ten tieng viet|name|vietnamese name"
_ENGLISH, _LATIN = "ten tieng anh|english|english name", "ten khoa hoc|scientific|scientific name|latin name"
_ON = "cay|cay trong|crop|crops"
# Headings of lists of an installation's own, as `list:` and the list.
_LISTS: Mapping[str, Mapping[str, str]] = {
    "list:crop": {
        "code": _CODE,
        "vi": _NAME,
        "en": _ENGLISH,
        "scientific": _LATIN,
        "habit": "kieu cay|how it grows|habit",
        "forms": "cac dang thu|dang|forms|forms that are picked or sold",
        "source": _FROM,
    },
    "list:variety": {
        "code": _CODE,
        "vi": f"giong|ten giong|variety|{_NAME}",
        "en": _ENGLISH,
        "crops": f"cua cay|of the crop|{_ON}",
        "source": _FROM,
    },
    "list:pest": {
        "code": _CODE,
        "vi": f"sau benh|ten sau benh|pest|{_NAME}",
        "en": _ENGLISH,
        "scientific": _LATIN,
        "kind": "loai|kind",
        "hosts": f"hai cay nao|hai cay|hosts|on which crops|{_ON}",
        "source": _FROM,
    },
    "list:product": {
        "code": _CODE,
        "vi": f"ten thuong pham|ten thuong mai|ten thuoc|ten san pham|trade name|{_NAME}",
        "en": _ENGLISH,
        "ingredient": "hoat chat|ten hoat chat|thanh phan|active ingredient|ingredient|common name",
        "kinds": "dung khi|used for",
        "phi_days": "thoi gian cach ly|cach ly|so ngay cach ly|phi|pre harvest interval",
        "phi_by_crop": "cach ly theo cay|interval by crop|phi by crop",
        "source": _FROM,
    },
    "list:unit": {
        "code": _CODE,
        "vi": f"don vi|unit|{_NAME}",
        "en": _ENGLISH,
        "kg": "kg|nang|so kg|weighs",
        "crops": f"dung cho cay|for which crops|{_ON}",
        "source": _FROM,
    },
}

_MUST = {"farmer": ("name",), "plot": (FARMER, "name"), "harvest": (PLOT, "date", "quantity")}
_CROP = ("crop", "variety", "planted_on", "plants")
_OWN = {
    FARMER: TYPES["farmer"].label,
    CODE: Words("Mã riêng trong danh sách", "Its code in your list"),
    FARMER_VILLAGE: Words("Bản của hộ", "Village of the household"),
    LATITUDE: Words("Vĩ độ", "Latitude"),
    LONGITUDE: Words("Kinh độ", "Longitude"),
    SHAPE: Words("Hình", "Shape"),
}
LEAVE_OUT = sentence("leave it out")


def targets(type_: str) -> list[Target]:
    """All that a column of a file of *type_* can be, in the order of the form."""
    declared = TYPES[type_].all_fields
    found = []
    for name in _HEADINGS[type_]:
        inner = type_ == "plot" and name in _CROP
        label = _OWN.get(name) or (declared["crops"].fields[name] if inner else declared[name]).label  # type: ignore[attr-defined]
        found.append(Target(name, label, name in _MUST[type_], inner))
    return found


def guess(type_: str, headings: Sequence[str]) -> dict[int, str]:
    """Which column is what, by the headings: place to target; no target twice, the better guess first."""
    scored: list[tuple[int, int, str]] = []
    for place, heading in enumerate(headings):
        words = f" {_bare(heading)} "
        for name, known in (_LISTS if type_ in _LISTS else _HEADINGS)[type_].items():
            fits = [each for each in known.split("|") if f" {each} " in words]
            if fits:
                longest = max(map(len, fits))
                whole = words.strip() in fits
                scored.append((-(longest + 100 * whole), place, name))
    found: dict[int, str] = {}
    for _score, place, name in sorted(scored):
        if place not in found and name not in found.values():
            found[place] = name
    return found


def missing(type_: str, matched: Mapping[int, str]) -> list[Target]:
    """What no column was matched with, and no record can do without. A shape from a map may lack its household's name."""
    return [each for each in targets(type_) if each.must and each.name not in matched.values()]


def _bare(heading: str) -> str:
    """A heading as words alone: without what stands in brackets after it, stars and stops."""
    folded = "".join(c if c.isalnum() else " " for c in fold(heading))
    return " ".join(folded.split())
