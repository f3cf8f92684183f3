"""Forgetting somebody, step by step; each step may be taken again.

First the database, in one transaction: from then on nothing says any more who it was,
the address is free, and the last letter is on its way. Then the copies of their data,
what Stripe has reported of them, and Stripe's own customer, for as long as no money
moves. At last the address that the letter was sent to.
"""

from datetime import timedelta
from uuid import UUID

from vixenbliss.database import reading, transaction
from vixenbliss.models.letters import LetterKind
from vixenbliss.providers.s3 import Bucket
from vixenbliss.providers.stripe_catalogue import StripeCatalogue
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.repositories.data_requests import (
    ClaimedRequest,
    DataRequestRepository,
)
from vixenbliss.repositories.forgetting import ForgettingRepository
from vixenbliss.services.letters import write_letter

A_DAY = timedelta(days=1)
"""Before it is looked again whether money still moves."""
A_WHILE = timedelta(minutes=10)
"""Before it is looked again what Stripe has reported, and whether the letter left."""


class Erasing:
    """Forgets users whose accounts are closed."""

    def __init__(self, bucket: Bucket, catalogue: StripeCatalogue) -> None:
        self._bucket = bucket
        self._catalogue = catalogue

    async def erase(self, claimed: ClaimedRequest) -> timedelta | None:
        """Take all steps that can be taken; return for how long the next has to wait.

        Raises:
            LeaseLostError: the request is no longer ours.
            ProviderError: a file or a customer is still there.
        """
        await _forget(claimed)
        await self._delete_copies(claimed.user_id)
        pause = await self._leave_stripe(claimed.user_id)
        return pause or await _end(claimed)

    async def _delete_copies(self, user_id: int) -> None:
        async with reading() as connection:
            keys = await ForgettingRepository(connection).files(user_id)
        for key in keys:
            await self._bucket.drop(key)
        async with transaction() as connection:
            await ForgettingRepository(connection).forget_files(user_id)

    async def _leave_stripe(self, user_id: int) -> timedelta | None:
        """Have Stripe forget the customer; return for how long that has to wait.

        Of the customer's end Stripe reports too, so its reports are emptied after that.
        """
        async with reading() as connection:
            payer = await ForgettingRepository(connection).payer(user_id)
        if payer is None or payer.stripe_customer_id is None:
            return None
        if payer.is_deleted:
            await _empty_events(payer.stripe_customer_id)
            return None
        if payer.has_open_money:
            return A_DAY
        await self._delete_customer(payer.id, payer.stripe_customer_id)
        return A_WHILE

    async def _delete_customer(self, customer_id: UUID, stripe_id: str) -> None:
        """Delete a customer at Stripe, and write that down, as the mirror does too."""
        await self._catalogue.delete_customer(stripe_id)
        async with transaction() as connection:
            customers = CustomerRepository(connection)
            await customers.lock(customer_id)
            await customers.mark_deleted(customer_id)


async def _forget(claimed: ClaimedRequest) -> None:
    async with transaction() as connection:
        await DataRequestRepository(connection).hold(claimed)
        forgetting = ForgettingRepository(connection)
        email = await forgetting.lock(claimed.user_id)
        if email is None:
            return
        await write_letter(
            connection,
            LetterKind.ERASED,
            email=email,
            user_id=claimed.user_id,
            subject_id=claimed.id,
        )
        await forgetting.forget(claimed.user_id, email)


async def _end(claimed: ClaimedRequest) -> timedelta | None:
    """End the request, unless the last letter is still waiting to be sent."""
    async with transaction() as connection:
        requests = DataRequestRepository(connection)
        await requests.hold(claimed)
        if not await ForgettingRepository(connection).is_told(claimed.user_id):
            return A_WHILE
        await requests.end(claimed, lasts=None)
    return None


async def _empty_events(stripe_customer_id: str) -> None:
    """Take from what Stripe has reported all but that it has."""
    while True:
        async with transaction() as connection:
            forgetting = ForgettingRepository(connection)
            if not await forgetting.empty_events(stripe_customer_id):
                return
