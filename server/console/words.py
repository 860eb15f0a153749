"""How the console says values: by the declarations, in the reader's language, in the time of Vietnam."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import format_date, format_datetime, format_decimal, get_locale

from server.language import gettext as _
from server.language import name_of, say, translate
from server.store import browse
from server.store.glance.rows import review_of
from server.store.lists import lists
from sync.change import Envelope, Logged, edited_at
from sync.geometry import area_ha
from sync.merge import fold
from sync.problem import Problem
from sync.records import COMMON, SENTENCES, TYPES, check_state
from sync.records.fields import Declared, Fault, Flag, Geometry, Ids, Items, Object, Reference
from sync.records.harvest import kilograms

_AMOUNT = ("quantity", "unit", "unit_kg")
_UNTYPABLE = (Geometry, Items, Object, Flag, Ids, Reference)


def language() -> str:
    return str(get_locale())


def type_name(type_: str) -> str:
    return say(TYPES[type_].label) if type_ in TYPES else type_


def field_of(type_: str, name: str) -> Declared | None:
    found = TYPES[type_].fields.get(name) if type_ in TYPES else None
    return found or COMMON.get(name)


def field_name(type_: str, name: str) -> str:
    found = field_of(type_, name)
    return say(found.label) if found else name


def number(value: float, digits: int = 2) -> str:
    """A number in the reader's format, with at most *digits* decimals."""
    return str(format_decimal(round(value, digits)))


def day(text: str | None) -> str:
    """dd/mm/yyyy of a YYYY-MM-DD or an instant."""
    try:
        return str(format_date(date.fromisoformat((text or "")[:10]), "dd/MM/yyyy"))
    except ValueError:
        return text or ""


def moment(value: datetime | str | None) -> str:
    """dd/mm/yyyy hh:mm, in the time of Vietnam."""
    if isinstance(value, str):
        try:
            return moment(datetime.fromisoformat(value))
        except (ValueError, OverflowError):
            return value  # a phone's report may say anything
    return str(format_datetime(value, "dd/MM/yyyy HH:mm")) if value else ""


def edited(change_id: str, envelope: Envelope) -> str:
    """When a change was made: the device's clock, corrected by how far it was off."""
    return moment(edited_at(change_id, envelope.skew_ms) or envelope.received_at)


def checks(type_: str, fields: Mapping[str, Any]) -> list[str]:
    """What a person should look at in a record's state, in sentences."""
    if type_ not in TYPES:
        return []
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    return [fault_in_words(type_, each) for each in check_state(TYPES[type_], fields, today)]


def fault_in_words(type_: str, fault: Fault) -> str:
    """What is wrong with a field, in a sentence that names it."""
    said = {
        name: field_name(type_, value) if name in ("one", "other") else value for name, value in fault.params.items()
    }
    sentence = say(SENTENCES[fault.code])
    return f"{field_name(type_, fault.path)}: {sentence.format(**said)}"


def by_field(problem: Problem) -> dict[str, str]:
    """What a problem says, by the fields of a form that it names; under "" where it names none."""
    said = translate(problem.message, problem.params)
    return dict.fromkeys([each.field for each in problem.errors], said) or {"": said}


def reason(code: str) -> str:
    """Why a change was refused."""
    said = {
        "invalid": _("not valid"),
        "forbidden": _("no right to it"),
        "too_large": _("too large"),
        "id_reused": _("its id stands for another change"),
    }
    return str(said.get(code, code))


def plural(type_: str) -> str:
    """What several records of a type are called."""
    return say(TYPES[type_].plural)


def role(name: str) -> str:
    """A role."""
    said = {"officer": _("officer"), "manager": _("manager"), "admin": _("administrator"), "hub": _("hub")}
    return str(said.get(name, name))


def audited(what: str) -> str:
    """What a row of the audit log tells of."""
    said = {
        "looked": _("looked at a record"),
        "exported": _("took a file along"), "brought_in": _("brought a file in"), "taken_back": _("took a file back"),
        "refused_accepted": _("accepted what was refused"), "refused_mended": _("mended what was refused"),
        "refused_put_away": _("put away what was refused"), "refused_taken_out": _("took out what was put away"),
        "phone_cut_off": _("cut a phone off"), "user_added": _("added a person"), "role_changed": _("changed a role"),
        "password_given": _("gave a new password"), "user_disabled": _("shut a person out"),
        "user_enabled": _("let a person in again"), "admin_promoted": _("made somebody an administrator"),
        "admin_demoted": _("took an administrator's rights away"), "own_password": _("set a new password for themselves"),
        "area_set_up": _("set an area up"), "backup_made": _("made a backup"),
        "backup_taken": _("took a backup along"), "link_made": _("made a link for a password"),
        "map_added": _("gave an area a map"), "map_removed": _("took a map away"),
        "link_used": _("set a password by a link"), "communes_set": _("changed the boundaries of communes"),
        "list_changed": _("changed a list"), "right_as_it_is": _("said that something is right as it is"),
        "looked_at_again": _("put something back into a check"), "yield_limits": _("changed which yields are hard to believe"),
    }  # fmt: skip
    return str(said.get(what, what))


def bringing(state: str) -> str:
    """How far a file is that is brought in."""
    said = {
        "reading": _("being read"), "matching": _("waits for its columns"), "checking": _("being checked"),
        "checked": _("checked, waits to be confirmed"), "writing": _("being written"), "done": _("written"),
        "taking_back": _("being taken back"), "taken_back": _("taken back"), "unreadable": _("cannot be read"),
    }  # fmt: skip
    return str(said.get(state, state))


def title_of(record: Any) -> str:
    """What tells a record from others of its type: the type, and the fields of its identity."""
    fields = record.fields
    identity = TYPES[record.type].identity if record.type in TYPES else ()
    there = [name for name in identity if fields.get(name) not in (None, "")]
    if record.type == "harvest" and "quantity" in there:
        said = [show(record.type, name, fields[name], {}) for name in there if name not in _AMOUNT] + [amount(fields)]
    else:
        said = [show(record.type, name, fields[name], {}) for name in there]
    return f"{type_name(record.type)}: {' · '.join(said) or '–'}"


def amount(fields: Mapping[str, Any]) -> str:
    """What was picked: the number with its unit, what a sack weighed, and what that is in kg where it was not weighed so."""
    quantity, unit, own = (fields.get(name) for name in _AMOUNT)
    parts = [show("harvest", "quantity", quantity, {}), name_of("unit", unit) if isinstance(unit, str) else ""]
    entry, weight = lists().entry("unit", str(unit)) or {}, kilograms(fields, lists())
    if "local_kg" in entry and isinstance(own, int | float):
        parts.append(f"× {number(own, 1)} kg")
    if unit not in (None, "", "kg") and weight is not None:
        parts.append(f"({number(weight)} kg)")
    return " ".join(part for part in parts if part)


def is_known(type_: str) -> bool:
    """Whether a type is declared here, and not a newer app's."""
    return type_ in TYPES


def typable(type_: str, name: str) -> bool:
    """Whether a person can type a value of a field."""
    declared = field_of(type_, name)
    return declared is not None and can_be_typed(declared)


def can_be_typed(declared: Declared) -> bool:
    """The same of a declaration."""
    return not isinstance(declared, _UNTYPABLE)


def before_deleting(entries: Sequence[Logged]) -> Any:
    """A deleted record as it was before somebody deleted it."""
    kept = [each for each in entries if each.change.set.get("deleted") is not True] or entries
    return browse.read_state(fold(kept))


def brief(record: Any) -> str:
    """The same without its type, for a list of one type."""
    return title_of(record).partition(": ")[2]


def standing_of(record: Any) -> str:
    """Where a record stands with its reviewer."""
    return review_of(record)


def review_state(state: str) -> str:
    """Where a record stands with its reviewer."""
    said = {
        "new": _("not looked at yet"),
        "changed": _("changed since the review"),
        "answered": _("answered by the officer"),
        "waits": _("waits for review"),
        "approved": _("approved"),
        "queried": _("queried"),
        "rejected": _("rejected"),
        "conflict": _("two people disagree"),
    }
    return str(said.get(state, state))


def coded(list_: str, code: str) -> str:
    """What a code of a list is called."""
    return name_of(list_, code) if code else ""


def decision(how: str) -> str:
    """What a person decided about a refused change."""
    said = {"accepted": _("accepted as it came"), "mended": _("mended and accepted"), "put_away": _("put away")}
    return str(said.get(how, how))


def readable(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def show(type_: str, name: str, value: Any, names: Mapping[str, str]) -> str:
    """A value in words. *names*: what the records and people that it may name are called."""
    if value is None or value == "":
        return "–"
    if name == "review" and isinstance(value, Mapping):
        return reviewed(type_, value)
    declared = field_of(type_, name)
    return _shown(declared, value, names)


def shown(declared: Declared, value: Any, names: Mapping[str, str]) -> str:
    """As `show`, of a declared field."""
    return _shown(declared, value, names)


def reviewed(type_: str, review: Mapping[str, Any]) -> str:
    """What a reviewer decided, said, and asked about."""
    about = [field_name(type_, each) for each in review.get("fields") or () if isinstance(each, str)]
    parts = [name_of("review", str(review.get("state") or "")), str(review.get("note") or "")]
    return " · ".join(
        [part for part in (*parts, _("about: %(fields)s", fields=", ".join(about)) if about else "") if part]
    )


def _shown(declared: Declared | None, value: Any, names: Mapping[str, str]) -> str:
    kind = declared.kind if declared else ""
    details = declared.limits() if declared else {}
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if kind == "choice":
        return name_of(details["list"], value)
    if kind == "choices":
        return ", ".join(name_of(details["list"], each) for each in value)
    if details.get("year"):
        return str(value)
    if kind in ("number", "integer"):
        return number(value, details.get("decimals", 0)) + (
            f" {declared.unit_in(say)}" if declared and declared.unit else ""
        )
    if kind == "date":
        return day(value)
    if kind == "instant":
        return moment(value)
    if kind == "reference":
        return names.get(value, _("not here yet"))
    if kind == "geometry":
        if value.get("type") == "Point":
            return str(_("a point"))
        return str(_("a boundary, %(area)s ha", area=number(area_ha(value) or 0)))
    if isinstance(declared, Items) and declared.hidden:
        # What a phone measured, thousands of times.
        return str(_("%(count)s fixes", count=number(len(value), 0)))
    if kind == "items":
        return "; ".join(_parts(declared, item, names) for item in value)
    if kind == "object":
        return _parts(declared, value, names)
    return value if isinstance(value, str) else str(value)


def _parts(declared: Any, item: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return " · ".join(
        _shown(inner, item[name], names)
        for name, inner in declared.fields.items()
        if name != "seen" and item.get(name) not in (None, "")
    )
