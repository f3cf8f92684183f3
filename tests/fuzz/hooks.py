"""How Schemathesis signs in, which loads this by SCHEMATHESIS_HOOKS.

Whoever asks everything signs itself out, too; so a token is renewed when it is refused.
"""

import os
from typing import Any

import httpx
import schemathesis

DOOR = os.environ["FUZZ_SIGN_IN"]


@schemathesis.auth()
class SignedIn:
    """A bearer token."""

    def get(self, _: schemathesis.Case[Any], __: schemathesis.AuthContext) -> str:
        """Ask for a token that is good now."""
        return httpx.get(DOOR, timeout=30).raise_for_status().text

    def set(
        self, case: schemathesis.Case[Any], token: str, _: schemathesis.AuthContext
    ) -> None:
        """Show it."""
        case.headers["Authorization"] = f"Bearer {token}"
