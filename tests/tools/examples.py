"""The contract's examples: what was really asked and answered, without what was secret.

``make examples`` has a team's day written down (``tests/contract/test_answers.py``) as
``docs/examples.json``; from there they come into ``docs/openapi.json``.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ALBUM = ROOT / "docs" / "examples.json"
MOST_ITEMS = 1
INSTANT = "2026-01-12T10:00:00Z"
DAY = "2026-01-12"
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OPAQUE = "c2lnbmVkLW9yLXNlY3JldA"
SECRETS = (
    "token",
    "refresh_token",
    "access_token",
    "password",
    "current_password",
    "new_password",
    "secret",
    "key",
)
CODES = {
    HTTPStatus.BAD_REQUEST: "VALIDATION_ERROR",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE",
    HTTPStatus.TOO_MANY_REQUESTS: "RATE_LIMITED",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
    HTTPStatus.BAD_GATEWAY: "UPSTREAM_ERROR",
    HTTPStatus.SERVICE_UNAVAILABLE: "UNAVAILABLE",
}
"""What an error's code is where its status is not called so."""
SHORTEST_SECRET = 8
type Json = dict[str, Any]


RECEIVED = {"received": True}
BY_HAND: dict[str, Json] = {
    "POST /webhooks/stripe": {
        "body": {"id": "evt_1", "type": "invoice.paid", "data": {"object": {}}},
        "answer": RECEIVED,
    },
    "POST /webhooks/replicate": {
        "body": {"id": "ufawqhfynnddngldkgtslldrkq", "status": "succeeded"},
        "answer": RECEIVED,
    },
    "POST /webhooks/instagram": {
        "body": {"object": "instagram", "entry": []},
        "answer": RECEIVED,
    },
    "POST /webhooks/tiktok": {
        "body": {"event": "post.publish.complete", "content": "{}"},
        "answer": RECEIVED,
    },
    "POST /webhooks/meta/deauthorize": {"answer": RECEIVED},
    "GET /webhooks/instagram": {"answer": "1158201444"},
    "GET /api/v1/posts/{post_id}/receipt": {
        "answer": {
            "receipt": {"post_id": "01990000-0000-7000-8000-000000000001"},
            "payload": OPAQUE,
            "signature": OPAQUE,
            "algorithm": "ECDSA_SHA_256",
            "key_id": "alias/provenance",
            "public_key": OPAQUE,
            "recalled_at": None,
        }
    },
    "GET /courses/{course_id}/ratings/user/{user_id}": {
        "answer": {
            "id": 1,
            "course_id": 1,
            "user_id": 1,
            "rating": 5,
            "created_at": INSTANT,
            "updated_at": INSTANT,
        }
    },
    "POST /webhooks/meta/data-deletion": {
        "answer": {
            "url": "https://example.com/webhooks/meta/data-deletion/a1b2c3",
            "confirmation_code": "a1b2c3",
        }
    },
    "GET /webhooks/meta/data-deletion/{code}": {"answer": {"status": "completed"}},
}
"""Of what no day has: what only providers call, and answers that come seldom."""
SAME = {"POST /users/": "POST /api/v1/users/"}


@dataclass
class Album:
    """The first good answer of each operation, with what was asked."""

    kept: dict[str, Json] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def keep(self, operation: str, asked: object, answered: object) -> None:
        """Keep an operation's example, unless it has one."""
        if operation not in self.kept:
            shown = {"body": self._shown(asked), "answer": self._shown(answered)}
            self.kept[operation] = {k: v for k, v in shown.items() if v is not None}

    def write(self) -> None:
        """Write all examples that there are, over those of before."""
        known = json.loads(ALBUM.read_text()) if ALBUM.exists() else {}
        text = json.dumps(known | self.kept, indent=1, sort_keys=True)
        ALBUM.write_text(f"{text}\n")

    def _shown(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._shown(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._shown(inner, name) for inner in value[:MOST_ITEMS]]
        return self._neutral(value, name) if isinstance(value, str) else value

    def _neutral(self, text: str, name: str) -> str:
        if name in SECRETS and len(text) >= SHORTEST_SECRET:
            return OPAQUE
        for pattern, put in self._rules():
            text = re.sub(pattern, put, text)
        return text

    def _rules(self) -> Iterable[tuple[str, str | Callable[[re.Match[str]], str]]]:
        return (
            (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", self._uuid),
            (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", INSTANT),
            (r"^\d{4}-\d\d-\d\d$", DAY),
            (r"\b[0-9a-f]{64}\b", HASH),
            (r"^https?://127\.0\.0\.1:\d+", "https://example.com"),
            (r"127\.0\.0\.1", "192.0.2.1"),
            (r"\?(X-Amz|AWSAccessKeyId).*$", "?signed"),
            (
                r"\b(prod|price|cs_test|sub|cus|in|pi|ch|txn|re|dp|po|evt)_\w{14,}",
                r"\1_1",
            ),
            (r"^(?![0-9a-f]{64}$)[A-Za-z0-9+/=_.-]{60,}$", OPAQUE),
        )

    def _uuid(self, found: re.Match[str]) -> str:
        name = f"01990000-0000-7000-8000-{len(self._names) + 1:012d}"
        return self._names.setdefault(found[0], name)


def shown_in(document: Json) -> None:
    """Put the examples where a document speaks of bodies and of answers."""
    album = (json.loads(ALBUM.read_text()) if ALBUM.exists() else {}) | BY_HAND
    album |= {name: album[other] for name, other in SAME.items() if other in album}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            example = album.get(f"{method.upper()} {path}", {})
            if "body" in example:
                _put(operation.get("requestBody", {}), example["body"])
            good = (s for s in sorted(operation["responses"]) if s.startswith("2"))
            answer = operation["responses"].get(next(good, ""), {})
            if "answer" in example:
                _put(answer, example["answer"])


def show_error(response: Json, status: int) -> None:
    """Put an example into the description of an error, in each of its shapes."""
    for media in response["content"].values():
        kind = media["schema"]["$ref"].rpartition("/")[2]
        media["example"] = _error(kind, HTTPStatus(status))


def _error(kind: str, status: HTTPStatus) -> Json:
    if kind == "OAuthFailure":
        return {"error": "invalid_grant", "error_description": status.phrase}
    code = CODES.get(status, status.name)
    if kind == "Failure":
        error = {"code": code, "message": status.phrase, "details": {}}
        return {"success": False, "error": error, "timestamp": INSTANT}
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": status.phrase,
        "code": code,
        "request_id": "JKJaXmPLvHcESHA=",
    }


def _put(place: Json, example: object) -> None:
    for media in place.get("content", {}).values():
        media["example"] = example
