"""The rules of the checks in words: what each is called, what to do, and what it says of one case."""

from server.console import words
from server.console.gate import areas_named
from server.language import gettext as _
from server.language import translate
from server.store.doubts import Doubt
from sync.problem import sentence

_TITLES = {
    "overlap": sentence("Plots that overlap"),
    "area": sentence("Declared and measured area differ"),
    "crossing": sentence("Boundaries that cross themselves"),
    "outside": sentence("Plots outside of their commune"),
    "far": sentence("Plots far from the others of their commune"),
    "yield": sentence("Yields that are hard to believe"),
    "not_free": sentence("Picked within a pre-harvest interval"),
    "affected": sentence("More plants affected than looked at"),
    "future": sentence("Dates that have not come yet"),
    "twice": sentence("The same harvest twice"),
    "double_farmer": sentence("Farmers who may be one"),
    "double_plot": sentence("Plots that may be one"),
}
_ADVICE = {
    "overlap": sentence(
        "Look at both boundaries. Query the plot that was drawn carelessly, or join the two when they are one field."
    ),
    "area": sentence(
        "Ask which of the two is right: the paper may be old, the walk may have gone round another field."
    ),
    "crossing": sentence("Query it: the officer moves a corner or walks it again. The walked track stays."),
    "outside": sentence(
        "Held against the boundaries that an administrator has handed in; of a commune without one, see “far from the others”."
        " Correct the commune, or the place."
    ),
    "far": sentence(
        "Of communes whose boundary nobody has handed in: this says only that the plot lies far from the others."
        " Correct the commune, or the place."
    ),
    "yield": sentence(
        "Look at the unit and the quantity first, then at the area of the plot. Query the harvest that is wrong."
    ),
    "not_free": sentence(
        "Do not hand this harvest to a buyer before it is clear. Ask for the day of spraying and the product."
    ),
    "affected": sentence("Query it: one of the two numbers was typed in the other's place."),
    "future": sentence("Query it: the phone's clock or the typed day is wrong."),
    "twice": sentence("Ask both officers. Delete one of the two when it is one basket: it can be restored."),
    "double_farmer": sentence(
        "Compare phone and village. Join them when it is one household: both keep their history."
    ),
    "double_plot": sentence("Compare the boundaries. Join them when it is one field: both keep their history."),
}
_SAID = {
    "overlap": sentence("%(ha)s ha are shared: %(percent)s %% of the smaller one"),
    "area": sentence("declared %(declared)s ha, measured %(measured)s ha"),
    "crossing": sentence("the boundary crosses itself"),
    "outside": sentence("%(km)s km outside of %(commune)s"),
    "far": sentence("%(km)s km from the middle of the plots of %(commune)s"),
    "yield": sentence("%(crop)s, season %(season)s: %(t_ha)s t/ha on %(ha)s ha; hard to believe from %(most)s"),
    "not_free": sentence("picked on %(day)s, sprayed on %(sprayed)s: free from %(free)s, %(days)s days too early"),
    "affected": sentence("%(affected)s affected of %(inspected)s looked at"),
    "future": sentence("dated %(day)s"),
    "twice": sentence("%(kg)s kg on %(day)s, under two records"),
    "double_farmer": sentence("the same name in the same village"),
    "double_plot": sentence("the same name under the same household"),
}
# How a case came to be one, where a rule finds it in more than one way.
_BY = {
    "phone": sentence("the same phone: %(phone)s"),
    "spot": sentence("two points, %(m)s m from each other"),
    "inside": sentence("a point that lies within the boundary of the other"),
}
_DAYS = ("day", "sprayed", "free")
_NUMBERS = ("ha", "declared", "measured", "t_ha", "most", "kg", "km", "affected", "inspected")


def title(rule: str) -> str:
    """What a rule is called."""
    return translate(_TITLES[rule])


def advice(rule: str) -> str:
    """What to do about what a rule finds."""
    return translate(_ADVICE[rule])


def said(doubt: Doubt) -> str:
    """What a rule says of one case."""
    values = dict(doubt.said)
    values |= {name: words.day(values[name]) for name in _DAYS if name in values}
    values |= {name: words.number(values[name]) for name in _NUMBERS if name in values}
    values |= {name: words.coded(name, values[name]) for name in ("crop", "commune") if name in values}
    text = translate(_BY.get(str(values.get("by")), _SAID[doubt.rule]), values)
    if area := values.get("elsewhere"):
        elsewhere = _("the other household is in %(area)s", area=areas_named().get(area, "?"))
        text = f"{text}; {elsewhere}"
    return text
