"""The `nuong` command: plain errors, exit codes, and just what was asked for on standard output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PASSWORD = "mua-rao-2026\n"


def nuong(home: Path, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    import os

    environment = {**os.environ, "NUONG_HOME": str(home)}
    environment.pop("NUONG_DATABASE_URL", None)
    command = [sys.executable, "-m", "server.cli", *words]
    return subprocess.run(command, input=said, env=environment, capture_output=True, text=True, check=False)


def test_an_area_and_its_people_from_nothing(tmp_path: Path) -> None:
    made = nuong(tmp_path, "area", "add", "HTX Chiềng Mung")
    area = made.stdout.strip()
    assert (made.returncode, len(area), made.stdout.count("\n")) == (0, 36, 1)
    words = ("user", "add", "lò", "--role", "officer", "--area", area, "--password-stdin")
    assert nuong(tmp_path, *words, said=PASSWORD).returncode == 0
    again = nuong(tmp_path, *words, said=PASSWORD)
    assert again.returncode == 1
    assert "already" in again.stderr
    assert "Traceback" not in again.stderr
    assert "HTX Chiềng Mung" in nuong(tmp_path, "area", "list").stdout
    assert "officer of HTX Chiềng Mung" in nuong(tmp_path, "user", "list").stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("user", "add", "lan", "--role", "officer", "--password-stdin"), 1, "area"),
        (("user", "add", "l", "--role", "admin", "--password-stdin"), 1, "2 to 100"),
        (("user", "add", "lan", "--role", "king", "--password-stdin"), 2, "king"),
        (("user", "add", "lan", "--role", "officer", "--area", "nowhere", "--password-stdin"), 1, "nowhere"),
        (("device", "revoke", "x"), 1, "device list"),
        (("restore", "/nowhere"), 2, "nowhere"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = nuong(tmp_path, *words, said=PASSWORD)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_every_command_has_help() -> None:
    from click.testing import CliRunner

    from server.cli import area, commands, device, user

    for group in (commands, area, device, user):
        for name in group.commands:
            shown = CliRunner().invoke(group, [name, "--help"])
            assert shown.exit_code == 0
            assert "Usage:" in shown.output


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    (tmp_path / "nuong.toml").write_text("wrokers = 3\n")
    done = nuong(tmp_path, "area", "list")
    assert done.returncode == 1
    assert "wrokers" in done.stderr


def test_every_setting_is_in_the_docs() -> None:
    from dataclasses import fields

    from server.config import Settings

    page = (Path(__file__).parents[2] / "docs/running.md").read_text()
    assert [each.name for each in fields(Settings) if f"`{each.name}`" not in page] == []
