"""What the client makes of answers that a bad network gave back."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from sync.client import Client, Offline


class Says(BaseAdapter):
    """A network that gives every request the same answer."""

    def __init__(self, status: int, type_: str, body: bytes) -> None:
        super().__init__()
        self._answer = status, type_, body

    def send(self, request: requests.PreparedRequest, **_kw: Any) -> requests.Response:  # type: ignore[override]
        response = requests.Response()
        response.status_code, response.headers["Content-Type"], response._content = self._answer
        return response

    def close(self) -> None:
        pass


@pytest.mark.parametrize("body", [b"", b'{"type": "/problems/token_revoked", "sta'])
def test_a_problem_that_was_cut_off_counts_as_offline(body: bytes) -> None:
    client = Client("http://centre", token="t")
    client._http.mount("http://centre", Says(401, "application/problem+json", body))
    with pytest.raises(Offline):
        client.exchange([])
    assert client.token == "t"
