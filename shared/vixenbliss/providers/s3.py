"""Amazon S3: where the files are."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from vixenbliss.aws import PATIENCE, until_restored, words_of
from vixenbliss.clock import now
from vixenbliss.errors import ProviderRefusedError, ProviderUnavailableError
from vixenbliss.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DOWNLOAD_LASTS = timedelta(minutes=5)
UPLOAD_LASTS = timedelta(minutes=10)
MAX_FILE_BYTES = 20_000_000
"""What is read into memory at once."""
MAX_PART_BYTES = 128_000_000
"""The largest part that somebody wants: TikTok's last chunk of a video."""
CHUNK_BYTES = 1 << 20
_REFUSED = {
    "NoSuchKey": "no such file",
    "404": "no such file",
    "InvalidRange": "no such part of the file",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A presigned POST: the address, the fields that go before the file, its end."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """What S3 knows of a file without reading it."""

    size_bytes: int
    sha256_base64: str | None


@contextmanager
def _reading() -> Iterator[None]:
    """Say in our words why a file could not be read."""
    try:
        yield
    except ClientError as error:
        reason = _REFUSED.get(error.response["Error"]["Code"])
        if reason:
            raise ProviderRefusedError("S3", reason, status=404) from error
        raise ProviderUnavailableError(
            "S3", "file not read", words=words_of(error)
        ) from error
    except BotoCoreError as error:
        raise ProviderUnavailableError(
            "S3", "file not read", words=words_of(error)
        ) from error


@cache
def _client() -> "S3Client":
    until_restored(_client)
    # The regional host: the global one redirects a browser's POST, without its body.
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual" if settings().aws_is_real else "path"},
    )
    return boto3.client("s3", config=PATIENCE.merge(config))


class Bucket:
    """The media bucket."""

    def __init__(self) -> None:
        self._name = settings().media_bucket

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write a file; writing it again changes nothing.

        Raises:
            ProviderUnavailableError: it was not written.
        """
        try:
            await asyncio.to_thread(
                _client().put_object,
                Bucket=self._name,
                Key=key,
                Body=body,
                ContentType=content_type,
            )
        except (BotoCoreError, ClientError) as error:
            raise ProviderUnavailableError(
                "S3", "file not written", words=words_of(error)
            ) from error

    async def drop(self, key: str) -> None:
        """Delete a file; one that is not there is no trouble.

        Raises:
            ProviderUnavailableError: it may still be there.
        """
        try:
            await asyncio.to_thread(_client().delete_object, Bucket=self._name, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise ProviderUnavailableError(
                "S3", "file not deleted", words=words_of(error)
            ) from error

    async def get(self, key: str) -> bytes:
        """Return a file.

        Raises:
            ProviderRefusedError: there is none, or it is larger than any we accept.
            ProviderUnavailableError: it could not be read.
        """
        return await asyncio.to_thread(self._get, key)

    def _get(self, key: str) -> bytes:
        with _reading():
            answer = _client().get_object(Bucket=self._name, Key=key)
            body = answer["Body"].read(MAX_FILE_BYTES + 1)
        if len(body) > MAX_FILE_BYTES:
            raise ProviderRefusedError("S3", "the file is too large")
        return body

    async def read(self, key: str, first: int, last: int) -> bytes:
        """Return a part of a file, from its first to its last byte, both included.

        Raises:
            ProviderRefusedError: there is no such file, or no such part of it, or it
                is more than may be read at once.
            ProviderUnavailableError: it could not be read.
        """
        return await asyncio.to_thread(self._read, key, first, last)

    def _read(self, key: str, first: int, last: int) -> bytes:
        size = last - first + 1
        if not 0 < size <= MAX_PART_BYTES or first < 0:
            raise ProviderRefusedError("S3", "no such part of a file is read")
        with _reading():
            answer = _client().get_object(
                Bucket=self._name, Key=key, Range=f"bytes={first}-{last}"
            )
            body = answer["Body"].read(size)
        if len(body) != size:
            raise ProviderRefusedError("S3", "the file ends before that")
        return body

    async def save(self, key: str, file: IO[bytes], *, at_most: int) -> None:
        """Write a file of the bucket into one of ours, bit by bit.

        Raises:
            ProviderRefusedError: there is none, or it is larger than that.
            ProviderUnavailableError: it could not be read to its end.
        """
        await asyncio.to_thread(self._save, key, file, at_most)

    def _save(self, key: str, file: IO[bytes], at_most: int) -> None:
        with _reading():
            answer = _client().get_object(Bucket=self._name, Key=key)
            with closing(answer["Body"]) as body:
                if answer["ContentLength"] > at_most:
                    raise ProviderRefusedError("S3", "the file is too large")
                file.writelines(body.iter_chunks(CHUNK_BYTES))
        file.flush()

    async def head(self, key: str) -> Head | None:
        """Return what S3 knows of a file, or None if there is none.

        Raises:
            ProviderUnavailableError: S3 does not say.
        """
        return await asyncio.to_thread(self._head, key)

    def _head(self, key: str) -> Head | None:
        try:
            answer = _client().head_object(
                Bucket=self._name, Key=key, ChecksumMode="ENABLED"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise ProviderUnavailableError(
                "S3", "file not looked at", words=words_of(error)
            ) from error
        except BotoCoreError as error:
            raise ProviderUnavailableError(
                "S3", "file not looked at", words=words_of(error)
            ) from error
        return Head(answer["ContentLength"], answer.get("ChecksumSHA256"))

    def form(
        self, key: str, *, content_type: str, size_bytes: int, sha256_base64: str
    ) -> Form:
        """Return a form by which a client uploads exactly this file, and no other."""
        fields = {
            "Content-Type": content_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": sha256_base64,
        }
        made = _client().generate_presigned_post(
            self._name,
            key,
            Fields=dict(fields),
            Conditions=[
                *({name: value} for name, value in fields.items()),
                ["content-length-range", size_bytes, size_bytes],
            ],
            ExpiresIn=int(UPLOAD_LASTS.total_seconds()),
        )
        return Form(made["url"], made["fields"], now() + UPLOAD_LASTS)

    def link(
        self, key: str, *, lasts: timedelta = DOWNLOAD_LASTS
    ) -> tuple[str, datetime]:
        """Return an address that opens the file for a while, and its end."""
        url = _client().generate_presigned_url(
            "get_object",
            Params={"Bucket": self._name, "Key": key},
            ExpiresIn=int(lasts.total_seconds()),
        )
        return url, now() + lasts

    def public_link(self, key: str, *, lasts: timedelta) -> str:
        """Return an address at which a platform may fetch the file for a while.

        TikTok only fetches from a domain whose owner has vouched for it: there, a
        distribution hands the request on to S3, for whose host the address is signed.
        """
        url, _ = self.link(key, lasts=lasts)
        base = settings().media_base
        if not base:
            return url
        path = urlsplit(url)
        return f"{base.rstrip('/')}{path.path}?{path.query}"
