"""The lists that forms choose from: codes with their names in Vietnamese and English, and where each code is from.

A list is open: a code that is not in it comes from a newer app or from an installation's own list, and is kept.
"""

from typing import Any

from sync.records.lists.crops import CROPS
from sync.records.lists.pests import PESTS
from sync.records.lists.places import COMMUNES, PROVINCES
from sync.records.lists.products import PRODUCTS
from sync.records.lists.stages import STAGES
from sync.records.lists.terms import TERMS

LISTS: dict[str, list[dict[str, Any]]] = {
    "crop": CROPS,
    "pest": PESTS,
    "stage": STAGES,
    "product": PRODUCTS,
    "province": PROVINCES,
    "commune": COMMUNES,
    **TERMS,
}
