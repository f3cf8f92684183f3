"""Fetching what an app has put somewhere: as TikTok does, from loopback only.

Redirects are not followed, and whatever is not answered 200 is no file.
"""

import ssl
from urllib.parse import urlsplit

import httpx

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PATIENCE_S = 10.0


class PullError(Exception):
    """The address gave no file."""


def client() -> httpx.AsyncClient:
    """Return a client for this machine; no certificates are loaded for it."""
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(trust_env=False, verify=plain)


def is_near(url: str) -> bool:
    """Whether an address is on this machine."""
    return _host_of(url) in LOOPBACK


class Puller:
    """Fetches files."""

    def __init__(self) -> None:
        self._client = client()

    async def fetch(self, url: str) -> bytes:
        """Return the file at an address.

        Raises:
            PullError: It is not there, not on this machine, or somewhere else.
        """
        if not is_near(url):
            raise PullError(url)
        try:
            response = await self._client.get(url, timeout=_PATIENCE_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PullError(url) from error
        if response.status_code != httpx.codes.OK:
            raise PullError(url)
        return response.content

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def may_be_pulled(url: str, prefixes: tuple[str, ...]) -> bool:
    """Return whether an address is below a verified prefix.

    Only https is taken, but for loopback, where nobody has certificates.
    """
    is_safe = url.startswith("https://") or is_near(url)
    return is_safe and any(url.startswith(prefix) for prefix in prefixes)


def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
