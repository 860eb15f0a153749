"""Pictures in S3-compatible object storage, through boto3. Where it is and who we are there, the AWS_* settings say."""

import base64
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from server.config import BadSetting


class ObjectShelf:
    """A `Shelf` at `s3://BUCKET/PREFIX`. The storage itself checks the SHA-256 of what it takes."""

    def __init__(self, address: str) -> None:
        try:
            import boto3
        except ImportError:
            raise BadSetting("pictures: s3:// needs boto3; install it with “pip install nuong[s3]”.") from None
        place = urlsplit(address)
        self._bucket = place.netloc
        self._prefix = f"{place.path.strip('/')}/".lstrip("/")
        self._client: Any = boto3.client("s3")

    def put(self, sha256: str, mime: str, file: Path) -> None:
        """Send *file*; what arrives with another SHA-256 is refused there."""
        with file.open("rb") as content:
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + sha256,
                Body=content,
                ContentType=mime,
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
            )
        file.unlink()

    def has(self, sha256: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=self._prefix + sha256)
        except self._client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return False
            raise
        return True

    def open(self, sha256: str) -> BinaryIO:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + sha256)
        except self._client.exceptions.NoSuchKey:
            raise FileNotFoundError(sha256) from None
        body: BinaryIO = found["Body"]
        return body
