"""Which path speaks which dialect, and how each tells of an error."""

import re
from http import HTTPStatus
from typing import Any

import pytest

from vixenbliss.api.dialects import Dialect, Trouble, dialect_of, spoken

TROUBLE = Trouble(
    status=HTTPStatus.BAD_REQUEST,
    code="VALIDATION_ERROR",
    message="nicho: too short",
    request_id="request-1",
    errors=[("nicho", "too short"), ("bio", "too long")],
)


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/api/auth/login", Dialect.ENVELOPE),
        ("/api/x", Dialect.ENVELOPE),
        ("/api/", Dialect.ENVELOPE),
        ("/api/v10/x", Dialect.ENVELOPE),
        ("/api/v1/avatars", Dialect.BARE),
        ("/api/v1/", Dialect.BARE),
        ("/apis/x", Dialect.BARE),
        ("/", Dialect.BARE),
        ("/avatars/", Dialect.BARE),
        ("/health", Dialect.BARE),
        ("/api/v1/auth/token", Dialect.OAUTH),
        ("/api/v1/auth/token/", Dialect.OAUTH),
        ("/api/v1/auth/tokens", Dialect.BARE),
        ("/webhooks/replicate", Dialect.HOOK),
        ("/webhooks", Dialect.BARE),
    ],
)
def test_a_path_speaks_its_dialect(path: str, dialect: Dialect) -> None:
    assert dialect_of(path) is dialect


def test_the_bare_dialect_has_the_members_of_rfc_9457_and_a_code() -> None:
    body, media_type = spoken(TROUBLE, "/api/v1/avatars")

    assert media_type == "application/problem+json"
    assert body == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "nicho: too short",
        "code": "VALIDATION_ERROR",
        "request_id": "request-1",
        "errors": [
            {"field": "nicho", "message": "too short"},
            {"field": "bio", "message": "too long"},
        ],
    }


def test_the_envelope_names_the_first_field_and_lists_all() -> None:
    body, media_type = spoken(TROUBLE, "/api/items/")

    assert media_type == "application/json"
    assert body.keys() == {"success", "error", "timestamp"}
    assert body["success"] is False
    assert body["error"]["message"] == "nicho: too short"
    assert body["error"]["details"]["field"] == "nicho"
    assert len(body["error"]["details"]["errors"]) == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])


def test_the_envelope_has_details_even_where_there_are_none() -> None:
    trouble = Trouble(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Item not found", "r")

    body, _ = spoken(trouble, "/api/items/9")

    assert body["error"] == {
        "code": "NOT_FOUND",
        "message": "Item not found",
        "details": {},
    }


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("INVALID_CREDENTIALS", "invalid_grant"),
        ("TOKEN_REUSED", "invalid_grant"),
        ("VALIDATION_ERROR", "invalid_request"),
        ("METHOD_NOT_ALLOWED", "invalid_request"),
        ("UNAVAILABLE", "temporarily_unavailable"),
        ("INTERNAL_ERROR", "server_error"),
    ],
)
def test_oauth_has_codes_of_its_own(code: str, error: str) -> None:
    trouble = Trouble(HTTPStatus.BAD_REQUEST, code, "words", "r")

    body, _ = spoken(trouble, "/api/v1/auth/token")

    assert body == {"error": error, "error_description": "words"}


@pytest.mark.parametrize("member", ["missing", "offers"])
def test_what_would_help_is_listed(member: str) -> None:
    helpful: dict[str, Any] = {member: ("sheet",)}
    trouble = Trouble(HTTPStatus.CONFLICT, "INVALID_STATE", "words", "r", **helpful)

    body, _ = spoken(trouble, "/api/v1/avatars/1/activate")

    assert body[member] == ["sheet"]
    assert {"missing", "offers"} & body.keys() == {member}
