"""/todos/: what the signed-in user has to do, and nobody else."""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.database import Sql, count
from tests.support.people import Person, join

ALL = "/todos/"
NOBODYS = "/todos/2147483647"


def todo(person: Person, title: str = "Buy lemons") -> dict[str, Any]:
    made: dict[str, Any] = person.api("POST", ALL, {"title": title}).ok()
    return made


def titles(answer: Answer) -> list[str]:
    return [one["title"] for one in answer.ok()]


def column_of(sql: Sql, todo_id: int) -> str:
    row = sql.execute("select board_column from todos where id = %s", (todo_id,))
    return str((row.fetchone() or {})["board_column"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ALL), ("GET", ALL)]
    + [(method, NOBODYS) for method in ("GET", "PUT", "PATCH", "DELETE")],
)
def test_nobody_gets_in_without_a_token(method: str, path: str) -> None:
    answer = Api()(method, path, {"title": "Buy lemons"})

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_a_todo_lies_in_the_backlog_of_its_owners_board(luna: Person, sql: Sql) -> None:
    made = todo(luna, "  Buy lemons ")

    assert made == {"id": made["id"], "title": "Buy lemons", "completed": False}
    assert luna.api("GET", f"/todos/{made['id']}").ok() == made
    assert count(sql, "todos", board_column="backlog", owner_id=luna.id) == 1
    assert count(sql, "audit_log", action="todo.created") == 1


def test_todos_are_listed_newest_first_and_filtered(luna: Person) -> None:
    first, second, third = (todo(luna, name) for name in ("one", "two", "three"))
    luna.api("PATCH", f"/todos/{second['id']}", {"completed": True}).ok()

    everything = luna.api("GET", ALL).ok()

    assert [one["id"] for one in everything] == [third["id"], second["id"], first["id"]]
    assert titles(luna.api("GET", f"{ALL}?completed=true")) == ["two"]
    assert titles(luna.api("GET", f"{ALL}?completed=false")) == ["three", "one"]
    assert titles(luna.api("GET", f"{ALL}?per_page=2&page=2")) == ["one"]


@pytest.mark.parametrize(
    ("method", "body", "column"),
    [
        ("PUT", {"title": "Buy limes", "completed": True}, "done"),
        ("PATCH", {"title": "Buy limes"}, "backlog"),
        ("PATCH", {"completed": True}, "done"),
        ("PATCH", {}, "backlog"),
    ],
    ids=str,
)
def test_a_todo_changes(
    luna: Person, sql: Sql, method: str, body: dict[str, Any], column: str
) -> None:
    made = todo(luna)

    changed = luna.api(method, f"/todos/{made['id']}", body).ok()

    assert changed == made | body
    assert luna.api("GET", f"/todos/{made['id']}").ok() == changed
    assert column_of(sql, made["id"]) == column


def test_a_todo_that_is_not_done_after_all_is_back_in_the_backlog(
    luna: Person, sql: Sql
) -> None:
    path = f"/todos/{todo(luna)['id']}"
    luna.api("PATCH", path, {"completed": True}).ok()

    luna.api("PATCH", path, {"completed": False}).ok()

    assert count(sql, "todos", board_column="backlog", completed=False) == 1


def test_what_is_being_done_stays_where_it_hangs(luna: Person, sql: Sql) -> None:
    made = todo(luna)
    sql.execute("update todos set board_column = 'doing', position = 7")

    luna.api("PUT", f"/todos/{made['id']}", made | {"title": "Peel"} | {"id": 1})
    body = {"title": "Peel lemons", "completed": False}
    luna.api("PUT", f"/todos/{made['id']}", body).ok()

    assert count(sql, "todos", board_column="doing", position=7) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"title": " \t "}, {"title": "x" * 256}, {"title": None}, {}, {"title": "a\nb"}],
    ids=lambda wrong: str(wrong)[:20],
)
def test_a_title_says_something_on_one_line(
    luna: Person, sql: Sql, wrong: dict[str, Any]
) -> None:
    answer = luna.api("POST", ALL, wrong)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "todos") == 0


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("GET", None),
        ("PUT", {"title": "Mine", "completed": True}),
        ("PATCH", {"title": "Mine"}),
        ("DELETE", None),
    ],
)
def test_somebody_elses_todo_is_not_there(
    luna: Person, stranger: Person, sql: Sql, method: str, body: Any
) -> None:
    made = todo(luna)

    answers = [stranger.api(method, f"/todos/{made['id']}", body)]
    answers.append(stranger.api(method, NOBODYS, body))

    told = [(answer.status, answer.code) for answer in answers]
    assert told == [(404, "NOT_FOUND")] * 2
    assert stranger.api("GET", ALL).ok() == []
    assert count(sql, "todos", title="Buy lemons", completed=False) == 1


def test_a_deleted_todo_is_gone(luna: Person, sql: Sql) -> None:
    path = f"/todos/{todo(luna)['id']}"

    luna.api("DELETE", path).ok(204)

    assert luna.api("DELETE", path).status == 404
    assert (count(sql, "todos"), count(sql, "audit_log", action="todo.deleted")) == (
        0,
        1,
    )


def test_who_has_left_a_workspace_sees_its_todos_no_more(
    luna: Person, sql: Sql
) -> None:
    guest = join(luna, "editor")
    card = guest.api("POST", "/api/v1/board/cards", {"title": "Light"}).ok(201)
    luna.api("POST", "/api/v1/board/cards", {"title": "Set", "assignee_id": guest.id})
    assert titles(guest.api("GET", ALL)) == ["Light"]

    seat = f"/api/v1/workspaces/{luna.workspace_id}/members/{guest.id}"
    luna.api("DELETE", seat).ok(204)

    assert guest.api("GET", ALL).ok() == []
    assert guest.api("DELETE", f"/todos/{card['id']}").status == 404
    assert count(sql, "todos", workspace_id=luna.workspace_id, assignee_id=None) == 2
