"""/api/v1/ledger: what the books say of a workspace, and to whom."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from tests.support.api import Api
from tests.support.books import THEN, Till, cost, post
from tests.support.database import Sql
from tests.support.material import NOBODYS
from tests.support.people import Person, avatar, join
from vixenbliss.services import postings
from vixenbliss.services.postings import Shares

LEDGER = "/api/v1/ledger"
BALANCES, STATEMENT, PAYOUTS = (
    f"{LEDGER}/{name}" for name in ("balances", "statement", "payouts")
)
PATHS = [BALANCES, STATEMENT, PAYOUTS]
ALWAYS = "from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
PAYOUT = (
    "insert into payouts (id, stripe_payout_id, amount_minor, currency, status,"
    " balance_transaction_id) values (gen_random_uuid(), 'po_1', 99999, 'eur', 'paid',"
    " 'txn_po')"
)


def statement(person: Person, query: str = ALWAYS) -> Any:
    return person.api("GET", f"{STATEMENT}?per_page=100&{query}").ok()


def minor(amounts: Any) -> dict[str, int]:
    """Return what a summary says, in minor units."""
    return {
        name: amount["minor"] for name, amount in amounts.items() if name != "currency"
    }


def closing(told: Any) -> dict[str, int]:
    return {row["account"]: row["closing"]["micros"] for row in told["accounts"]}


@pytest.fixture
def till(luna: Person) -> Till:
    """Luna sells twice, gives a part back, and loses a dispute."""
    till = Till(luna.workspace_id, avatar(luna))
    till.sell()
    till.sell()
    till.give_back(500)
    till.lose(1_000, 1_500)
    return till


@pytest.mark.parametrize("path", PATHS)
def test_nobody_asks_without_a_token(database: str, path: str) -> None:
    assert Api()("GET", path).status == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_workspace_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, path: str
) -> None:
    assert stranger.api.working_in(luna.workspace_id)("GET", path).status == 404


@pytest.mark.parametrize("path", [BALANCES, STATEMENT])
@pytest.mark.parametrize(("role", "status"), [("analyst", 200), ("editor", 403)])
def test_owners_and_analysts_read_the_books(
    luna: Person, role: str, status: int, path: str
) -> None:
    assert join(luna, role).api("GET", path).status == status


def test_owners_alone_read_what_was_paid_out(luna: Person) -> None:
    assert join(luna, "analyst").api("GET", PAYOUTS).status == 403
    assert luna.api("GET", PAYOUTS).status == 200


def test_a_summary_says_what_was_earned_and_what_it_took(
    luna: Person, till: Till
) -> None:
    (summary,) = statement(luna)["summary"]

    assert summary["currency"] == "eur"
    assert minor(summary) == {
        "revenue": 1_680,
        "refunds": 420,
        "fees": 118,
        "disputes": 2_500,
        "generation_cost": 0,
        "margin": 1_680 - 420 - 118 - 2_500,
        "tax": 240,
    }


def test_a_statement_adds_up(luna: Person, till: Till) -> None:
    told = statement(luna)

    entries = [entry for it in told["transactions"] for entry in it["entries"]]
    moved = {
        row["account"]: sum(
            entry["amount"]["micros"]
            for entry in entries
            if entry["account"] == row["account"]
        )
        for row in told["accounts"]
    }
    assert moved == {
        row["account"]: row["change"]["micros"] for row in told["accounts"]
    }
    assert all(
        row["opening"]["micros"] + row["change"]["micros"] == row["closing"]["micros"]
        for row in told["accounts"]
    )
    assert sum(closing(told).values()) == 0
    assert all(
        sum(entry["amount"]["micros"] for entry in it["entries"]) == 0
        for it in told["transactions"]
    )
    (summary,) = told["summary"]
    earned = [row for row in told["accounts"] if row["kind"] in ("income", "expense")]
    assert summary["margin"]["micros"] == -sum(
        row["change"]["micros"] for row in earned
    )


def test_one_statement_closes_as_the_next_one_opens(luna: Person, till: Till) -> None:
    marks = [THEN + timedelta(hours=hours, minutes=30) for hours in (0, 2, 3, 9)]

    told = [
        statement(
            luna, f"from={since:%Y-%m-%dT%H:%M:%SZ}&to={until:%Y-%m-%dT%H:%M:%SZ}"
        )
        for since, until in pairwise(marks)
    ]

    assert [len(one["transactions"]) for one in told] == [2, 1, 1]
    for before, after in pairwise(told):
        opening = {
            row["account"]: row["opening"]["micros"] for row in after["accounts"]
        }
        assert closing(before).items() <= opening.items()
    assert closing(told[-1]) == closing(statement(luna))


def test_transactions_come_in_pages_in_their_order(luna: Person, till: Till) -> None:
    pages = [
        luna.api("GET", f"{STATEMENT}?{ALWAYS}&per_page=3&page={page}").ok()
        for page in (1, 2)
    ]

    listed = [it["kind"] for page in pages for it in page["transactions"]]
    assert listed == ["charge", "charge", "refund", "dispute"]
    assert pages[0]["pagination"] == {"page": 1, "per_page": 3, "total": 4}
    assert pages[0]["accounts"] == pages[1]["accounts"]


def test_an_avatar_s_statement_is_of_its_transactions(luna: Person, till: Till) -> None:
    other = Till(luna.workspace_id, avatar(luna, avatar_name="Sol"), "usd")
    other.sell()

    told = statement(luna, f"{ALWAYS}&avatar_id={other.avatar_id}")

    assert [it["kind"] for it in told["transactions"]] == ["charge"]
    assert closing(told) == {
        "processor_fees": 590_000,
        "revenue": -8_400_000,
        "stripe_clearing": 9_410_000,
        "tax_payable": -1_600_000,
    }
    assert [one["currency"] for one in told["summary"]] == ["usd"]


def test_each_currency_has_a_summary(luna: Person, till: Till) -> None:
    yen = Till(luna.workspace_id, till.avatar_id, "jpy", 1_000, 91, 36)
    yen.sell()

    told = statement(luna)

    of_yen, of_euros = sorted(
        told["summary"], key=lambda one: one["currency"], reverse=True
    )
    assert minor(of_yen)["revenue"] == 909
    assert of_yen["revenue"]["micros"] == 909_000_000
    assert minor(of_yen)["margin"] == 873
    assert minor(of_euros)["revenue"] == 1_680
    only = statement(luna, f"{ALWAYS}&currency=jpy")
    assert [one["currency"] for one in only["summary"]] == ["jpy"]
    assert len(only["transactions"]) == 1


def test_a_workspace_without_sales_has_empty_books(
    luna: Person, stranger: Person, till: Till
) -> None:
    told = statement(stranger)

    assert (told["accounts"], told["summary"], told["transactions"]) == ([], [], [])
    assert stranger.api("GET", BALANCES).ok()["items"] == []


@pytest.mark.parametrize("whose", ["stranger's", "nobody's"])
def test_there_is_no_statement_of_an_avatar_that_is_not_there(
    luna: Person, stranger: Person, whose: str
) -> None:
    avatar_id = avatar(stranger) if whose == "stranger's" else NOBODYS

    answer = luna.api("GET", f"{STATEMENT}?avatar_id={avatar_id}")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("backwards", "field"),
    [
        ("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("to=2026-01-01T00:00:00Z", "to"),  # it begins with this month
        ("from=2099-01-01T00:00:00Z", "from"),  # it ends now
    ],
)
def test_a_statement_does_not_end_before_it_begins(
    luna: Person, backwards: str, field: str
) -> None:
    answer = luna.api("GET", f"{STATEMENT}?{backwards}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == field


def test_balances_are_as_of_an_instant(luna: Person, till: Till) -> None:
    as_of = f"{THEN + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"

    then = luna.api("GET", f"{BALANCES}?as_of={as_of}").ok()["items"]
    now = luna.api("GET", f"{BALANCES}?as_of=2100-01-01T00:00:00Z").ok()["items"]

    assert {row["account"]: row["balance"]["minor"] for row in then} == {
        "dispute_loss": 0,
        "processor_fees": 59,
        "refunds": 0,
        "revenue": -840,
        "stripe_clearing": 941,
        "tax_payable": -160,
    }
    assert sum(row["balance"]["micros"] for row in now) == 0


def test_generation_costs_fractions_of_a_cent(luna: Person) -> None:
    avatar_id = avatar(luna)
    post(cost(luna.workspace_id, avatar_id, micros=3_001))

    (summary,) = statement(luna, f"{ALWAYS}&avatar_id={avatar_id}")["summary"]

    assert summary["generation_cost"] == {"micros": 3_001, "minor": None}
    assert summary["margin"] == {"micros": -3_001, "minor": None}


def test_a_payout_shows_the_workspace_its_part(
    luna: Person, stranger: Person, till: Till, sql: Sql
) -> None:
    sql.execute(PAYOUT)
    row = till.row(-99_999).model_copy(update={"id": "txn_po"})
    taken: Shares = {
        UUID(luna.workspace_id): 30_000_000,
        UUID(stranger.workspace_id): 1,
    }
    post(*postings.payout(row, taken))

    (payout,) = luna.api("GET", PAYOUTS).ok()["items"]

    assert (payout["stripe_payout_id"], payout["status"]) == ("po_1", "paid")
    assert (payout["amount_micros"], payout["amount_minor"]) == (30_000_000, 3_000)
    (other,) = stranger.api("GET", PAYOUTS).ok()["items"]
    assert (other["amount_micros"], other["amount_minor"]) == (1, None)
