"""The built app as it is sent: small, kept for ever under a name of its own, and the same whoever asks."""

from __future__ import annotations

import gzip
from typing import Any

import brotli
import pytest

from pwa import bundles
from tests.conftest import Centre

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    bundles.build()


@pytest.mark.parametrize(("asked", "given"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")])
@pytest.mark.parametrize("name", ["ground", "worker.js", "app.css"])
def test_a_built_file_travels_compressed(centre: Centre, name: str, asked: str, given: str) -> None:
    plain = centre.http.get(_address(name), headers={"Accept-Encoding": "identity"})
    packed = centre.http.get(_address(name), headers={"Accept-Encoding": asked})
    assert packed.headers["Content-Encoding"] == given
    assert len(packed.data) < len(plain.data) / 2
    assert UNPACK[given](packed.data) == plain.data
    assert packed.mimetype == plain.mimetype


@pytest.mark.parametrize("name", ["app.js", "app.css"])
def test_a_built_file_is_kept_for_ever(centre: Centre, name: str) -> None:
    answer = centre.http.get(_address(name))
    assert answer.cache_control.immutable
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/", "/sw.js", "/static/icon-192.png"])
def test_what_may_change_under_its_name_is_asked_for_again(centre: Centre, path: str) -> None:
    answer = centre.http.get(path)
    assert answer.status_code == 200
    assert not answer.cache_control.immutable


@pytest.mark.parametrize("name", ["../config.py", "built.json", "app.js.gz", "%2e%2e/bundles.py"])
def test_nothing_else_is_served(centre: Centre, name: str) -> None:
    answer: Any = centre.http.get(f"/static/{name}")
    assert answer.status_code == 404


def test_opening_takes_less_than_all_and_the_worker_keeps_all(centre: Centre) -> None:
    """A late piece is no use on a hillside if the phone does not hold it."""
    made = bundles._built()
    page, worker = (centre.http.get(path).get_data(as_text=True) for path in ("/", "/sw.js"))
    late = set(made["pieces"]) - set(made["first"])
    assert late
    assert all(f"/static/{piece}" in worker for piece in made["pieces"])
    assert all(f"/static/{piece}" in page for piece in made["first"])
    assert not any(piece in page for piece in late)
    for piece in made["pieces"]:
        answer = centre.http.get(f"/static/{piece}")
        assert answer.status_code == 200
        assert answer.cache_control.immutable


def _address(name: str) -> str:
    if name == "ground":
        return f"/static/{max(bundles._built()['first'], key=lambda each: (bundles.STATIC / each).stat().st_size)}"
    return f"/static/{bundles.built()[name]}"
