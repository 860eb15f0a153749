"""The factory of the centre's application: mounts the rooms, and turns every problem into its answer in one place.

Must never hold a route of its own.
"""

from flask import Flask
from flask_compress import Compress
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from server import config, security
from server.store import engine
from server.store.tables import db


def create_app(settings: config.Settings | None = None) -> Flask:
    """The application with *settings* (default: environment and file). Makes the home folder; touches no table."""
    settings = config.prepare(settings or config.load())
    app = Flask("server", static_folder=None, template_folder=None)
    app.extensions["nuong_settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        SESSION_COOKIE_NAME="nuong_console",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=settings.session_hours * 3600,
        WTF_CSRF_CHECK_DEFAULT=False,  # the console asks for it; the API has bearer tokens and no cookie
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE=settings.language,
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        BABEL_DOMAIN="nuong",
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_MIMETYPES=[
            "text/html", "text/css", "text/javascript", "application/json", "application/geo+json",
            "application/problem+json", "application/manifest+json", "image/svg+xml",
        ],
        COMPRESS_LEVEL=6,
        COMPRESS_MIN_SIZE=400,
    )  # fmt: skip
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops, hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        engine.prepare(db.engine)
    security.protect(
        app, {SQLAlchemyError: engine.unreachable}, settings.tiles
    )  # before Compress, so that it has the last word on headers
    Compress(app)
    _mount(app)
    return app


def settings_of(app: Flask) -> config.Settings:
    """The settings that *app* was made with."""
    found: config.Settings = app.extensions["nuong_settings"]
    return found


def _engine_options(settings: config.Settings) -> dict[str, object]:
    if settings.database.startswith("sqlite"):
        return {}
    return {"pool_size": settings.threads, "max_overflow": 4, "pool_recycle": 1800}


def _mount(app: Flask) -> None:
    from pwa import bundles
    from server import api, console

    api.mount(app)
    console.mount(app)
    settings = settings_of(app)
    bundles.register(app, (settings.tiles, settings.tiles_attribution))
