"""One run of the simulator: people with phones, managers, a centre, a bad network, and everything that a seed decides.

`run` plays it and raises `Broken` where a guarantee of docs/sync.md does not hold; what is checked, and how, is in
`promises`. Must never look into the product to decide what is right: that is `model`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.store import people
from tests.conftest import PASSWORD
from tests.faults import promises
from tests.faults.centre import Centre, Database
from tests.faults.chance import Clock, decided_ids, quick_passwords
from tests.faults.network import Network
from tests.faults.phones import App, Json, Killed, Phone, Replicated
from tests.faults.promises import Broken

STEPS = 150
AREAS = "ABC"
# Who there is: user name, role, areas, and the kinds of phone that they carry.
Cast = tuple[tuple[str, str, str, tuple[str, ...]], ...]
CAST: Cast = (
    ("lan", people.OFFICER, "A", ("app", "replica")),
    ("pao", people.OFFICER, "AB", ("replica",)),
    ("sua", people.OFFICER, "C", ("replica",)),
    ("hoa", people.MANAGER, "AB", ("app",)),
    ("mai", people.MANAGER, "ABC", ("replica",)),
    ("tam", people.OFFICER, "B", ("reader",)),
)
# The same without the app: its processes are what a run waits for most.
REPLICAS: Cast = tuple(
    (name, role, letters, tuple("replica" if kind == "app" else kind for kind in kinds))
    for name, role, letters, kinds in CAST
)
OPEN_RING = {"type": "Polygon", "coordinates": [[[104.0, 21.3], [104.001, 21.3], [104.001, 21.301], [104.0, 21.301]]]}


@dataclass
class Saved:
    """A change that its author saw as saved. `odd`: why the centre may refuse it, where it was made to be refused."""

    change: Json
    phone: Phone
    user: str
    odd: str = ""


@dataclass
class World:
    """Everything that a run knows."""

    seed: int
    chance: random.Random
    centre: Centre
    network: Network
    areas: dict[str, str]  # letter to id
    users: dict[str, str]  # user name to id
    roles: dict[str, dict[str, str]]  # user name to area id to role
    phones: list[Phone] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    values: dict[str, list[Json]] = field(default_factory=dict)  # change id to what was ever set under it
    given_up: set[str] = field(default_factory=set)
    forms: dict[str, tuple[str, Json]] = field(default_factory=dict)  # phone to (record, what its screen showed)
    copies: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    backed_up: bool = False  # whether phones are put back as their own backup has them, and the centre is not
    profiles: dict[str, set[str]] = field(default_factory=dict)  # phone to what waited there when it was copied
    numbers: dict[str, int] = field(default_factory=dict)  # record to the number in its marks
    officers: tuple[str, ...] = tuple(name for name, role, _letters, _kinds in CAST if role == people.OFFICER)
    roles_changed: bool = False
    story: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def tell(self, what: str, *more: object) -> None:
        self.done[what] += 1
        self.story.append(" ".join((what, *map(str, more))))

    def phone_of(self, name: str) -> Phone:
        return next(phone for phone in self.phones if phone.name == name)

    def mark(self, area: str, record: str) -> str:
        """What stands in every value: where it was typed, and of which record it is."""
        letter = next((letter for letter, each in self.areas.items() if each == area), "X")
        number = self.numbers.setdefault(record, len(self.numbers) + 1)
        return f"[{letter}{number}]"

    def keep(self, change: Json | None, phone: Phone, odd: str = "") -> None:
        """The person at *phone* was told that *change* is saved."""
        if change is not None:
            self.saved.append(Saved(change, phone, phone.username, odd))
            self.values.setdefault(change["id"], []).append(change["set"])


def run(
    seed: int,
    database: Database,
    work: Path,
    program: Path,
    cast: Cast = CAST,
    steps: int = STEPS,
    *,
    backed_up: bool = False,
) -> World:
    """Play the run of *seed* and check it. *program*: the bundle of the phone; *work*: an empty folder.

    Raises `Broken`; its text begins with what was broken, and ends with the story so far.
    """
    with quick_passwords():
        world = _begin(seed, database, work, program, cast)
        world.backed_up = backed_up
        _play(world, steps)
    return world


def _play(world: World, steps: int) -> None:
    try:
        for _ in range(steps):
            _step(world)
        come_to_rest(world)
        promises.hold_at_the_end(world)
    except Broken as broken:
        broken.add_story(world.story)
        raise
    finally:
        for phone in world.phones:
            phone.close()
        world.centre.close()


def _begin(seed: int, database: Database, work: Path, program: Path, cast: Cast) -> World:
    chance = random.Random(seed)
    centre = Centre(database)
    with centre.app.app_context(), decided_ids(chance):
        areas = {letter: people.add_area(f"HTX [area {letter}]") for letter in AREAS}
        users = {
            name: people.add_user(name, PASSWORD, role, [areas[each] for each in letters])
            for name, role, letters, _kinds in cast
        }
    roles = {name: {areas[each]: role for each in letters} for name, role, letters, _kinds in cast}
    network = Network(centre, chance, rough=0)
    world = World(seed, chance, centre, network, areas, users, roles)
    network.watch = lambda request, status, body: promises.nothing_of_others(world, request, status, body)
    for name, _role, _letters, kinds in cast:
        for place, kind in enumerate(kinds):
            world.phones.append(_phone(kind, name, place, network, work, program))
    for phone in world.phones:
        assert phone.sign_in()
    network.rough = chance.choice((0, 10, 30, 60))
    return world


def _phone(kind: str, user: str, place: int, network: Network, work: Path, program: Path) -> Phone:
    clock = Clock(network.chance)
    name = f"{user}'s {kind}" if place == 0 else f"{user}'s other {kind}"
    if kind == "app":
        return App(name, user, network, clock, program, work / f"{user}.disk")
    made = Replicated(name, user, network, clock)
    made.kind = kind
    return made


# What happens ------------------------------------------------------------------------------------------------------


def _step(world: World) -> None:
    chance = world.chance
    happens: list[tuple[int, Callable[[World], None]]] = [
        (30, _somebody_edits),
        (12, _somebody_registers),
        (34, _somebody_syncs),
        (4, _somebody_deletes),
        (3, _somebody_restores),
        (4, _somebody_settles),
        (3, _a_manager_works),
        (3, _a_manager_moves_a_record),
        (2, _somebody_does_what_they_may_not),
        (2, _a_form_is_opened),
        (3, _a_form_is_saved),
        (2, _what_was_refused_is_looked_at),
        (2, _a_battery_is_pulled),
        (2, _a_clock_is_turned),
        (2, _a_copy_is_made),
        # What was lost at the centre and on its phone is nowhere.
        (0 if world.backed_up else 2, _an_older_copy_is_put_back),
        (2, _rights_change),
        (1, _a_phone_is_cut_off),
        (2, _a_writer_is_slow),
        (1, _the_centre_is_restarted),
        (5 if world.backed_up else 0, _a_phone_is_copied_or_put_back),
    ]
    weights = [weight for weight, _what in happens]
    what = chance.choices([each for _weight, each in happens], weights)[0]
    try:
        what(world)
    except Killed as killed:
        world.tell("battery pulled", killed)
        _look_again(world, world.phone_of(str(killed)))


def _writers(world: World) -> list[Phone]:
    return [phone for phone in world.phones if phone.kind != "reader"]


def _pick(world: World) -> tuple[Phone, Json] | None:
    """Somebody, and a record that is before their eyes."""
    phone = world.chance.choice(_writers(world))
    shown = [record for record in phone.shown().values() if not record["deleted"]]
    if not shown:
        return None
    shown.sort(key=lambda record: record["id"])
    return phone, world.chance.choice(shown)


def _somebody_registers(world: World) -> None:
    chance = world.chance
    phone = chance.choice(_writers(world))
    areas = sorted(world.roles[phone.username])
    if not areas:
        return
    area = chance.choice(areas)
    type_ = chance.choice(("farmer", "farmer", "plot", "harvest", "beehive"))
    number = f"[{next(x for x, each in world.areas.items() if each == area)}{len(world.numbers) + 1}]"
    values: Json = {"name": f"Hộ {number}", "note": f"{number} {chance.randrange(9)}"}
    if type_ == "beehive":
        values["queen"] = {"age": chance.randrange(5), "of": number}
    # A reference may name what this centre has never heard of.
    if type_ in ("plot", "harvest") and world.numbers:
        values["farmer" if type_ == "plot" else "plot"] = chance.choice(sorted(world.numbers))
    change = _saving(world, phone, lambda dies: _save(phone, type_, area, None, values, dies=dies))
    if change:
        world.numbers[change["record"]] = len(world.numbers) + 1
        world.tell("registers", phone.name, type_, change["id"])


def _save(phone: Phone, *words: Any, dies: Json | None = None, **more: Any) -> Json | None:
    if isinstance(phone, App):
        return phone.save(*words, **more, dies=dies)
    return phone.save(*words, **more)


def _saving(world: World, phone: Phone, save: Callable[[Json | None], Json | None], odd: str = "") -> Json | None:
    """Save, with the battery pulled in the middle now and then."""
    dies = None
    if isinstance(phone, App) and world.chance.randrange(100) < 8:
        dies = {"at": 1, "after": world.chance.random() < 0.5}
    try:
        change = save(dies)
    except Killed:
        world.tell("battery pulled in a save", phone.name)
        _look_again(world, phone)
        return None
    world.keep(change, phone, odd)
    return change


def _look_again(world: World, phone: Phone) -> None:
    """After its phone came back its owner looks: what stands there as saved, they take for saved."""
    known = {each.change["id"] for each in world.saved}
    for change in phone.waiting():
        if change["id"] not in known:
            world.keep(change, phone)
            world.numbers.setdefault(change["record"], len(world.numbers) + 1)


def _new_values(world: World, record: Json) -> Json:
    chance = world.chance
    mark = world.mark(record["area"], record["id"])
    values: Json = {}
    for name in chance.sample(("name", "note", "village", "shoe_size", "queen"), chance.choice((1, 1, 1, 2, 3))):
        if chance.randrange(100) < 12:
            values[name] = None
        elif name == "queen":
            values[name] = {"age": chance.randrange(5), "of": mark}
        else:
            # Few different words, so that two people type the same now and then.
            values[name] = f"{mark} {chance.choice('abcd')}"
    return values


def _somebody_edits(world: World) -> None:
    found = _pick(world)
    if found is None:
        return
    phone, record = found
    values = _new_values(world, record)
    change = _saving(
        world, phone, lambda dies: _save(phone, record["type"], record["area"], record["id"], values, dies=dies)
    )
    if change:
        promises.only_what_was_seen_is_replaced(world, phone, record, change)
        world.tell("edits", phone.name, change["id"], sorted(change["set"]))


def _a_form_is_opened(world: World) -> None:
    found = _pick(world)
    if found and isinstance(found[0], App):
        world.forms[found[0].name] = (found[1]["id"], found[1])
        world.tell("opens a form", found[0].name)


def _a_form_is_saved(world: World) -> None:
    """What a form says was changed since it was opened, whatever came in meanwhile."""
    if not world.forms:
        return
    name = world.chance.choice(sorted(world.forms))
    record, screen = world.forms.pop(name)
    phone = world.phone_of(name)
    if record not in phone.shown():
        return
    names = {*screen["heads"], *screen["conflicts"]}
    over = {
        each: [rival["change"] for rival in screen["conflicts"].get(each, [])] or screen["heads"].get(each, [])
        for each in names
    }
    typed = {**screen["fields"], **_new_values(world, screen)}
    opened = {"fields": screen["fields"], "over": over}
    change = phone.save(screen["type"], screen["area"], record, typed, opened)
    world.keep(change, phone)
    if change:
        promises.only_what_was_seen_is_replaced(world, phone, screen, change)
    world.tell("saves a form", name, change and change["id"])


def _somebody_deletes(world: World) -> None:
    disputes = _disputes(world)
    # Where two values stand, a delete must have seen both.
    found = world.chance.choice(disputes)[:2] if disputes and world.chance.random() < 0.5 else _pick(world)
    if found:
        phone, record = found
        change = phone.remove(record["id"])
        world.keep(change, phone)
        promises.only_what_was_seen_is_replaced(world, phone, record, change)
        promises.a_delete_has_seen_the_whole_view(world, phone, record, change)
        world.tell("deletes", phone.name, change["id"])


def _somebody_restores(world: World) -> None:
    phone = world.chance.choice([each for each in _writers(world) if each.kind == "replica"])
    gone = sorted(record["id"] for record in phone.shown().values() if record["deleted"])
    if gone:
        change = phone.restore(world.chance.choice(gone))
        world.keep(change, phone)
        world.tell("restores", phone.name, change["id"])


def _disputes(world: World) -> list[tuple[Phone, Json, str]]:
    """Every conflict that somebody has before their eyes."""
    return [
        (phone, record, name)
        for phone in _writers(world)
        for record in sorted(phone.shown().values(), key=lambda each: str(each["id"]))
        for name in sorted(record["conflicts"])
        if name != "area" and not record["deleted"]
    ]


def _somebody_settles(world: World) -> None:
    disputes = _disputes(world)
    if not disputes:
        return
    phone, record, name = world.chance.choice(disputes)
    rivals = record["conflicts"][name]
    value = world.chance.choice(rivals)["value"]
    change = phone.settle(record["id"], name, value)
    world.keep(change, phone)
    promises.only_what_was_seen_is_replaced(world, phone, record, change)
    promises.settling_names_all_rivals(phone, record, name, change)
    world.tell("settles", phone.name, name, change["id"])


def _managing(world: World) -> tuple[Phone, Json] | None:
    managers = [name for name, role, _letters, _kinds in CAST if role == people.MANAGER]
    phone = world.chance.choice([each for each in world.phones if each.username in managers])
    shown = sorted((each for each in phone.shown().values() if not each["deleted"]), key=lambda each: str(each["id"]))
    return (phone, world.chance.choice(shown)) if shown else None


def _a_manager_works(world: World) -> None:
    """Reviews what is before their eyes, or says that two records are one."""
    found = _managing(world)
    if found is None:
        return
    phone, record = found
    mark = world.mark(record["area"], record["id"])
    if world.chance.random() < 0.5:
        values: Json = {"review": {"state": "queried", "note": f"{mark} ?", "seen": _ids_shown(record)}}
    else:
        values = {"same_as": world.chance.choice(sorted(world.numbers))}
    change = phone.save(record["type"], record["area"], record["id"], values)
    world.keep(change, phone)
    world.tell("reviews or joins", phone.name, sorted(values))


def _ids_shown(record: Json) -> list[str]:
    rivals = {each["change"] for found in record["conflicts"].values() for each in found}
    return sorted(rivals | {each for ids in record.get("heads", {}).values() for each in ids})


def _a_manager_moves_a_record(world: World) -> None:
    found = _managing(world)
    if found is None:
        return
    phone, record = found
    others = sorted(set(world.areas.values()) - {record["area"]})
    to = world.chance.choice(others)
    change = phone.save(record["type"], record["area"], record["id"], {"area": to})
    world.keep(change, phone)
    world.roles_changed = True
    world.tell("moves", phone.name, change and change["id"])


def _somebody_does_what_they_may_not(world: World) -> None:
    chance = world.chance
    phone = chance.choice([each for each in _writers(world) if each.kind == "replica"])
    area = chance.choice(sorted(world.areas.values()))
    kind = chance.choice(("invalid", "forbidden", "elsewhere", "id_reused"))
    if kind == "invalid":
        change = phone.save("plot", area, None, {"boundary": OPEN_RING, "note": "[X0]"})
        world.keep(change, phone, odd="invalid forbidden")
    elif kind == "forbidden":
        mine = sorted(phone.shown())
        if not mine:
            return
        record = phone.shown()[chance.choice(mine)]
        change = phone.save(record["type"], record["area"], record["id"], {"review": {"state": "approved", "seen": []}})
        world.keep(change, phone, odd="forbidden")
    elif kind == "elsewhere":
        change = phone.save("farmer", chance.choice([area, Clock(chance).new_id()]), None, {"name": "[X0] ở nơi khác"})
        world.keep(change, phone, odd="forbidden")
    else:
        assert isinstance(phone, Replicated)
        # The id of a change that another phone made: two programs that draw the same.
        mine = {each.change["id"] for each in world.saved if each.phone is phone}
        others = [each for each in world.saved if each.change["id"] not in mine and not each.odd]
        if not others:
            return
        before = chance.choice(others)
        # Whichever of the two comes first is taken; after an older copy was put back that may be the other.
        before.odd = "id_reused"
        again = phone.reuse(before.change, {"note": f"[X0] {chance.random()}"})
        world.keep(again, phone, odd="id_reused forbidden")
        change = again
    if change:
        world.numbers.setdefault(change["record"], len(world.numbers) + 1)
    world.tell("does what they may not", phone.name, kind)


def _what_was_refused_is_looked_at(world: World) -> None:
    chance = world.chance
    for phone in _writers(world):
        refused = sorted(phone.refused())
        if not refused or chance.random() < 0.5:
            continue
        change = chance.choice(refused)
        if isinstance(phone, App) and chance.random() < 0.7:
            before = {each["id"] for each in phone.waiting()}
            record = next(each.change for each in world.saved if each.change["id"] == change)
            phone.mend(change, {**record["set"], "note": f"{world.mark(record['area'], record['record'])} mended"})
            for made in phone.waiting():
                if made["id"] not in before:
                    world.keep(made, phone, odd="forbidden invalid")
        else:
            phone.discard(change)
        world.given_up.add(change)
        world.tell("gives up or mends", phone.name, change)


def _a_battery_is_pulled(world: World) -> None:
    apps = [each for each in world.phones if isinstance(each, App)]
    if not apps:
        return
    phone = world.chance.choice(apps)
    before = [phone.waiting(), phone.refused(), phone.base()]
    phone.pull_battery()
    if [phone.waiting(), phone.refused(), phone.base()] != before:
        raise Broken(f"{phone.name} came back with something else than what it had shown as saved")
    world.tell("battery pulled", phone.name)


def _a_clock_is_turned(world: World) -> None:
    phone = world.chance.choice(world.phones)
    phone.turn_clock()
    world.tell("clock turned", phone.name)


# Syncing -----------------------------------------------------------------------------------------------------------


def _somebody_syncs(world: World) -> None:
    sync(world, world.chance.choice(world.phones))


def sync(world: World, phone: Phone, calm: bool = False) -> str:
    """Sync, sign in again where the centre asks for it, and hold what the phone then has against the centre."""
    try:
        if isinstance(phone, App) and not calm and world.chance.randrange(100) < 15:
            outcome = phone.sync(**_death(world.chance))
        else:
            outcome = phone.sync()
    except Killed:
        world.tell("battery pulled in a sync", phone.name)
        return "killed"
    world.tell("syncs", phone.name, outcome)
    if outcome == "signed_out" and (calm or world.chance.random() < 0.7):
        phone.sign_in()
    if outcome in ("all_sent", "some_refused") and not world.network.behind:
        promises.a_reader_has_the_newest_state(world, phone)
    return outcome


def _death(chance: random.Random) -> Json:
    if chance.random() < 0.3:
        return {"dies_at_request": chance.randrange(1, 3)}
    return {"dies": {"at": chance.randrange(1, 8), "after": chance.random() < 0.5}}


def _a_writer_is_slow(world: World) -> None:
    """Somebody's changes stand before their commit while others read: nobody's cursor may pass them."""
    slow = [each for each in world.phones if each.kind == "replica" and each.waiting()]
    readers = [each for each in world.phones if each.kind == "reader" or not each.waiting()]
    if not slow or not readers:
        return
    rough, world.network.rough = world.network.rough, 0
    writer = world.chance.choice(slow)
    reader = world.chance.choice([each for each in readers if each is not writer] or readers)
    # A reader whose last word is old would have to write, and SQLite lets in one writer at a time.
    if reader is not writer and sync(world, reader, calm=True) == "all_sent":
        with world.centre.held_at_commit(lambda: writer.sync()):
            outcome = reader.sync()
        world.tell("reads while another writes", reader.name, outcome, writer.name)
        if outcome == "all_sent":
            reader.sync()
            promises.a_reader_has_the_newest_state(world, reader)
    world.network.rough = rough


# The centre's days ---------------------------------------------------------------------------------------------------


def _a_copy_is_made(world: World) -> None:
    name = world.chance.choice(("one", "two"))
    if world.chance.random() < 0.3:
        world.centre.write_backup(f"backup-{name}.tar")
        name = f"backup-{name}.tar"
    else:
        world.centre.copy(name)
    world.copies[name] = {user: dict(roles) for user, roles in world.roles.items()}
    world.tell("a copy is made", name)


def _an_older_copy_is_put_back(world: World) -> None:
    if not world.copies:
        return
    name = world.chance.choice(sorted(world.copies))
    if name.endswith(".tar"):
        world.centre.restore_backup(name)
        world.tell("restored, and said so", name)
    else:
        restart = world.chance.random() < 0.5
        world.centre.put_back(name, restart=restart)
        world.tell("put back behind its back", name)
    world.roles = {user: dict(roles) for user, roles in world.copies[name].items()}


def _the_centre_is_restarted(world: World) -> None:
    world.centre.restart()
    world.tell("restarted")


def _a_phone_is_copied_or_put_back(world: World) -> None:
    """A phone's own backup brings it back as it was. Not while something is on it that the copy lacks: that would be lost."""
    phone = world.chance.choice([each for each in world.phones if isinstance(each, App)])
    waits = {change["id"] for change in phone.waiting()} | set(phone.refused())
    if phone.name in world.profiles and waits <= world.profiles[phone.name]:
        phone.put_back()
        world.forms.pop(phone.name, None)
        world.tell("put back from its own backup", phone.name)
    else:
        phone.copy_disk()
        world.profiles[phone.name] = waits
        world.tell("backed up", phone.name)


def _rights_change(world: World) -> None:
    user = world.chance.choice(sorted(world.users))
    area = world.chance.choice(sorted(world.areas.values()))
    role = None if area in world.roles[user] else next(role for name, role, _l, _k in CAST if name == user)
    with world.centre.app.app_context():
        people.set_role(world.users[user], area, role)
    if role is None:
        del world.roles[user][area]
    else:
        world.roles[user][area] = role
    world.roles_changed = True
    world.tell("rights change", user, role)


def _a_phone_is_cut_off(world: World) -> None:
    phone = world.chance.choice([each for each in world.phones if isinstance(each, Replicated)])
    with world.centre.app.app_context():
        people.revoke_device(phone.client.device)
    world.tell("cut off", phone.name)


def come_to_rest(world: World) -> None:
    """The weather clears, everybody syncs, until nobody has anything to say."""
    world.network.calm()
    for _ in range(12):
        before = _standing(world)
        outcomes = {sync(world, phone, calm=True) for phone in world.phones}
        if outcomes <= {"all_sent", "some_refused"} and _standing(world) == before:
            return
    raise Broken(f"no rest: after twelve rounds in fine weather the last word was {sorted(outcomes)}")


def _standing(world: World) -> list[Any]:
    return [len(world.centre.log()), world.centre.counters(), [len(phone.waiting()) for phone in world.phones]]
