"""Stripe's balance: what moved it, what was paid out of it, and the log of events."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_shapes import BalanceTransaction, Page, Payout

PAGE_SIZE = 100  # the most that a list gives at once (docs.stripe.com/api/pagination)


def _as_told(events: object) -> object:
    """Return events as a webhook would bring them: the SDK has read decimals."""
    return json.loads(json.dumps(events, default=str))


class EventPage(BaseModel):
    """A page of events, each as a webhook would bring it."""

    data: Annotated[list[dict[str, Any]], BeforeValidator(_as_told)]
    has_more: bool = False


class StripeBalance:
    """The balance of the platform's account; each read raises as ``Stripe.call``.

    Lists are told newest first; ``after`` is the id of the last that has been seen.
    """

    def __init__(self, stripe: Stripe) -> None:
        self._stripe = stripe

    async def movement(self, name: str) -> BalanceTransaction:
        """Return what one movement of the balance was."""
        return await self._stripe.call(
            lambda client: client.v1.balance_transactions.retrieve_async(name),
            BalanceTransaction,
        )

    async def movements(
        self, since: datetime, until: datetime, *, after: str | None = None
    ) -> Page[BalanceTransaction]:
        """Return what moved the balance, from an instant on and before another."""
        params = _window(since, until, after)
        return await self._stripe.call(
            lambda client: client.v1.balance_transactions.list_async(params),  # type: ignore[arg-type]  # a page's parameters are the same for all lists
            Page[BalanceTransaction],
        )

    async def events(
        self, since: datetime, until: datetime, *, after: str | None = None
    ) -> EventPage:
        """Return what has happened, from an instant on and before another.

        Stripe keeps events for 30 days (docs.stripe.com/api/events).
        """
        params = _window(since, until, after)
        return await self._stripe.call(
            lambda client: client.v1.events.list_async(params),  # type: ignore[arg-type]
            EventPage,
        )

    async def payout(self, payout_id: str) -> Payout:
        """Return a payout with what it moved, and what its failure moved back."""
        return await self._stripe.call(
            lambda client: client.v1.payouts.retrieve_async(
                payout_id,
                {"expand": ["balance_transaction", "failure_balance_transaction"]},
            ),
            Payout,
        )

    async def paid_out(self, payout_id: str) -> list[BalanceTransaction]:
        """Return all that an automatic payout is made of, and its own movement."""
        rows: list[BalanceTransaction] = []
        while True:
            params = {"payout": payout_id, "limit": PAGE_SIZE, **_cursor(rows)}
            page = await self._stripe.call(
                lambda client: client.v1.balance_transactions.list_async(params),  # type: ignore[arg-type]  # noqa: B023 - called at once
                Page[BalanceTransaction],
            )
            rows += page.data
            if not page.has_more:
                return rows


def _cursor(rows: list[BalanceTransaction]) -> Mapping[str, Any]:
    return {"starting_after": rows[-1].id} if rows else {}


def _window(since: datetime, until: datetime, after: str | None) -> dict[str, Any]:
    stretch = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    cursor = {"starting_after": after} if after else {}
    return {"created": stretch, "limit": PAGE_SIZE, **cursor}
