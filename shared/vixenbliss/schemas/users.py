"""Users and their sign-ins, as the outside sees them."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from vixenbliss.schemas.base import EMAIL, UNSENT, Flag, Input, Output


def _normalised(value: object) -> object:
    return unicodedata.normalize("NFKC", value) if isinstance(value, str) else value


NFKC = BeforeValidator(_normalised)
"""One spelling for what is typed alike, and the one that all bounds are about."""

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=320, pattern=EMAIL),
    NFKC,
]
NewPassword = Annotated[str, StringConstraints(min_length=8, max_length=128), NFKC]
"""Counted in characters, never cut; the upper bound is there to bound the hashing."""
Password = Annotated[str, StringConstraints(min_length=1, max_length=128), NFKC]


class UserCreate(Input):
    """A sign-up."""

    email: Email
    password: NewPassword
    is_active: Flag = True


class UserRead(Output):
    """A user, without anything secret."""

    id: int
    email: str
    is_active: bool
    created_at: datetime
    updated_at: datetime


class UserUpdate(Input):
    """What users may change of themselves; what is left out stays."""

    email: Email = UNSENT


class PasswordChange(Input):
    """Another password, from whoever knows the one before."""

    current_password: Password
    new_password: NewPassword


OneTimeToken = Annotated[str, Field(min_length=1, max_length=200)]


class PasswordForgotten(Input):
    """Somebody cannot sign in."""

    email: Email


class PasswordReset(Input):
    """Another password, from whoever has got a letter."""

    token: OneTimeToken
    new_password: NewPassword


class TokenShown(Input):
    """Proof that a letter was read."""

    token: OneTimeToken


class LoginRequest(Input):
    """Somebody signs in."""

    email: Email
    password: Password


class RefreshRequest(Input):
    """A client asks for fresh tokens."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=200)]


class UserName(Output):
    """Who signed in."""

    id: int
    email: str


class Login(Output):
    """Tokens in the envelope dialect: what source 004 calls ``data.token``."""

    token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - RFC 6750's word
    expires_in: int
    refresh_token: str
    user: UserName


class TokenGrant(Output):
    """Tokens in the OAuth2 dialect (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - RFC 6750's word
    expires_in: int
    refresh_token: str


class Nothing(Output):
    """An empty object."""
