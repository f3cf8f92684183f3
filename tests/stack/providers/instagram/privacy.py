"""Signed requests: somebody leaves the app, or is to be forgotten by it.

"Data deletion request callback"; the deauthorise callback is of the same form.
"""

import base64
import hmac
from datetime import datetime
from hashlib import sha256

from tests.stack.providers.instagram.accounts import Account
from tests.stack.providers.instagram.webhooks import written


def signed_request(account: Account, at: datetime, secret: str) -> str:
    """Return ``signature.payload``, both in base64 for addresses, unpadded."""
    payload = _base64(
        written(
            {
                "algorithm": "HMAC-SHA256",
                "issued_at": int(at.timestamp()),
                "user_id": account.scoped_id,
            }
        )
    )
    mac = hmac.digest(secret.encode(), payload.encode(), sha256)
    return f"{_base64(mac)}.{payload}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
