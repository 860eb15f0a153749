"""`bash bin/prove [WORDS]`: takes each protection out of a copy of the checkout and runs the test that holds it.

WORDS: only the proofs whose name or `holds` has them; the others keep what docs/testing.md says of them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from tests.proofs.proof import ROOT, Proof, all_proofs

PAGE = ROOT / "docs/testing.md"
BEGIN, END = "<!-- made by bin/prove -->", "<!-- end of what bin/prove made -->"
_SAID = re.compile(r"^E +(.*)$", re.MULTILINE)
_NODE_SAID = re.compile(r"^E +error: (?:\|-\n(?:E *\n)?E +)?(.+)$", re.MULTILINE)
_LONGEST = 160
_PATIENCE = 300  # seconds: without its protection a test may run for ever


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of one proof: what the test said without the protection; `trouble` where the proof is none."""

    proof: Proof
    said: str
    trouble: str = ""


def main(words: list[str]) -> int:
    """Run the proofs; 1 when one of them proves nothing."""
    proofs = [each for each in all_proofs() if all(word in f"{each.name} {each.holds}" for word in words)]
    with tempfile.TemporaryDirectory(prefix="nuong-prove-") as work:
        copy = Path(work) / "nuong"
        _copy_checkout(copy)
        whole = _run(copy, sorted({each.test for each in proofs}))
        if whole.returncode:
            click.echo(whole.stdout[-6000:])
            click.echo("With every protection in its place these tests must pass first.")
            return 1
        shown = []
        for proof in proofs:
            shown.append(_prove(copy, proof))
            word = "NOTHING PROVED" if shown[-1].trouble else "proved"
            click.echo(f"{word:15} {proof.name}: {shown[-1].trouble or shown[-1].said}")
    _write([each for each in shown if not each.trouble])
    return 1 if any(each.trouble for each in shown) else 0


def _copy_checkout(copy: Path) -> None:
    """What git knows of, the browser's packages (as links: nobody writes there), and nothing that was built."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, names.stdout.decode().split("\0")):
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, target)
    shutil.copytree(ROOT / "node_modules", copy / "node_modules", copy_function=os.link, symlinks=True)


def _prove(copy: Path, proof: Proof) -> Shown:
    place = copy / proof.file
    before = place.read_text()
    try:
        place.write_text(proof.without(before))
        done = _run(copy, [proof.test])
    except ValueError as error:
        return Shown(proof, "", str(error))
    finally:
        place.write_text(before)
    if done.returncode == 0:
        return Shown(proof, "", "the test does not miss what was taken out")
    if done.returncode != 1 or " failed" not in done.stdout:
        return Shown(proof, "", f"the test did not run: {done.stdout[-400:]}")
    return Shown(proof, _what_it_said(done.stdout))


def _run(copy: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    # What is built is built again where something of it changed.
    subprocess.run([sys.executable, "-m", "pwa.bundles"], cwd=copy, capture_output=True, check=False)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=short", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(
            command, cwd=copy, capture_output=True, text=True, check=False, timeout=_PATIENCE * len(tests)
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, f"it did not end within {_PATIENCE * len(tests)} s")


def _what_it_said(output: str) -> str:
    """The sentence of the failure, without what is only of that run."""
    found = _NODE_SAID.findall(output) if "not ok: " in output else []
    said = (found or [*_SAID.findall(output), ""])[0].strip("'")
    said = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{22}", "<id>", said)
    said = re.sub(r"(/[\w.-]+)+/nuong/|/tmp/\S+", "", said).strip()
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _write(shown: list[Shown]) -> None:
    """Put what the tests said into the page; proofs that were not run this time keep what theirs said before."""
    page = PAGE.read_text()
    start, _, rest = page.partition(BEGIN)
    before, _, after = rest.partition(END)
    rows = {row.split(" (`")[0].removeprefix("| "): row for row in before.splitlines()}
    rows |= {each.proof.name: _row(each) for each in shown}
    kept = [rows[proof.name] for proof in all_proofs() if proof.name in rows]
    table = "\n".join(["| what was taken out | protects | the test | what it said |", "|---|---|---|---|", *kept])
    PAGE.write_text(f"{start}{BEGIN}\n{table}\n{END}{after}")


def _row(shown: Shown) -> str:
    proof = shown.proof
    test = proof.test.replace("tests/", "", 1).replace("::test_phone[", "::").removesuffix("]")
    cells = (f"{proof.name} (`{proof.file}`)", ", ".join(proof.holds), f"`{test}`", f"`{shown.said}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
