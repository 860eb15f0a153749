"""Provinces and communes of the Northwest after the reform of 1 July 2025, from the package `vietnam-provinces`."""

from typing import Any

from vietnam_provinces import Province, Ward

_NORTHWEST = (11, 12, 14, 15)  # Điện Biên, Lai Châu, Sơn La, Lào Cai

PROVINCES: list[dict[str, Any]] = [
    {"code": str(each.code.value), "vi": each.name, "en": each.name}
    for each in Province.iter_all()
    if each.code.value in _NORTHWEST
]

COMMUNES: list[dict[str, Any]] = [
    {"code": f"{each.code.value:05d}", "vi": each.name, "en": each.name, "province": str(each.province_code.value)}
    for each in Ward.iter_all()
    if each.province_code.value in _NORTHWEST
]
