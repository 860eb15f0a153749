"""The list of proofs is whole and true to the code; `bash bin/prove` runs them, which takes minutes."""

from __future__ import annotations

import pytest

from tests.proofs.__main__ import PAGE
from tests.proofs.proof import ROOT, Proof, all_proofs, wanted

PROOFS = all_proofs()


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_what_a_proof_takes_out_stands_in_the_code_once(proof: Proof) -> None:
    assert proof.without(proof.place.read_text()) != proof.place.read_text()


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_the_test_of_a_proof_is_there(proof: Proof) -> None:
    file, _, name = proof.test.partition("::")
    text = (ROOT / file).read_text()
    if name.startswith("test_phone["):
        file, _, name = name.removeprefix("test_phone[").removesuffix("]").partition(": ")
        text = (ROOT / "tests/pwa" / file).read_text()
        assert f'test("{name}", ' in text
    else:
        assert f"def {name.partition('[')[0]}(" in text


def test_every_row_of_loss_and_every_guarantee_has_a_proof() -> None:
    held = {each for proof in PROOFS for each in proof.holds}
    assert [each for each in wanted() if each not in held] == []
    assert held <= set(wanted())


def test_every_proof_is_on_the_page() -> None:
    page = PAGE.read_text()
    assert [proof.name for proof in PROOFS if f"| {proof.name} (" not in page] == []
