"""Sales in the books, without a shop: what Stripe's balance transactions say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from tests.support.database import Sql
from tests.support.world import World
from vixenbliss.database import transaction
from vixenbliss.loop import run
from vixenbliss.models.ledger import AccountCode, TransactionKind
from vixenbliss.providers.stripe_shapes import BalanceTransaction
from vixenbliss.repositories.ledger import Leg, Posting
from vixenbliss.services import postings
from vixenbliss.services.ledger import Ledger
from vixenbliss.services.postings import Sale

THEN = datetime(2026, 11, 1, tzinfo=UTC)


def post(*told: Posting) -> list[bool]:
    """Write postings into the books, in one transaction."""

    async def write() -> list[bool]:
        async with transaction() as connection:
            ledger = Ledger(connection)
            return [await ledger.post(posting) for posting in told]

    return run(write())


def balances(sql: Sql, workspace_id: str | None = None) -> dict[str, int]:
    """Return what is on each account, in micros; of a workspace, or of all books."""
    rows = sql.execute(
        "select account, sum(amount_micros)::bigint as micros from v_ledger"
        " where coalesce(workspace_id = %s, true) group by 1",
        (workspace_id,),
    ).fetchall()
    return {row["account"]: row["micros"] for row in rows if row["micros"]}


def cost(
    workspace_id: str | None, avatar_id: str | None = None, *, micros: int = 40_000
) -> Posting:
    """Return what making something has cost."""
    whose = UUID(avatar_id) if avatar_id else None
    return Posting(
        workspace_id=UUID(workspace_id) if workspace_id else None,
        kind=TransactionKind.GENERATION,
        source_type="content_job",
        source_id="a job",
        occurred_at=THEN,
        legs=[
            Leg(AccountCode.GENERATION_COST, micros, "usd", whose),
            Leg(AccountCode.PROVIDER_PAYABLE, -micros, "usd"),
        ],
    )


@dataclass
class Till:
    """Where an avatar's sales are rung up, one an hour; 10.00 with 1.60 of tax."""

    workspace_id: str
    avatar_id: str | None
    currency: str = "eur"
    total_minor: int = 1_000
    tax_minor: int = 160
    fee_minor: int = 59
    rung_up: int = 0

    @property
    def sale(self) -> Sale:
        avatar_id = UUID(self.avatar_id) if self.avatar_id else None
        workspace_id = UUID(self.workspace_id)
        return Sale(
            workspace_id, avatar_id, self.total_minor, self.tax_minor, self.currency
        )

    def row(self, amount_minor: int, fee_minor: int = 0) -> BalanceTransaction:
        """Return Stripe's word on a movement of money."""
        self.rung_up += 1
        return BalanceTransaction(
            id=f"txn_{str(self.avatar_id)[-6:]}_{self.currency}_{self.rung_up}",
            amount=amount_minor,
            fee=fee_minor,
            net=amount_minor - fee_minor,
            currency=self.currency,
            type="charge",
            created=THEN + timedelta(hours=self.rung_up),
        )

    def sell(self) -> BalanceTransaction:
        """Sell something, and return what Stripe has of it."""
        row = self.row(self.total_minor, self.fee_minor)
        post(postings.charge(self.sale, row))
        return row

    def give_back(self, amount_minor: int) -> BalanceTransaction:
        """Give back a part of the first sale that is given back from."""
        row = self.row(-amount_minor)
        posting = postings.refund(
            self.sale, row, refunded_before_minor=0, amount_minor=amount_minor
        )
        post(posting)
        return row

    def lose(self, amount_minor: int, fee_minor: int) -> BalanceTransaction:
        """Lose money to a dispute."""
        row = self.row(-amount_minor, fee_minor)
        post(postings.dispute(self.sale, row))
        return row


@dataclass(frozen=True, slots=True)
class Account:
    """The account at Stripe's stand-in, past our shop: what moves its balance."""

    world: World

    def charge(self, amount_minor: int = 1_000, currency: str = "eur") -> str:
        """Have somebody pay; return the charge's id."""
        providers = self.world.providers
        line = "line_items[0]"
        session = httpx.post(
            f"{providers.stripe_base}/v1/checkout/sessions",
            headers={"authorization": f"Bearer {providers.stripe_api_key}"},
            data={
                "mode": "payment",
                "success_url": "https://studio.test/thanks",
                f"{line}[price_data][currency]": currency,
                f"{line}[price_data][unit_amount]": str(amount_minor),
                f"{line}[price_data][product_data][name]": "Tip",
                f"{line}[quantity]": "1",
            },
        )
        self.world.tell("stripe", "pay", session=session.json()["id"])
        return str(self.world.see("stripe", "objects/charge")[-1]["id"])

    def movements(self) -> list[BalanceTransaction]:
        """Return all that has moved the balance, oldest first."""
        told = self.world.see("stripe", "objects/balance_transaction")
        return [BalanceTransaction.model_validate(one) for one in told]

    def sell(self, whose: str, amount_minor: int = 1_000) -> BalanceTransaction:
        """Have somebody pay a workspace, and write it into the books."""
        self.charge(amount_minor)
        row = self.movements()[-1]
        sale = Sale(UUID(whose), None, amount_minor, 0, "eur")
        post(postings.charge(sale, row))
        return row

    def balance(self, currency: str = "eur") -> int:
        """Return what the balance comes to, in minor units."""
        return sum(row.net for row in self.movements() if row.currency == currency)
