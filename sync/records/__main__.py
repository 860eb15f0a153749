"""Writes the declarations down: `python -m sync.records` as Markdown (docs/records.md), with --json as JSON."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from sync.records import COMMON, LISTS, SCHEMA, TYPES, RecordType, describe
from sync.records.entries import KINDS
from sync.records.fields import Declared

ANSWERING = """A manager asks by a `review` whose state is `queried`; the officer corrects what was meant, or writes an
`answer`, or both. An answer is an ordinary change: its `text`, and in `to` the change that asked (the head of the field
`review`). A query is answered when the shown answer's `to` is that head; a later query has a head of its own and is open
again. Like any change it makes the record one that has *changed since the review*."""

OWN = """An administrator adds entries to these lists, and phones read them (`docs/sync.md`). One with the code of a built-in
entry is laid over it: `hidden` (no form offers it any more), and of a product its interval. Nothing is ever deleted."""


def markdown() -> str:
    """docs/records.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What is recorded"
    yield ""
    yield "Made from the declarations in `sync/records/` by `python -m sync.records > docs/records.md`; a test holds it."
    yield f"Version of the declarations: {SCHEMA}. The form asks for a field marked *; the sync demands none."
    for each in TYPES.values():
        yield from _type(each)
    yield from ("", "## Fields of every record", "", *_table(COMMON), "", ANSWERING)
    yield from ("", "## Lists", "", "| list | entries |", "|---|---|")
    for name, entries in LISTS.items():
        shown = ", ".join(f"`{entry['code']}` {entry['vi']} ({entry['en']})" for entry in entries[:40])
        yield f"| {name} | {shown}{f' and {len(entries) - 40} more' if len(entries) > 40 else ''} |"
    yield from ("", "### Entries of an installation's own", "", OWN)
    for name, fields in KINDS.items():
        yield from ("", f"**{name}**", "", *_table(fields))


def _type(declared: RecordType) -> Iterator[str]:
    yield from ("", f"## {declared.name}: {declared.label.vi} ({declared.label.en})", "")
    yield f"A person knows it by: {', '.join(f'`{name}`' for name in declared.identity)}."
    yield from ("", *_table(declared.fields))
    for check in declared.checks:
        yield from ("", f"Checked on the state: `{check.rule}` of {', '.join(f'`{name}`' for name in check.fields)}.")


def _table(fields: Any) -> Iterator[str]:
    yield "| field | Vietnamese | English | holds | limits |"
    yield "|---|---|---|---|---|"
    for name, field in fields.items():
        star = " *" if field.asked else ""
        unit = f" ({field.unit_in(lambda words: words.en)})" if field.unit else ""
        yield f"| `{name}`{star} | {field.label.vi} | {field.label.en} | {field.kind}{unit} | {_limits(field)} |"


def _limits(field: Declared) -> str:
    found = field.limits()
    inner = found.pop("fields", None)
    fills = found.pop("fills", {})
    words = [key if value is True else f"{key} {_said(value)}" for key, value in found.items()]
    words += [f"fills `{target}`" for target in fills]
    words += [f"asked when `{name}` is {' or '.join(values)}" for name, values in field.shown_when.items()]
    if inner:
        words.append("each: " + ", ".join(f"`{name}`" for name in inner))
    return "; ".join(words).replace("|", "\\|")


def _said(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(describe(), ensure_ascii=False, indent=1) if "--json" in sys.argv else markdown())
