"""/api/v1/ops/audit: who did what in a workspace, and whether the trail is whole."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql
from tests.support.people import Person, avatar, join

AUDIT = "/api/v1/ops/audit"
VERIFY = f"{AUDIT}/verify"


def deeds(person: Person, query: str = "") -> list[Any]:
    return list(person.api("GET", f"{AUDIT}?per_page=100&{query}").ok()["items"])


def tamper(sql: Sql, statement: str) -> None:
    """Change the trail the way only the database's own master can."""
    sql.execute("alter table audit_log disable trigger user")
    sql.execute(statement.encode())
    sql.execute("alter table audit_log enable trigger user")


@pytest.mark.parametrize("path", [AUDIT, VERIFY])
def test_nobody_asks_without_a_token(database: str, path: str) -> None:
    answer = Api()("GET", path)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("path", [AUDIT, VERIFY])
def test_a_workspace_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, path: str
) -> None:
    answer = stranger.api.working_in(luna.workspace_id)("GET", path)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", [AUDIT, VERIFY])
@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_read_the_trail(luna: Person, role: str, path: str) -> None:
    answer = join(luna, role).api("GET", path)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.parametrize("path", [AUDIT, VERIFY])
def test_staff_reads_the_trail_of_every_workspace(
    luna: Person, stranger: Person, sql: Sql, path: str
) -> None:
    sql.execute("update users set platform_role = 'admin' where id = %s", [stranger.id])

    answer = stranger.api.working_in(luna.workspace_id)("GET", path)

    assert answer.status == 200


def test_a_deed_is_on_record(luna: Person) -> None:
    avatar_id = avatar(luna)

    (deed,) = deeds(luna, f"target={avatar_id}")

    assert deed["action"] == "avatar.created"
    assert deed["actor_user_id"] == luna.id
    assert deed["target_type"] == "avatar"


def test_the_trail_tells_the_newest_first_and_misses_none(luna: Person) -> None:
    avatar(luna)
    avatar(luna, avatar_name="Sol")

    positions = [deed["position"] for deed in deeds(luna)]

    assert positions == list(range(len(positions), 0, -1))


def test_deeds_are_found_by_who_and_what(luna: Person) -> None:
    guest = join(luna, "editor")
    avatar(luna)
    mine = avatar(guest, avatar_name="Sol")

    found = deeds(luna, f"actor={guest.id}&action=avatar.created")

    assert [deed["target_id"] for deed in found] == [mine]


def test_a_stranger_reads_their_own_trail_only(luna: Person, stranger: Person) -> None:
    avatar_id = avatar(luna)

    found = deeds(stranger, f"target={avatar_id}")

    assert found == []


def test_a_refused_deed_is_none(luna: Person) -> None:
    before = deeds(luna)

    luna.api("POST", "/api/v1/avatars/create", {"avatar_name": "Lu"})

    assert deeds(luna) == before


@pytest.mark.parametrize(
    "query",
    [
        "actor=0",
        "actor=2147483648",
        "actor=luna",
        f"action={'x' * 81}",
        "action=%00",
        "target=a%0Ab",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{AUDIT}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_an_untouched_trail_is_whole(luna: Person) -> None:
    avatar(luna)

    verified = luna.api("GET", VERIFY).ok()

    assert verified == {"intact": True, "first_broken": None, "rows": len(deeds(luna))}


@pytest.mark.parametrize(
    ("statement", "first_broken"),
    [
        ("update audit_log set action = 'avatar.kept' where position = 2", 2),
        ("update audit_log set detail = '{\"a\": 1}' where position = 2", 2),
        ("update audit_log set created_at = now() where position = 2", 2),
        ("delete from audit_log where position = 2", 3),
        ("delete from audit_log where position = 1", 2),
    ],
)
def test_a_trail_that_was_tampered_with_says_where(
    luna: Person, sql: Sql, statement: str, first_broken: int
) -> None:
    for number in range(3):
        avatar(luna, avatar_name=f"Luna {number}")

    tamper(sql, statement)

    verified = luna.api("GET", VERIFY).ok()
    assert (verified["intact"], verified["first_broken"]) == (False, first_broken)


def test_another_workspaces_trail_breaks_alone(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    avatar(luna)
    avatar(stranger)

    tamper(
        sql, "delete from audit_log where actor_user_id = (select min(id) from users)"
    )

    assert stranger.api("GET", VERIFY).ok()["intact"] is True
