"""Stripe's errors: one shape, whose type and code say what to do.

Messages are in Stripe's manner; statuses and codes are those of its documents
(docs.stripe.com/error-codes).
"""

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

type Json = dict[str, Any]

_INVALID = "invalid_request_error"


class StripeError(Exception):
    """The call is refused, as Stripe words it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        kind: str = _INVALID,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"error": {"type": kind, "message": message, **more}}

    @property
    def code(self) -> str | None:
        """Return what machines branch on."""
        code = self.body["error"].get("code")
        return None if code is None else str(code)

    def response(self) -> JSONResponse:
        """Return the answer that says it."""
        return JSONResponse(self.body, self.status)


def invalid(
    message: str, param: str | None = None, code: str | None = None
) -> StripeError:
    """Return the refusal of a parameter."""
    more: Json = {"param": param, "code": code}
    return StripeError(message, **{k: v for k, v in more.items() if v is not None})


def missing(kind: str, id_: str, *, param: str | None = None) -> StripeError:
    """Return the refusal of an id nobody has: 404 in a path, 400 in a parameter."""
    name = kind.rpartition(".")[2].replace("_", "")
    return StripeError(
        f"No such {name}: '{id_}'",
        status=HTTPStatus.NOT_FOUND if param is None else HTTPStatus.BAD_REQUEST,
        code="resource_missing",
        param=param or "id",
    )


def stranger(key: str) -> StripeError:
    """Return the refusal of a key that opens nothing."""
    shown = f"{key[:8]}****" if key else "none"
    return StripeError(
        f"Invalid API Key provided: {shown}", status=HTTPStatus.UNAUTHORIZED
    )


def unknown_path(path: str) -> StripeError:
    """Return the refusal of a path that Stripe does not have."""
    return StripeError(
        f"Unrecognized request URL ({path}).", status=HTTPStatus.NOT_FOUND
    )


def declined(*, decline_code: str = "insufficient_funds") -> StripeError:
    """Return what a card without money answers."""
    return StripeError(
        "Your card has insufficient funds.",
        status=HTTPStatus.PAYMENT_REQUIRED,
        kind="card_error",
        code="card_declined",
        decline_code=decline_code,
        advice_code="try_again_later",
        param=None,
    )


def body_of(status: int) -> Json:
    """Return the body of an error nobody worded."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        error = {"type": _INVALID, "code": "rate_limit", "message": "Too many requests"}
    elif status == HTTPStatus.CONFLICT:
        message = "This object cannot be accessed right now; please retry."
        error = {"type": _INVALID, "code": "lock_timeout", "message": message}
    elif status == HTTPStatus.PAYMENT_REQUIRED:
        return declined().body
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        error = {"type": "api_error", "message": "An unknown error occurred"}
    else:
        error = {"type": _INVALID, "message": "The request is refused."}
    return {"error": error}
