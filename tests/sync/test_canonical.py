"""The canonical text of a JSON value, and the quick question whether it is short enough."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.canonical import canonical, is_within

_PLAIN = st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats() | st.text()
_JSON = st.recursive(_PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def _length(value: Any) -> int | None:
    try:
        return len(canonical(value))
    except ValueError:
        return None


def _within(value: Any, most: int) -> bool | None:
    try:
        return is_within(value, most)
    except ValueError:
        return None


@given(value=_JSON, most=st.integers(0, 400))
def test_the_quick_question_has_the_answer_of_the_text_itself(value: Any, most: int) -> None:
    length = _length(value)
    assert _within(value, most) == (None if length is None else length <= most)


def test_numbers_that_grow_when_they_are_written_out_are_counted_as_they_are_written() -> None:
    value = [1e20] * 100
    assert len(canonical(value)) == 2201
    assert is_within(value, 2201)
    assert not is_within(value, 2200)
