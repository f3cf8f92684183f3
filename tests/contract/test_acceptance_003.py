"""What source 003 wants, line by line; each is a test with the line above it."""

import importlib
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.support.api import Answer, Api
from tests.support.contract import (
    Operation,
    contract,
    operation,
    operation_at,
    operations,
)
from tests.support.database import Sql, count
from tests.support.people import Person
from tests.tools import openapi

HTML = "text/html"


def test_a_new_todo_has_exactly_three_keys(luna: Person) -> None:
    """``POST /todos/`` 200 with exactly three keys."""
    answer = luna.api("POST", "/todos/", {"title": "Buy lemons"})

    todo = answer.ok(200)
    assert todo.keys() == {"id", "title", "completed"}
    assert isinstance(todo["id"], int)
    assert (todo["title"], todo["completed"]) == ("Buy lemons", False)


def test_the_todos_have_an_api_of_that_name() -> None:
    """API title "Todo API"; ``POST /todos/``, tag todos."""
    app = importlib.import_module("functions.api.todos.app").app

    said = operation("POST /todos/").said

    assert app.title == "Todo API"
    assert said["tags"] == ["todos"]
    assert "200" in said["responses"]


def test_openapi_is_valid() -> None:
    """OpenAPI validated."""
    errors = OpenAPIV31SpecValidator(contract()).iter_errors()

    assert [str(error) for error in errors] == []


def test_openapi_and_what_is_implemented_are_the_same() -> None:
    """Every operation implemented, every implemented route in it."""
    assert openapi.check() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/todos/", {"title": "Buy lemons"}, 200),
        ("POST", "/todos/", {"title": ""}, 400),
        ("GET", "/todos/", None, 200),
        ("GET", "/todos/?page=0", None, 400),
        ("GET", "/todos/{id}", None, 200),
        ("PUT", "/todos/{id}", {"title": "Buy limes", "completed": True}, 200),
        ("PATCH", "/todos/{id}", {"completed": True}, 200),
        ("GET", "/todos/2147483647", None, 404),
        ("GET", "/todos/abc", None, 400),
        ("DELETE", "/todos/{id}", None, 204),
    ],
)
def test_answers_keep_to_openapi(
    luna: Person, method: str, path: str, body: Any, status: int
) -> None:
    """Responses validated against it."""
    todo = luna.api("POST", "/todos/", {"title": "Buy lemons"}).ok()
    path = path.format(id=todo["id"])

    answer = luna.api(method, path, body)

    said = operation_at(method, path)
    assert said is not None
    assert (answer.status, said.complaints(answer)) == (status, [])


def test_no_operation_speaks_html() -> None:
    """No text/html from any route: none says that it would."""
    said = {str(one): _media(one) for one in operations()}

    assert [name for name, media in said.items() if HTML in media] == []


def _media(one: Operation) -> list[str]:
    responses = contract()["components"]["responses"]
    told = [
        responses[r["$ref"].rpartition("/")[2]] if "$ref" in r else r
        for r in one.said["responses"].values()
    ]
    return [media for response in told for media in response.get("content", {})]


def test_no_answer_is_html(luna: Person) -> None:
    """No text/html from any route: none does it, whoever asks, whatever is asked."""
    wants = {"accept": HTML}
    doors = [(one.method, one.at()) for one in operations() if one.method == "GET"]
    doors += [("GET", path) for path in ("/docs", "/redoc", "/nowhere", "/todos/x/y")]
    doors += [("DELETE", "/todos/"), ("POST", "/docs")]

    answers = [
        ask(method, path, headers=wants)
        for method, path in doors
        for ask in (luna.api, Api())
    ]

    assert len(answers) > len(operations()) / 2
    assert [answer.content for answer in answers if _is_html(answer)] == []


def _is_html(answer: Answer) -> bool:
    return HTML in answer.headers.get("content-type", "")


@pytest.mark.parametrize("blank", ["", " ", "\t \u00a0"])
def test_a_blank_title_is_refused(luna: Person, sql: Sql, blank: str) -> None:
    """Blank title 400."""
    answer = luna.api("POST", "/todos/", {"title": blank})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "todos") == 0
