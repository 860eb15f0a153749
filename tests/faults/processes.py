"""The simulator with real processes: `nuong serve` with two workers behind a link that cuts, killed with -9 while phones
push, PostgreSQL killed under it, and older copies put back.

What is done is decided by the seed; how far each process has come at that moment is the machine's. So a seed here tells
a like story, not the same: what it shows is held by the same promises, whatever the moment was.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections import Counter
from typing import Any

import requests

from server.store import people
from sync.client import Client
from tests.conftest import PASSWORD
from tests.faults import promises
from tests.faults.centre import Centre, Database, PostgresDatabase, SqliteFile
from tests.faults.chance import Clock, decided_ids
from tests.faults.cutting import CuttingLink
from tests.faults.network import Network
from tests.faults.phones import Replicated
from tests.faults.postgres import Postgres
from tests.faults.promises import Broken
from tests.faults.world import World, come_to_rest
from tests.serving import Served

CAST = (
    ("lan", people.OFFICER, "A"),
    ("pao", people.OFFICER, "AB"),
    ("sua", people.OFFICER, "B"),
    ("hoa", people.MANAGER, "AB"),
)
PHONES_EACH = 2
BURSTS = 3
MOST_WAITING = 20
_SECONDS_FOR_AN_ANSWER = (2, 10)


def play(seed: int, database: SqliteFile | PostgresDatabase, server: Postgres | None) -> Counter[str]:
    """The run of *seed* on *database*, which is taken away afterwards; how often what happened. Raises `Broken`."""
    try:
        return _Run(seed, database, server).play()
    except Exception as error:
        name = "postgres" if server else "sqlite"
        error.add_note(
            f"To begin again: bash bin/soak --processes --seed {seed} --database {name}"
            " (the moments are the machine's: it may take several tries)"
        )
        raise
    finally:
        if isinstance(database, PostgresDatabase):
            database.drop()
        shutil.rmtree(database.settings.home)


class _Run:
    """One run: a burst of pushes from all phones at once, and in the middle of it something breaks; several times."""

    def __init__(self, seed: int, database: Database, server: Postgres | None) -> None:
        self.chance = random.Random(seed)
        self.server = server
        self.counts: Counter[str] = Counter()
        centre = Centre(database)
        with centre.app.app_context(), decided_ids(self.chance):
            areas = {letter: people.add_area(f"HTX [area {letter}]") for letter in "AB"}
            users = {
                name: people.add_user(name, PASSWORD, role, [areas[x] for x in letters]) for name, role, letters in CAST
            }
        roles = {name: {areas[x]: role for x in letters} for name, role, letters in CAST}
        network = Network(centre, self.chance, rough=0)
        self.world = World(seed, self.chance, centre, network, areas, users, roles)
        self.serving = Served(database.settings, quiet=True)

    def play(self) -> Counter[str]:
        self.serving.start()
        with CuttingLink(self.serving.port, self.chance, rough=0) as link:
            try:
                self._play(link)
            except Broken as broken:
                broken.add_story(self.world.story)
                raise
            finally:
                self.serving.kill()
                self.world.centre.close()
        self.counts["changes saved"] = len(self.world.saved)
        return self.counts + link.cuts

    def _play(self, link: CuttingLink) -> None:
        for name, _role, _letters in CAST:
            for place in range(PHONES_EACH):
                self.world.phones.append(_phone(name, place, self.world, link.port))
        for phone in self.world.phones:
            assert phone.sign_in()
        link.rough = 25
        for _ in range(BURSTS):
            self._burst()
        link.rough = 0
        come_to_rest(self.world)
        promises.hold_at_the_end(self.world)

    def _burst(self) -> None:
        """Everybody types and pushes at once, and at some moment of it something happens to the centre."""
        stop = threading.Event()
        failed: list[BaseException] = []
        seeds = [self.chance.getrandbits(64) for _ in self.world.phones]
        crowd = [
            threading.Thread(target=_work, args=(self.world, phone, random.Random(seed), stop, failed))
            for phone, seed in zip(self.world.phones, seeds, strict=True)
        ]
        for each in crowd:
            each.start()
        try:
            time.sleep(self.chance.uniform(0.2, 1.2))  # the moment at which it happens
            self._something_happens()
            time.sleep(self.chance.uniform(0.1, 0.5))
        finally:
            stop.set()
            for each in crowd:
                each.join()
        if failed:
            raise failed[0]

    def _something_happens(self) -> None:
        happens = [self._killed, self._killed, self._put_back]
        if self.server:
            happens.append(self._database_killed)
        self.chance.choice(happens)()

    def _killed(self) -> None:
        """Killed with -9 in the middle of what it does; a copy is taken while it is down, as after each fault."""
        self.serving.kill()
        self.world.centre.copy("night")
        self.world.copies["night"] = {}
        self.serving.start()
        self._tell("centre killed with -9")

    def _put_back(self) -> None:
        if not self.world.copies:
            return self._killed()
        self.serving.kill()
        self.world.centre.put_back("night", restart=False)
        self.serving.start()
        return self._tell("older copy put back behind its back")

    def _database_killed(self) -> None:
        assert self.server
        self.server.kill()
        self.world.centre.close()
        self.server.start()
        self._tell("database killed with -9")

    def _tell(self, what: str) -> None:
        self.counts[what] += 1
        self.world.tell(what)


def _phone(user: str, place: int, world: World, port: int) -> Replicated:
    phone = Replicated(f"{user}'s phone {place + 1}", user, world.network, Clock(world.chance))
    client = Client(f"http://127.0.0.1:{port}", device=phone.client.device)
    client._http.hooks["response"] = lambda answer, *_words, **_more: _only_of_own_areas(world, phone, answer)
    request = client._http.request
    # A phone in the hills waits a minute for an answer; a test that kills servers does not.
    client._http.request = lambda *words, **more: request(*words, **{**more, "timeout": _SECONDS_FOR_AN_ANSWER})  # type: ignore[method-assign]
    phone.client = client
    phone.most_sent = 60
    phone.most_read = (50, 600)
    return phone


def _only_of_own_areas(world: World, phone: Replicated, answer: requests.Response) -> None:
    """Nothing moves between areas here, so what was typed in an area is of that area."""
    for letter in promises.areas_named(answer.content):
        if world.areas[letter] not in world.roles[phone.username]:
            raise Broken(f"isolation: {phone.name} was told what was typed in area {letter}")


def _work(
    world: World, phone: Replicated, chance: random.Random, stop: threading.Event, failed: list[BaseException]
) -> None:
    """What one person does in a burst: types, sends, types on; as fast as it goes, and no more while nothing goes."""
    try:
        while not stop.is_set():
            for _ in range(chance.randrange(1, 6) if len(phone.waiting()) < MOST_WAITING else 0):
                _type(world, phone, chance)
            if phone.sync() == "signed_out":
                phone.sign_in()
    except BaseException as error:
        failed.append(error)


def _type(world: World, phone: Replicated, chance: random.Random) -> None:
    area = chance.choice(sorted(world.roles[phone.username]))
    letter = next(letter for letter, each in world.areas.items() if each == area)
    values: dict[str, Any] = {chance.choice(("name", "note", "village")): f"[{letter}0] {chance.choice('abcd')}"}
    known = sorted(
        record for record, held in phone.replica.base.items() if held["area"] == area and not held["deleted"]
    )
    if known and chance.random() < 0.6:
        record = chance.choice(known)
        if chance.random() < 0.1:
            values = {"deleted": True}
        world.keep(phone.save(phone.replica.base[record]["type"], area, record, values), phone)
    else:
        world.keep(phone.save("farmer", area, None, values), phone)
