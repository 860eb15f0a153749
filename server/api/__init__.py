"""HTTP in and out for phones, hubs and programs; nothing else. A handler is get, authorise, do, answer."""

from flask import Blueprint, Flask

from server.api import accounts, docs, health, maps, photos, schema, session, sync
from server.api.seats import Seats
from server.app import settings_of


def mount(app: Flask) -> None:
    """Put the API's addresses into *app*."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    for room in (session, sync, accounts, photos, maps, schema, docs):
        room.add_to(api)
    app.register_blueprint(api)
    app.extensions["nuong_seats"] = Seats(settings_of(app).threads)
    health.mount(app)
    docs.mount(app)
