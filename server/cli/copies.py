"""Copies: a phone's safety copy is read in; backups are written and put back."""

from pathlib import Path

import click

from server.cli.common import commands, installation, shelf, warn


@commands.command("import-changes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "otherwise", metavar="USER", help="Whose work it is, where the user in the file is not here.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
def import_changes(file: Path, otherwise: str | None, dry_run: bool) -> None:
    """Read in FILE, a safety copy that a phone wrote of all that had not reached the centre."""
    from server.app import settings_of
    from server.safety.intake import take_in

    with installation() as app, file.open("rb") as copy:
        report = take_in(copy, settings_of(app), None, otherwise, dry_run=dry_run)
    click.echo(f"Recorded by {report.author}, read in on the command line{' (only looked at)' if dry_run else ''}.")
    click.echo(f"{report.new} new, {report.known} already there, {report.refused.total()} refused.")
    for (reason, field), count in report.refused.items():
        click.echo(f"  {count} refused: {reason}{f' ({field})' if field else ''}")
    click.echo(f"{report.pictures} pictures; {report.drafts} half-typed left out.")


@commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything into FILE, pictures too, while the server runs; maps into the folder “maps” beside it, each once."""
    from server.app import settings_of
    from server.maps import maps_shelf
    from server.store import backup as backups
    from server.store import trial

    with installation() as app:
        saved = backups.write(file, shelf(app), maps_shelf(settings_of(app)))
        trial.note_written(settings_of(app).home, file)
    click.echo(
        f"{sum(saved.rows.values())} rows of {len(saved.rows)} tables and {saved.pictures} pictures"
        f" written to {file.name}; {saved.maps} maps beside it, in “maps”."
    )
    if saved.maps_lacking:
        warn(f"{len(saved.maps_lacking)} maps are lost and not in the backup; “nuong maps list” says which.")
    if saved.lacking:
        warn(f"{len(saved.lacking)} pictures are lost or damaged and not in the backup; see “nuong pictures check”.")


@commands.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put the backup in the place of the data that is there.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup back, with the maps beside it. Phones notice (a new epoch) and send again what the backup does not have."""
    from server.app import settings_of
    from server.maps import maps_shelf
    from server.store import backup as backups

    with installation() as app:
        saved = backups.restore(file, replace=replace, shelf=shelf(app), packs=maps_shelf(settings_of(app)))
    click.echo(
        f"{sum(saved.rows.values())} rows, {saved.pictures} pictures and {saved.maps} maps restored;"
        " the epoch was raised, and phones will send again what is missing."
    )
    if saved.lacking:
        warn(f"{len(saved.lacking)} pictures are not here; see “nuong pictures check”.")
    if saved.maps_lacking:
        warn(
            f"{len(saved.maps_lacking)} maps did not lie in “maps” beside the backup. “nuong maps list” says which: hand the"
            " files in again."
        )
