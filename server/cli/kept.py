"""Pictures and maps: whether they are whole, and which there are."""

from pathlib import Path

import click

from server.cli.common import commands, installation, shelf, table


@commands.group()
def pictures() -> None:
    """Pictures: what is kept under their hashes, on disk or in object storage."""


@pictures.command("check")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def pictures_check(as_json: bool) -> None:
    """Read every kept picture against its hash, and say which records name pictures that are not here.

    Exit code 1: pictures that were kept are lost or damaged. That some have not arrived yet is no fault.
    """
    from server.pictures.check import check

    with installation() as app:
        found = check(shelf(app))
    faults = {**dict.fromkeys(found.lost, "lost"), **dict.fromkeys(found.damaged, "damaged")}
    rows = [
        {"picture": sha256, "state": state, "records": " ".join(found.records.get(sha256, []))}
        for sha256, state in [*faults.items(), *((sha256, "not arrived") for sha256 in found.awaited)]
    ]
    if rows or as_json:
        table(rows, ("state", "picture", "records"), as_json)
    if not as_json:
        click.echo(
            f"{found.whole} pictures are whole, {len(faults)} lost or damaged, {len(found.awaited)} not arrived yet."
        )
    if faults:
        raise SystemExit(1)


@commands.group()
def maps() -> None:
    """Maps that phones keep: packs of tiles (PMTiles) for an area."""


@maps.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--area", required=True, help="Id of the area whose officers may have it.")
@click.option("--name", default="", help="What officers see (default: what the map calls itself).")
def maps_add(file: Path, area: str, name: str) -> None:
    """Take in FILE, a map in the form PMTiles, and print its id."""
    from server.app import settings_of
    from server.maps import intake

    with installation() as app, file.open("rb") as content:
        click.echo(intake.add(content, area, name or file.stem, settings_of(app), None))


@maps.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def maps_list(as_json: bool) -> None:
    """Show the maps of each area, and whether their files are there."""
    from server.app import settings_of
    from server.maps import maps_shelf
    from server.store import maps

    with installation() as app:
        offered = maps.offered()
        here = maps_shelf(settings_of(app)).having({each.sha256 for each in offered})
    rows = [
        {"id": each.id, "area": each.area_name, "name": each.name, "tiles": each.tiles, "bytes": each.size,
         "file": "here" if each.sha256 in here else "lost"}
        for each in offered
    ]  # fmt: skip
    table(rows, ("id", "area", "name", "tiles", "bytes", "file"), as_json)


@maps.command("remove")
@click.argument("map_id")
def maps_remove(map_id: str) -> None:
    """Take a map away from its area; phones that have it keep it until they delete it."""
    from server.app import settings_of
    from server.maps import intake

    with installation() as app:
        intake.remove(map_id, settings_of(app))
