"""The wire between a client and a centre in the same process: `requests` speaks to the WSGI application itself.

Everything but the socket is real: the client's own code, its compression, the application from its front door.
"""

from __future__ import annotations

from contextvars import Context
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from werkzeug.test import Client as WsgiClient


class Browser(WsgiClient):
    """A test client whose requests know nothing of the test around them: no application context leaks in."""

    def open(self, *args: Any, **kw: Any) -> Any:
        return Context().run(super().open, *args, **kw)


class InProcess(BaseAdapter):
    """A `requests` adapter that hands requests to a WSGI application."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, **_kw: Any) -> requests.Response:  # type: ignore[override]
        answer = Browser(self.app).open(
            path=request.path_url,
            base_url="http://centre",
            method=request.method,
            headers=list((request.headers or {}).items()),
            data=request.body,
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        body = answer.get_data()
        answer.close()  # as a server does once it has sent all
        response.raw = BytesIO(body)
        response._content = _unpacked(body, answer.headers.get("Content-Encoding"))
        response.request = request
        response.url = str(request.url)
        return response

    def close(self) -> None:
        pass


def _unpacked(body: bytes, encoding: str | None) -> bytes:
    import gzip

    return gzip.decompress(body) if encoding == "gzip" else body
