"""What the browser gets: TypeScript and CSS, bundled by esbuild through webassets, and the pages that lead to them.

Must never build while serving: `python -m pwa.bundles` builds, the server reads what was built.
"""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import brotli
from babel.messages.pofile import read_po
from filelock import FileLock
from flask import Blueprint, Flask, Response, render_template, request, send_from_directory, url_for
from webassets import Bundle, Environment
from webassets.filter import Filter

from sync.problem import Problem, sentence

HERE = Path(__file__).parent
ROOT = HERE.parent
STATIC = HERE / "static"
GENERATED = HERE / "generated"
BUILT = STATIC / "built.json"

# Name of the bundle, its entry, and what it is called when it is done.
ENTRIES = {
    "app.js": "pwa/src/main.tsx",
    "app.css": "pwa/src/app.css",
    "map.js": "pwa/src/map/entry.ts",
    "map.css": "pwa/src/map/map.css",
    "photo.js": "pwa/src/photo/entry.ts",
    "safety.js": "pwa/src/safety/entry.ts",
    "worker.js": "pwa/src/sw.ts",
    "console.js": "server/console/assets/console.ts",
    "console.css": "server/console/assets/console.css",
}
# What the phone keeps so that every screen opens without the network; the rest is the console's.
_PRECACHED = ("app.js", "app.css", "map.js", "map.css", "photo.js", "safety.js")
# The large icons are for the browser's installer, which fetches them itself.
_ICONS = ("icon.svg", "icon-192.png")
# How a built file can be sent, best first, and how the file in that form ends.
_PACKED = {"br": ".br", "gzip": ".gz"}


class Esbuild(Filter):  # type: ignore[misc, unused-ignore]
    """Bundles an entry with all that it imports; the map of its source lies beside it, named by its hash."""

    name = "esbuild"
    max_debug_level = None

    def input(self, _in: Any, out: Any, *, source_path: str, **_kw: Any) -> None:
        target = STATIC / ".draft" / Path(source_path).name
        style = source_path.endswith(".css")
        command = [
            *_esbuild(),
            source_path,
            "--bundle",
            "--minify",
            "--sourcemap=external",
            "--target=es2022,chrome100,firefox110,safari16",
            "--loader:.txt=text",
            "--loader:.png=dataurl",
            "--loader:.svg=dataurl",
            "--jsx=automatic",
            "--jsx-import-source=preact",
            f"--outfile={target}",
            *([] if style else ["--format=esm"]),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603  (our own command)
        if done.returncode:
            raise SystemExit(f"esbuild could not bundle {Path(source_path).name}:\n{done.stderr}")
        made = target.read_text()
        if not style:
            made += f"//# sourceMappingURL={_keep_map(target)}\n"
        out.write(made)


def _pack(file: Path) -> None:
    """Lay the compressed forms beside a built file: made once as small as they get, and not by each worker anew."""
    content = file.read_bytes()
    for ending, packed in ((".br", brotli.compress(content)), (".gz", gzip.compress(content, 9, mtime=0))):
        file.with_name(file.name + ending).write_bytes(packed)


def _keep_map(target: Path) -> str:
    # Its `sources` are relative to the draft folder: written anew from the root, so that two builds are alike.
    source_map = json.loads(target.with_name(target.name + ".map").read_text())
    source_map["sources"] = [str((target.parent / each).resolve().relative_to(ROOT)) for each in source_map["sources"]]
    text = json.dumps(source_map)
    name = f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.map"
    (STATIC / name).write_text(text)
    return name


def _esbuild() -> list[str]:
    # npm may or may not have put the binary in place of its JavaScript shim: both are tried, the binary first.
    for found in sorted(ROOT.glob("node_modules/@esbuild/*/bin/esbuild")):
        return [str(found)]
    shim = ROOT / "node_modules/.bin/esbuild"
    if not shim.exists():
        raise SystemExit("esbuild is not there: run “npm ci” first (bin/run and bin/test do).")
    return [str(shim)]


def build() -> dict[str, str]:
    """Build all bundles where anything changed since the last time; name of each to its file."""
    STATIC.mkdir(exist_ok=True)
    with FileLock(HERE / ".build.lock"):
        generate()
        mark = _inputs()
        if BUILT.exists():
            before: dict[str, Any] = json.loads(BUILT.read_text())
            if before.get("inputs") == mark and all(
                (STATIC / f"{name}.br").exists() for name in before["files"].values()
            ):
                return dict(before["files"])
        for old in STATIC.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        (STATIC / ".draft").mkdir()
        files = _bundle()
        shutil.rmtree(STATIC / ".draft")
        for name in files.values():
            _pack(STATIC / name)
        draft = STATIC / ".built.json"
        draft.write_text(json.dumps({"inputs": mark, "files": files}, indent=1))
        draft.replace(BUILT)
        return files


def _bundle() -> dict[str, str]:
    assets = Environment(str(STATIC), "", cache=False, versions="hash", url_expire=False, debug=False)
    assets.manifest = f"json:{STATIC / 'assets.json'}"
    files = {}
    for name, entry in ENTRIES.items():
        stem, ending = name.rsplit(".", 1)
        bundle = Bundle(
            str(ROOT / entry),
            filters=Esbuild(),
            output=f"{stem}.%(version)s.{ending}",
            depends=str(ROOT / "pwa/src/**/*"),
        )
        assets.register(name.replace(".", "_"), bundle)
        files[name] = bundle.urls()[0].rsplit("/", 1)[-1]
    return files


def generate() -> None:
    """Write what the TypeScript imports and Python knows: the declarations, and the sentences of the catalogues."""
    from sync.records import describe

    GENERATED.mkdir(exist_ok=True)
    _write(GENERATED / "declarations.json", describe())
    catalogues = {}
    for path in sorted(ROOT.glob("locales/*/LC_MESSAGES/nuong.po")):
        with path.open("rb") as file:
            catalogue = read_po(file)
        # Only what the phone's own code says: the server's sentences would be bytes for nothing.
        catalogues[path.parts[-3]] = {
            str(message.id): str(message.string)
            for message in catalogue
            if message.id and message.string and any(place.startswith("pwa/") for place, _ in message.locations)
        }
    _write(GENERATED / "messages.json", catalogues)


def _write(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, sort_keys=False, separators=(",", ":"))
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _inputs() -> str:
    """A fingerprint of everything that a build reads."""
    digest = hashlib.sha256()
    places = [HERE / "src", GENERATED, ROOT / "sync/dictionaries", ROOT / "server/console/assets"]
    files = [path for place in places for path in sorted(place.rglob("*")) if path.is_file()]
    for path in [*files, ROOT / "package-lock.json", Path(__file__)]:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


# Serving ---------------------------------------------------------------------------------------------------------


@cache
def built() -> dict[str, str]:
    """Name of each bundle to the file that was built. Raises `Problem` where nothing was."""
    try:
        return dict(json.loads(BUILT.read_text())["files"])
    except FileNotFoundError:
        raise Problem(
            "not_built", 503, sentence("The app is not built yet. Run “python -m pwa.bundles” and start again.")
        ) from None


def register(app: Flask) -> None:
    """Put the app's addresses into *app*."""
    pages = Blueprint("pwa", __name__, template_folder="templates")
    pages.add_url_rule("/", view_func=shell)
    pages.add_url_rule("/sw.js", view_func=worker)
    pages.add_url_rule("/manifest.webmanifest", view_func=manifest)
    pages.add_url_rule("/static/<path:name>", view_func=static)
    app.register_blueprint(pages)
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of a bundle, or of a file that is served as it is."""
    return url_for("pwa.static", name=name if (HERE / "public" / name).exists() else built()[name])


def shell() -> Response:
    """The one page of the app."""
    response = Response(_shell(), content_type="text/html; charset=utf-8")
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def _shell() -> str:
    late = {each: asset(f"{each}.js") for each in ("map", "photo", "safety")}
    boot = {"root": url_for("pwa.shell"), **late, "mapCss": asset("map.css"), "version": version()}
    return render_template("shell.html", boot=boot)


def worker() -> Response:
    """The service worker, told what to keep. It changes whenever anything that it keeps does."""
    source = (STATIC / built()["worker.js"]).read_text()
    root = url_for("pwa.shell")
    kept = [root, url_for("pwa.manifest"), *(asset(name) for name in (*_PRECACHED, *_ICONS))]
    told = json.dumps({"root": root, "version": version(), "kept": kept})
    digest = hashlib.sha256((_shell() + source).encode()).hexdigest()[:12]
    response = Response(f"self.NUONG={told};/*{digest}*/\n{source}", content_type="text/javascript; charset=utf-8")
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def manifest() -> Response:
    """What a phone needs to install the app."""
    icons = [
        {"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": asset("icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": asset("icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": asset("icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    root = url_for("pwa.shell")
    body = {
        "id": root,
        "name": "Nương",
        "short_name": "Nương",
        "description": "Sổ nương: ghi khi không có sóng, gửi khi có sóng",
        "lang": "vi",
        "start_url": root,
        "scope": root,
        "display": "standalone",
        "background_color": "#FBFAF5",
        "theme_color": "#1F6B3A",
        "icons": icons,
    }
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/manifest+json")


def static(name: str) -> Response:
    """A built file (its name has its hash: kept for ever) or one of public/ (asked for again after a day)."""
    public = (HERE / "public" / name).is_file()
    if not public and name not in built().values() and not name.endswith(".map"):
        raise Problem(
            "not_found", 404, sentence("There is nothing at this address. Check it, or go back to the start.")
        )
    if public:
        return send_from_directory(HERE / "public", name, max_age=86400)
    encoding = None if name.endswith(".map") else request.accept_encodings.best_match(_PACKED)
    response = send_from_directory(STATIC, name + _PACKED[encoding] if encoding else name)
    if encoding:
        response.content_encoding = encoding
        response.mimetype = "text/css" if name.endswith(".css") else "text/javascript"
    response.vary.add("Accept-Encoding")
    response.cache_control.max_age = 31536000
    response.cache_control.immutable = True
    return response


@cache
def version() -> str:
    """A short name for what was built."""
    return hashlib.sha256(json.dumps(built(), sort_keys=True).encode()).hexdigest()[:8]


def main() -> None:
    """Build, and say what each file weighs."""
    for name, file in build().items():
        content = (STATIC / file).read_bytes()
        packed = (STATIC / f"{file}.br").stat().st_size
        sys.stdout.write(f"{name:12} {len(content):>8,} bytes {packed:>8,} as sent\n")


if __name__ == "__main__":
    main()
