"""Passwords: hashed with Argon2id, compared in the same time for known and unknown."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP, Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


@cache
def _nobody() -> str:
    """Return the hash that the password of an unknown user is compared with."""
    return hasher.hash("nobody has this password")


async def hashed(password: str) -> str:
    """Return the hash to keep of a password; takes some 30 ms, in a thread."""
    return await asyncio.to_thread(hasher.hash, password)


async def matches(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one kept; with none, say no in the same time."""
    return await asyncio.to_thread(_matches, password, kept)


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return hasher.check_needs_rehash(kept)


def _matches(password: str, kept: str | None) -> bool:
    try:
        return hasher.verify(kept or _nobody(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
