"""How a delivery is known to be its provider's."""

import base64
import hashlib
import hmac
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vixenbliss.api.deliveries import verify_standard_webhook
from vixenbliss.clock import now
from vixenbliss.errors import InvalidSignatureError

KEY = b"a key of twenty-four by."
SECRET = "whsec_" + base64.b64encode(KEY).decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the key before the rotation").decode()
BODY = b'{"id":"p1","status":"succeeded","output":["https://replicate.delivery/a"]}'
ID = "msg_1"


def seconds(ago: int = 0) -> str:
    return str(int(now().timestamp()) - ago)


def signature(
    body: bytes, sent_at: str, *, delivery_id: str = ID, key: bytes = KEY
) -> str:
    signed = f"{delivery_id}.{sent_at}.".encode() + body
    mac = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


def headers(body: bytes = BODY, *, ago: int = 0, **changes: str) -> dict[str, str]:
    """Return the headers that a delivery of the body comes with."""
    sent_at = seconds(ago)
    told = {"id": ID, "timestamp": sent_at, "signature": signature(body, sent_at)}
    return {f"webhook-{name}": value for name, value in (told | changes).items()}


def verify(given_headers: dict[str, str], body: bytes = BODY, *secrets: str) -> str:
    return verify_standard_webhook(given_headers, body, secrets or (SECRET,))


def test_a_delivery_that_is_signed_is_known_by_its_id() -> None:
    assert verify(headers()) == ID


def test_the_example_of_the_specification_is_signed_as_we_sign() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    made = signature(
        b'{"test": 2432232314}',
        "1614265330",
        delivery_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        key=key,
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("ago", [-290, -1, 0, 1, 290])
def test_five_minutes_are_tolerated_both_ways(ago: int) -> None:
    assert verify(headers(ago=ago)) == ID


@pytest.mark.parametrize("ago", [-100_000, -310, 310, 100_000])
def test_an_old_delivery_is_refused_and_so_is_one_from_the_future(ago: int) -> None:
    with pytest.raises(InvalidSignatureError):
        verify(headers(ago=ago))


@pytest.mark.parametrize(
    "sent_at",
    ["", " ", "now", "-1", "1e9", "٣٤٥", "1_000", "0x5f", "9" * 13, "9" * 5000, "1.0"],
)
def test_a_timestamp_that_is_no_number_is_refused(sent_at: str) -> None:
    with pytest.raises(InvalidSignatureError):
        verify(headers(timestamp=sent_at, signature=signature(BODY, sent_at)))


def test_the_previous_secret_counts_during_a_rotation() -> None:
    assert verify(headers(), BODY, OLD_SECRET, SECRET) == ID


def test_after_the_rotation_the_previous_secret_counts_no_more() -> None:
    with pytest.raises(InvalidSignatureError):
        verify(headers(), BODY, OLD_SECRET)


def test_one_of_several_signatures_is_enough() -> None:
    given_headers = headers()
    fitting = given_headers["webhook-signature"]

    given_headers["webhook-signature"] = f"v1,AAAA v1a,BBBB {fitting} v2,CCCC"

    assert verify(given_headers) == ID


@pytest.mark.parametrize("version", ["v2", "v1a", "V1", "", "v11"])
def test_only_version_1_counts(version: str) -> None:
    given_headers = headers()
    _, _, mac = given_headers["webhook-signature"].partition(",")

    with pytest.raises(InvalidSignatureError):
        verify(given_headers | {"webhook-signature": f"{version},{mac}"})


@pytest.mark.parametrize("missing", ["id", "timestamp", "signature"])
def test_each_header_is_needed(missing: str) -> None:
    given_headers = headers()
    del given_headers[f"webhook-{missing}"]

    with pytest.raises(InvalidSignatureError):
        verify(given_headers)


@pytest.mark.parametrize("delivery_id", ["", "x" * 256])
def test_an_id_that_cannot_be_kept_is_refused(delivery_id: str) -> None:
    sent_at = seconds()
    signed = signature(BODY, sent_at, delivery_id=delivery_id)

    with pytest.raises(InvalidSignatureError):
        verify(headers(id=delivery_id, signature=signed))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "not base64!"])
def test_with_a_secret_that_is_none_nothing_is_accepted(secret: str) -> None:
    with_no_key = hmac.new(b"", f"{ID}.{seconds()}.".encode() + BODY, hashlib.sha256)
    forged = "v1," + base64.b64encode(with_no_key.digest()).decode()

    with pytest.raises(InvalidSignatureError):
        verify(headers(signature=forged), BODY, secret)


def test_without_secrets_nothing_is_accepted() -> None:
    with pytest.raises(InvalidSignatureError):
        verify_standard_webhook(headers(), BODY, ())


def test_a_body_written_anew_is_another_body() -> None:
    with pytest.raises(InvalidSignatureError):
        verify(headers(), BODY.replace(b":", b": "))


def test_the_error_tells_no_secret_and_no_signature() -> None:
    with pytest.raises(InvalidSignatureError) as caught:
        verify(headers(), BODY + b" ")

    assert SECRET not in str(caught.value)
    assert signature(BODY + b" ", seconds()) not in str(caught.value)


class Altered(NamedTuple):
    """A delivery as it was sent, and as it came."""

    sent: dict[str, str]
    given: dict[str, str]
    body: bytes


@st.composite
def alterations(draw: st.DrawFn) -> Altered:
    """Draw a delivery of which one place is not as it was signed."""
    sent = headers()
    part = draw(st.sampled_from([*sent, "body"]))
    if part == "body":
        return Altered(sent, sent, draw(altered(BODY)))
    whole = sent[part].encode("latin-1")
    given = sent | {part: draw(altered(whole)).decode("latin-1")}
    return Altered(sent, given, BODY)


@st.composite
def altered(draw: st.DrawFn, whole: bytes) -> bytes:
    """Draw bytes that differ from the whole by a change, an insertion or a loss."""
    place = draw(st.integers(0, len(whole) - 1))
    middle = draw(st.binary(max_size=3))
    kept_from = draw(st.integers(place, min(place + 3, len(whole))))
    return whole[:place] + middle + whole[kept_from:]


def is_the_same(delivery: Altered) -> bool:
    """Tell whether a delivery means what was signed, differently written."""
    sent, given = delivery.sent, delivery.given
    return (
        delivery.body == BODY
        and given["webhook-id"] == sent["webhook-id"]
        and given["webhook-timestamp"] == sent["webhook-timestamp"]
        and sent["webhook-signature"] in given["webhook-signature"].split(" ")
    )


@settings(max_examples=2000)
@given(alterations())
def test_no_alteration_is_accepted(delivery: Altered) -> None:
    assume(not is_the_same(delivery))

    with pytest.raises(InvalidSignatureError):
        verify(delivery.given, delivery.body)


@settings(max_examples=300)
@given(body=st.binary(max_size=300), delivery_id=st.text("abcmsg_0123", min_size=1))
def test_any_body_that_is_signed_is_accepted(body: bytes, delivery_id: str) -> None:
    sent_at = seconds()
    signed = signature(body, sent_at, delivery_id=delivery_id)

    assert verify(headers(id=delivery_id, signature=signed), body) == delivery_id
