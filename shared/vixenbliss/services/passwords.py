"""Passwords: hashed with Argon2id, compared in the same time for known and unknown.

What is tried first by whoever guesses is refused where a password is chosen, and never
where it is used: whoever has such a one from before still gets in.
"""

import asyncio
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vixenbliss.errors import ValidationError

# OWASP, Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


@cache
def _nobody() -> str:
    """Return the hash that the password of an unknown user is compared with."""
    return hasher.hash("nobody has this password")


@cache
def _common() -> frozenset[str]:
    """Return the passwords that most people choose, in lower case, from 8 letters on.

    Read when first asked for: most functions let nobody choose one.
    """
    path = resources.files(__package__) / "common_passwords.txt"
    return frozenset(path.read_text("utf-8").splitlines())


def refuse_guessable(password: str, *, email: str, field: str) -> None:
    """Refuse what is tried first: common passwords, the address, one letter repeated.

    Raises:
        ValidationError: it is one of those.
    """
    chosen, address = password.casefold(), email.casefold()
    if chosen in {address, address.rpartition("@")[0]}:
        message = "The password must not be your address, or a part of it."
        raise ValidationError(message, field=field)
    if len(set(chosen)) == 1 or chosen in _common():
        message = "This password is easily guessed; choose another."
        raise ValidationError(message, field=field)


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
