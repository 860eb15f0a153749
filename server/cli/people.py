"""Areas, the people in them, and their phones."""

import click

from server.cli.common import commands, installation, invitation, password, refuse, table


@commands.group()
def area() -> None:
    """Areas: a co-operative or commune, the unit of access and of sync."""


@area.command("add")
@click.argument("name")
def area_add(name: str) -> None:
    """Make an area, and print its id."""
    from server.store import people

    with installation():
        click.echo(people.add_area(name))


@area.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def area_list(as_json: bool) -> None:
    """Show the areas."""
    from server.store import people

    with installation():
        table(people.list_areas(), ("id", "name", "members"), as_json)


@commands.group()
def user() -> None:
    """Users: officers, managers, administrators."""


@user.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(["officer", "manager", "admin", "hub"]))
@click.option("--area", "areas", multiple=True, help="Id of an area that is theirs; may be repeated.")
@click.option("--name", default="", help="The name that others see (default: the user name).")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not from the terminal.")
def user_add(username: str, role: str, areas: tuple[str, ...], name: str, password_stdin: bool) -> None:
    """Make a user."""
    from server.store import people

    with installation():
        user_id = people.add_user(username, password(password_stdin), role, list(dict.fromkeys(areas)), name)
    click.echo(user_id)


@user.command("invite")
@click.argument("username", default="")
@click.option("--address", default="", help="Where the console is reached (https://…); default: on this machine.")
def user_invite(username: str, address: str) -> None:
    """Make a link that is good once, for a day: for a new administrator, or for USERNAME to set a new password."""
    from server.store import people

    with installation():
        click.echo(invitation(people.must_know(username) if username else None, address))


@user.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, not from the terminal.")
def user_password(username: str, password_stdin: bool) -> None:
    """Give a user a new password; phones that are signed in stay so, browsers at the console do not."""
    from server.store import people

    with installation():
        people.set_password(username, password(password_stdin))


@user.command("role")
@click.argument("username")
@click.argument("role", type=click.Choice(["officer", "manager", "none"]))
@click.option("--area", required=True, help="Id of the area.")
def user_role(username: str, role: str, area: str) -> None:
    """Give a user an area, change the role there, or take it away (none). Phones follow at their next sync."""
    from server.store import people

    with installation():
        people.set_role(people.must_know(username), area, None if role == "none" else role)


@user.command("admin")
@click.argument("username")
@click.option("--no-longer", is_flag=True, help="Take it away; roles in areas stay.")
def user_admin(username: str, no_longer: bool) -> None:
    """Make a user an administrator, who sets up areas and people and sees everything."""
    from server.store import people

    with installation():
        people.set_admin(username, not no_longer)


@user.command("disable")
@click.argument("username")
def user_disable(username: str) -> None:
    """Shut somebody out everywhere; what they recorded stays, and what is unsent stays on their phone."""
    from server.store import people

    with installation():
        people.set_disabled(username, True)


@user.command("enable")
@click.argument("username")
def user_enable(username: str) -> None:
    """Let somebody in again."""
    from server.store import people

    with installation():
        people.set_disabled(username, False)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def user_list(as_json: bool) -> None:
    """Show the users and what is theirs."""
    from server.store import people

    with installation():
        rows = people.list_users()
        if not as_json:
            for row in rows:
                roles = [f"{role} of {name}" for name, role in row["areas"].items()]
                row["roles"] = "; ".join((["admin"] if row["is_admin"] else []) + roles)
        table(rows, ("id", "username", "name", "roles"), as_json)


@commands.group()
def device() -> None:
    """Devices: the phones that have signed in."""


@device.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def device_list(as_json: bool) -> None:
    """Show the phones, the last heard from first."""
    from server.store import people

    with installation():
        table(people.list_devices(), ("id", "username", "name", "seen_at", "live"), as_json)


@device.command("enrol")
@click.argument("username")
@click.option("--address", help="Where phones open the app (https://…): the code is then shown as a QR code too.")
def device_enrol(username: str, address: str | None) -> None:
    """Make a code that signs one phone of a user in, once, within a quarter of an hour."""
    from server.store import enrolment, people

    with installation():
        user_id = people.user_id_of(username)
        if user_id is None:
            refuse("there is no such user. “nuong user list” shows them.")
        code = enrolment.make(user_id, None)
    click.echo(code)
    if address:
        import segno

        target = f"{address.rstrip('/')}/#/enrol/{code}"
        click.echo(target)
        segno.make(target, micro=False).terminal(compact=True)


@device.command("revoke")
@click.argument("device_id")
def device_revoke(device_id: str) -> None:
    """Cut a lost phone off: it can neither send nor read until somebody signs in on it again."""
    from server.store import people

    with installation():
        count = people.revoke_device(device_id)
    click.echo(f"{count} sign-ins ended.")
