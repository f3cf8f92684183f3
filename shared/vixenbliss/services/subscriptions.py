"""Subscriptions as they are shown, and the page on which they are looked after."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection, reading
from vixenbliss.errors import ConflictError
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_checkout import StripeCheckout
from vixenbliss.repositories import access
from vixenbliss.repositories.buyers import BuyerRepository
from vixenbliss.repositories.subscriptions import SubscriptionRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.subscriptions import (
    PortalCreate,
    PortalCreated,
    SubscriptionRead,
)
from vixenbliss.services.returning import require_ours
from vixenbliss.settings import Settings


class SubscriptionService:
    """The caller's own subscriptions; with a workspace named, those to it."""

    def __init__(self, connection: Connection) -> None:
        self._subscriptions = SubscriptionRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[SubscriptionRead]:
        """Return the subscriptions that match, newest first."""
        return await self._subscriptions.list(caller, page, **filters)

    async def get(self, caller: Caller, subscription_id: UUID) -> SubscriptionRead:
        """Return a subscription.

        Raises:
            SubscriptionNotFoundError: none of that id is the caller's to see.
        """
        return await self._subscriptions.get(caller, subscription_id)


class PortalService:
    """Stripe's portal, for whoever has bought something."""

    def __init__(self, settings: Settings, stripe: Stripe) -> None:
        self._origins = settings.return_origins
        self._pages = StripeCheckout(stripe)

    async def open(self, caller: Caller, wanted: PortalCreate) -> PortalCreated:
        """Return a page on which the caller looks after what they pay.

        Raises:
            ValidationError: it would lead back to no page of ours.
            ConflictError: the caller has never bought anything.
            ProviderError: there is no page now; try again.
        """
        require_ours(wanted.return_url, self._origins, field="return_url")
        async with reading() as connection:
            user_id = await access.user(connection, caller)
            buyer = await BuyerRepository(connection).find(user_id)
        if buyer is None or buyer.stripe_id is None:
            message = "You have not bought anything yet."
            raise ConflictError(message)
        url = await self._pages.portal(buyer.stripe_id, wanted.return_url)
        return PortalCreated(url=url)
