"""How a delivery is known to be its provider's: by a signature on the raw bytes."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from pydantic import ValidationError

from vixenbliss.clock import now
from vixenbliss.errors import InvalidSignatureError
from vixenbliss.errors import ValidationError as InvalidBodyError
from vixenbliss.schemas.webhooks import SignedRequest

TOLERANCE_S = 300  # Standard Webhooks, both ways
MAX_ID_LENGTH = 255  # what webhook_events keeps
MAX_TIMESTAMP_DIGITS = 12  # until the year 33658


def verify_standard_webhook(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
) -> str:
    """Return the delivery's id, after checking that one of the secrets signed it.

    Standard Webhooks: ``webhook-signature`` lists ``v1,`` and the Base64 of HMAC-SHA256
    over id, timestamp and body; the key is what follows ``whsec_``, Base64-decoded.
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

    Raises:
        InvalidSignatureError: no signature fits, or it is too old or from the future.
    """
    delivery_id = headers.get("webhook-id", "")
    sent_at = headers.get("webhook-timestamp", "")
    if not 0 < len(delivery_id) <= MAX_ID_LENGTH:
        reason = "there is no usable webhook-id"
        raise InvalidSignatureError(reason)
    _check_time(sent_at)
    signed = f"{delivery_id}.{sent_at}.".encode() + body
    given = _signatures(headers.get("webhook-signature", ""))
    _require_fit([_sign(secret, signed) for secret in secrets], given)
    return delivery_id


def _require_fit(made: Sequence[bytes], given: Sequence[bytes]) -> None:
    # Every pair is compared, so that the time taken tells nothing.
    fits = [hmac.compare_digest(ours, theirs) for ours in made for theirs in given]
    if not any(fits):
        reason = "none of ours fits"
        raise InvalidSignatureError(reason)


def _signatures(header: str) -> list[bytes]:
    """Return the version 1 signatures of a header, which may list several."""
    parts = (part.partition(",") for part in header.split(" "))
    return [signature.encode() for version, _, signature in parts if version == "v1"]


def _check_time(sent_at: str) -> None:
    is_number = sent_at.isascii() and sent_at.isdecimal()
    if not is_number or len(sent_at) > MAX_TIMESTAMP_DIGITS:
        reason = "the timestamp is no number"
        raise InvalidSignatureError(reason)
    if abs(now().timestamp() - int(sent_at)) > TOLERANCE_S:
        reason = "the timestamp is too far from now"
        raise InvalidSignatureError(reason)


def _sign(secret: str, message: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        reason = "our secret is not usable"
        raise InvalidSignatureError(reason)
    mac = hmac.new(key, message, hashlib.sha256)
    return base64.b64encode(mac.digest())


def verify_instagram(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
) -> None:
    """Check that one of the app's secrets signed an update of Instagram's.

    ``X-Hub-Signature-256`` is ``sha256=`` and the hexadecimal HMAC-SHA256 of the body
    as it was sent, with its escapes. The header is compared as it is spelled: Meta
    writes lowercase, and nobody else has to be understood. There is no time in it, so a
    copy is as good as its original.
    https://developers.facebook.com/docs/graph-api/webhooks/getting-started

    Raises:
        InvalidSignatureError: the header is not what one of the secrets makes.
    """
    given = headers.get("x-hub-signature-256", "").encode()
    _require_fit([b"sha256=" + mac for mac in _hex_macs(secrets, body)], [given])


def verify_tiktok(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
) -> None:
    """Check that one of the app's secrets signed an event of TikTok's, just now.

    ``TikTok-Signature`` is ``t=`` and Unix seconds, a comma, ``s=`` and the hexadecimal
    HMAC-SHA256 of time, dot and body; lowercase, as it is sent. How old it may be is
    left to us. https://developers.tiktok.com/doc/webhooks-verification

    Raises:
        InvalidSignatureError: no signature fits, or it is too old or from the future.
    """
    sent_at, given = _timed(headers.get("tiktok-signature", ""), "s")
    _require_fit(_hex_macs(secrets, f"{sent_at}.".encode() + body), given)


def verify_stripe(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
) -> None:
    """Check that one of the endpoint's secrets signed an event of Stripe's, just now.

    ``Stripe-Signature`` is ``t=`` and Unix seconds, then a ``v1=`` for each secret that
    is in use, the hexadecimal HMAC-SHA256 of time, dot and body; whatever else it lists
    does not count. The key is the secret as it is spelled, with its ``whsec_``. The
    SDK would tolerate any time to come; we do not.
    https://docs.stripe.com/webhooks?verify=verify-manually

    Raises:
        InvalidSignatureError: no signature fits, or it is too old or from the future.
    """
    sent_at, given = _timed(headers.get("stripe-signature", ""), "v1")
    _require_fit(_hex_macs(secrets, f"{sent_at}.".encode() + body), given)


def _timed(header: str, scheme: str) -> tuple[str, list[bytes]]:
    """Return a header's time, which is about now, and its signatures of a scheme."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1:
        reason = "there is not one timestamp"
        raise InvalidSignatureError(reason)
    _check_time(times[0])
    return times[0], [value.encode() for name, _, value in parts if name == scheme]


def _hex_macs(secrets: Sequence[str], message: bytes) -> list[bytes]:
    """Return what each secret makes of a message; nothing for one that is empty."""
    return [
        hmac.digest(secret.encode(), message, hashlib.sha256).hex().encode()
        for secret in secrets
        if secret
    ]


def verify_signed_request(body: bytes, secrets: Sequence[str]) -> SignedRequest:
    """Return what Meta has signed with one of the app's secrets.

    A form's ``signed_request`` is ``signature.payload``, both Base64 for addresses and
    unpadded; the signature is the HMAC-SHA256 of the payload as it is spelled. It may
    come at any time: what it says of a time that is over is up to the reader.

    Raises:
        InvalidSignatureError: no signature fits, or what is signed is something else.
    """
    form = parse_qs(body.decode("ascii", "replace"))
    signature, _, payload = form.get("signed_request", [""])[0].partition(".")
    macs = [
        hmac.digest(secret.encode(), payload.encode(), hashlib.sha256)
        for secret in secrets
        if secret
    ]
    # As it is spelled: Base64 can say the same in several ways, and Meta in one.
    made = [base64.urlsafe_b64encode(mac).rstrip(b"=") for mac in macs]
    _require_fit(made, [signature.encode()])
    try:
        return SignedRequest.model_validate_json(_unpadded(payload))
    except ValidationError as error:
        reason = "it is of something else"
        raise InvalidSignatureError(reason) from error


def read_json(body: bytes) -> object:
    """Return what a verified body says.

    Raises:
        InvalidBodyError: it is not JSON.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:  # the latter if it nests too deeply
        message = "The body is not JSON."
        raise InvalidBodyError(message) from error


def _unpadded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
