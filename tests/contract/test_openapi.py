"""docs/openapi.json: valid, complete, and the same as what the template can reach."""

import importlib
import json
from collections import Counter
from typing import Any

import pytest
from fastapi.routing import APIRoute
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.api import ROOT, Api, product, routes
from tests.support.contract import Operation, contract, operation, operations
from tests.tools import openapi

PUBLIC = {
    "GET /",
    "GET /health",
    "GET /health/ready",
    "GET /api/categories/",
    "GET /api/categories/{category_id}",
    "GET /api/v1/products",
    "GET /api/v1/products/{product_id}",
    "GET /api/v1/provenance/{sha256}",
    "GET /courses/{course_id}/ratings",
    "GET /courses/{course_id}/ratings/stats",
    "GET /teachers",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/auth/password/forgot",
    "POST /api/auth/password/reset",
    "POST /api/auth/email/verify",
    "POST /api/v1/auth/token",
    "POST /api/v1/users/",
    "POST /users/",
    "GET /api/v1/social/{platform}/callback",
    "GET /webhooks/meta/data-deletion/{code}",
    "POST /webhooks/meta/data-deletion",
    "POST /webhooks/meta/deauthorize",
    "POST /webhooks/replicate",
    "POST /webhooks/instagram",
    "GET /webhooks/instagram",
    "POST /webhooks/stripe",
    "POST /webhooks/tiktok",
}
WITH_OR_WITHOUT = {
    "GET /api/items/",
    "GET /api/items/{item_id}",
    "GET /api/v1/pieces/{piece_id}/view",
    "GET /courses",
    "GET /courses/{slug}",
    "GET /courses/{slug}/classes/{class_id}",
    "GET /teachers/{teacher_id}",
}
"""What opens to anybody, and wider to somebody who shows who they are."""


def served() -> dict[str, str]:
    """Return each operation that the code serves, and by which function."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(route.function for route in product().routes):
        folder = product().functions[name].code_dir.strip("/").replace("/", ".")
        app = importlib.import_module(f"{folder}.app").app
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                found |= {
                    f"{method} {route.path}": name for method in route.methods or ()
                }
    return found


def test_the_contract_is_valid() -> None:
    errors = OpenAPIV31SpecValidator(contract()).iter_errors()

    assert [str(error) for error in errors] == []
    assert contract()["openapi"].startswith("3.1.")


def test_the_contract_is_what_the_code_says() -> None:
    assert openapi.check() == []


def test_every_operation_is_served_and_every_route_is_an_operation() -> None:
    assert {str(one) for one in operations()} == served().keys()


@pytest.mark.parametrize("one", operations(), ids=str)
def test_the_template_leads_to_the_function_that_serves(one: Operation) -> None:
    match = routes().find(one.method, one.at())

    assert match is not None
    assert match.route.function == served()[str(one)]


@pytest.mark.parametrize("one", operations(), ids=str)
def test_a_slash_at_the_end_leads_to_the_same_function(one: Operation) -> None:
    other = one.at().removesuffix("/") if one.path.endswith("/") else f"{one.at()}/"

    match = routes().find(one.method, other or "/")

    assert match is not None
    assert match.route.function == served()[str(one)]


def test_no_route_of_the_template_is_there_for_nothing() -> None:
    taken = {match.key for match in _ways()}

    assert {
        f"{r.method} {r.path}" for r in product().routes if r.path != "$default"
    } == {key for key in taken if key != "$default"}


def _ways() -> list[Any]:
    paths = [(one.method, one.at().removesuffix("/") or "/") for one in operations()]
    both = [(m, path) for m, bare in paths for path in (bare, f"{bare}/", f"{bare}/x")]
    return [match for m, path in both if (match := routes().find(m, path))]


@pytest.mark.parametrize(
    ("schema", "name"), [("Approval", "content_hash"), ("UploadCreate", "sha256")]
)
def test_a_hash_is_asked_for_by_its_pattern(schema: str, name: str) -> None:
    asked = contract()["components"]["schemas"][schema]["properties"][name]

    assert asked["pattern"] == "^[0-9a-f]{64}$"


def test_nothing_is_answered_with_422() -> None:
    assert [str(one) for one in operations() if "422" in one.said["responses"]] == []


@pytest.mark.parametrize("one", operations(), ids=str)
def test_an_operation_tells_what_it_does_and_what_may_go_wrong(one: Operation) -> None:
    statuses = set(one.said["responses"])

    assert one.said["summary"]
    assert one.said["description"]
    assert one.said["tags"]
    assert any(status.startswith(("2", "303")) for status in statuses)
    assert any(status.startswith(("4", "5")) for status in statuses)
    if "security" in one.said:
        assert "401" in statuses


@pytest.mark.parametrize("one", operations(), ids=str)
def test_every_answer_has_a_shape(one: Operation) -> None:
    shapes = contract()["components"]["responses"]

    for status, told in one.said["responses"].items():
        response = shapes[told["$ref"].rpartition("/")[2]] if "$ref" in told else told
        assert response["description"]
        assert status in ("204", "303") or all(
            media["schema"] for media in response["content"].values()
        )


def test_only_the_public_doors_are_open_without_a_token() -> None:
    asks = {str(one): one.said.get("security") for one in operations()}

    assert {name for name, shown in asks.items() if shown is None} == PUBLIC
    assert {name for name, shown in asks.items() if shown and {} in shown} == (
        WITH_OR_WITHOUT
    )


def test_no_two_operations_have_one_id() -> None:
    ids = Counter(one.said["operationId"] for one in operations())

    assert [name for name, times in ids.items() if times > 1] == []


def test_the_api_hands_out_its_contract() -> None:
    answer = Api()("GET", "/openapi.json")

    assert answer.ok() == json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("POST /api/v1/users/", "201"),
        ("POST /api/v1/avatars/create", "201"),
        ("POST /avatars/", "200"),
        ("POST /api/v1/content/generate", "202"),
        ("POST /api/v1/assets/uploads", "201"),
        ("POST /api/v1/pieces", "201"),
        ("POST /api/v1/me/entitlements/comps", "201"),
        ("DELETE /api/v1/me/entitlements/{grant_id}", "204"),
        ("PUT /api/v1/policy", "201"),
        ("POST /api/v1/policy/check", "202"),
        ("POST /courses/{course_id}/ratings", "201"),
        ("POST /courses/{course_id}/ratings", "200"),
        ("DELETE /courses/{course_id}/ratings/{user_id}", "204"),
        ("POST /api/v1/learning/courses/{slug}/enroll", "201"),
        ("POST /webhooks/replicate", "202"),
        ("POST /webhooks/meta/deauthorize", "200"),
        ("GET /api/v1/social/{platform}/callback", "303"),
        ("POST /api/v1/social/accounts/{account_id}/refresh", "202"),
        ("DELETE /api/v1/social/accounts/{account_id}", "204"),
        ("POST /api/v1/ops/queues/{name}/redrive", "202"),
    ],
)
def test_what_is_made_or_taken_on_has_its_status(name: str, status: str) -> None:
    assert status in operation(name).said["responses"]
