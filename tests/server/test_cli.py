"""The `nuong` command: plain errors, exit codes, and just what was asked for on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.app import settings_of
from tests.conftest import Centre
from tests.pictures import Sending, photo_record, png, sha256

LEAF, FRUIT = png(30), png(200)
PASSWORD = "mua-rao-2026\n"


def nuong(home: Path, *words: str, said: str = "", database: str = "") -> subprocess.CompletedProcess[str]:
    import os

    environment = {**os.environ, "NUONG_HOME": str(home)}
    environment["NUONG_DATABASE_URL"] = database
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


def test_a_link_for_the_first_administrator_is_printed_and_nothing_else(tmp_path: Path) -> None:
    made = nuong(tmp_path, "user", "invite", "--address", "https://nuong.example.org/")
    assert made.stdout.startswith("https://nuong.example.org/console/invited/")
    assert made.stdout.count("\n") == 1
    nobody = nuong(tmp_path, "user", "invite", "nobody")
    assert (nobody.returncode, "no such user" in nobody.stderr) == (1, True)
    saved = nuong(tmp_path, "backup", str(tmp_path / "empty.backup"))
    assert saved.returncode == 0
    # Nobody is here yet: a backup may be put back without --replace.
    assert nuong(tmp_path, "restore", str(tmp_path / "empty.backup")).returncode == 0


def test_an_area_is_given_and_taken_and_a_person_shut_out_and_let_in_again(tmp_path: Path) -> None:
    here, there = (nuong(tmp_path, "area", "add", name).stdout.strip() for name in ("Đây", "Kia"))
    nuong(tmp_path, "user", "add", "lan", "--role", "officer", "--area", here, "--password-stdin", said=PASSWORD)
    assert nuong(tmp_path, "user", "role", "lan", "manager", "--area", there).returncode == 0
    assert "manager of Kia; officer of Đây" in nuong(tmp_path, "user", "list").stdout
    assert nuong(tmp_path, "user", "role", "lan", "none", "--area", here).returncode == 0
    assert "Đây" not in nuong(tmp_path, "user", "list").stdout
    for word, disabled in (("disable", True), ("enable", False)):
        assert nuong(tmp_path, "user", word, "lan").returncode == 0
        assert json.loads(nuong(tmp_path, "user", "list", "--json").stdout)[0]["is_disabled"] is disabled
    nobody = nuong(tmp_path, "user", "disable", "nobody")
    assert (nobody.returncode, "no such user" in nobody.stderr) == (1, True)


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
    from click import Group
    from click.testing import CliRunner

    from server.cli import commands

    groups = [commands, *(each for each in commands.commands.values() if isinstance(each, Group))]
    assert len(groups) == 7
    for group in groups:
        for name in group.commands:
            shown = CliRunner().invoke(group, [name, "--help"])
            assert shown.exit_code == 0
            assert "Usage:" in shown.output


def test_pictures_are_checked_against_their_hashes(centre: Centre) -> None:
    lan = centre.officer(area := centre.area())
    for each in (LEAF, FRUIT):
        Sending(lan, each).send()
    photo_record(lan, area, LEAF)
    awaited = photo_record(lan, area, png(7))
    settings = settings_of(centre.app)

    def check() -> subprocess.CompletedProcess[str]:
        return nuong(settings.home, "pictures", "check", database=settings.database_url)

    first = check()
    assert first.returncode == 0, first.stderr
    assert [line for line in first.stdout.splitlines() if sha256(png(7)) in line and awaited in line]
    assert "2 pictures are whole, 0 lost or damaged, 1 not arrived yet." in first.stdout
    (settings.home / "pictures" / sha256(LEAF)[:2] / sha256(LEAF)).write_bytes(LEAF[:-1])
    (settings.home / "pictures" / sha256(FRUIT)[:2] / sha256(FRUIT)).unlink()
    second = check()
    assert second.returncode == 1
    states = {line.split()[1]: line.split()[0] for line in second.stdout.splitlines()[1:3]}
    assert states == {sha256(LEAF): "damaged", sha256(FRUIT): "lost"}


@pytest.mark.parametrize("address", ["s3://", "s3:///prefix"])
def test_a_shelf_that_makes_no_sense_is_named_before_anything_is_served(tmp_path: Path, address: str) -> None:
    (tmp_path / "nuong.toml").write_text(f'pictures = "{address}"\n')
    done = nuong(tmp_path, "serve")
    assert done.returncode == 1
    assert "s3://BUCKET" in done.stderr
    assert "Traceback" not in done.stderr


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
