"""How a delivery is known to come from its provider: by its signature on the raw bytes."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from vixenbliss.clock import now
from vixenbliss.errors import InvalidSignatureError

TOLERANCE_S = 300  # Standard Webhooks, both ways


def verify_standard_webhook(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
) -> str:
    """Return the delivery's id, after checking that it is signed with one of the secrets.

    Standard Webhooks: ``webhook-signature`` lists ``v1,`` and the Base64 of HMAC-SHA256
    over id, timestamp and body; the key is what follows ``whsec_``, Base64-decoded.
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

    Raises:
        InvalidSignatureError: no signature fits, or it is too old or from the future.
    """
    delivery_id = headers.get("webhook-id", "")
    sent_at = headers.get("webhook-timestamp", "")
    if not 0 < len(delivery_id) <= 255:  # noqa: PLR2004 - the column's length
        reason = "there is no webhook-id"
        raise InvalidSignatureError(reason)
    _check_time(sent_at)
    given = [
        signature
        for version, _, signature in (
            part.partition(",")
            for part in headers.get("webhook-signature", "").split(" ")
        )
        if version == "v1"
    ]
    signed = f"{delivery_id}.{sent_at}.".encode() + body
    expected = [_sign(secret, signed) for secret in secrets]
    # Every pair is compared, so that the time taken tells nothing.
    fits = [
        hmac.compare_digest(mine.encode(), theirs.encode())
        for mine in expected
        for theirs in given
    ]
    if not any(fits):
        reason = "none of ours fits"
        raise InvalidSignatureError(reason)
    return delivery_id


def _check_time(sent_at: str) -> None:
    if not (sent_at.isascii() and sent_at.isdecimal() and len(sent_at) <= 12):  # noqa: PLR2004 - until the year 33658
        reason = "the timestamp is no number"
        raise InvalidSignatureError(reason)
    if abs(now().timestamp() - int(sent_at)) > TOLERANCE_S:
        reason = "the timestamp is too far from now"
        raise InvalidSignatureError(reason)


def _sign(secret: str, message: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        reason = "our secret is not usable"
        raise InvalidSignatureError(reason)
    mac = hmac.new(key, message, hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()
