"""Correcting a record's fields: what a person can type is typed here, the rest in the officer's app.

Must never write a field that was left as it stood, nor replace a value that the page did not show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.numbers import get_decimal_symbol
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from server.bring import cells, faults
from server.console import words
from server.console.edits import change_of, shown, standing, write
from server.console.gate import managed, manager_only, saw
from server.console.one import back_to
from server.console.pages import console
from server.language import gettext as _
from server.store import browse
from server.store.browse import Seen
from server.store.lists import lists
from sync.records import COMMON, TYPES, validate_set
from sync.records.declaration import is_shown
from sync.records.fields import Choices, Declared, Flag, Items

# A picture's own figures are told by its phone.
_OF_A_PHOTO = frozenset({"caption", "taken_at", "note"})
_ROWS_MORE = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One of a field's items: its inner fields, by the name that each has in the form."""

    fields: Mapping[str, tuple[Declared, Any]]


@console.get("/record/<record>/correct")
@manager_only
def correct(record: str) -> str:
    """The fields as they stand, to be typed over."""
    found = _mine(record)
    saw(found)
    return _form(found, {})


@console.post("/record/<record>/correct")
@manager_only
def corrected(record: str) -> Any:
    """What was typed over, as one change of what differs."""
    found = _mine(record)
    seen = shown(found, request.form.get("seen", "").split(","))
    values, wrong = _typed(found)
    if wrong:
        return _form(found, wrong), 422
    if not values:
        flash(_("Nothing was changed."), "said")
        return _back(record)
    beside = [name for name in values if set(standing(found, name)) - set(seen)]
    accepted, _refused = write([change_of(found, values, shown_ids=seen)])
    if not accepted:
        flash(_("This could not be changed: it moved meanwhile, or a right was taken away."), "fault")
    elif beside:
        flash(_("Somebody else changed the same meanwhile: both values are kept. Settle which is right."), "fault")
        return redirect(url_for("console.conflict", record=record))
    else:
        flash(_("Corrected. The history names you as the author."), "said")
    return _back(record)


def _back(record: str) -> Response:
    return back_to(url_for("console.record", record=record))


def _mine(record: str) -> Seen:
    found = browse.one(record, managed())
    return found if found and not found.deleted and found.type in TYPES else abort(404)


def _form(found: Seen, wrong: Mapping[str, str]) -> str:
    typable = _typable(found)
    others = [name for name, each in TYPES[found.type].fields.items() if name not in typable and not each.hidden]
    names = {str(found.fields[name]) for name in others if isinstance(found.fields.get(name), str)}
    return render_template(
        "console/correct.html",
        record=found,
        seen=request.form.get("seen") or ",".join(found.view()),
        back=request.form.get("back") or request.args.get("back", ""),
        fields=typable,
        rows={name: _rows(name, each, found) for name, each in typable.items() if isinstance(each, Items)},
        others=[] if found.type == "photo" else [name for name in others if name not in found.conflicts],
        names=browse.names_of(names, managed()),
        wrong=wrong,
        lists=lists(),
        text=_as_typed,
        typed=request.form if wrong else {},
    )


def _typable(found: Seen) -> dict[str, Declared]:
    """The fields that a person can type, but those in dispute: they are settled, with both values in sight."""
    known = {**TYPES[found.type].fields, "note": COMMON["note"]}
    return {
        name: each
        for name, each in known.items()
        if not each.hidden
        and name not in found.conflicts
        and (is_shown(each, found.fields) or found.fields.get(name) not in (None, "", []))
        and (found.type != "photo" or name in _OF_A_PHOTO)
        and (words.typable(found.type, name) or isinstance(each, Flag) or _is_table(each))
    }


def _is_table(declared: Declared) -> bool:
    """Whether a field holds rows of what can be typed."""
    return isinstance(declared, Items) and all(words.can_be_typed(each) for each in declared.fields.values())


def _rows(name: str, declared: Items, found: Seen) -> list[Row]:
    there = [each for each in found.fields.get(name) or () if isinstance(each, dict)]
    return [
        Row({f"{name}-{place}-{inner}": (each, row.get(inner)) for inner, each in declared.fields.items()})
        for place, row in enumerate([*there, *({} for _more in range(_ROWS_MORE))])
    ]


def _typed(found: Seen) -> tuple[dict[str, Any], dict[str, str]]:
    """What differs from what stands, and what of it cannot be read, by field."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, declared in _typable(found).items():
        stands = found.fields.get(name)
        try:
            value = (
                _typed_rows(name, declared, found)
                if isinstance(declared, Items)
                else _read(declared, f"field-{name}", stands)
            )
        except cells.Unreadable as error:
            wrong[name] = faults.say(error.code, error.params)
            continue
        if value != stands and not (value in (None, []) and stands in (None, [], "")):
            values[name] = value
    for fault in validate_set(found.type, values):
        wrong.setdefault(fault.path.split(".")[0], faults.say(fault.code, fault.params))
    return values, wrong


def _typed_rows(name: str, declared: Items, found: Seen) -> list[dict[str, Any]]:
    there = [each for each in found.fields.get(name) or () if isinstance(each, dict)]
    result = []
    for place in range(len(there) + _ROWS_MORE):
        stands = there[place] if place < len(there) else {}
        # What a newer app has put into a row stays in it.
        row = dict(stands)
        for inner, each in declared.fields.items():
            value = _read(each, f"{name}-{place}-{inner}", stands.get(inner))
            if value is None:
                row.pop(inner, None)
            else:
                row[inner] = value
        if row and any(row.get(inner) is not None for inner in declared.fields):
            result.append(row)
    return result


def _read(declared: Declared, key: str, stands: Any) -> Any:
    """The value of one field of the form; what was left as it stood is not read anew, which could round it."""
    if isinstance(declared, Choices):
        return request.form.getlist(key) if f"{key}-shown" in request.form else stands
    text = request.form.get(key)
    if text is None or text.strip() == _as_typed(stands).strip():
        return stands
    return cells.read(declared, text, lists=lists()) if text.strip() else None


def _as_typed(value: Any) -> str:
    """A value as it stands in its box: a number whole, and with the reader's decimal mark."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = cells.as_text(value).replace("\r\n", "\n")
    return text.replace(".", get_decimal_symbol(get_locale())) if isinstance(value, float) else text
