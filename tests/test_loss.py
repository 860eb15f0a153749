"""The table of docs/testing.md is what the tests say of themselves."""

from __future__ import annotations

import pytest

from tests import loss


def test_the_table_of_the_docs_is_what_the_tests_say() -> None:
    text = loss.PAGE.read_text()
    assert text == loss.page(text), "run `python -m tests.loss`"


@pytest.mark.parametrize("row", loss.ROWS)
def test_every_row_is_held_by_a_test(row: int) -> None:
    assert any(row in each.rows for each in loss.holders()), loss.ROWS[row]


@pytest.mark.parametrize("holder", loss.holders(), ids=lambda each: f"{each.file}: {each.sentence}")
def test_a_test_holds_rows_that_there_are(holder: loss.Holder) -> None:
    assert set(holder.rows) <= set(loss.ROWS)
