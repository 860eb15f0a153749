"""Pictures for tests, and a hand that sends them by tus: each step apart, so that a test can stop between any two."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from typing import Any

import requests

from sync.client import Client

CHUNK = "application/offset+octet-stream"


def png(colour: int = 0, size: int = 8) -> bytes:
    """A real PNG of one colour, some bytes large; another *colour* is another picture."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + bytes((colour, 120, 40)) * size for _ in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def large(count: int, colour: int = 0) -> bytes:
    """A picture of *count* bytes: what stands behind its end is part of it."""
    return png(colour).ljust(count, b"\x5a")


def sha256(picture: bytes) -> str:
    return hashlib.sha256(picture).hexdigest()


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def metadata(name: str) -> str:
    """A SHA-256 as tus carries it."""
    return f"sha256 {in_base64(name.encode())}"


class Sending:
    """One picture on its way from *phone*; `url` once it was announced."""

    def __init__(self, phone: Client, picture: bytes, name: str | None = None) -> None:
        self.phone = phone
        self.picture = picture
        self.name = name or sha256(picture)
        self.url = ""

    def announce(self, body: bytes = b"", **more: str) -> requests.Response:
        headers = {"Upload-Length": str(len(self.picture)), "Upload-Metadata": metadata(self.name), **more}
        if body:
            headers["Content-Type"] = CHUNK
        answer = self.ask("POST", "/api/v1/photos", data=body, headers=headers)
        if answer.status_code == 201:
            self.url = answer.headers["Location"]
        return answer

    def patch(self, offset: int, body: bytes, **more: str) -> requests.Response:
        headers = {"Upload-Offset": str(offset), "Content-Type": CHUNK, **more}
        return self.ask("PATCH", self.url, data=body, headers=headers)

    def head(self) -> requests.Response:
        return self.ask("HEAD", self.url)

    def delete(self) -> requests.Response:
        return self.ask("DELETE", self.url)

    def offset(self) -> int:
        """How much the centre says that it has."""
        return int(self.head().headers["Upload-Offset"])

    def send(self) -> requests.Response:
        """All of it, in one go."""
        self.announce()
        return self.patch(0, self.picture)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **kw: Any) -> requests.Response:
        said = {"Tus-Resumable": "1.0.0", **(headers or {})}
        return self.phone._send(method, path, headers={key: said[key] for key in said if said[key]}, **kw)


def missing(phone: Client, *names: str) -> list[str]:
    """What the centre says that it lacks."""
    answer = phone._send("POST", "/api/v1/photos/missing", json={"sha256": list(names)})
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["missing"]
    return found


def get(phone: Client, name: str, **headers: str) -> requests.Response:
    return phone._send("GET", f"/api/v1/photos/{name}", headers=headers)


def photo_record(phone: Client, area: str, picture: bytes, preview: bytes | None = None, of: str | None = None) -> str:
    """A photo record that names *picture*, at the centre; its id."""
    values = {"sha256": sha256(picture), "of": of or area}
    if preview is not None:
        values["preview_sha256"] = sha256(preview)
    record = phone.new_change(None, "photo", area, values).record
    phone.sync()
    return record


def code(answer: requests.Response) -> str:
    """The code of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return str(answer.json()["code"])
