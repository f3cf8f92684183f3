"""Deliveries with a place that is not as it was signed, for whoever verifies them."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from starlette.datastructures import Headers

from vixenbliss.api import deliveries
from vixenbliss.errors import InvalidSignatureError

NOW = 1_795_219_200
KEYS = ["the secret of today, long enough", "the secret of yesterday"]
DIGITS = "٠١٢٣٤٥٦٧٨٩"
TOLD = {
    "entry": [{"id": "17841400000000001", "time": NOW, "changes": []}],
    "text": "caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{FIRE}",
    "user_id": "1234567890",
    "algorithm": "HMAC-SHA256",
    "issued_at": NOW,
}
BODY = json.dumps(TOLD, separators=(",", ":")).encode()


def standard_secret(secret: str) -> str:
    return "whsec_" + base64.b64encode(secret.encode()).decode()


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as it comes in, and what it is judged by."""

    verify: Callable[..., object]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    secrets: tuple[str, ...]
    now: int = NOW

    def is_accepted(self, monkeypatch: pytest.MonkeyPatch) -> bool:
        """Tell whether it is let in; anything but a clean refusal is raised."""
        then = datetime.fromtimestamp(self.now, UTC)
        monkeypatch.setattr(deliveries, "now", lambda: then)
        raw = [(n.lower().encode(), v.encode("latin-1")) for n, v in self.headers]
        try:
            self.verify(Headers(raw=raw), self.body, self.secrets)
        except InvalidSignatureError:
            return False
        return True


type Alteration = Callable[[Sent, random.Random], Sent]


def alterations(
    source: Callable[..., Sent], dice: random.Random, *, turns: int
) -> Iterator[tuple[str, Sent]]:
    """Yield so many deliveries, each altered in one way or, named so, whole."""
    whole = {key: source(key) for key in KEYS}
    ways: dict[str, Alteration] = {
        "body bit": body_bit,
        "cut": cut,
        "longer": longer,
        "whole": as_it_is,
    }
    ways |= {"no secret": no_secret, "other secret": other_secret, "anew": spelled_anew}
    ways |= {"empty": empty, "secret of yesterday, gone": gone}
    if whole[KEYS[0]].headers:
        ways |= {"header bit": header_bit, "header cut": header_cut}
        ways |= {"header longer": header_longer, "header gone": header_gone}
        ways |= {"split": header_split, "digits": digits, "prefix": prefix}
    for _ in range(turns):
        name = dice.choice(sorted(ways))
        key = KEYS[1] if "gone" in name and "yesterday" in name else dice.choice(KEYS)
        yield name, ways[name](whole[key], dice)


def as_it_is(sent: Sent, dice: random.Random) -> Sent:
    """Alter what does not count: another header, and how old a timestamp is."""
    return replace(
        sent,
        headers=(*sent.headers, ("x-trace", str(dice.random()))),
        now=sent.now + dice.randint(-300, 300),
    )


def _flipped(whole: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(whole))
    bit = 1 << dice.randrange(8)
    return whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :]


def body_bit(sent: Sent, dice: random.Random) -> Sent:
    return replace(sent, body=_flipped(sent.body, dice))


def cut(sent: Sent, dice: random.Random) -> Sent:
    return replace(sent, body=sent.body[: dice.randrange(len(sent.body))])


def longer(sent: Sent, dice: random.Random) -> Sent:
    return replace(sent, body=sent.body + dice.choice([b" ", b"\n", b"A", b"\0"]))


def empty(sent: Sent, _: random.Random) -> Sent:
    return replace(sent, body=b"")


def spelled_anew(sent: Sent, dice: random.Random) -> Sent:
    """Say the same in other bytes."""
    body = dice.choice(
        [
            json.dumps(TOLD).encode(),
            json.dumps(TOLD, separators=(",", ":"), ensure_ascii=False).encode(),
            json.dumps(TOLD, separators=(",", ":"), sort_keys=True).encode(),
            BODY.replace(b"\\u00e9", b"\\u00E9"),
        ]
    )
    return replace(sent, body=body)


def no_secret(sent: Sent, dice: random.Random) -> Sent:
    return replace(sent, secrets=dice.choice([(), ("",), ("", "")]))


def other_secret(sent: Sent, dice: random.Random) -> Sent:
    return replace(sent, secrets=(standard_secret(str(dice.random())),))


def gone(sent: Sent, _: random.Random) -> Sent:
    return replace(sent, secrets=sent.secrets[:1])


def _with_header(
    sent: Sent, dice: random.Random, alter: Callable[[str], str | None]
) -> Sent:
    """Alter one header; one that is None is left out."""
    place = dice.randrange(len(sent.headers))
    name, value = sent.headers[place]
    new = alter(value)
    told = () if new is None else ((name, new),)
    return replace(
        sent, headers=(*sent.headers[:place], *told, *sent.headers[place + 1 :])
    )


def header_bit(sent: Sent, dice: random.Random) -> Sent:
    return _with_header(
        sent, dice, lambda v: _flipped(v.encode(), dice).decode("latin-1")
    )


def header_cut(sent: Sent, dice: random.Random) -> Sent:
    return _with_header(sent, dice, lambda v: v[: dice.randrange(len(v))])


def header_longer(sent: Sent, dice: random.Random) -> Sent:
    tail = dice.choice(["0", "A", "=", "é", "\x00", "0" * 1_000])
    return _with_header(sent, dice, lambda v: v + tail)


def header_gone(sent: Sent, dice: random.Random) -> Sent:
    return _with_header(sent, dice, lambda _: None)


def header_split(sent: Sent, dice: random.Random) -> Sent:
    """Break a header in two, as a list of headers or as one with a gap."""
    name, value = dice.choice(sent.headers)
    place = dice.randrange(1, len(value))
    others = tuple(h for h in sent.headers if h[0] != name)
    if dice.random() < 0.5:
        return replace(
            sent, headers=(*others, (name, value[:place]), (name, value[place:]))
        )
    gap = dice.choice([" ", "=", "\t", ".", ";"])
    return replace(sent, headers=(*others, (name, value[:place] + gap + value[place:])))


def digits(sent: Sent, dice: random.Random) -> Sent:
    """Write a digit of a header as Arabic does, in UTF-8."""

    def alter(value: str) -> str:
        places = [n for n, letter in enumerate(value) if letter.isdigit()]
        place = dice.choice(places)
        digit = DIGITS[int(value[place])].encode().decode("latin-1")
        return value[:place] + digit + value[place + 1 :]

    return _with_header(sent, dice, alter)


def prefix(sent: Sent, dice: random.Random) -> Sent:
    """Name another algorithm, another version or another part."""
    marks = ("sha256=", "v1,", "t=", "s=")
    name, value = next(h for h in reversed(sent.headers) if h[1].startswith(marks))
    mark = dice.choice([mark for mark in marks if mark in value])
    other = dice.choice(["sha1=", "sha512=", "SHA256=", "v2,", "V1,", "v1a,", "", "u="])
    others = tuple(h for h in sent.headers if h[0] != name)
    return replace(sent, headers=(*others, (name, value.replace(mark, other, 1))))
