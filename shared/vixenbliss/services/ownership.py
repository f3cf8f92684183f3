"""Whose an object of Stripe's may be: metadata locate a row, and never own it."""

from collections.abc import Mapping

from vixenbliss.database import Connection
from vixenbliss.repositories.customers import HeldCustomer
from vixenbliss.repositories.mirrored_checkouts import MirroredCheckoutRepository
from vixenbliss.services.mirrors import ANOTHERS, NOT_OURS, Verdict, deferred, named


async def of_unknown(
    connection: Connection,
    customer: HeldCustomer,
    metadata: Mapping[str, str] | None,
    *,
    waits_for: str,
) -> Verdict:
    """Return the verdict on what is about something that we do not have, or not yet.

    What names a checkout of the same customer, or one that is not there yet, waits.
    """
    checkout_id = named(metadata)
    if checkout_id is None:
        return NOT_OURS
    owner = await MirroredCheckoutRepository(connection).owner(checkout_id)
    return deferred(waits_for) if owner in (None, customer.id) else ANOTHERS
