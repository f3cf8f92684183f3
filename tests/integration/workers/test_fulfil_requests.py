"""Queue privacy: a copy of somebody's data is made, or somebody is forgotten."""

import json
from typing import Any

import httpx
import pytest

from tests.support.api import Api, handler_of
from tests.support.database import Sql, content, count
from tests.support.material import NOBODYS
from tests.support.people import PASSWORD, Person, join, sign_up
from tests.support.privacy import ME, ask_for_a_copy, leave, look, mentions, wake
from tests.support.sold import Market
from tests.support.studio import Studio
from tests.support.workers import Workers, record
from vixenbliss.repositories.forgetting import nobody

QUEUE = "privacy"
CANARY = "canary"


@pytest.fixture
def canary(aws: dict[str, str], database: str, sql: Sql) -> Person:
    """Somebody whose name is in all that is told of them."""
    person = sign_up(email=f"{CANARY}@example.com")
    credentials = {"email": person.email, "password": PASSWORD}
    agent = {"user-agent": f"The browser of {CANARY}"}
    Api()("POST", "/api/auth/login", credentials, headers=agent).ok()
    columns = {"user": person.id, "workspace": person.workspace_id}
    sql.execute(
        "insert into todos (title, owner_id, workspace_id)"
        " values ('Call Canary''s mother', %(user)s, %(workspace)s)",
        columns,
    )
    sql.execute(
        "insert into notices (id, user_id, kind, dedupe_key, detail) values"
        " (gen_random_uuid(), %(user)s, 'x', 'x', '{\"to\": \"Canary\"}')",
        columns,
    )
    sql.execute(
        "insert into one_time_tokens (id, user_id, purpose, email, token_hash,"
        " expires_at) values (gen_random_uuid(), %(user)s, 'verify_email',"
        " 'canary@example.com', 'hash', now() + interval '1 hour')",
        columns,
    )
    return person


@pytest.fixture
def payer(studio: Studio, canary: Person, workers: Workers) -> Market:
    """The same, who has bought something, of which Stripe has told."""
    market = Market(
        studio.owner, studio.avatar_id, canary, studio.world, workers, studio.sql
    )
    sold = market.sell()
    studio.sql.execute(
        "update checkouts set message = 'From Canary' where id = %s",
        (sold.row()["checkout_id"],),
    )
    told = market.world.see("stripe", "events")
    market.tell(*told)
    return market


def copy_of(person: Person, workers: Workers) -> Any:
    """Return what somebody finds in the copy of their data."""
    request_id = ask_for_a_copy(person)
    workers.deliver(QUEUE)
    url = look(person, request_id).ok()["url"]
    answer = httpx.get(url)
    assert answer.is_success, answer.text
    return answer.json()


def sent(sql: Sql) -> None:
    """Let all letters have left."""
    sql.execute(
        "update letters set status = 'sent', sent_at = now(), check_at = null"
        " where status = 'queued'"
    )


def forget(person: Person, workers: Workers, sql: Sql) -> None:
    """Forget somebody, to the end."""
    leave(person).ok(202)
    workers.deliver(QUEUE)
    for _ in range(2):
        sent(sql)
        wake(sql)
        handler_of("SweepFunction")({}, None)
        workers.deliver(QUEUE)


def test_a_copy_has_all_that_is_about_its_owner(
    payer: Market, workers: Workers, sql: Sql
) -> None:
    copy = copy_of(payer.fan, workers)

    assert copy["user"]["email"] == payer.fan.email
    assert [todo["title"] for todo in copy["todos"]] == ["Call Canary's mother"]
    assert copy["notices"][0]["detail"] == {"to": "Canary"}
    assert [order["message"] for order in copy["orders"]] == ["From Canary"]
    assert copy["orders"][0]["lines"] == ["Sunset"]
    assert {one["user_agent"] for one in copy["sessions"]} >= {"The browser of canary"}
    assert len(copy["grants"]) == 1
    assert [one["role"] for one in copy["memberships"]] == ["owner"]


def test_a_copy_has_no_secrets_and_nothing_of_others(
    canary: Person, stranger: Person, workers: Workers, sql: Sql
) -> None:
    guest = join(canary, "editor")

    text = json.dumps(copy_of(canary, workers))

    assert [
        word for word in ("hash", "argon2", "token", "secret") if word in text
    ] == []
    assert [p.email for p in (stranger, guest) if p.email in text] == []


def test_a_copy_is_kept_for_a_week_under_a_name_that_nobody_guesses(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(canary)
    workers.deliver(QUEUE)

    found = look(canary, request_id).ok()

    row = sql.execute("select * from data_requests").fetchone() or {}
    assert found["status"] == "done"
    assert (row["expires_at"] - row["done_at"]).days == 7
    assert len(row["s3_key"]) > len("exports/.json") + 40
    assert request_id not in row["s3_key"]


def test_a_letter_says_that_the_copy_is_there(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(canary)

    workers.deliver(QUEUE)

    letters = sql.execute("select * from letters where kind = 'export_ready'")
    (letter,) = letters.fetchall()
    assert (letter["email"], str(letter["subject_id"])) == (canary.email, request_id)
    assert str(letter["id"]) in workers.waiting("mail")


def test_a_copy_that_has_expired_is_not_shown(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(canary)
    workers.deliver(QUEUE)
    sql.execute("update data_requests set expires_at = now()")

    found = look(canary, request_id).ok()

    assert (found["status"], found["url"]) == ("done", None)


def test_a_second_delivery_changes_nothing(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(canary)
    workers.deliver(QUEUE)
    before = content(sql)

    again = workers.run(QUEUE, request_id)

    assert again == []
    assert content(sql) == before


def test_a_copy_whose_maker_died_is_made_under_the_same_name(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(canary)
    sql.execute(
        "update data_requests set s3_key = 'exports/first.json', lease_until = now(),"
        " lease_token = gen_random_uuid()"
    )

    workers.run(QUEUE, request_id)

    assert count(sql, "data_requests", status="done", s3_key="exports/first.json") == 1


def test_what_somebody_else_is_working_on_is_left_to_them(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(canary)
    sql.execute(
        "update data_requests set lease_until = now() + interval '1 minute',"
        " lease_token = gen_random_uuid()"
    )

    again = workers.run(QUEUE, request_id)

    assert again == []
    assert count(sql, "data_requests", status="received") == 1


def test_what_nobody_knows_comes_again(aws: dict[str, str], workers: Workers) -> None:
    assert len(workers.run(QUEUE, NOBODYS)) == 1


def test_nothing_tells_any_more_who_has_left(
    payer: Market, workers: Workers, sql: Sql
) -> None:
    copy_of(payer.fan, workers)

    forget(payer.fan, workers, sql)

    customers = payer.world.see("stripe", "objects/customer")
    assert mentions(sql, CANARY) == []
    assert count(sql, "data_requests", kind="erasure", status="done") == 1
    assert [customer.get("deleted") for customer in customers] == [True]


def test_the_books_stay_as_they_are(payer: Market, workers: Workers, sql: Sql) -> None:
    tables = ("orders", "order_lines", "payments", "ledger_entries", "grants")
    before = {name: content(sql)[name] for name in tables}

    forget(payer.fan, workers, sql)

    assert {name: content(sql)[name] for name in tables} == before


def test_the_copies_go_with_their_owner(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(canary)
    workers.deliver(QUEUE)
    url = look(canary, request_id).ok()["url"]

    forget(canary, workers, sql)

    assert httpx.get(url).status_code == 404


def test_a_copy_that_was_asked_for_is_not_made_any_more(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    ask_for_a_copy(canary)
    workers.waiting(QUEUE)

    forget(canary, workers, sql)

    assert count(sql, "data_requests", kind="export", status="failed") == 1


def test_the_address_is_free_for_a_new_account(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    forget(canary, workers, sql)

    again = sign_up(email=canary.email)

    assert again.id != canary.id
    assert again.api("GET", ME).ok()["email"] == canary.email


def test_a_letter_says_that_one_is_forgotten_and_is_forgotten_then(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    leave(canary).ok(202)
    workers.deliver(QUEUE)

    farewell = sql.execute("select email from letters where kind = 'erased'").fetchall()

    assert [letter["email"] for letter in farewell] == [canary.email]
    assert mentions(sql, CANARY) == ["letters"]
    assert count(sql, "data_requests", status="received") == 1


def test_a_team_s_todos_keep_their_titles(
    canary: Person, luna: Person, workers: Workers, sql: Sql
) -> None:
    sql.execute(
        "insert into todos (title, owner_id, workspace_id, assignee_id)"
        " values ('Ours', %(user)s, %(workspace)s, %(user)s)",
        {"user": canary.id, "workspace": luna.workspace_id},
    )

    forget(canary, workers, sql)

    rows = sql.execute("select title, assignee_id from todos order by id").fetchall()
    assert [tuple(row.values()) for row in rows] == [("erased", None), ("Ours", None)]


def test_nobody_is_forgotten_twice(canary: Person, workers: Workers, sql: Sql) -> None:
    leave(canary).ok(202)
    (request_id,) = workers.deliver(QUEUE)

    workers.run(QUEUE, request_id)

    assert count(sql, "letters", kind="erased") == 1


@pytest.mark.parametrize("action", ["before", "after"])
def test_a_customer_that_stripe_keeps_for_now_is_forgotten_later(
    payer: Market, workers: Workers, sql: Sql, action: str
) -> None:
    payer.world.fault("stripe", "customers.delete", action, times=2)
    forget(payer.fan, workers, sql)

    wake(sql)
    handler_of("SweepFunction")({}, None)
    workers.deliver(QUEUE)

    customers = payer.world.see("stripe", "objects/customer")
    assert [customer.get("deleted") for customer in customers] == [True]
    assert count(sql, "data_requests", status="done") == 1


def test_a_customer_stays_while_money_moves(
    payer: Market, workers: Workers, sql: Sql
) -> None:
    sql.execute("update checkouts set status = 'open', ended_at = null")

    leave(payer.fan).ok(202)
    workers.deliver(QUEUE)

    assert payer.effects("customers.delete") == 0
    assert count(sql, "users", email=payer.fan.email) == 0
    later = sql.execute(
        "select 1 from data_requests where check_at > now() + interval '23 hours'"
    )
    assert later.fetchone() is not None


def test_without_a_key_for_stripe_a_request_fails_and_can_be_redriven(
    payer: Market, workers: Workers, sql: Sql, surroundings: Any
) -> None:
    leave(payer.fan).ok(202)
    surroundings(STRIPE_API_KEY="")
    workers.deliver(QUEUE)
    sql.execute(
        "update users set platform_role = 'admin' where id = %s", (payer.owner.id,)
    )

    redriven = payer.owner.api("POST", "/api/v1/ops/queues/privacy/redrive").ok(202)

    assert redriven == {"redriven": 1}
    assert count(sql, "data_requests", status="received") == 1
    assert count(sql, "dead_letters", queue=QUEUE) == 1


def test_a_silent_request_is_sent_on_its_way_again(
    luna: Person, workers: Workers, sql: Sql
) -> None:
    request_id = ask_for_a_copy(luna)
    workers.waiting(QUEUE)
    wake(sql)

    swept = handler_of("SweepFunction")({}, None)

    assert swept["requests"] == 1
    assert workers.waiting(QUEUE) == [request_id]


def test_a_request_whose_messages_die_is_woken_once_and_ends_then(
    luna: Person, sql: Sql
) -> None:
    body = json.dumps({"id": ask_for_a_copy(luna)})
    states = []

    for _ in range(2):
        died = {"Records": [record(body, "stack-PrivacyDeadLetters-1A2B")]}
        handler_of("BuryDeadLettersFunction")(died, None)
        sql.execute("update dead_letters set created_at = now() - interval '1 hour'")
        states += sql.execute("select status from data_requests").fetchall()

    assert [row["status"] for row in states] == ["received", "failed"]
    assert count(sql, "dead_letters", redriven_at=None) == 1


def test_nobody_keeps_somebody_from_being_forgotten(
    canary: Person, workers: Workers, sql: Sql
) -> None:
    address = nobody(canary.id)
    squatter = {"email": address, "password": PASSWORD}
    taken = Api()("POST", "/api/v1/users/", squatter)

    forget(canary, workers, sql)

    assert (taken.status, taken.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "users", email=address) == 1
    assert count(sql, "data_requests", status="done") == 1
