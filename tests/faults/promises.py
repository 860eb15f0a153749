"""The guarantees of docs/sync.md, each checked by what people and phones saw and what the log holds.

Must never use the product's own merge or views to say what is right: `model` does.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sync import packing
from tests.faults import model
from tests.faults.chance import Clock
from tests.faults.phones import App, Json, Phone, Replicated, text_of

if TYPE_CHECKING:
    from tests.faults.network import Request
    from tests.faults.world import Saved, World

_MARK = re.compile(r"\[([A-CX])(\d+)\]")
_NAME = re.compile(r"\[area ([A-C])\]")


class Broken(AssertionError):
    """A guarantee that does not hold. The text says which, and shows what was found."""

    def add_story(self, story: list[str]) -> None:
        self.args = (f"{self.args[0]}\n\nWhat happened before:\n  " + "\n  ".join(story[-40:]),)

    @property
    def headline(self) -> str:
        return str(self.args[0]).splitlines()[0]


# While it happens --------------------------------------------------------------------------------------------------


def nothing_of_others(world: World, request: Request, status: int, body: bytes) -> None:
    """Isolation: no answer holds a byte of a record that lives where this user has no role, nor such an area's name."""
    phone = world.phone_of(request.who)
    roles = world.roles[phone.username]
    if status >= 500:
        raise Broken(f"the centre answered {status}: {body[:200]!r}")
    text = _readable(body)
    for letter in set(_NAME.findall(text)):
        if world.areas[letter] not in roles:
            raise Broken(f"isolation: {phone.name} was told the name of area {letter}")
    marks = {int(number) for _letter, number in _MARK.findall(text)} - {0}
    if not marks:
        return
    by_number = {number: record for record, number in world.numbers.items()}
    truths = model.truths(world.centre.log())
    for number in marks:
        truth = truths.get(by_number[number])
        if truth is None or truth.area not in roles:
            raise Broken(f"isolation: {phone.name} was told of record {by_number[number]}, which is none of its areas'")


def areas_named(body: bytes) -> set[str]:
    """The letters of the areas that anything in an answer was typed in, or that it names."""
    text = _readable(body)
    return {letter for letter, _number in _MARK.findall(text)} | set(_NAME.findall(text))


def _readable(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return packing.unpack(body, 64 * 1024 * 1024).decode()


def only_what_was_seen_is_replaced(world: World, phone: Phone, screen: Json, change: Json) -> None:
    """No silent overwrite, at the phone: `over` names only values that stood on the screen."""
    for name, ids in change.get("over", {}).items():
        seen = _values_on(screen, name)
        for each in ids:
            values = {model.plain(made.get(name)) for made in world.values.get(each, [])}
            if not values & seen:
                raise Broken(
                    f"silent overwrite: {phone.name} replaced a {name} that its screen did not show: {values} not in {seen}"
                )


def settling_names_all_rivals(phone: Phone, screen: Json, name: str, change: Json) -> None:
    """Who settles a conflict has all its values before their eyes, and replaces them all."""
    rivals = {each["change"] for each in screen["conflicts"][name]}
    if not rivals <= set(change.get("over", {}).get(name, [])):
        raise Broken(f"{phone.name} settled {name}, but not over all rivals")


def a_delete_has_seen_the_whole_view(world: World, phone: Phone, screen: Json, change: Json) -> None:
    """A delete has seen every value that its screen showed, conflicts included, and no other."""
    seen = change.get("seen", [])
    for name in {*screen["fields"], *screen["conflicts"]} - {"deleted", "area"}:
        for rival in screen["conflicts"].get(name, []):
            if rival["change"] not in seen:
                raise Broken(f"{phone.name} deleted, but its delete has not seen a rival {name} that the screen showed")
        value = model.plain(screen["fields"].get(name))
        if not any(model.plain(made.get(name)) == value for each in seen for made in world.values.get(each, [])):
            raise Broken(f"{phone.name} deleted, but its delete has not seen {name}")
    for each in seen:
        made = [pair for values in world.values.get(each, []) for pair in values.items()]
        if not any(model.plain(value) in _values_on(screen, name) for name, value in made):
            raise Broken(
                f"silent overwrite: {phone.name} deleted over a value that its screen did not show\n{each}: {made}\n{screen}"
            )


def _values_on(screen: Json, name: str) -> set[str]:
    if name == "deleted":
        return {"true", "false"}
    if name == "area":
        return {model.plain(screen["area"])} | {
            model.plain(each["value"]) for each in screen["conflicts"].get(name, [])
        }
    rivals = {model.plain(each["value"]) for each in screen["conflicts"].get(name, [])}
    return rivals | {model.plain(screen["fields"].get(name))}


def a_reader_has_the_newest_state(world: World, phone: Phone) -> None:
    """No gap: who has read all that there was has every record of its areas, as the centre tells it, and no other."""
    roles = world.roles[phone.username]
    centre = {each: record for each, record in world.centre.records().items() if record["area"] in roles}
    held = phone.base()
    for record in sorted({*centre, *held}):
        if record not in held:
            raise Broken(f"gap: {phone.name} has read everything, and lacks record {record}\n{centre[record]}")
        if record not in centre:
            raise Broken(f"{phone.name} holds record {record}, which none of its areas has\n{held[record]}")
        if text_of(held[record]) != text_of(centre[record]):
            raise Broken(f"gap: {phone.name} has something else\n{text_of(held[record])}\n{text_of(centre[record])}")


# At the end --------------------------------------------------------------------------------------------------------


def hold_at_the_end(world: World) -> None:
    """What must be true when everybody has synced and nobody has anything to say."""
    log = world.centre.log()
    records = world.centre.records()
    truths = model.truths(log)
    if set(truths) != set(records):
        raise Broken(f"the centre has a state without changes, or the other way round: {set(truths) ^ set(records)}")
    for each, truth in truths.items():
        if found := model.differences(truth, records[each]):
            raise Broken(
                f"silent overwrite: the centre's state of {each} is not what its changes say\n" + "\n".join(found)
            )
    for phone in world.phones:
        a_reader_has_the_newest_state(world, phone)
        if isinstance(phone, App):
            _memory_is_what_the_disk_says(phone)
    _a_fresh_phone_reads_the_same(world)
    for saved in world.saved:
        _is_not_lost(world, saved, log)
    _the_log_says_who(world, log)


def _memory_is_what_the_disk_says(phone: App) -> None:
    before = phone.shown()
    phone.pull_battery()
    if phone.shown() != before:
        raise Broken(f"{phone.name} shows something else after it was started again")


def _a_fresh_phone_reads_the_same(world: World) -> None:
    for user in world.roles:
        fresh = Replicated(f"a fresh phone of {user}", user, world.network, Clock(world.chance))
        world.phones.append(fresh)
        if not fresh.sign_in() or fresh.sync() != "all_sent":
            raise Broken(f"no rest: {fresh.name} could not read everything")
        a_reader_has_the_newest_state(world, fresh)


def _is_not_lost(world: World, saved: Saved, log: list[Json]) -> None:
    change, phone = saved.change, saved.phone
    rows = [each for each in log if each["id"] == change["id"]]
    if len(rows) > 1:
        raise Broken(f"loss: {change['id']} is in the log {len(rows)} times")
    if rows and _says(rows[0], change):
        return
    if change["id"] in world.given_up:
        return
    shown = phone.refused().get(change["id"])
    if shown is None:
        if _was_typed_anew(phone, world, change):
            return
        raise Broken(f"loss: {change['id']} of {phone.name} is not in the log, nor shown to its author\n{change}")
    if not any(_says(each, change) for each in world.centre.quarantine() if isinstance(each, dict)):
        raise Broken(f"loss: {change['id']} of {phone.name} was refused and is not in quarantine\n{change}")
    if shown["reason"] not in saved.odd and not (shown["reason"] == "forbidden" and world.roles_changed):
        raise Broken(f"{change['id']} of {phone.name} was refused ({shown}), and nothing is wrong with it\n{change}")


def _was_typed_anew(phone: Phone, world: World, change: Json) -> bool:
    """Whether its author, who was shown that it was refused, saved all its fields again on the same phone."""
    if not isinstance(phone, App):
        return False
    after = [each.change for each in world.saved if each.phone is phone and each.change["record"] == change["record"]]
    at = next(place for place, each in enumerate(after) if each["id"] == change["id"])
    return any(set(change["set"]) <= set(each["set"]) for each in after[at + 1 :])


def _says(row: Json, change: Json) -> bool:
    return model.plain({name: value for name, value in row.items() if not name.startswith("_")}) == model.plain(change)


def _the_log_says_who(world: World, log: list[Json]) -> None:
    """Author by the credentials: whoever saved it, whatever the body says; and nobody did what is a manager's alone."""
    officers = {world.users[user] for user in world.officers if user in world.users}
    authors: dict[str, set[str]] = {}
    for saved in world.saved:
        authors.setdefault(saved.change["id"], set()).add(world.users[saved.user])
    for row in log:
        if row["id"] not in authors:
            raise Broken(f"the log has a change that nobody made: {json.dumps(row, ensure_ascii=False)}")
        if row["_author"] not in authors[row["id"]]:
            raise Broken(f"the log says another author of {row['id']}")
        if row["_author"] in officers and {"review", "area", "same_as"} & set(row["set"]):
            raise Broken(f"an officer did what they may not: {row['set']}")
