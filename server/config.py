"""Every setting of the centre: its name, its meaning, its default. The one place where the environment is read.

A setting is looked up in the environment (``NUONG_…``), then in ``nuong.toml`` in the home folder (lower case,
without the prefix), then its default holds. `docs/running.md` has the same list; a test holds the two together.
"""

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from locales import languages


class BadSetting(ValueError):
    """A setting that makes no sense; the text says which and what to write."""


_HOME = Path("instance")
# One host, no port tricks, no characters that end a directive of a Content-Security-Policy.
_TILES = re.compile(
    r"https://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s;,'\"]*\{z\}[^\s;,'\"]*\{[xy]\}[^\s;,'\"]*\{[xy]\}[^\s;,'\"]*"
)


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force."""

    home: Path = _setting(_HOME, "Folder for the database, photos and secrets; made when absent.")
    database_url: str = _setting("", "SQLAlchemy address of the database; empty: SQLite in the home folder.")
    host: str = _setting("127.0.0.1", "Address that `nuong serve` listens on.")
    port: int = _setting(8000, "Port that `nuong serve` listens on; PORT without a prefix is honoured too.")
    workers: int = _setting(2, "Worker processes of `nuong serve`.")
    threads: int = _setting(8, "Threads of each worker.")
    proxies: int = _setting(0, "How many reverse proxies stand in front, whose X-Forwarded headers are believed.")
    secure_cookies: bool = _setting(False, "Send the console's cookie over HTTPS only. Set it wherever there is HTTPS.")
    token_days: int = _setting(180, "Days without a sync after which a phone must sign in again.")
    session_hours: int = _setting(12, "Hours after which a manager must sign in to the console again.")
    language: str = _setting("vi", "Language where a reader's browser asks for none that there is: vi, en or another.")
    slow_after: int = _setting(5, "Wrong passwords for one name, or 10 times as many from one address, before waiting.")
    pictures: str = _setting(
        "", "Where pictures are kept; empty: in the home folder; s3://BUCKET/PREFIX: in object storage (AWS_* say how)."
    )
    picture_bytes: int = _setting(25 * 1024 * 1024, "The largest picture that is taken, in bytes.")
    upload_days: int = _setting(14, "Days after which a picture that did not arrive whole must be sent anew.")
    map_bytes: int = _setting(300 * 1024 * 1024, "The largest map that is taken for phones to keep, in bytes.")
    tiles: str = _setting(
        "",
        "An online map that officers may switch on: https://…/{z}/{x}/{y}.png; empty: none, and nothing is asked of others.",
    )
    tiles_attribution: str = _setting("", "Whose the online map is: the line that its licence asks for.")
    secret_key: str = _setting("", "Signs the console's cookie; empty: made once and kept in the home folder.")

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        if not self.database_url:
            return f"sqlite:///{self.home / 'nuong.sqlite3'}"
        # What hosting services hand out names no driver, or one that is not installed here.
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else self.database_url


def load(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings from *given*, the environment and the file, in this order. Raises `BadSetting`."""
    environ = os.environ if environ is None else environ
    home = Path(given.get("home") or environ.get("NUONG_HOME") or _HOME)
    home = home.expanduser().resolve()
    found: dict[str, Any] = {"home": home}
    from_file = _read_file(home / "nuong.toml")
    for each in fields(Settings):
        if each.name == "home":
            continue
        raw = given.get(each.name)
        if raw is None:
            raw = environ.get(f"NUONG_{each.name.upper()}")
        if raw is None and each.name == "port":
            raw = environ.get("PORT")
        if raw is None:
            raw = from_file.get(each.name)
        if raw is not None:
            found[each.name] = _as(each.name, each.type, raw)
    return _checked(Settings(**found))


def prepare(settings: Settings) -> Settings:
    """Make the home folder and the secret key where they are not there yet; the settings with the key."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.secret_key:
        return settings
    path = settings.home / "secret_key"
    if not path.exists():
        # Two workers may start at once: the first to link its file in wins, and both read the same.
        draft = settings.home / f".secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return Settings(**(values | {"secret_key": path.read_text().strip()}))


def _read_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path.name}: {error}") from error
    known = {each.name for each in fields(Settings)} - {"home"}
    if strange := sorted(set(content) - known):
        raise BadSetting(f"{path.name}: no such setting: {', '.join(strange)}. Known: {', '.join(sorted(known))}.")
    return content


def _as(name: str, kind: Any, raw: Any) -> Any:
    if kind is bool:
        if str(raw).lower() in ("1", "true", "yes", "on"):
            return True
        if str(raw).lower() in ("0", "false", "no", "off", ""):
            return False
        raise BadSetting(f"{name}: write true or false, not {raw!r}.")
    if kind is int:
        try:
            return int(raw)
        except (TypeError, ValueError):
            raise BadSetting(f"{name}: write a whole number, not {raw!r}.") from None
    return str(raw)


def _checked(settings: Settings) -> Settings:
    if not 0 <= settings.port <= 65535:
        raise BadSetting(f"port: write a number from 0 to 65535, not {settings.port}.")
    for name in (
        "workers",
        "threads",
        "token_days",
        "session_hours",
        "slow_after",
        "picture_bytes",
        "upload_days",
        "map_bytes",
    ):
        if getattr(settings, name) < 1:
            raise BadSetting(f"{name}: write a number of 1 or more.")
    if settings.tiles and not _TILES.fullmatch(settings.tiles):
        raise BadSetting("tiles: write an address like https://tiles.example.org/{z}/{x}/{y}.png.")
    if settings.tiles and not settings.tiles_attribution:
        raise BadSetting("tiles_attribution: say whose the online map is; it stands on the map.")
    if settings.language not in languages():
        raise BadSetting(f"language: write {' or '.join(languages())}.")
    return settings
