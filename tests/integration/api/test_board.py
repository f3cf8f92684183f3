"""/api/v1/board: a workspace's todos as cards, in columns and in an order."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, avatar, join

BOARD = "/api/v1/board"
CARDS = f"{BOARD}/cards"
NO_CARD = f"{CARDS}/2147483647"


def hang(person: Person, *titles: str, **said: Any) -> list[int]:
    """Hang cards, one after the other; return their ids."""
    cards = [person.api("POST", CARDS, {"title": t} | said).ok(201) for t in titles]
    return [card["id"] for card in cards]


def shown(person: Person, query: str = "") -> dict[str, list[str]]:
    """Return the titles of each column that is not empty."""
    columns = person.api("GET", f"{BOARD}{query}").ok()["columns"]
    assert all(one["total"] == len(one["cards"]) for one in columns)
    return {
        one["key"]: [card["title"] for card in one["cards"]]
        for one in columns
        if one["cards"]
    }


def move(person: Person, card_id: int, column: str, after_id: int | None = None) -> Any:
    body = {"column": column} | ({"after_id": after_id} if after_id else {})
    return person.api("POST", f"{CARDS}/{card_id}/move", body)


def drawn(sql: Sql, person: Person, avatar_id: str) -> str:
    """Return a piece of an avatar."""
    row = sql.execute(
        "insert into content_pieces (id, workspace_id, avatar_id, caption, created_by,"
        " authors, content_hash, text_sha256) values (gen_random_uuid(), %s, %s, 'Sea',"
        " %s, array[%s], '', '') returning id",
        (person.workspace_id, avatar_id, person.id, person.id),
    ).fetchone()
    return str((row or {})["id"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", BOARD), ("POST", CARDS), ("PATCH", NO_CARD), ("POST", f"{NO_CARD}/move")],
)
def test_nobody_gets_in_without_a_token(method: str, path: str) -> None:
    answer = Api()(method, path, {"title": "Light"})

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_an_empty_board_has_its_four_columns(luna: Person) -> None:
    columns = luna.api("GET", BOARD).ok()["columns"]

    assert [one["key"] for one in columns] == ["backlog", "doing", "review", "done"]
    assert [(one["total"], one["cards"]) for one in columns] == [(0, [])] * 4


def test_a_card_is_the_todo_of_who_hangs_it(luna: Person, sql: Sql) -> None:
    guest = join(luna, "editor")
    due = "2030-01-02T03:04:05Z"

    said = {"title": "Light", "assignee_id": luna.id, "due_at": due, "column": "doing"}
    card = guest.api("POST", CARDS, said).ok(201)

    (todo,) = guest.api("GET", "/todos/").ok()
    assert todo == {"id": card["id"], "title": "Light", "completed": False}
    assert (card["owner_id"], card["assignee_id"]) == (guest.id, luna.id)
    assert (card["column"], card["due_at"]) == ("doing", due)
    assert shown(luna) == {"doing": ["Light"]}
    assert count(sql, "audit_log", workspace_id=luna.workspace_id) == 4


def test_a_todo_hangs_on_its_owners_own_board(luna: Person) -> None:
    other = luna.api("POST", "/api/v1/workspaces", {"name": "Team"}).ok(201)
    in_team = Person(**{**_fields(luna), "api": luna.api.working_in(other["id"])})

    in_team.api("POST", "/todos/", {"title": "Buy lemons"}).ok()

    assert shown(in_team) == {}
    assert shown(luna) == {"backlog": ["Buy lemons"]}


def _fields(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in Person.__slots__}


def test_what_is_done_is_completed_and_the_other_way_round(luna: Person) -> None:
    first, second, _ = hang(luna, "one", "two", "three")

    moved = move(luna, second, "done").ok()
    luna.api("PATCH", f"/todos/{first}", {"completed": True}).ok()

    assert (moved["completed"], moved["column"]) == (True, "done")
    assert luna.api("GET", f"/todos/{second}").ok()["completed"] is True
    assert shown(luna) == {"backlog": ["three"], "done": ["one", "two"]}
    assert move(luna, first, "review").ok()["completed"] is False


def test_a_card_goes_right_after_another_one_or_first(luna: Person) -> None:
    a, b, c = hang(luna, "a", "b", "c")

    move(luna, c, "backlog", a).ok()
    assert shown(luna) == {"backlog": ["a", "c", "b"]}
    move(luna, b, "backlog").ok()
    assert shown(luna) == {"backlog": ["b", "a", "c"]}
    move(luna, b, "backlog", c).ok()
    assert shown(luna) == {"backlog": ["a", "c", "b"]}


def test_there_is_always_room_between_two_cards(luna: Person, sql: Sql) -> None:
    a, b, c = hang(luna, "a", "b", "c")
    sql.execute("update todos set position = 0.0000000001 where id = %s", (a,))
    sql.execute("update todos set position = 0.0000000002 where id = %s", (b,))

    move(luna, c, "backlog", a).ok()

    assert shown(luna) == {"backlog": ["a", "c", "b"]}
    places = [row["position"] for row in sql.execute("select position from todos")]
    assert len(set(places)) == 3


@pytest.mark.parametrize("where", ["other column", "itself", "stranger's", "nothing"])
def test_a_card_hangs_after_one_of_its_column_only(
    luna: Person, stranger: Person, sql: Sql, where: str
) -> None:
    card, other = hang(luna, "a", "b")
    move(luna, other, "doing").ok()
    (theirs,) = hang(stranger, "x")
    after = {"other column": other, "itself": card, "stranger's": theirs}

    answer = move(luna, card, "backlog", after.get(where, 2**31 - 1))

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert shown(luna) == {"backlog": ["a"], "doing": ["b"]}


def test_moves_at_once_leave_one_order(luna: Person, sql: Sql) -> None:
    ids = hang(luna, *"abcdef")
    wishes = [_after(luna, card, ids[0]) for card in ids[1:]]

    answers = at_once(*wishes)

    assert [answer.status for answer in answers] == [200] * 5
    (row,) = sql.execute(
        "select count(distinct position) as places, count(*) as cards from todos"
    )
    assert (row["places"], row["cards"]) == (6, 6)
    assert shown(luna)["backlog"][0] == "a"


def _after(person: Person, card_id: int, after_id: int) -> Wish:
    body = {"column": "backlog", "after_id": after_id}
    return Wish(person.api, "POST", f"{CARDS}/{card_id}/move", body)


def test_a_card_is_about_a_piece_and_so_about_its_avatar(
    luna: Person, sql: Sql
) -> None:
    first, second = avatar(luna), avatar(luna, avatar_name="Sol")
    piece = drawn(sql, luna, first)
    (card,) = hang(luna, "Light", piece_id=piece)
    path = f"{CARDS}/{card}"

    assert shown(luna, f"?avatar_id={first}") == {"backlog": ["Light"]}
    assert luna.api("PATCH", path, {"avatar_id": second}).status == 400
    changed = luna.api("PATCH", path, {"avatar_id": second, "piece_id": None}).ok()
    assert (changed["avatar_id"], changed["piece_id"]) == (second, None)
    assert shown(luna, f"?avatar_id={first}") == {}
    changed = luna.api("PATCH", path, {"piece_id": piece}).ok()
    assert (changed["avatar_id"], changed["piece_id"]) == (first, piece)


def test_a_card_is_given_to_a_member_and_taken_again(luna: Person) -> None:
    guest = join(luna, "analyst")
    (card,) = hang(luna, "Light", assignee_id=guest.id)

    assert shown(guest, f"?assignee={guest.id}") == {"backlog": ["Light"]}
    taken = luna.api("PATCH", f"{CARDS}/{card}", {"assignee_id": None}).ok()
    assert (taken["assignee_id"], taken["title"]) == (None, "Light")
    assert shown(guest, f"?assignee={guest.id}") == {}


@pytest.mark.parametrize("name", ["avatar_id", "piece_id", "assignee_id"])
@pytest.mark.parametrize("of", ["a stranger", "nobody"])
def test_a_card_speaks_only_of_the_workspaces_own(
    luna: Person, stranger: Person, sql: Sql, name: str, of: str
) -> None:
    (card,) = hang(luna, "Light")
    theirs = avatar(stranger)
    piece = drawn(sql, stranger, theirs)
    ids = {"avatar_id": theirs, "piece_id": piece, "assignee_id": stranger.id}
    if of == "nobody":
        ids = dict.fromkeys(ids, NOBODYS) | {"assignee_id": 2**31 - 1}

    answers = [luna.api("POST", CARDS, {"title": "Set", name: ids[name]})]
    answers.append(luna.api("PATCH", f"{CARDS}/{card}", {name: ids[name]}))

    told = [(answer.status, answer.code) for answer in answers]
    assert told == [(404, "NOT_FOUND")] * 2
    assert count(sql, "todos") == 1


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_only_owners_and_editors_move_cards(luna: Person, role: str) -> None:
    (card,) = hang(luna, "Light")
    guest = join(luna, role)

    said = [
        guest.api("POST", CARDS, {"title": "Set"}),
        guest.api("PATCH", f"{CARDS}/{card}", {"title": "Dark"}),
        move(guest, card, "done"),
    ]

    assert [answer.status for answer in said] == [403] * 3
    assert shown(guest) == {"backlog": ["Light"]}


def test_a_strangers_card_is_not_there(luna: Person, stranger: Person) -> None:
    (card,) = hang(luna, "Light")

    said = [
        stranger.api("PATCH", f"{CARDS}/{card}", {"title": "Dark"}),
        move(stranger, card, "done"),
    ]

    assert [(answer.status, answer.code) for answer in said] == [(404, "NOT_FOUND")] * 2
    assert shown(stranger) == {}


def test_a_long_column_shows_its_first_cards_and_counts_all(
    luna: Person, sql: Sql
) -> None:
    sql.execute(
        "insert into todos (title, owner_id, workspace_id, position)"
        " select 'no. ' || n, %s, %s, n from generate_series(1, 205) n",
        (luna.id, luna.workspace_id),
    )

    (backlog, *_) = luna.api("GET", BOARD).ok()["columns"]

    assert (backlog["total"], len(backlog["cards"])) == (205, 200)
    assert _ascend([int(card["title"][4:]) for card in backlog["cards"]])


def _ascend(numbers: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(numbers))
