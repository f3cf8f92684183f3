"""The error tree, and the one table that gives each of its errors a status."""

import inspect
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest

from tests.support.api import ROOT
from vixenbliss import errors as tree
from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.errors import status_of

KINDS = [
    kind
    for _, kind in inspect.getmembers(tree, inspect.isclass)
    if issubclass(kind, tree.VixenBlissError)
]
FACTS: dict[str, Any] = {
    "message": "A sentence.",
    "reason": "a reason",
    "reasons": ("a reason",),
    "scopes": ("a scope",),
    "name": "NAME",
    "expected": "a number",
    "version": 3,
    "limit_bytes": 10,
    "needed_micros": 2,
    "left_micros": 1,
    "provider": "Somebody",
    "constraint": "ck_name",
    "findings": ("approval: nobody has approved it",),
    "wait_s": 3.5,
    "left": 0,
    "opens_at": datetime(2026, 11, 21, 12, tzinfo=UTC),
}
# contracts.md, section 1: the closed list.
CODES = {
    "VALIDATION_ERROR": 400,
    "INVALID_TOKEN": 400,
    "INVALID_SIGNATURE": 400,
    "USER_EXISTS": 400,
    "UNAUTHORIZED": 401,
    "INVALID_CREDENTIALS": 401,
    "TOKEN_REUSED": 401,
    "FORBIDDEN": 403,
    "ENTITLEMENT_REQUIRED": 403,
    "POLICY_BLOCKED": 403,
    "NOT_FOUND": 404,
    "DUPLICATE_AVATAR": 409,
    "CONFLICT": 409,
    "ALREADY_SUBSCRIBED": 409,
    "INVALID_STATE": 409,
    "BUDGET_EXCEEDED": 409,
    "DUPLICATE_POST": 409,
    "OUT_OF_STOCK": 409,
    "QUOTA_EXCEEDED": 409,
    "PREFLIGHT_FAILED": 409,
    "NOT_APPROVED": 409,
    "IDEMPOTENCY_MISMATCH": 409,
    "REQUEST_IN_PROGRESS": 409,
    "PRECONDITION_FAILED": 412,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "PRECONDITION_REQUIRED": 428,
    "RATE_LIMITED": 429,
    "INTERNAL_ERROR": 500,
    "UPSTREAM_ERROR": 502,
    "UNAVAILABLE": 503,
}


def made(kind: type[tree.VixenBlissError]) -> tree.VixenBlissError:
    """Return an error of a kind, with facts to its liking."""
    if kind.__init__ is tree.VixenBlissError.__init__:
        return kind(FACTS["message"])
    wanted = inspect.signature(kind).parameters.values()
    needed = [p for p in wanted if p.default is p.empty]
    by_place = [FACTS[p.name] for p in needed if p.kind is not p.KEYWORD_ONLY]
    by_name = {p.name: FACTS[p.name] for p in needed if p.kind is p.KEYWORD_ONLY}
    return kind(*by_place, **by_name)


def told(error: Exception, path: str) -> dict[str, Any]:
    """Return what Lambda is given by a function of which that path raises the error."""
    app = create_app("Trouble")

    @app.get(path)
    async def trouble() -> None:
        raise error

    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.test"},
        "requestContext": {
            "requestId": "request-of-a-test",
            "http": {"method": "GET", "path": path, "sourceIp": "127.0.0.1"},
        },
        "isBase64Encoded": False,
    }
    return lambda_handler(app)(event, None)  # type: ignore[arg-type]  # it asks nothing


@pytest.fixture
def drawn() -> dict[str, str]:
    """The tree of the docstring: each error with its parent."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in (tree.__doc__ or "").splitlines():
        found = re.fullmatch(r"([│├└─ ]*)(\w+Error)", line)
        if found:
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            parents[found[2]] = above[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_is_the_one_that_is_drawn(drawn: dict[str, str]) -> None:
    assert {k.__name__: k.__bases__[0].__name__ for k in KINDS} == drawn


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_a_sentence(kind: type[tree.VixenBlissError]) -> None:
    assert str(made(kind))


@pytest.mark.parametrize(
    ("micros", "dollars"),
    [(0, "$0.00"), (3_390, "$0.00339"), (6_000_000, "$6.00"), (1_250_000, "$1.25")],
)
def test_a_budget_is_told_in_dollars(micros: int, dollars: str) -> None:
    error = tree.BudgetExceededError(needed_micros=7_000_000, left_micros=micros)

    assert f"needs $7.00 of budget; {dollars} are left" in str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_each_error_has_a_status(kind: type[tree.VixenBlissError]) -> None:
    assert status_of(made(kind)) in HTTPStatus


def test_the_nearest_ancestor_gives_the_status() -> None:
    assert status_of(tree.DatabaseUnavailableError()) == 503
    assert status_of(tree.ConstraintViolatedError("ck")) == 500


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_of_an_answer_is_of_the_closed_list_and_has_its_status(
    kind: type[tree.VixenBlissError],
) -> None:
    answer = told(made(kind), "/bare")

    code = re.search(r'"code":"(\w+)"', answer["body"])
    assert code is not None
    assert answer["statusCode"] == CODES[code[1]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/api/x", "/bare", "/webhooks/x"])
def test_an_error_is_told_in_the_dialect_of_the_path(
    kind: type[tree.VixenBlissError], path: str
) -> None:
    answer = told(made(kind), path)

    marks = {"/api/x": '"success":false', "/bare": '"detail":', "/webhooks/x": '"code"'}
    assert marks[path] in answer["body"]
    assert answer["headers"]["x-request-id"] == "request-of-a-test"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("canary of a crash"),
        tree.SettingMissingError("CANARY"),
        tree.ConstraintViolatedError("canary"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nothing_of_a_crash_is_told(error: Exception) -> None:
    answer = told(error, "/bare")

    assert answer["statusCode"] == 500
    assert '"detail":"Internal error"' in answer["body"]
    assert "canary" not in answer["body"].lower()


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (tree.UnauthorizedError(), "www-authenticate", "Bearer"),
        (tree.DatabaseUnavailableError(), "retry-after", "2"),
        (tree.RequestInProgressError(), "retry-after", "2"),
    ],
)
def test_an_answer_says_what_to_do_next(
    error: tree.VixenBlissError, header: str, value: str
) -> None:
    assert told(error, "/bare")["headers"][header] == value


def test_the_tree_knows_no_http() -> None:
    text = (ROOT / "shared/vixenbliss/errors.py").read_text()

    assert not re.search(
        r"^(?:from|import) .*(?:http|fastapi|starlette)", text, re.MULTILINE
    )
