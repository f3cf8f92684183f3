"""Identifiers and secrets that nobody can guess."""

import hashlib
import secrets
import time
from datetime import datetime
from uuid import UUID


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7).

    48 bits of Unix milliseconds, then the version, 12 random bits, the variant and 62
    more random bits; so rows made together lie together in the index, and a row has
    its name before it is stored.
    """
    milliseconds = time.time_ns() // 1_000_000
    return UUID(
        int=milliseconds << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )


def first_id(moment: datetime) -> UUID:
    """Return what no id made from that moment on comes before.

    So rows of a stretch of time are a stretch of their primary key.
    """
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def new_secret() -> str:
    """Return 256 random bits as URL-safe text, for a token that is told only once."""
    return secrets.token_urlsafe(32)


def new_prefix() -> str:
    """Return 48 random bits in hexadecimal: a name for a secret, not a part of it."""
    return secrets.token_hex(6)


def new_seed() -> int:
    """Return a random 31-bit seed, the widest that image models agree on."""
    return secrets.randbits(31)


def digest(text: str) -> bytes:
    """Return the SHA-256 of the text, which is all we keep of a secret."""
    return hashlib.sha256(text.encode()).digest()
