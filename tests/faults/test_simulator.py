"""Runs of the simulator that are always the same: what fails here was broken by what was changed. `bin/soak` plays runs
that nobody has seen."""

from __future__ import annotations

import pytest

from tests.faults import model
from tests.faults.stage import DATABASES, Stage

SEEDS = (1, 2, 3, 4)
on_each_database = pytest.mark.parametrize(
    "database", [pytest.param(each, marks=[pytest.mark.postgres] if each == "postgres" else []) for each in DATABASES]
)


@pytest.mark.loss(3, 5, 6, 11, 12, 14, 15, 17, 18, 21, 22, 25, 26, 27)
@on_each_database
@pytest.mark.parametrize("seed", SEEDS)
def test_every_guarantee_holds_under_every_fault(stage: Stage, database: str, seed: int) -> None:
    stage.play(seed, database)


@pytest.mark.loss(12, 26, 27)
def test_phones_that_are_put_back_by_their_own_backups_lose_nothing_and_take_nothing_back(stage: Stage) -> None:
    assert stage.play(5, "sqlite", backed_up=True).done["put back from its own backup"]


def test_a_seed_tells_the_same_story_twice(stage: Stage) -> None:
    first, second = (stage.play(5, "sqlite") for _ in range(2))
    assert first.story == second.story
    assert first.network.faults == second.network.faults


# The obvious model -------------------------------------------------------------------------------------------------


def change(id_: str, values: dict[str, object], **more: object) -> dict[str, object]:
    return {"id": id_, "record": "r", "type": "farmer", "area": "A", "set": values, **more}


def test_the_model_keeps_both_values_of_two_who_did_not_know_of_each_other() -> None:
    log = [change("1", {"name": "a"}), change("2", {"name": "b"}, over={"name": ["1"]})]
    log.append(change("3", {"name": "c"}, over={"name": ["1"]}))
    truth = model.truths(log)["r"]
    assert truth.candidates["name"] == {"2": "b", "3": "c"}
    assert truth.shown("name") == "c"
    assert truth.disputed("name")


def test_the_model_lets_an_edit_win_back_what_another_deleted() -> None:
    log = [change("1", {"name": "a"}), change("2", {"deleted": True}, seen=["1"])]
    assert model.truths(log)["r"].deleted
    log.append(change("3", {"name": "b"}, over={"name": ["1"]}))
    assert not model.truths(log)["r"].deleted


def test_the_model_sees_where_a_record_on_the_wire_says_otherwise() -> None:
    truth = model.truths([change("1", {"name": "a"})])["r"]
    told = {"type": "farmer", "area": "A", "fields": {"name": "a"}, "heads": "1", "deleted": False}
    assert model.differences(truth, told) == []
    assert model.differences(truth, {**told, "fields": {"name": "b"}})
    assert model.differences(truth, {**told, "heads": "2"})
