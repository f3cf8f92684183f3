"""The folder of what came of a campaign: files, captions and signed statements.

Each file is checked the way a stranger would check it, by hash and signature.
"""

import base64
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.stack.client import Client
from tests.stack.posts import Post

DOWNLOAD_S = 30
SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


class UntrueFileError(Exception):
    """A file is not what its row or its signed statement says."""


class Harvest:
    """A folder that holds one campaign."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder

    def clear(self) -> None:
        """Forget the campaign before, which nobody is to take for this one."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)

    async def gather(self, posts: Sequence[Post]) -> None:
        """Fetch the posts' files, and keep those that are what they claim to be.

        Raises:
            UntrueFileError: one is not.
        """
        async with httpx.AsyncClient(timeout=DOWNLOAD_S) as plain:
            for post in posts:
                await self._fetch(plain, post)

    async def _fetch(self, plain: httpx.AsyncClient, post: Post) -> None:
        asset_id = post.image["asset_id"]
        asset = await self._client.get(f"/api/v1/assets/{asset_id}")
        link = await self._client.get(f"/api/v1/assets/{asset_id}/download")
        body = (await plain.get(link["url"])).raise_for_status().content
        sha256 = hashlib.sha256(body).hexdigest()
        stated = await self._client.get(f"/api/v1/provenance/{sha256}")
        _check(sha256, asset, stated)
        post.file = self._folder / f"{post.name}.{SUFFIX[asset['content_type']]}"
        post.file.write_bytes(body)
        self._write(post, "caption", post.caption["result"])
        self._write(post, "provenance", stated)

    def keep_receipts(self, posts: Sequence[Post]) -> None:
        """Keep the posts' receipts, each checked by its signature.

        Raises:
            UntrueFileError: one is not what was signed.
        """
        for post in posts:
            for platform, receipt in post.receipts.items():
                payload = _signed(receipt)
                if json.loads(payload)["post_id"] != post.posted[platform]["id"]:
                    raise UntrueFileError(f"the receipt of {post.name} is another's")
                self._write(post, f"{platform}.receipt", receipt)

    def _write(self, post: Post, kind: str, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (self._folder / f"{post.name}.{kind}.json").write_text(text + "\n", "utf-8")


def _check(sha256: str, asset: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
    """Make sure that the file, its row and its signed statement speak of the same."""
    payload = _signed(stated)
    if not sha256 == asset["sha256"] == json.loads(payload)["sha256"]:
        raise UntrueFileError(f"the hashes of {asset['id']} differ")


def _signed(stated: Mapping[str, Any]) -> bytes:
    """Return what was signed, after checking that it was."""
    payload = base64.b64decode(stated["payload"])
    key = load_pem_public_key(stated["public_key"].encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(
            base64.b64decode(stated["signature"]), payload, ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature as error:
        reason = f"the signature of {payload[:60]!r} is wrong"
        raise UntrueFileError(reason) from error
    return payload
