"""Accounts at platforms: consent as a browser gives it, past no page of theirs."""

import base64
import hashlib
import hmac
import json
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.stack.providers.instagram.keys import APP_SECRET
from tests.support.api import Answer, Api
from tests.support.people import Person

HOME = "https://studio.test/accounts?tab=social"
PATIENCE_S = 10
PLATFORMS = ("instagram", "tiktok")


def offer(person: Person, platform: str, **changes: Any) -> Answer:
    """Ask to connect an account."""
    wanted = {"return_url": HOME, "consent": True} | changes
    return person.api("POST", f"/api/v1/social/{platform}/connect", wanted)


def consent(address: str) -> str:
    """Say yes, or no, as whoever is signed in there; return where that leads to."""
    there = urlsplit(address)
    browser = HTTPConnection(there.netloc, timeout=PATIENCE_S)  # logs no address
    browser.request("GET", f"{there.path}?{there.query}")
    answer = browser.getresponse()
    there = urlsplit(answer.headers["location"])
    browser.close()
    assert answer.status == 302
    assert there.netloc == "api.test"
    return f"{there.path}?{there.query}"


def come_back(way: str) -> Answer:
    """Follow the platform's redirect, as nobody in particular."""
    return Api()("GET", way)


def told(answer: Answer) -> dict[str, str]:
    """Return what the browser takes home."""
    assert answer.status == 303, answer.content
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def left(door: str, app_user_id: str, *, at: float | None = None) -> Answer:
    """Tell one of Meta's doors that somebody left, in Meta's own hand."""
    said = {
        "algorithm": "HMAC-SHA256",
        "issued_at": int(time.time() if at is None else at),
        "user_id": app_user_id,
    }
    return hand_in(door, signed_request(said, APP_SECRET))


def hand_in(door: str, request: str) -> Answer:
    """Hand a signed request in, as Meta's servers do."""
    form = f"signed_request={request}".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return Api()("POST", f"/webhooks/meta/{door}", content=form, headers=kind)


def signed_request(said: Any, secret: str) -> str:
    """Return what Meta would make of what is said."""
    payload = _base64(json.dumps(said).encode())
    mac = hmac.digest(secret.encode(), payload.encode(), hashlib.sha256)
    return f"{_base64(mac)}.{payload}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def forgotten(app_user_id: str) -> Answer:
    """Ask for somebody to be forgotten."""
    return left("data-deletion", app_user_id)


def connect(person: Person, platform: str, **changes: Any) -> str:
    """Connect an account and return its id."""
    way = consent(offer(person, platform, **changes).ok()["authorization_url"])
    return told(come_back(way))["account_id"]
