"""Addresses that people give us, and that others will be sent to."""

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

from vixenbliss.schemas.base import VISIBLE

_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,62})\.)+[a-z0-9-]{1,63}")
# RFC 6761, RFC 6762, RFC 8375 and ICANN's choice of 2024: names that are no one's.
_HOME = frozenset({"arpa", "internal", "invalid", "local", "localhost", "test"})
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MESSAGE = "is no https address that anybody could open"


def _public(url: str) -> str:
    try:
        is_public = _is_public(url)
    except ValueError as error:
        raise ValueError(_MESSAGE) from error
    if not is_public:
        raise ValueError(_MESSAGE)
    return url


def _is_public(url: str) -> bool:
    """Tell whether an address names a host of the internet, and nothing secret.

    Raises:
        ValueError: it is no address.
    """
    there = urlsplit(url)
    is_plain = there.username is None and there.password is None and there.port != 0
    return there.scheme == "https" and is_plain and _is_host(there.hostname or "")


def _is_host(host: str) -> bool:
    """Tell whether a host is one of the internet.

    Browsers take a host whose last label is a number for IPv4 (WHATWG URL, "ends in a
    number checker"), however it is spelled; we take one spelling of it.
    """
    last = host.rpartition(".")[2]
    if ":" in host or _NUMBER.fullmatch(last):
        address = ip_address(host)
        return address.is_global and not address.is_multicast
    return _NAME.fullmatch(host) is not None and last not in _HOME


PublicUrl = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=500, pattern=VISIBLE
    ),
    AfterValidator(_public),
]
"""An https address of something that is not ours, on the internet."""
