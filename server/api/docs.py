"""The API's description: OpenAPI 3.1 made from the declarations and the protocol, and a page to read it on."""

from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, render_template

from server.api.speaking import answered


def add_to(api: Blueprint) -> None:
    api.template_folder = "templates"
    api.add_url_rule("/openapi.json", view_func=openapi)


def mount(app: Flask) -> None:
    app.add_url_rule("/docs/api", view_func=page)


def openapi() -> Response:
    """The description as JSON."""
    return answered(description())


def page() -> str:
    """The description as a page."""
    return render_template("api.html", api=description())


@cache
def description() -> dict[str, Any]:
    return {}
