"""Payouts: whose money is on its way to the bank, and what becomes of it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.books import Account, balances
from tests.support.database import Sql, count
from tests.support.people import Person
from tests.support.world import World
from vixenbliss.database import transaction
from vixenbliss.loop import run
from vixenbliss.models.webhook_events import WebhookStatus
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_balance import StripeBalance
from vixenbliss.services.mirror_payouts import PayoutMirror, SeenPayout
from vixenbliss.services.mirrors import PROCESSED, Verdict
from vixenbliss.settings import settings


def mirror(payout: Any) -> Verdict:
    """Look at a payout, and write what was seen."""

    return write(look(payout))


def look(payout: Any) -> SeenPayout:
    return run(PayoutMirror(StripeBalance(Stripe(settings()))).look(payout["id"]))


def write(seen: SeenPayout) -> Verdict:
    async def apply() -> Verdict:
        mirror = PayoutMirror(StripeBalance(Stripe(settings())))
        async with transaction() as connection:
            return await mirror.write(connection, seen)

    return run(apply())


@pytest.fixture
def account(world: World) -> Account:
    world.change("stripe", "settings", fee_percent=0, fee_fixed=0)
    return Account(world)


@pytest.fixture
def payout(account: Account, luna: Person, stranger: Person) -> Any:
    """What two workspaces have sold is on its way to the bank."""
    account.sell(luna.workspace_id, 700)
    account.sell(stranger.workspace_id, 300)
    account.sell(luna.workspace_id, 50)
    return account.world.tell("stripe", "payout", currency="eur")


def end(account: Account, payout: Any, outcome: str) -> Any:
    told = {"payout": payout["id"], "outcome": outcome}
    return account.world.tell("stripe", "payout_outcome", **told)


def of_payout(sql: Sql, person: Person) -> dict[str, int]:
    """Return what a workspace has, but for what it has sold."""
    kept = balances(sql, person.workspace_id)
    return {name: micros for name, micros in kept.items() if name != "revenue"}


def test_a_payout_takes_of_each_workspace_what_is_its(
    payout: Any, luna: Person, stranger: Person, sql: Sql
) -> None:
    assert mirror(payout) == PROCESSED

    assert of_payout(sql, luna) == {"payout_transit": 7_500_000}
    assert of_payout(sql, stranger) == {"payout_transit": 3_000_000}
    assert count(sql, "payouts", status="in_transit", amount_minor=1_050) == 1


def test_looked_at_twice_it_is_written_once(
    payout: Any, account: Account, luna: Person, sql: Sql
) -> None:
    mirror(payout)
    end(account, payout, "paid")

    assert [mirror(payout), mirror(payout)] == [PROCESSED, PROCESSED]

    assert of_payout(sql, luna) == {"bank": 7_500_000}
    assert count(sql, "payouts") == 1
    assert count(sql, "ledger_transactions", kind="payout") == 2
    assert count(sql, "ledger_transactions", kind="payout_paid") == 2


@pytest.mark.parametrize(
    "course",
    ["failed", "look failed", "paid failed", "look paid failed", "paid look failed"],
)
def test_what_fails_comes_back_from_where_it_was(
    payout: Any, account: Account, luna: Person, sql: Sql, course: str
) -> None:
    for step in course.split():
        mirror(payout) if step == "look" else end(account, payout, step)

    mirror(payout)

    assert of_payout(sql, luna) == {"stripe_clearing": 7_500_000}
    assert balances(sql)["stripe_clearing"] == account.balance() * 10_000
    assert count(sql, "payouts", status="failed", failure_code="account_closed") == 1


def test_a_payout_waits_for_what_the_books_do_not_have(
    account: Account, luna: Person, sql: Sql
) -> None:
    account.sell(luna.workspace_id)
    account.charge()
    unknown = account.movements()[-1]
    payout = account.world.tell("stripe", "payout", currency="eur")

    verdict = mirror(payout)

    assert (verdict.status, verdict.waits_for) == (WebhookStatus.DEFERRED, unknown.id)
    assert count(sql, "payouts") == 1
    assert count(sql, "ledger_transactions", kind="payout") == 0


def test_what_came_back_is_paid_out_to_those_whose_it_is(
    payout: Any, account: Account, luna: Person, stranger: Person, sql: Sql
) -> None:
    end(account, payout, "failed")
    mirror(payout)
    again = account.world.tell("stripe", "payout", currency="eur")

    assert mirror(again) == PROCESSED

    assert of_payout(sql, luna) == {"payout_transit": 7_500_000}
    assert of_payout(sql, stranger) == {"payout_transit": 3_000_000}


def test_what_came_back_is_written_down_once_by_whichever_payout_is_told_first(
    payout: Any, account: Account, luna: Person, sql: Sql
) -> None:
    mirror(payout)
    failed = end(account, payout, "failed")
    again = account.world.tell("stripe", "payout", currency="eur")

    early = mirror(again)
    mirror(payout)
    mirror(again)

    assert early.waits_for == failed["failure_balance_transaction"]
    assert of_payout(sql, luna) == {"payout_transit": 7_500_000}
    assert balances(sql).get("processor_fees") is None


def test_what_a_payout_is_made_of_is_waited_for_while_stripe_gathers_it(
    payout: Any, luna: Person, stranger: Person, sql: Sql
) -> None:
    seen = look(payout)

    early = write(replace(seen, rows=seen.rows[1:]))
    write(seen)

    assert early.status is WebhookStatus.DEFERRED
    assert of_payout(sql, luna) == {"payout_transit": 7_500_000}
    assert of_payout(sql, stranger) == {"payout_transit": 3_000_000}
