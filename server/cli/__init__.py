"""The `nuong` command: what one person needs to run an installation.

Must never show a traceback for something that a person can mend: one sentence on standard error, and the exit code says
which kind (1: refused, 2: usage).
"""

import click

from server import config
from server.cli import copies, hubs, kept, people, serving
from server.cli.common import commands, refuse

__all__ = ["commands", "copies", "hubs", "kept", "main", "people", "serving"]


def main() -> None:
    """Run the command, and turn problems into sentences."""
    from sync.client import Offline
    from sync.problem import Problem

    try:
        commands(standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(130) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except Offline:
        refuse("the centre does not answer. Everything waits here; try again later.")
    except Problem as problem:
        refuse(problem.message % problem.params if problem.params else problem.message)
    except config.BadSetting as error:
        refuse(str(error))
