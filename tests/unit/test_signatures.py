"""Deliveries as they were written down, and what nobody may make of them."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from tests.support.alterations import (
    BODY,
    KEYS,
    NOW,
    Sent,
    alterations,
    standard_secret,
)
from vixenbliss.api import deliveries

VECTORS = json.loads(Path(__file__).with_name("signatures.json").read_text())
TURNS = 5_000
"""Alterations tried on each source: 20,000 in all."""


def _signed_request(_: Headers, body: bytes, secrets: Sequence[str]) -> object:
    return deliveries.verify_signed_request(body, secrets)


VERIFIERS: dict[str, Callable[..., object]] = {
    "standard": deliveries.verify_standard_webhook,
    "instagram": deliveries.verify_instagram,
    "stripe": deliveries.verify_stripe,
    "tiktok": deliveries.verify_tiktok,
    "signed_request": _signed_request,
}


def mac(secret: str, message: bytes) -> bytes:
    return hmac.digest(secret.encode(), message, hashlib.sha256)


def of_standard(secret: str, at: int = NOW) -> Sent:
    signature = base64.b64encode(mac(secret, f"msg_1.{at}.".encode() + BODY)).decode()
    headers = (
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", str(at)),
        ("webhook-signature", f"v1,{signature}"),
    )
    secrets = tuple(standard_secret(key) for key in KEYS)
    return Sent(VERIFIERS["standard"], headers, BODY, secrets)


def of_instagram(secret: str, at: int = NOW) -> Sent:
    del at
    headers = (("x-hub-signature-256", f"sha256={mac(secret, BODY).hex()}"),)
    return Sent(VERIFIERS["instagram"], headers, BODY, tuple(KEYS))


def of_tiktok(secret: str, at: int = NOW) -> Sent:
    signature = mac(secret, f"{at}.".encode() + BODY).hex()
    headers = (("tiktok-signature", f"t={at},s={signature}"),)
    return Sent(VERIFIERS["tiktok"], headers, BODY, tuple(KEYS))


def of_stripe(secret: str, at: int = NOW) -> Sent:
    signature = mac(secret, f"{at}.".encode() + BODY).hex()
    headers = (("stripe-signature", f"t={at},v1={signature}"),)
    return Sent(VERIFIERS["stripe"], headers, BODY, tuple(KEYS))


def of_signed_request(secret: str, at: int = NOW) -> Sent:
    del at
    payload = base64.urlsafe_b64encode(BODY).rstrip(b"=")
    signature = base64.urlsafe_b64encode(mac(secret, payload)).rstrip(b"=")
    body = b"signed_request=" + signature + b"." + payload
    return Sent(VERIFIERS["signed_request"], (), body, tuple(KEYS))


SOURCES: dict[str, Callable[..., Sent]] = {
    "standard": of_standard,
    "instagram": of_instagram,
    "stripe": of_stripe,
    "tiktok": of_tiktok,
    "signed_request": of_signed_request,
}
TIMED = ("standard", "stripe", "tiktok")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["note"]))
def test_what_was_written_down_is_judged_right(
    monkeypatch: pytest.MonkeyPatch, vector: dict[str, Any]
) -> None:
    sent = Sent(
        VERIFIERS[vector["verifier"]],
        tuple(vector["headers"].items()),
        vector["body"].encode(),
        (vector["secret"],),
        vector["now"],
    )

    assert sent.is_accepted(monkeypatch) is vector["valid"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("key", KEYS)
def test_either_secret_counts_while_both_are_listed(
    monkeypatch: pytest.MonkeyPatch, source: str, key: str
) -> None:
    assert SOURCES[source](key).is_accepted(monkeypatch)


@pytest.mark.parametrize("source", TIMED)
@pytest.mark.parametrize("off_s", [-301, -300, 0, 300, 301])
def test_five_minutes_and_not_a_second_more_are_tolerated(
    monkeypatch: pytest.MonkeyPatch, source: str, off_s: int
) -> None:
    sent = SOURCES[source](KEYS[0], NOW + off_s)

    assert sent.is_accepted(monkeypatch) is (abs(off_s) <= 300)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("secrets", [(), ("",), ("", ""), ("whsec_",)], ids=repr)
def test_with_no_secret_nobody_is_let_in(
    monkeypatch: pytest.MonkeyPatch, source: str, secrets: tuple[str, ...]
) -> None:
    forged = replace(SOURCES[source](""), secrets=secrets)

    assert not forged.is_accepted(monkeypatch)


@pytest.mark.parametrize("source", ["instagram", "stripe", "tiktok"])
def test_hexadecimals_in_capitals_are_nobody_s_hand(
    monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    ((name, value),) = SOURCES[source](KEYS[0]).headers
    head, sign, signature = value.rpartition("=")
    shouted = ((name, head + sign + signature.upper()),)

    sent = replace(SOURCES[source](KEYS[0]), headers=shouted)

    assert not sent.is_accepted(monkeypatch)


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_altered_is_let_in_and_nothing_whole_is_kept_out(
    monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    dice = random.Random(f"alterations of {source}")

    judged = [
        (name, sent, sent.is_accepted(monkeypatch))
        for name, sent in alterations(SOURCES[source], dice, turns=TURNS)
    ]

    assert len(judged) == TURNS
    assert [s for name, s, let_in in judged if let_in is not (name == "whole")] == []
    assert len({name for name, _, _ in judged}) > 8
