"""A proof: which lines are taken out of which file, what they protect, and which test must then fail."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

# Rows of the table in docs/testing.md that says how others lost data, and the guarantees of docs/sync.md.
LOSS_ROWS = range(1, 36)
GUARANTEES = ("Convergence", "No loss", "No silent overwrite", "No gap", "Isolation", "Cost")


@dataclass(frozen=True, slots=True)
class Proof:
    """`holds`: loss rows ("loss 12") and guarantees; `find` stands once in `file`, and `replace` takes its place."""

    name: str
    holds: tuple[str, ...]
    file: str
    find: str
    replace: str
    test: str

    @classmethod
    def read(cls, table: dict[str, object]) -> Self:
        """The proof in one table of a file. Raises ``TypeError`` for a key that is missing or strange."""
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
        return cls(**values)  # type: ignore[arg-type]

    @property
    def place(self) -> Path:
        return ROOT / self.file

    def without(self, text: str) -> str:
        """*text* without the protection. Raises ``ValueError`` where it does not stand there exactly once."""
        if text.count(self.find) != 1:
            raise ValueError(f"{self.name}: the lines stand {text.count(self.find)} times in {self.file}, not once")
        return text.replace(self.find, self.replace)


def all_proofs() -> list[Proof]:
    """Every proof that there is, in the order of the files."""
    found = []
    for file in sorted(HERE.glob("*.toml")):
        found += [Proof.read(table) for table in tomllib.loads(file.read_text())["proof"]]
    return found


def wanted() -> list[str]:
    """Everything that must be held by a proof."""
    return [*(f"loss {row}" for row in LOSS_ROWS), *GUARANTEES]
