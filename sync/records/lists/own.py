"""The lists as one installation has them: the built-in entries, and over them what it has added, hidden or put right.

Pure: what an installation says comes in as an argument, and `BUILT_IN` is what stands where it says nothing. Must never lose
an entry: one that is hidden or retired is read as before, and only no form offers it any more. The twin of
pwa/src/records/lists.ts; both are held to tests/sync/checks.json.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.records.lists.crops import CROPS
from sync.records.lists.pests import PESTS
from sync.records.lists.places import COMMUNES, PROVINCES
from sync.records.lists.products import PRODUCTS
from sync.records.lists.stages import STAGES
from sync.records.lists.terms import TERMS

Entry = Mapping[str, Any]
# List to entries, as they travel and as a phone keeps them.
Told = Mapping[str, Iterable[Entry]]

LISTS: dict[str, list[dict[str, Any]]] = {
    "crop": CROPS,
    "variety": [],
    "pest": PESTS,
    "stage": STAGES,
    "product": PRODUCTS,
    "province": PROVINCES,
    "commune": COMMUNES,
    **TERMS,
}
_INTERVAL = ("phi_days", "phi_by_crop")


class Lists:
    """All lists of an installation. *told*: its own entries; one with the code of a built-in is laid over that."""

    def __init__(self, told: Told | None = None) -> None:
        self._entries: dict[str, dict[str, Entry]] = {
            name: {entry["code"]: entry for entry in entries} for name, entries in LISTS.items()
        }
        for name, entries in (told or {}).items():
            here = self._entries.setdefault(name, {})
            for entry in entries:
                here[entry["code"]] = {**here.get(entry["code"], {}), **entry, **_stated(entry)}
        self._products: dict[str, Entry] = {}
        for entry in self._entries["product"].values():
            for product in (entry["vi"], entry["en"]):
                self._products.setdefault(product, entry)

    def all(self, list_: str) -> list[Entry]:
        """Every entry, those too that no form offers."""
        return list(self._entries.get(list_, {}).values())

    def offered(self, list_: str) -> list[Entry]:
        """What a form of this installation offers."""
        return [entry for entry in self.all(list_) if not entry.get("hidden")]

    def entry(self, list_: str, code: str) -> Entry | None:
        """The entry of a code; None for one that is not known here (yet)."""
        return self._entries.get(list_, {}).get(code)

    def label(self, list_: str, code: str, language: str) -> str:
        """A code's name in a language; the code itself where it is not in the list."""
        entry = self.entry(list_, code)
        return str(entry.get(language) or entry["en"]) if entry else code

    def product(self, name: str) -> Entry | None:
        """The product of this name: the diary holds names, not codes."""
        return self._products.get(name)


def interval(product: Entry, crops: Collection[str]) -> int | None:
    """The pre-harvest interval of a product in days: the longest of *crops*, or of all where none is named."""
    by_crop = {each["crop"]: each["days"] for each in product.get("phi_by_crop") or ()}
    general = product.get("phi_days")
    days = [by_crop.get(crop, general) for crop in crops] if crops else [general, *by_crop.values()]
    return max((each for each in days if isinstance(each, int)), default=None)


def stated_interval(fields: Mapping[str, Any], crops: Collection[str], lists: Lists) -> int | float | None:
    """What keeps a sprayed plot from being picked: the days that the entry says, else those that this installation has
    stated for its product. What we only took for customary (`products`) is a start for the form and binds nobody."""
    days = fields.get("phi_days")
    if type(days) in (int, float):
        return days
    if fields.get("kind") != "spray" or not isinstance(fields.get("product"), str):
        return None
    product = lists.product(fields["product"])
    return interval(product, crops) if product and product.get("stated") else None


@dataclass(frozen=True, slots=True)
class News:
    """What a reply tells of an installation's own entries: those that changed since the number that the reader named, or all
    of them (`anew`). `at`: the number to name next; `more`: there are further ones."""

    at: int
    entries: Told
    anew: bool = False
    more: bool = False

    def as_json(self) -> dict[str, Any]:
        marks = {name: True for name in ("anew", "more") if getattr(self, name)}
        return {"at": self.at, "entries": self.entries, **marks}


def learnt(held: Mapping[str, Mapping[str, Entry]], news: News) -> dict[str, dict[str, Entry]]:
    """What a reader holds (list to code to entry) once it has read *news*."""
    found = {} if news.anew else {name: dict(entries) for name, entries in held.items()}
    for name, entries in news.entries.items():
        found.setdefault(name, {}).update({entry["code"]: entry for entry in entries})
    return found


def _stated(entry: Entry) -> dict[str, bool]:
    return {"stated": True} if any(entry.get(key) not in (None, []) for key in _INTERVAL) else {}


BUILT_IN = Lists()
