"""Is the simulator blind? Each protection is taken out in turn, and the simulator has to notice within a few seeds.

Must never change what it takes out but here: where the code changes so that a protection is found no more, the test fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.store import epoch, exchange, log, quarantine, reading
from server.store.cursor import Cursor, tail_of
from server.store.tables import Record
from sync import merge
from sync.change import Change
from sync.client import Client, Offline
from sync.replica import Replica
from tests.faults.promises import Broken
from tests.faults.stage import Stage
from tests.faults.world import CAST, REPLICAS, Cast

Patch = pytest.MonkeyPatch


def first_failure(stage: Stage, cast: Cast, seeds: range, program: Path | None = None) -> str:
    """What the simulator says in the first run that fails; it must say so within *seeds*."""
    for seed in seeds:
        try:
            stage.play(seed, "sqlite", cast=cast, program=program)
        except Broken as broken:
            return broken.headline
    raise AssertionError(f"the simulator saw nothing in {len(seeds)} runs")


# At the centre -----------------------------------------------------------------------------------------------------


def repeats_are_not_answered(patch: Patch) -> None:
    """loss.md, row 21."""
    answer = exchange._answer_always

    def without(connection: Any, sender: Any, outcome: Any, page: Any) -> None:
        answer(connection, sender, replace(outcome, repeated=set()), page)

    patch.setattr(exchange, "_answer_always", without)


def cursors_pass_what_is_not_committed(patch: Patch) -> None:
    """Numbers as a sequence gives them, which the reader's cursor follows: row 11."""
    given: dict[str, tuple[int, str]] = {}
    write, read = log._write, reading.read

    def noting(connection: Any, outcome: Any, *more: Any) -> None:
        write(connection, outcome, *more)
        given.update({area: (number, chain) for (area, number), chain in sorted(outcome.numbers.items())})

    def passing(*words: Any, **more: Any) -> Any:
        page = read(*words, **more)
        for area, (cursor, left) in page.cursors.items():
            number, chain = given.get(area, (0, ""))
            if not left and number > cursor.read:
                page.cursors[area] = (Cursor(number, tail_of(chain), number, tail_of(chain)), False)
        return page

    patch.setattr(log, "_write", noting)
    patch.setattr(reading, "read", passing)


def lost_history_is_not_noticed(patch: Patch) -> None:
    patch.setattr(epoch, "history_is_whole", lambda _connection, _cursors: True)


def the_last_writer_wins(patch: Patch) -> None:
    patch.setattr(merge, "_differ", lambda _candidates: False)


def a_delete_hides_edits_that_it_has_not_seen(patch: Patch) -> None:
    patch.setattr(merge, "_unseen", lambda _candidates, _known: False)


def everybody_reads_every_area(patch: Patch) -> None:
    def of_all_areas(connection: Any, _area: str, after: int, counter: int, most: int) -> Any:
        rows = select(Record.seq, Record.id, Record.wire).where(Record.seq > after, Record.seq <= counter)
        return list(connection.execute(rows.order_by(Record.seq).limit(most)))

    patch.setattr(reading, "_records", of_all_areas)


def what_is_refused_is_thrown_away(patch: Patch) -> None:
    patch.setattr(quarantine, "keep", lambda *_given: set())


def officers_do_what_is_a_managers_alone(patch: Patch) -> None:
    patch.setattr(log, "MANAGERS_ALONE", ())


# On the phone that is a replica ------------------------------------------------------------------------------------


def what_is_refused_counts_as_accepted(patch: Patch) -> None:
    settle = Replica._settle_outbox
    patch.setattr(
        Replica, "_settle_outbox", lambda self, reply, batch: settle(self, replace(reply, rejected=[]), batch)
    )


def a_login_page_counts_as_an_answer(patch: Patch) -> None:
    """Row 15."""
    ask = Client.exchange

    def trusting(self: Client, changes: list[Change], limit: int | None = None) -> Any:
        try:
            return ask(self, changes, limit)
        except Offline as offline:
            if not str(offline).startswith("200 "):
                raise
            for change in changes:
                self.replica.outbox.remove(change)
                self.replica._lay(change)

    patch.setattr(Client, "exchange", trusting)


def the_outbox_is_cleared_before_the_answer_is_read(patch: Patch) -> None:
    """Row 26."""
    ask = Client.exchange

    def hasty(self: Client, changes: list[Change], limit: int | None = None) -> Any:
        before = list(self.replica.outbox)
        self.replica.outbox = [each for each in before if each not in changes]
        try:
            self.replica.outbox = before
            return ask(self, changes, limit)
        except Offline:
            self.replica.outbox = [each for each in before if each not in changes]
            raise

    patch.setattr(Client, "exchange", hasty)


def a_delete_has_seen_only_what_is_shown(patch: Patch) -> None:
    """Row 22."""

    view = Replica.view

    def shown_only(self: Replica, record: str) -> list[str]:
        held = self.base.get(record, {"conflicts": {}, "heads": {}})
        rivals = {each["change"] for found in held["conflicts"].values() for each in found}
        hidden = rivals - {each for ids in held["heads"].values() for each in ids}
        return [each for each in view(self, record) if each not in hidden]

    patch.setattr(Replica, "view", shown_only)


def an_edit_replaces_what_it_has_not_seen(patch: Patch) -> None:
    """An app that asks the centre what stands there at the moment of saving would do this: row 5."""
    everything: dict[tuple[str, str], list[str]] = {}
    standing, edit = Replica.standing, Replica.edit

    def of_everybody(self: Replica, record: str, name: str) -> list[str]:
        return sorted({*standing(self, record, name), *everything.get((record, name), [])})

    def noting(self: Replica, change_id: str, record: str, type_: str, area: str, values: Any, schema: int = 1) -> Any:
        change = edit(self, change_id, record, type_, area, values, schema)
        for name in values:
            everything.setdefault((record, name), []).append(change_id)
        return change

    patch.setattr(Replica, "standing", of_everybody)
    patch.setattr(Replica, "edit", noting)


def nothing_is_sent_again_when_history_was_lost(patch: Patch) -> None:
    """Row 17."""
    over = Replica._start_over

    def forgetful(self: Replica, epoch: str) -> None:
        self.sent = []
        over(self, epoch)

    patch.setattr(Replica, "_start_over", forgetful)


@pytest.mark.parametrize(
    ("take_out", "seen"),
    [
        (repeats_are_not_answered, "gap"),
        (cursors_pass_what_is_not_committed, "gap"),
        (lost_history_is_not_noticed, "gap|loss|none of its areas"),
        (the_last_writer_wins, "silent overwrite"),
        (a_delete_hides_edits_that_it_has_not_seen, "silent overwrite"),
        (everybody_reads_every_area, "isolation"),
        (what_is_refused_is_thrown_away, "not in quarantine"),
        (officers_do_what_is_a_managers_alone, "may not"),
        (what_is_refused_counts_as_accepted, "gap|loss|none of its areas"),
        (a_login_page_counts_as_an_answer, "loss|gap|none of its areas"),
        (the_outbox_is_cleared_before_the_answer_is_read, "loss"),
        (a_delete_has_seen_only_what_is_shown, "has not seen a rival"),
        (an_edit_replaces_what_it_has_not_seen, "silent overwrite"),
        (nothing_is_sent_again_when_history_was_lost, "loss"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_simulator_sees_when(
    stage: Stage, monkeypatch: Patch, take_out: Callable[[Patch], None], seen: str
) -> None:
    take_out(monkeypatch)
    found = first_failure(stage, REPLICAS, range(1, 13))
    assert any(each in found for each in seen.split("|")), found


# In the app ----------------------------------------------------------------------------------------------------------

# What stands in the bundle (a pattern: names get numbers there), what stands there instead, and what must be said of it.
IN_THE_APP = {
    "saved is said before it is durable": (
        r"(    const result = await \w+\(work\);)\n    await work\.done;",
        r"\1",
        "loss|came back",
    ),
    "the outbox is cleared before the answer is read": (
        r"    here\.onGoing\?\.\(batch\d*\.map\(\(each\d*\) => each\d*\.change\.id\)\);",
        r'    for (const { n } of await database.getAll("outbox")) await database.delete("outbox", n);',
        "loss",
    ),
    "what is refused counts as accepted": (r"    if \(refusal\) \{", "    if (false) {", "loss|gap|none of its areas"),
    "nothing is sent again when history was lost": (
        r"of await sent\d*\.getAll\(\)\) await outbox\.put\(",
        "of []) await outbox.put(",
        "loss",
    ),
    "a form replaces what came in while it was open": (
        r"known\d* \? known\d*\[name\] \?\? \[\] : (standing\(\w+, name\))",
        r"\1",
        "silent overwrite",
    ),
    "a delete has seen only what is shown": (
        r"return rivals \? rivals\.map\(\(each\d*\) => each\d*\.change\) : (record\.heads\[name\] \?\? \[\];)",
        r"return \1",
        "has not seen a rival|settled",
    ),
}


@pytest.mark.parametrize("what", IN_THE_APP)
def test_the_simulator_sees_in_the_app_when(stage: Stage, tmp_path: Path, what: str) -> None:
    protection, hole, seen = IN_THE_APP[what]
    program, found_there = re.subn(protection, hole, stage.program.read_text())
    assert found_there == 1, "the protection is not where it was: mend this test"
    holed = tmp_path / "phone.mjs"
    holed.write_text(program)
    found = first_failure(stage, CAST, range(1, 13), holed)
    assert any(each in found for each in seen.split("|")), found
