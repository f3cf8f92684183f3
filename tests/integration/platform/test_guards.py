"""What the database watches over by itself, whoever asks."""

from typing import LiteralString

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from tests.support.database import Sql, count
from tests.support.people import Person, avatar

ONCE = ("audit_log", "avatar_sheets", "asset_provenance", "reviews")
CHAIN: LiteralString = (
    "insert into audit_log (workspace_id, actor_kind, action, target_type, target_id)"
    " values (%s, 'system', 'x', 'x', 'x') returning position, prev_hash, row_hash"
)
OUTBOX_AGAIN = (
    "insert into outbox (queue, subject_id, dedupe_key)"
    " select queue, subject_id, dedupe_key from outbox limit 1"
)
AVATAR_AGAIN = (
    "insert into avatars (id, workspace_id, created_by, avatar_name, nicho,"
    " aesthetic_style) select gen_random_uuid(), workspace_id, created_by,"
    " upper(avatar_name), nicho, aesthetic_style from avatars"
)
USER_AGAIN = (
    "insert into users (email, hashed_password)"
    " select upper(email), hashed_password from users"
)


@pytest.mark.parametrize("table", ONCE)
@pytest.mark.parametrize(
    "statement", ["update {} set created_at = now()", "delete from {}", "truncate {}"]
)
def test_a_row_is_written_once(sql: Sql, table: str, statement: str) -> None:
    with pytest.raises(errors.IntegrityConstraintViolation) as caught:
        sql.execute(f"{statement.format(table)}{_cascade(statement)}".encode())

    assert caught.value.diag.constraint_name == "written_once"


def _cascade(statement: str) -> str:
    return " cascade" if statement.startswith("truncate") else ""


@pytest.mark.parametrize("table", ["workspaces", "users", "avatars"])
def test_no_way_around_empties_the_trail(luna: Person, sql: Sql, table: str) -> None:
    before = count(sql, "audit_log")

    with pytest.raises(errors.IntegrityConstraintViolation):
        sql.execute(f"truncate {table} cascade".encode())

    assert count(sql, "audit_log") == before > 0


def test_a_workspace_with_a_trail_is_not_deleted(luna: Person, sql: Sql) -> None:
    with pytest.raises(errors.IntegrityError):
        sql.execute("delete from workspaces where id = %s", (luna.workspace_id,))

    assert count(sql, "workspaces", id=luna.workspace_id) == 1


def test_a_row_of_the_trail_carries_the_hash_of_the_one_before(
    luna: Person, sql: Sql
) -> None:
    first = sql.execute(CHAIN, (luna.workspace_id,)).fetchone()
    second = sql.execute(CHAIN, (luna.workspace_id,)).fetchone()

    assert first is not None
    assert second is not None
    assert second["position"] == first["position"] + 1
    assert second["prev_hash"] == first["row_hash"]


def test_each_workspace_has_a_trail_of_its_own(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    sql.execute(CHAIN, (luna.workspace_id,))

    row = sql.execute(CHAIN, (stranger.workspace_id,)).fetchone()

    assert row is not None
    assert row["position"] == 2


def test_nobody_chooses_a_place_or_a_hash_in_the_trail(luna: Person, sql: Sql) -> None:
    row = sql.execute(
        "insert into audit_log (workspace_id, actor_kind, action, target_type,"
        " target_id, position, prev_hash, row_hash)"
        " values (%s, 'system', 'x', 'x', 'x', 77, 'a', 'b')"
        " returning position, prev_hash, row_hash",
        (luna.workspace_id,),
    ).fetchone()

    assert row is not None
    assert row["position"] == 2
    assert len(row["prev_hash"]) == len(row["row_hash"]) == 32


def test_writers_of_one_workspace_take_turns(
    luna: Person, stranger: Person, sql: Sql, database: str
) -> None:
    with psycopg.connect(database, row_factory=dict_row) as other:
        other.execute(CHAIN, (luna.workspace_id,))
        sql.execute("set lock_timeout = '100ms'")

        sql.execute(CHAIN, (stranger.workspace_id,))
        with pytest.raises(errors.LockNotAvailable):
            sql.execute(CHAIN, (luna.workspace_id,))

        other.commit()
        row = sql.execute(CHAIN, (luna.workspace_id,)).fetchone()

    assert row is not None
    assert row["position"] == 3


@pytest.mark.parametrize(
    "statement",
    [
        "update users set platform_role = 'god'",
        "update workspace_members set role = 'god'",
        "update avatars set status = 'eternal'",
        "update avatars set avatar_name = 'ab'",
        "update avatars set avatar_name = repeat('x', 51)",
        "update avatars set nicho = ''",
        OUTBOX_AGAIN,
        AVATAR_AGAIN,
        USER_AGAIN,
    ],
)
def test_no_statement_breaks_a_rule(luna: Person, sql: Sql, statement: str) -> None:
    avatar(luna)
    luna.api("POST", "/api/v1/policy/check", {"text": "a walk by the sea"}).ok(202)

    with pytest.raises((errors.IntegrityError, errors.DataError)):
        sql.execute(statement.encode())
