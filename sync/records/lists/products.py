"""What is sprayed and spread, for the farming diary: names that officers meet, active ingredient, pre-harvest interval.

Active ingredients that are sold in Vietnam; the Ministry's circular on which may be used is made anew every year or two,
and its text was not at hand here. **No interval was checked against a label**, and labels differ by crop and maker:
`phi_days` is a cautious start, which the form shows beside the words that the label counts. Fertilisers have none.
"""

from typing import Any

UNCHECKED = "customary, on the cautious side; not checked against a label: the label counts"


def _spray(code: str, name: str, ingredient: str, phi_days: int, vi: str, en: str) -> dict[str, Any]:
    use = {"under": {"vi": vi, "en": en}}
    return {
        "code": code, "vi": name, "en": name, "ingredient": ingredient, "phi_days": phi_days, "kinds": ["spray"],
        "source": UNCHECKED, **use,
    }  # fmt: skip


def _spread(code: str, vi: str, en: str) -> dict[str, Any]:
    return {"code": code, "vi": vi, "en": en, "kinds": ["fertilise"], "source": "a common name; no code of anybody's"}


_FUNGI = ("trừ bệnh", "fungicide")
_INSECTS = ("trừ sâu", "insecticide")
_LIFE = ("sinh học", "biological")
_WEEDS = ("trừ cỏ", "herbicide")

PRODUCTS: list[dict[str, Any]] = [
    _spray("copper-oxide", "Norshield 86.2WG", "Cuprous oxide", 14, *_FUNGI),
    _spray("copper-hydroxide", "Champion 77WP", "Copper hydroxide", 14, *_FUNGI),
    _spray("copper-oxychloride", "Đồng oxyclorua 30WP", "Copper oxychloride", 14, *_FUNGI),
    _spray("bordeaux", "Boóc-đô", "Copper sulfate + lime", 14, *_FUNGI),
    _spray("sulfur", "Lưu huỳnh (Sulox 80WP)", "Sulfur", 7, *_FUNGI),
    _spray("hexaconazole", "Anvil 5SC", "Hexaconazole", 21, *_FUNGI),
    _spray("difenoconazole", "Score 250EC", "Difenoconazole", 14, *_FUNGI),
    _spray("difeno-propi", "Tilt Super 300EC", "Difenoconazole + propiconazole", 21, *_FUNGI),
    _spray("azoxystrobin", "Amistar 250SC", "Azoxystrobin", 14, *_FUNGI),
    _spray("azoxy-difeno", "Amistar Top 325SC", "Azoxystrobin + difenoconazole", 21, *_FUNGI),
    _spray("mancozeb", "Dithane M-45 80WP", "Mancozeb", 21, *_FUNGI),
    _spray("metalaxyl-mancozeb", "Ridomil Gold 68WG", "Metalaxyl-M + mancozeb", 21, *_FUNGI),
    _spray("propineb", "Antracol 70WP", "Propineb", 21, *_FUNGI),
    _spray("fosetyl", "Aliette 800WG", "Fosetyl-aluminium", 14, *_FUNGI),
    _spray("validamycin", "Validacin 5SL", "Validamycin", 14, *_FUNGI),
    _spray("trichoderma", "Trichoderma", "Trichoderma spp.", 0, *_LIFE),
    _spray("abamectin", "Abamectin 3.6EC", "Abamectin", 14, *_INSECTS),
    _spray("emamectin", "Emamectin benzoate 5WG", "Emamectin benzoate", 14, *_INSECTS),
    _spray("spinetoram", "Radiant 60SC", "Spinetoram", 7, *_INSECTS),
    _spray("chlorantraniliprole", "Prevathon 5SC", "Chlorantraniliprole", 14, *_INSECTS),
    _spray("thiamethoxam", "Actara 25WG", "Thiamethoxam", 14, *_INSECTS),
    _spray("buprofezin", "Applaud 25WP", "Buprofezin", 14, *_INSECTS),
    _spray("cypermethrin", "Cypermethrin 25EC", "Cypermethrin", 14, *_INSECTS),
    _spray("petroleum", "SK Enspray 99EC", "Petroleum spray oil", 7, *_INSECTS),
    _spray("azadirachtin", "Neem (Azadirachtin)", "Azadirachtin", 7, *_LIFE),
    _spray("bt", "Bt (Bacillus thuringiensis)", "Bacillus thuringiensis", 3, *_LIFE),
    _spray("beauveria", "Nấm xanh, nấm trắng", "Metarhizium, Beauveria", 0, *_LIFE),
    _spray("glufosinate", "Glufosinate 150SL", "Glufosinate-ammonium", 21, *_WEEDS),
    _spread("npk", "NPK", "NPK"),
    _spread("urea", "Đạm urê", "Urea"),
    _spread("superphosphate", "Lân supe", "Superphosphate"),
    _spread("thermophosphate", "Lân nung chảy", "Fused phosphate"),
    _spread("potash", "Kali", "Potash"),
    _spread("manure", "Phân chuồng ủ", "Composted manure"),
    _spread("microbial", "Phân hữu cơ vi sinh", "Microbial organic fertiliser"),
    _spread("lime", "Vôi", "Lime"),
]
