"""Pictures in S3-compatible object storage, through boto3. Where it is and who we are there, the AWS_* settings say."""

import base64
import shutil
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from server.config import BadSetting
from sync.problem import Problem, sentence

# A phone waits meanwhile: an answer that says "later" is worth more than one that does not come.
_CONNECT_SECONDS, _READ_SECONDS, _TRIES = 5, 20, 2
_AT_ONCE = 8
_IN_MEMORY = 1024 * 1024  # bytes of a picture that is read; the rest of it waits on disk


class ObjectShelf:
    """A `Shelf` at `s3://BUCKET/PREFIX`. The storage is given the SHA-256 to check what it takes."""

    def __init__(self, address: str) -> None:
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise BadSetting("pictures: s3:// needs boto3; install it with “pip install nuong[s3]”.") from None
        place = urlsplit(address)
        if not place.netloc:
            raise BadSetting("pictures: write s3://BUCKET or s3://BUCKET/PREFIX.")
        self._bucket = place.netloc
        self._prefix = f"{place.path.strip('/')}/".lstrip("/")
        limits = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"total_max_attempts": _TRIES, "mode": "standard"},
        )
        try:
            self._client: Any = boto3.client("s3", config=limits)
        except Exception as error:  # botocore has no common class for a region or an address that makes no sense
            raise BadSetting(f"pictures: {error} (see the AWS_* settings).") from None

    def put(self, sha256: str, mime: str, file: Path) -> None:
        with _away(), file.open("rb") as content:
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + sha256,
                Body=content,
                ContentType=mime,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
            )

    def having(self, names: Collection[str]) -> set[str]:
        with ThreadPoolExecutor(_AT_ONCE) as several:
            found = several.map(self._has, names)
            return {name for name, there in zip(names, found, strict=True) if there}

    def open(self, sha256: str) -> BinaryIO:
        # All of it before the first byte is handed on: an answer that breaks off half-way would be worse than none.
        whole = cast(BinaryIO, SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115  (the caller closes it)
        with _away():
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + sha256)
            except self._client.exceptions.NoSuchKey:
                raise FileNotFoundError(sha256) from None
            shutil.copyfileobj(found["Body"], whole)
        whole.seek(0)
        return whole

    def _has(self, sha256: str) -> bool:
        with _away():
            try:
                self._client.head_object(Bucket=self._bucket, Key=self._prefix + sha256)
            except self._client.exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return False
                raise
        return True


@contextmanager
def _away() -> Iterator[None]:
    """Whatever the storage answers but what was asked of it: a problem that passes."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Problem(
            "pictures_away",
            503,
            sentence("The place where pictures are kept does not answer. Nothing is lost; try again in a while."),
            headers={"Retry-After": "60"},
        ) from error
