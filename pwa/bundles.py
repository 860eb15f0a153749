"""What the browser gets: TypeScript and CSS, bundled by esbuild through webassets, and the pages that lead to them.

Must never build while serving: `python -m pwa.bundles` builds, the server reads what was built.
"""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import brotli
from babel.messages.pofile import read_po
from filelock import FileLock
from flask import Blueprint, Flask, Response, current_app, render_template, request, send_from_directory, url_for
from webassets import Bundle, Environment
from webassets.filter import Filter

from locales import LABELS, SOURCE, languages
from sync.problem import Problem, sentence

HERE = Path(__file__).parent
ROOT = HERE.parent
STATIC = HERE / "static"
GENERATED = HERE / "generated"
# Imports all that opening the app takes.
GROUND = GENERATED / "ground.ts"
BUILT = STATIC / "built.json"

# Name of the bundle, its entry, and what it is called when it is done.
ENTRIES = {
    "app.js": "pwa/src/main.tsx",
    "app.css": "pwa/src/app.css",
    "map.css": "pwa/src/map/map.css",
    "worker.js": "pwa/src/sw.ts",
    "console.js": "server/console/assets/console.ts",
    "console.css": "server/console/assets/console.css",
}
# What the phone keeps, beside the pieces of the app, so that every screen opens without the network.
_PRECACHED = ("app.js", "app.css", "map.css")
# What the app imports only when somebody comes to it becomes pieces of their own (`pwa/src/late.tsx`).
_IN_PIECES = "pwa/src/main.tsx"
# The large icons are for the browser's installer, which fetches them itself.
_ICONS = ("icon.svg", "icon-192.png")
# Where a sentence stands that the phone may say: in its own code, or in the declarations.
_SAID_HERE = ("pwa/", LABELS)
# How a built file can be sent, best first, and how the file in that form ends.
_PACKED = {"br": ".br", "gzip": ".gz"}


class Esbuild(Filter):  # type: ignore[misc, unused-ignore]
    """Bundles an entry with all that it imports; the map of its source lies beside it, named by its hash."""

    name = "esbuild"
    max_debug_level = None

    def input(self, _in: Any, out: Any, *, source_path: str, **_kw: Any) -> None:
        draft = STATIC / ".draft" / Path(source_path).stem
        style = source_path.endswith(".css")
        in_pieces = source_path.endswith(_IN_PIECES)
        _run_esbuild(
            source_path,
            "--minify",
            "--sourcemap=external",
            "--charset=utf8",
            f"--outdir={draft}",
            "--chunk-names=piece.[hash]",
            *([] if style else ["--format=esm"]),
            *(_pieces() if in_pieces else []),
        )
        target = draft / f"{Path(source_path).stem}{'.css' if style else '.js'}"
        for piece in sorted(draft.glob("piece.*.js")):
            (STATIC / piece.name).write_text(_with_map(piece))
        out.write(target.read_text() if style else _with_map(target))


def _pieces() -> list[str]:
    # Every piece imports the ground as well, or what it shares with the ground would become a piece of its own for each
    # set of pieces that share it: thirty files to open the app in place of two.
    return ["--splitting", f"--inject:{GROUND}", f"--metafile={STATIC / '.draft' / 'pieces.json'}"]


def _run_esbuild(entry: str, *more: str) -> None:
    command = [
        *_esbuild(),
        entry,
        "--bundle",
        "--target=es2022,chrome100,firefox110,safari16",
        "--loader:.txt=text",
        "--loader:.png=dataurl",
        "--loader:.svg=dataurl",
        "--jsx=automatic",
        "--jsx-import-source=preact",
        *more,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603  (our own command)
    if done.returncode:
        raise SystemExit(f"esbuild could not bundle {Path(entry).name}:\n{done.stderr}")


def _at_opening(metafile: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Of a bundle in pieces: the output files that opening the app takes, and the sources that are in them."""
    outputs = metafile["outputs"]
    found: set[str] = set()
    ahead = [name for name, each in outputs.items() if str(each.get("entryPoint", "")).endswith(_IN_PIECES)]
    while ahead:
        name = ahead.pop()
        if name in found or name not in outputs:
            continue
        found.add(name)
        ahead += [each["path"] for each in outputs[name]["imports"] if each["kind"] == "import-statement"]
    ahead_sources = {source for name in found for source in outputs[name]["inputs"]}
    return {Path(name).name for name in found}, ahead_sources


def _pack(file: Path) -> None:
    """Lay the compressed forms beside a built file: made once as small as they get, and not by each worker anew."""
    content = file.read_bytes()
    for ending, packed in ((".br", brotli.compress(content)), (".gz", gzip.compress(content, 9, mtime=0))):
        file.with_name(file.name + ending).write_bytes(packed)


def _with_map(target: Path) -> str:
    return f"{target.read_text()}//# sourceMappingURL={_keep_map(target)}\n"


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
    """Build all bundles where anything changed since the last time; name of each to its file.

    Beside it `built.json` has the app's pieces, and which of them opening it takes."""
    STATIC.mkdir(exist_ok=True)
    with FileLock(HERE / ".build.lock"):
        generate()
        mark = _inputs()
        if BUILT.exists():
            before: dict[str, Any] = json.loads(BUILT.read_text())
            if before.get("inputs") == mark and all(
                (STATIC / f"{name}.br").exists() for name in [*before["files"].values(), *before["pieces"]]
            ):
                return dict(before["files"])
        for old in STATIC.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        (STATIC / ".draft").mkdir()
        files = _bundle()
        at_opening, _ = _at_opening(json.loads((STATIC / ".draft/pieces.json").read_text()))
        shutil.rmtree(STATIC / ".draft")
        pieces = sorted(each.name for each in STATIC.glob("piece.*.js"))
        for name in [*files.values(), *pieces]:
            _pack(STATIC / name)
        draft = STATIC / ".built.json"
        first = [each for each in pieces if each in at_opening]
        draft.write_text(json.dumps({"inputs": mark, "files": files, "pieces": pieces, "first": first}, indent=1))
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
    """Write what the TypeScript imports and Python knows: the declarations, the limits, and the sentences of the catalogues."""
    from sync.limits import MOST_OTHER, MOST_T_HA
    from sync.records import describe

    GENERATED.mkdir(exist_ok=True)
    _write_json(GENERATED / "declarations.json", describe())
    _write_json(GENERATED / "limits.json", {"most_t_ha": dict(MOST_T_HA), "most_other": MOST_OTHER})
    first: dict[str, dict[str, str]] = {}
    late: dict[str, dict[str, str]] = {}
    at_opening = _sources_at_opening()
    _write(GROUND, "".join(f'import "../../{source}";\n' for source in sorted(at_opening - {_IN_PIECES})))
    for language in languages():
        path = ROOT / f"locales/{language}/LC_MESSAGES/nuong.po"
        if language == SOURCE:
            continue
        first[language], late[language] = {}, {}
        with path.open("rb") as file:
            catalogue = read_po(file)
        # Only what the phone's own code says, and at opening only what is said there.
        for message in catalogue:
            places = {place for place, _ in message.locations if place.startswith(_SAID_HERE)}
            if message.id and message.string and places:
                part = first if places & at_opening or LABELS in places else late
                part[language][str(message.id)] = str(message.string)
    _write_json(GENERATED / "messages.json", first)
    _write_json(GENERATED / "messages.late.json", late)


def _sources_at_opening() -> set[str]:
    """The sources of the app that opening it takes, without what is generated from them."""
    GENERATED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as draft:
        metafile = Path(draft) / "pieces.json"
        _run_esbuild(
            _IN_PIECES,
            "--format=esm",
            "--splitting",
            "--external:../generated/messages*",
            f"--outdir={draft}",
            f"--metafile={metafile}",
        )
        return _at_opening(json.loads(metafile.read_text()))[1]


def _write_json(path: Path, value: Any) -> None:
    _write(path, json.dumps(value, ensure_ascii=False, sort_keys=False, separators=(",", ":")))


def _write(path: Path, text: str) -> None:
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


def built() -> dict[str, str]:
    """Name of each bundle to the file that was built. Raises `Problem` where nothing was."""
    return dict(_built()["files"])


@cache
def _built() -> dict[str, Any]:
    try:
        return dict(json.loads(BUILT.read_text()))
    except FileNotFoundError:
        raise Problem(
            "not_built", 503, sentence("The app is not built yet. Run “python -m pwa.bundles” and start again.")
        ) from None


def register(app: Flask, tiles: tuple[str, str] = ("", "")) -> None:
    """Put the app's addresses into *app*. *tiles*: an online map that officers may switch on, and whose it is."""
    app.extensions["nuong_tiles"] = tiles
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


def _piece(name: str) -> str:
    return url_for("pwa.static", name=name)


def shell() -> Response:
    """The one page of the app."""
    response = Response(_shell(), content_type="text/html; charset=utf-8")
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def _shell() -> str:
    boot = {"root": url_for("pwa.shell"), "mapCss": asset("map.css"), "version": version()}
    tiles, whose = current_app.extensions["nuong_tiles"]
    if tiles:
        boot |= {"tiles": tiles, "tilesAttribution": whose}
    return render_template("shell.html", boot=boot, pieces=_built()["first"])


def worker() -> Response:
    """The service worker, told what to keep. It changes whenever anything that it keeps does."""
    source = (STATIC / built()["worker.js"]).read_text()
    root = url_for("pwa.shell")
    kept = [
        root,
        url_for("pwa.manifest"),
        *(asset(name) for name in (*_PRECACHED, *_ICONS)),
        *map(_piece, _built()["pieces"]),
    ]
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
    if not public and name not in {*_built()["files"].values(), *_built()["pieces"]} and not name.endswith(".map"):
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
    return hashlib.sha256(json.dumps([built(), _built()["pieces"]], sort_keys=True).encode()).hexdigest()[:8]


def main() -> None:
    """Build, and say what each file weighs, and what opening the app takes."""
    files = build()
    made = json.loads(BUILT.read_text())
    names = {**files, **{each: each for each in made["pieces"]}}
    for name, file in names.items():
        content = (STATIC / file).read_bytes()
        packed = (STATIC / f"{file}.br").stat().st_size
        mark = " at opening" if file in made["first"] else ""
        sys.stdout.write(f"{name:18} {len(content):>8,} bytes {packed:>8,} as sent{mark}\n")


if __name__ == "__main__":
    main()
