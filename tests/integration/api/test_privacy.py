"""/api/v1/users/me: a copy of one's data, and being forgotten."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import PASSWORD, Person, avatar, join, sign_in, sign_up
from tests.support.privacy import ME, ask_for_a_copy, leave, look
from tests.support.rights import product
from tests.support.rows import cancelled_post
from tests.support.selling import Shop
from tests.support.studio import Studio
from tests.support.workers import Workers
from tests.support.world import World

LOGIN = "/api/auth/login"


def test_a_copy_is_asked_for_and_waited_for(luna: Person, workers: Workers) -> None:
    answer = luna.api("POST", f"{ME}/export")

    request_id = answer.ok(202)["request_id"]
    found = look(luna, request_id).ok()
    assert answer.headers["location"] == f"{ME}/requests/{request_id}"
    assert (found["kind"], found["status"]) == ("export", "received")
    assert (found["url"], found["expires_at"]) == (None, None)
    assert workers.waiting("privacy") == [request_id]


def test_a_copy_is_made_once_however_often_it_is_asked_for(
    luna: Person, workers: Workers
) -> None:
    wish = Wish(luna.api, "POST", f"{ME}/export")

    answers = at_once(wish, wish, wish)

    ids = {answer.ok(202)["request_id"] for answer in answers}
    assert workers.waiting("privacy") == list(ids)


def test_somebody_else_s_request_is_not_there(luna: Person, stranger: Person) -> None:
    theirs = look(luna, ask_for_a_copy(stranger))
    nobodys = look(luna, NOBODYS)

    assert (theirs.status, theirs.code) == (404, "NOT_FOUND")
    assert theirs.json["detail"] == nobodys.json["detail"]


def test_an_account_is_closed_at_once(luna: Person, workers: Workers, sql: Sql) -> None:
    elsewhere = sign_in(luna.email, luna.id)

    code = leave(luna).ok(202)["confirmation_code"]

    login = {"email": luna.email, "password": PASSWORD}
    assert [one.api("GET", ME).status for one in (luna, elsewhere)] == [401, 401]
    assert Api()("POST", LOGIN, login).status == 401
    assert [id_.replace("-", "") for id_ in workers.waiting("privacy")] == [code]
    assert count(sql, "workspace_members", user_id=luna.id) == 0


def test_who_has_left_a_team_is_written_down_there(
    luna: Person, stranger: Person
) -> None:
    editor = join(luna, "editor")

    leave(editor).ok(202)

    deeds = luna.api("GET", "/api/v1/ops/audit?action=member.removed").ok()["items"]
    assert [(d["actor_user_id"], d["detail"]) for d in deeds] == [
        (editor.id, {"reason": "erasure"})
    ]


def test_nothing_is_sold_where_nobody_is_left(luna: Person, sql: Sql) -> None:
    product(sql, luna)

    leave(luna).ok(202)

    assert count(sql, "products", is_active=True) == 0
    assert count(sql, "audit_log", action="product.changed") == 1


def test_nothing_can_be_published_where_nobody_is_left(luna: Person, sql: Sql) -> None:
    avatar(luna)
    cancelled_post(sql)
    sql.execute(
        "update social_accounts set status = 'connected', access_token = 'sealed',"
        " data_key = 'wrapped'"
    )

    leave(luna).ok(202)

    (account,) = sql.execute("select * from social_accounts").fetchall()
    assert (account["status"], account["access_token"]) == ("disconnected", None)


def test_a_team_goes_on_where_another_owner_is_left(luna: Person, sql: Sql) -> None:
    join(luna, "owner")
    product(sql, luna)

    leave(luna).ok(202)

    assert count(sql, "products", is_active=True) == 1


def test_an_account_is_not_closed_without_its_password(luna: Person, sql: Sql) -> None:
    refused = leave(luna, "another password")

    assert (refused.status, refused.code) == (401, "INVALID_CREDENTIALS")
    assert luna.api("GET", ME).status == 200
    assert count(sql, "data_requests") == 0


def test_the_password_is_not_guessed_here_either(luna: Person) -> None:
    answers = [leave(luna, f"guess {number}") for number in range(6)]

    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) <= 900


@pytest.mark.parametrize("body", [None, {}, {"password": ""}, {"password": 7}])
def test_a_password_has_to_be_named(luna: Person, body: Any) -> None:
    answer = luna.api("DELETE", ME, body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_of_many_who_leave_at_once_one_does(luna: Person, workers: Workers) -> None:
    wish = Wish(luna.api, "DELETE", ME, {"password": PASSWORD})

    answers = at_once(wish, wish, wish)

    assert sorted(answer.status for answer in answers) == [202, 401, 401]
    assert len(workers.waiting("privacy")) == 1


def _refused(person: Person) -> list[str]:
    """Return what has to be seen to before somebody may go."""
    answer = leave(person)
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert person.api("GET", ME).status == 200
    missing: list[str] = answer.json["missing"]
    return missing


def test_the_last_owner_stays_while_a_membership_is_live(
    studio: Studio, stranger: Person
) -> None:
    shop = Shop(studio.owner, studio.avatar_id, studio.world, studio.sql)
    gold = shop.offer(name="Gold")
    shop.subscribed(stranger, gold, "active")

    assert _refused(studio.owner) == [
        "Workspace “My workspace”: the memberships that it has sold must end."
    ]
    assert _refused(stranger) == ["Your own membership “Gold” must end."]


def test_the_last_owner_stays_while_a_post_is_planned(luna: Person, sql: Sql) -> None:
    avatar(luna)
    cancelled_post(sql)
    sql.execute("update posts set status = 'scheduled', due_at = now()")

    assert _refused(luna) == [
        "Workspace “My workspace”: its planned posts must be cancelled."
    ]


def test_the_last_owner_stays_while_money_is_not_paid_out(
    luna: Person, sql: Sql
) -> None:
    sql.execute(
        "with clearing as (insert into ledger_accounts (workspace_id, code, kind,"
        " currency) values (%(w)s, 'stripe_clearing', 'asset', 'eur') returning id),"
        " payable as (insert into ledger_accounts (workspace_id, code, kind, currency)"
        " values (%(w)s, 'tax_payable', 'liability', 'eur') returning id),"
        " booked as (insert into ledger_transactions (kind, source_type, source_id,"
        " occurred_at) values ('charge', 'test', '1', now()) returning id)"
        " insert into ledger_entries (transaction_id, account_id, amount_micros,"
        " currency) select b.id, c.id, 5, 'eur' from booked b, clearing c union all"
        " select b.id, p.id, -5, 'eur' from booked b, payable p",
        {"w": luna.workspace_id},
    )

    assert _refused(luna) == ["Workspace “My workspace”: its money must be paid out."]


def test_the_last_administrator_stays(luna: Person, sql: Sql) -> None:
    sql.execute("update users set platform_role = 'admin'")

    assert _refused(luna) == ["The platform needs another active administrator."]


def test_two_owners_do_not_both_leave_what_is_sold(
    luna: Person, stranger: Person, world: World, sql: Sql
) -> None:
    partner = join(luna, "owner")
    shop = Shop(luna, "", world, sql)
    gold = shop.offer(name="Gold", avatar_id=None)
    shop.subscribed(stranger, gold, "active")
    wishes = [
        Wish(one.api, "DELETE", ME, {"password": PASSWORD}) for one in (luna, partner)
    ]

    answers = at_once(*wishes)

    assert sorted(answer.status for answer in answers) == [202, 409]


def test_whoever_was_closed_is_no_owner_that_counts(luna: Person, sql: Sql) -> None:
    partner = join(luna, "owner")
    product(sql, luna)
    sql.execute("update users set is_active = false where id = %s", (partner.id,))

    leave(luna).ok(202)

    assert count(sql, "products", is_active=True) == 0


def test_nobody_is_asked_without_a_token(database: str) -> None:
    answers = [
        Api()("POST", f"{ME}/export"),
        Api()("GET", f"{ME}/requests/{NOBODYS}"),
        Api()("DELETE", ME, {"password": PASSWORD}),
    ]

    assert [answer.status for answer in answers] == [401, 401, 401]


def test_whoever_has_left_asks_for_nothing_any_more(database: str) -> None:
    somebody = sign_up()
    leave(somebody).ok(202)

    answers = [
        somebody.api("POST", f"{ME}/export"),
        look(somebody, NOBODYS),
        leave(somebody),
    ]

    assert [answer.status for answer in answers] == [401, 401, 401]
