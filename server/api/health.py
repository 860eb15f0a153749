"""Is the centre alive, and can it reach its database?"""

from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from server.api.speaking import answered
from server.store import epoch
from server.store.engine import reading


def mount(app: Flask) -> None:
    app.add_url_rule("/healthz", view_func=healthz)


def healthz() -> Response:
    """200 `{"status": "ok"}`, or 503 with what is wrong. Says nothing of records or people."""
    try:
        with reading() as connection:
            epoch.current(connection)
    except SQLAlchemyError:
        return answered({"status": "no database"}, 503)
    return answered({"status": "ok"})
