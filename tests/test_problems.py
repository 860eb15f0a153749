"""The table of docs/problems.md is what the code can answer with, and every code means one thing."""

from __future__ import annotations

import re

from tests import problems


def test_the_table_of_the_docs_is_what_the_code_raises() -> None:
    text = problems.PAGE.read_text()
    assert text == problems.page(text), "run `python -m tests.problems`"


def test_a_code_is_a_word_for_programs_and_its_sentence_one_for_people() -> None:
    for code, status, sentence in problems.raised():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code), code
        assert status == problems.ANY or 400 <= status <= 599, code
        assert sentence.endswith((".", "%(said)s")), f"{code}: {sentence}"
