"""The guarantees of docs/sync.md that the merge alone can keep, over thousands of small worlds."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.canonical import canonical
from sync.change import Change, Envelope, Logged
from sync.merge import fold
from tests.sync.worlds import AREAS, FIELDS, RECORD, World, change_id, worlds

MANY = settings(max_examples=1000, deadline=None)
HERE = Envelope("user-0", "d", "2026-01-01T00:00:00Z")


def text(log: list[Logged]) -> bytes:
    return canonical(fold(log).as_json())


@MANY
@given(worlds(), st.randoms(use_true_random=False))
def test_the_same_changes_in_any_order_with_any_repetition_give_the_same_bytes(world: World, random: object) -> None:
    shuffled = [*world.log, *world.log[: len(world.log) // 2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert text(shuffled) == text(world.log)


@MANY
@given(worlds())
@pytest.mark.loss(5)
def test_a_value_leaves_only_by_a_change_that_names_it(world: World) -> None:
    state = fold(world.log)
    for name in FIELDS:
        named = {each for change in world.changes for each in change.over.get(name, [])}
        standing = {change.id for change in world.changes if name in change.set and change.id not in named}
        if state.deleted and name != "deleted":
            continue
        rivals = state.conflicts.get(name)
        held = (
            {each.change for each in rivals} if rivals else {one for one, names in state.heads.items() if name in names}
        )
        assert held == standing


@MANY
@given(worlds())
def test_what_is_shown_is_the_value_of_the_greatest_candidate(world: World) -> None:
    state = fold(world.log)
    by_id = {change.id: change for change in world.changes}
    for name, value in state.fields.items():
        holders = [one for one, names in state.heads.items() if name in names]
        assert canonical(by_id[max(holders)].set[name]) == canonical(value)
        if name in state.conflicts:
            assert max(holders) == max(each.change for each in state.conflicts[name])


@MANY
@given(worlds())
@pytest.mark.loss(30)
def test_a_conflict_is_told_where_values_differ_and_nowhere_else(world: World) -> None:
    state = fold(world.log)
    for name in FIELDS[:-1]:
        named = {each for change in world.changes for each in change.over.get(name, [])}
        values = {canonical(c.set[name]) for c in world.changes if name in c.set and c.id not in named}
        assert (name in state.conflicts) == (len(values) > 1 and not state.deleted)


@MANY
@given(worlds())
def test_settling_every_conflict_with_ordinary_changes_leaves_none(world: World) -> None:
    log = list(world.log)
    # Twice: bringing a deleted record back may show what was in dispute before.
    for number in (98, 99):
        state = fold(log)
        over = {name: [each.change for each in rivals] for name, rivals in state.conflicts.items()}
        if over:
            values = {name: False if name == "deleted" else "settled" for name in over}
            log.append(Logged(Change(change_id(7, number), RECORD, "farmer", AREAS[0], values, over), HERE))
    assert fold(log).conflicts == {}


@MANY
@given(worlds())
@pytest.mark.loss(22)
def test_what_one_person_deleted_after_seeing_everything_is_deleted(world: World) -> None:
    state = fold(world.log)
    if state.deleted:
        return
    seen = sorted({*state.heads, *(each.change for rivals in state.conflicts.values() for each in rivals)})
    standing = [each.change for each in state.conflicts.get("deleted", [])] or [
        one for one, names in state.heads.items() if "deleted" in names
    ]
    over = {"deleted": standing} if standing else {}
    delete = Change(change_id(7, 99), RECORD, "farmer", AREAS[0], {"deleted": True}, over, seen)
    assert fold([*world.log, Logged(delete, HERE)]).deleted


@MANY
@given(worlds())
@pytest.mark.loss(18)
def test_no_delete_hides_a_value_that_nobody_who_deleted_had_seen(world: World) -> None:
    state = fold(world.log)
    if not state.deleted:
        return
    named = {(name, each) for change in world.changes for name, ids in change.over.items() for each in ids}
    standing = {
        name: [each for each in world.changes if name in each.set and (name, each.id) not in named] for name in FIELDS
    }
    deleting = [each for each in standing.pop("deleted") if each.set["deleted"]]
    seen = {each for change in deleting for each in [change.id, *change.seen]}
    assert {each.id for those in standing.values() for each in those} <= seen


@MANY
@given(worlds())
@pytest.mark.loss(18)
def test_an_edit_made_elsewhere_brings_a_deleted_record_back_and_says_so(world: World) -> None:
    if not fold(world.log).deleted:
        return
    edit = Change(change_id(7, 99), RECORD, "farmer", AREAS[0], {"name": "made elsewhere"})
    state = fold([*world.log, Logged(edit, HERE)])
    assert not state.deleted
    assert "deleted" in state.conflicts


@MANY
@given(worlds())
@example(World([Logged(Change(change_id(5, 1), RECORD, "farmer", AREAS[1], {"name": "a"}), HERE)]))
def test_a_record_lives_where_its_least_change_says(world: World) -> None:
    least = min(world.changes, key=lambda change: change.id)
    assert fold(world.log).area == least.area


def test_over_may_arrive_before_what_it_names() -> None:
    old = Change(change_id(1, 1), RECORD, "farmer", AREAS[0], {"name": "old"})
    new = Change(change_id(2, 2), RECORD, "farmer", AREAS[0], {"name": "new"}, {"name": [old.id]})
    assert fold([Logged(new, HERE), Logged(old, HERE)]).fields == {"name": "new"}
    assert fold([Logged(new, HERE), Logged(old, HERE)]).conflicts == {}


@pytest.mark.loss(14)
def test_a_wrong_clock_loses_no_value() -> None:
    early = Change(change_id(9, 1), RECORD, "farmer", AREAS[0], {"name": "from a clock far ahead"})
    late = Change(change_id(1, 2), RECORD, "farmer", AREAS[0], {"name": "typed after it"}, {"name": [early.id]})
    assert fold([Logged(early, HERE), Logged(late, HERE)]).fields == {"name": "typed after it"}


def test_null_clears_a_field_and_can_itself_be_replaced() -> None:
    given_ = Change(change_id(1, 1), RECORD, "farmer", AREAS[0], {"phone": "0912345678"})
    cleared = Change(change_id(2, 2), RECORD, "farmer", AREAS[0], {"phone": None}, {"phone": [given_.id]})
    state = fold([Logged(given_, HERE), Logged(cleared, HERE)])
    assert "phone" not in state.fields
    assert state.heads[cleared.id] == ["phone"]


def test_the_head_of_a_cleared_field_is_told_so_that_the_next_edit_can_name_it() -> None:
    given_ = Change(change_id(1, 1), RECORD, "farmer", AREAS[0], {"name": "Lò", "phone": "0912345678"})
    cleared = Change(
        change_id(2, 2), RECORD, "farmer", AREAS[0], {"name": "Lò Pâng", "phone": None},
        {"name": [given_.id], "phone": [given_.id]},
    )  # fmt: skip
    told = fold([Logged(given_, HERE), Logged(cleared, HERE)]).as_json()
    assert told["fields"] == {"name": "Lò Pâng"}
    assert told["heads"] == {cleared.id: ["name", "phone"]}


def test_one_and_true_are_different_values_but_one_and_one_point_nought_are_not() -> None:
    def conflict(one: object, other: object) -> bool:
        changes = [
            Change(change_id(n, n), RECORD, "farmer", AREAS[0], {"name": value}) for n, value in enumerate((one, other))
        ]
        return "name" in fold([Logged(change, HERE) for change in changes]).conflicts

    assert conflict(1, True)
    assert not conflict(1, 1.0)
