"""Customers, ``cus_``: whom somebody has deleted in the Dashboard.

Stripe ends their subscriptions with them, and says so by events of those.
"""

from dataclasses import dataclass

from vixenbliss.database import Connection
from vixenbliss.providers.stripe_catalogue_reads import StripeCatalogueReads
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.services.mirrors import NOT_OURS, PROCESSED, Verdict


@dataclass(frozen=True, slots=True)
class Known:
    """Whether Stripe has a customer."""

    id: str
    is_there: bool


class CustomerMirror:
    """Writes which customers are no more."""

    def __init__(self, catalogue: StripeCatalogueReads) -> None:
        self._catalogue = catalogue

    async def look(self, object_id: str) -> Known:
        """Tell whether a customer is there."""
        return Known(object_id, await self._catalogue.has_customer(object_id))

    async def write(self, connection: Connection, seen: Known) -> Verdict:
        """Record that a customer was deleted; again changes nothing."""
        customers = CustomerRepository(connection)
        held = await customers.lock_by_stripe(seen.id)
        if held is None:
            return NOT_OURS
        if not seen.is_there:
            await customers.mark_deleted(held.id)
        return PROCESSED
