"""Prices and products, ``price_`` and ``prod_``: what Stripe sells no more.

Our rows say what is for sale; the Dashboard can only take something away. What is in
use there is not put back into use here: we may just be about to retire it ourselves.
"""

from dataclasses import dataclass

from vixenbliss.database import Connection
from vixenbliss.providers.stripe_catalogue_reads import StripeCatalogueReads
from vixenbliss.repositories.mirrored_catalogue import MirroredCatalogueRepository
from vixenbliss.services.mirrors import PROCESSED, Verdict, ignored

NOTHING_NEW = ignored("nothing of ours that is in use")


@dataclass(frozen=True, slots=True)
class Offered:
    """Whether something is for sale at Stripe."""

    id: str
    is_active: bool


class PriceMirror:
    """Puts prices out of use that are so at Stripe."""

    def __init__(self, catalogue: StripeCatalogueReads) -> None:
        self._catalogue = catalogue

    async def look(self, object_id: str) -> Offered:
        """Tell whether a price is in use."""
        return Offered(object_id, await self._catalogue.sells_at(object_id))

    async def write(self, connection: Connection, seen: Offered) -> Verdict:
        """Put it out of use, if it is; again changes nothing."""
        if seen.is_active:
            return PROCESSED
        rows = MirroredCatalogueRepository(connection)
        return PROCESSED if await rows.retire_price(seen.id) else NOTHING_NEW


class ProductMirror:
    """Puts products out of use that are so at Stripe."""

    def __init__(self, catalogue: StripeCatalogueReads) -> None:
        self._catalogue = catalogue

    async def look(self, object_id: str) -> Offered:
        """Tell whether a product is in use."""
        return Offered(object_id, await self._catalogue.sells_product(object_id))

    async def write(self, connection: Connection, seen: Offered) -> Verdict:
        """Put it out of use, if it is; again changes nothing."""
        if seen.is_active:
            return PROCESSED
        rows = MirroredCatalogueRepository(connection)
        return PROCESSED if await rows.retire_product(seen.id) else NOTHING_NEW
