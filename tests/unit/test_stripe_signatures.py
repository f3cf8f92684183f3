"""Stripe's signatures: ours is the judgement of its SDK, but for times to come."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import stripe

from tests.support.alterations import BODY, KEYS, NOW, Sent
from tests.unit.test_signatures import of_stripe
from vixenbliss.api import deliveries

GOOD = dict([part.split("=") for part in of_stripe(KEYS[0]).headers[0][1].split(",")])
SIGNATURE = GOOD["v1"]
WRONG = "0" * 64
VECTORS = [
    Sent(
        deliveries.verify_stripe,
        tuple(vector["headers"].items()),
        vector["body"].encode(),
        (vector["secret"],),
        vector["now"],
    )
    for vector in json.loads(Path(__file__).with_name("signatures.json").read_text())
    if vector["verifier"] == "stripe"
]


def with_header(header: str, *, now: int = NOW) -> Sent:
    headers = (("stripe-signature", header),)
    return Sent(deliveries.verify_stripe, headers, BODY, (KEYS[0],), now)


SENT = [
    *VECTORS,
    with_header(f"t={NOW},v1={SIGNATURE}"),
    with_header(f"t={NOW},v1={WRONG},v1={SIGNATURE}"),
    with_header(f"t={NOW},v1={SIGNATURE},v1={WRONG}"),
    with_header(f"t={NOW},v1={SIGNATURE},v0={WRONG}"),
    with_header(f"v1={SIGNATURE},t={NOW}"),
    with_header(f"t={NOW},v0={SIGNATURE}"),
    with_header(f"t={NOW},v1={WRONG}"),
    with_header(f"t={NOW},v1="),
    with_header(f"t={NOW}"),
    with_header(f"v1={SIGNATURE}"),
    with_header(f"t=soon,v1={SIGNATURE}"),
    with_header(""),
    with_header(f"t={NOW},v1={SIGNATURE}", now=NOW + 300),
    with_header(f"t={NOW},v1={SIGNATURE}", now=NOW + 301),
    with_header(f"t={NOW + 1},v1={SIGNATURE}"),
    replace(with_header(f"t={NOW},v1={SIGNATURE}"), secrets=(KEYS[1],)),
    replace(with_header(f"t={NOW},v1={SIGNATURE}"), body=BODY + b"\n"),
]


def is_accepted_by_sdk(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> bool:
    clock = SimpleNamespace(time=lambda: sent.now)
    monkeypatch.setattr("stripe._webhook.time", clock)
    header = sent.headers[0][1]
    try:
        stripe.WebhookSignature.verify_header(
            sent.body.decode(), header, sent.secrets[0], tolerance=300
        )
    except stripe.SignatureVerificationError:
        return False
    return True


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.headers[0][1][:40])
def test_we_and_stripe_s_sdk_are_of_one_mind(
    monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    ours = sent.is_accepted(monkeypatch)

    assert ours is is_accepted_by_sdk(sent, monkeypatch)


@pytest.mark.parametrize(("ahead_s", "is_ours"), [(300, True), (301, False)])
def test_what_the_sdk_takes_from_the_future_we_do_not(
    monkeypatch: pytest.MonkeyPatch, ahead_s: int, *, is_ours: bool
) -> None:
    sent = with_header(f"t={NOW},v1={SIGNATURE}", now=NOW - ahead_s)

    ours = sent.is_accepted(monkeypatch)

    assert ours is is_ours
    assert is_accepted_by_sdk(sent, monkeypatch)


def test_of_two_times_none_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = with_header(f"t={NOW},t={NOW},v1={SIGNATURE}")

    assert not sent.is_accepted(monkeypatch)
