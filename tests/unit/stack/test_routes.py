"""Which route a request takes."""

import pytest

from tests.stack.routes import Match, Table
from tests.stack.template import Route


def _table(*keys: str) -> Table:
    return Table(_route(key) for key in keys)


def _route(key: str) -> Route:
    method, _, path = key.partition(" ")
    if key == "$default":
        method, path = "ANY", "$default"
    return Route(function=key, method=method, path=path)


_DOCUMENTED = (
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "$default",
)


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("GET", "/", "ANY /{proxy+}"),
    ],
)
def test_the_examples_of_the_documentation_hold(
    method: str, path: str, key: str
) -> None:
    table = _table(*reversed(_DOCUMENTED))

    match = table.find(method, path)

    assert match is not None
    assert match.key == key


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/x", "ANY /x"),
        ("/x/", "ANY /x/{proxy+}"),
        ("/x/1", "ANY /x/{id}"),
        ("/x/1/", "ANY /x/{proxy+}"),
        ("/x/1/act", "ANY /x/{id}/act"),
        ("/x/1/act/", "ANY /x/{id}/act/{proxy+}"),
        ("/x/1/other", "ANY /x/{proxy+}"),
        ("/y", "$default"),
        ("//x", "$default"),
    ],
)
def test_a_trailing_slash_counts(path: str, key: str) -> None:
    table = _table(
        "$default",
        "ANY /x/{proxy+}",
        "ANY /x/{id}",
        "ANY /x",
        "ANY /x/{id}/act",
        "ANY /x/{id}/act/{proxy+}",
    )

    match = table.find("GET", path)

    assert match is not None
    assert match.key == key


def test_a_method_of_its_own_comes_before_any() -> None:
    table = _table("ANY /x", "GET /x")

    keys = [table.find(method, "/x") for method in ("GET", "POST")]

    assert [match.key for match in keys if match] == ["GET /x", "ANY /x"]


def test_a_literal_comes_before_a_variable_from_the_left() -> None:
    table = _table("GET /{a}/c", "GET /b/{d}")

    match = table.find("GET", "/b/c")

    assert match == Match(_route("GET /b/{d}"), {"d": "c"})


def test_no_route_is_found_without_a_default() -> None:
    table = _table("GET /x", "POST /x/{proxy+}")

    found = [
        table.find("DELETE", "/x"),
        table.find("GET", "/x/"),
        table.find("GET", "/"),
    ]

    assert found == [None, None, None]


def test_what_is_captured_is_decoded() -> None:
    table = _table("GET /x/{name}/{rest+}")

    match = table.find("GET", "/x/a%2Fb/c%20d/e")

    assert match is not None
    assert match.parameters == {"name": "a/b", "rest": "c d/e"}


def test_an_encoded_literal_is_the_same_literal() -> None:
    table = _table("GET /caf%C3%A9", "GET /café")

    match = table.find("GET", "/caf%C3%A9")

    assert match is not None
    assert match.route.path == "/café"
