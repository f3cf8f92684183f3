"""Queue reconcile: Stripe's books held against ours, and what never came brought in."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import pytest

from tests.conftest import Set
from tests.support.api import handler_of
from tests.support.billing import Billing
from tests.support.books import Account, cost, post
from tests.support.database import Sql, count
from tests.support.logs import listening
from tests.support.reconciling import Night, kinds, staff, tamper
from vixenbliss.database import transaction
from vixenbliss.loop import run
from vixenbliss.models.ledger import AccountCode, TransactionKind
from vixenbliss.providers import stripe_balance
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_balance import EventPage, StripeBalance
from vixenbliss.providers.stripe_shapes import BalanceTransaction
from vixenbliss.repositories.ledger import Leg, Posting
from vixenbliss.services.comparing import compare
from vixenbliss.services.reconciling import Reconciling
from vixenbliss.settings import settings

SALE = (999 - 59) * 10_000
EMPTY_TRANSACTION: LiteralString = (
    "delete from ledger_entries where transaction_id in"
    " (select id from ledger_transactions where kind = 'charge')"
)
DROP: LiteralString = "delete from ledger_transactions where kind = 'charge'"
ALTER: LiteralString = "update ledger_entries set amount_micros = amount_micros * 2"
DOUBLE: LiteralString = (
    "with doubled as (insert into ledger_transactions"
    " (workspace_id, kind, source_type, source_id, occurred_at)"
    " select workspace_id, 'refund', source_type, source_id, occurred_at"
    " from ledger_transactions where kind = 'charge' returning id)"
    " insert into ledger_entries (transaction_id, account_id, amount_micros, currency)"
    " select doubled.id, account_id, amount_micros, currency"
    " from ledger_entries, doubled"
)
TAMPERED = [
    ("missing", (EMPTY_TRANSACTION, DROP), None),
    ("altered", (ALTER,), 2 * SALE),
    ("doubled", (DOUBLE,), 2 * SALE),
]
"""How the books may differ, how that comes about, and what they have then."""


@pytest.fixture
def night(shopping: Billing) -> Night:
    return Night(shopping, staff(shopping.sql))


def schedule() -> Any:
    return handler_of("ReconcileFunction")({}, None)


def test_where_all_has_been_told_nothing_differs(
    night: Night, shopping: Billing
) -> None:
    shopping.subscribe()
    shopping.buy(shopping.one_off())
    shopping.tell()
    before = night.books()

    report = night.reconcile()

    assert (report["status"], report["differences"]) == ("done", [])
    assert report["events_seen"] == len(shopping.world.see("stripe", "events"))
    assert (report["events_missing"], report["rows_compared"]) == (0, 2)
    assert night.books() == before


def test_what_was_never_told_is_applied(night: Night, shopping: Billing) -> None:
    shopping.buy(shopping.membership())

    report = night.reconcile()

    assert (report["status"], report["differences"]) == ("done", [])
    assert report["events_missing"] == report["events_seen"] > 0
    assert shopping.one("orders")["status"] == "paid"
    assert shopping.held() == ["gold"]
    assert shopping.balance("stripe_clearing") == SALE


def test_a_payout_that_was_never_told_is_in_the_books(
    night: Night, shopping: Billing
) -> None:
    shopping.subscribe()
    shopping.act("payout", currency="eur")

    report = night.reconcile()

    assert (report["differences"], report["rows_compared"]) == ([], 2)
    assert shopping.balance("stripe_clearing") == 0
    assert shopping.balance("payout_transit") == SALE


def test_run_again_it_changes_nothing(night: Night, shopping: Billing) -> None:
    shopping.buy(shopping.membership())
    night.reconcile()
    before = night.books(), shopping.rows("webhook_events"), shopping.rows("orders")

    report = night.reconcile()

    assert (report["events_missing"], report["differences"]) == (0, [])
    after = night.books(), shopping.rows("webhook_events"), shopping.rows("orders")
    assert after == before


@pytest.mark.parametrize(
    ("kind", "statements", "kept"), TAMPERED, ids=[name for name, *_ in TAMPERED]
)
def test_each_difference_is_named_with_both_amounts(
    night: Night,
    shopping: Billing,
    kind: str,
    statements: tuple[LiteralString, ...],
    kept: int | None,
) -> None:
    shopping.subscribe()
    tamper(shopping.sql, *statements)

    with listening() as lines:
        report = night.reconcile()

    (row,) = shopping.see("balance_transaction")
    (found,) = report["differences"]
    assert (found["kind"], found["balance_transaction_id"]) == (kind, row["id"])
    assert (found["stripe_micros"], found["ledger_micros"]) == (SALE, kept)
    assert found["workspace_id"] == shopping.shop.owner.workspace_id
    told = [e for e in lines.entries if e["message"] == "reconciliation difference"]
    assert [entry["count"] for entry in told] == [1]


def invented(shopping: Billing) -> Posting:
    """Return a charge that Stripe has never heard of."""
    (row,) = shopping.see("balance_transaction")
    legs = cost(None).legs
    return Posting(
        workspace_id=UUID(shopping.shop.owner.workspace_id),
        kind=TransactionKind.CHARGE,
        source_type="balance_transaction",
        source_id="txn_of_nobody",
        occurred_at=datetime.fromtimestamp(row["created"]).astimezone(),
        legs=[
            Leg(AccountCode.STRIPE_CLEARING, legs[0].amount_micros, "eur"),
            Leg(AccountCode.REVENUE, legs[1].amount_micros, "eur"),
        ],
    )


def test_what_stripe_does_not_have_is_named(night: Night, shopping: Billing) -> None:
    shopping.subscribe()
    post(invented(shopping))

    report = night.reconcile()

    (found,) = report["differences"]
    assert (found["kind"], found["balance_transaction_id"]) == (
        "unknown",
        "txn_of_nobody",
    )
    assert (found["stripe_micros"], found["ledger_micros"]) == (None, 40_000)


def test_a_payment_that_is_not_of_our_shop_is_missing(
    night: Night, shopping: Billing
) -> None:
    Account(shopping.world).charge(500)

    report = night.reconcile()

    assert kinds(report) == ["missing"]
    assert report["differences"][0]["workspace_id"] is None


def test_what_stripe_takes_of_the_account_is_the_platform_s(sql: Sql) -> None:
    fee = BalanceTransaction(
        id="txn_fee",
        amount=-200,
        fee=0,
        net=-200,
        currency="eur",
        type="stripe_fee",
        created=datetime.fromtimestamp(0).astimezone(),
    )

    async def twice() -> list[Any]:
        async with transaction() as connection:
            return [await compare(connection, [fee], []) for _ in range(2)]

    assert run(twice()) == [[], []]
    assert count(sql, "ledger_transactions", workspace_id=None, kind="stripe_fee") == 1


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch, surroundings: Set) -> None:
    """Let Stripe tell two things at a time, and a worker take one step."""
    monkeypatch.setattr(stripe_balance, "PAGE_SIZE", 2)
    surroundings(LEASE_S="20")


@pytest.mark.usefixtures("small_pages")
def test_it_goes_on_by_messages_from_page_to_page(
    night: Night, shopping: Billing
) -> None:
    account = Account(shopping.world)
    ours = shopping.shop.owner.workspace_id
    for amount in (500, 600, 700, 800, 900):
        account.sell(ours, amount)
    account.charge(1_000)
    post(invented_twin(account))
    events = len(shopping.world.see("stripe", "events"))
    night.begin()

    deliveries = 0
    while shopping.workers.deliver("reconcile"):
        shopping.workers.drain("events")
        deliveries += 1

    report = night.report()
    assert (report["status"], report["events_seen"]) == ("done", events)
    assert report["rows_compared"] == 6
    assert sorted(kinds(report)) == ["missing", "unknown"]
    assert deliveries >= events // 2 + 3


def invented_twin(account: Account) -> Posting:
    """Return a charge that Stripe has never heard of, in the middle of the others."""
    row = account.movements()[2]
    return Posting(
        workspace_id=None,
        kind=TransactionKind.CHARGE,
        source_type="balance_transaction",
        source_id="txn_of_nobody",
        occurred_at=row.created,
        legs=[
            Leg(AccountCode.STRIPE_CLEARING, 1, "eur"),
            Leg(AccountCode.REVENUE, -1, "eur"),
        ],
    )


def test_whoever_dies_is_followed_by_somebody_else(
    night: Night, shopping: Billing
) -> None:
    shopping.buy(shopping.membership())
    night.begin()
    shopping.sql.execute(
        "update reconciliations set fence = 1, lease_until = now() + interval '1 hour'"
    )
    shopping.workers.drain("reconcile")
    held = night.report()["status"]
    shopping.sql.execute(
        "update reconciliations set lease_until = now(), check_at = now()"
    )

    handler_of("SweepFunction")({}, None)
    shopping.workers.drain("reconcile", "events")

    assert (held, night.report()["status"]) == ("running", "done")
    assert night.report()["differences"] == []


class Slow(StripeBalance):
    """Stripe, so slow that somebody else takes the reconciliation meanwhile."""

    sql: Sql

    async def events(
        self, since: datetime, until: datetime, *, after: str | None = None
    ) -> EventPage:
        self.sql.execute("update reconciliations set fence = fence + 1")
        return await super().events(since, until, after=after)


def test_whoever_is_late_writes_nothing(night: Night, shopping: Billing) -> None:
    shopping.buy(shopping.membership())
    run_id = night.begin()
    slow = Slow(Stripe(settings()))
    slow.sql = shopping.sql

    again = run(Reconciling(settings(), slow).reconcile([UUID(run_id)]))

    assert again == {}
    assert count(shopping.sql, "webhook_events") == 0
    assert night.report()["events_seen"] == 0


def test_it_waits_while_stripe_does_not_answer(night: Night, shopping: Billing) -> None:
    shopping.subscribe()
    night.begin()
    shopping.world.fault("stripe", "events.list", "status", status=503, times=None)
    shopping.workers.deliver("reconcile")
    before = night.report()["status"]

    shopping.world.heal()
    shopping.workers.drain("reconcile", "events")

    assert (before, night.report()["status"]) == ("running", "done")
    assert count(shopping.sql, "dead_letters") == 0


def test_what_stripe_refuses_three_times_has_failed_until_it_is_redriven(
    night: Night, shopping: Billing
) -> None:
    shopping.subscribe()
    night.begin()
    shopping.world.fault("stripe", "events.list", "status", status=403, times=None)
    shopping.workers.drain("reconcile")
    failed = night.report()
    shopping.world.heal()

    redriven = night.staff.api("POST", "/api/v1/ops/queues/reconcile/redrive").ok(202)
    shopping.workers.drain("reconcile", "events")

    assert (failed["status"], failed["error_code"]) == ("failed", "PROVIDER_REFUSED")
    assert redriven == {"redriven": 1}
    assert night.report()["status"] == "done"


def test_the_clock_begins_with_yesterday_and_leaves_no_day_out(
    night: Night, shopping: Billing, sql: Sql
) -> None:
    begun = [schedule(), schedule()]
    sql.execute("update reconciliations set day = day - 2")

    shopping.workers.drain("reconcile", "events")

    assert begun == [{"begun": 1}, {"begun": 0}]
    days = sql.execute(
        "select (now() at time zone 'UTC')::date - day as ago from reconciliations"
        " where status = 'done' order by created_at"
    ).fetchall()
    assert [row["ago"] for row in days] == [3, 2, 1]
    assert schedule() == {"begun": 0}


def test_the_next_time_asks_from_an_hour_before_the_last(
    night: Night, shopping: Billing, sql: Sql
) -> None:
    shopping.subscribe()

    night.reconcile()
    night.reconcile()

    rows = sql.execute(
        "select extract(day from until - events_since) as days,"
        " lag(until) over (order by created_at) - events_since as overlap"
        " from reconciliations order by created_at"
    ).fetchall()
    assert int(rows[0]["days"]) == 30
    assert rows[1]["overlap"].total_seconds() == 3_600
