"""The manager's pages: server-rendered, each with an address that can be sent to a colleague.

Must never show or touch what lies outside the areas that the reader manages.
"""

from flask import Flask


def mount(app: Flask) -> None:
    """Put the console's addresses into *app*."""
    # Each puts its pages into the blueprint.
    from server.console import (  # noqa: F401
        administration,
        bring,
        checks,
        conflicts,
        correct,
        doing,
        invited,
        lists,
        maps,
        officers,
        one,
        out,
        own_password,
        plot_list,
        quarantine,
        review,
        seeing,
        tasks,
        tiles,
    )
    from server.console.pages import console

    app.register_blueprint(console)
