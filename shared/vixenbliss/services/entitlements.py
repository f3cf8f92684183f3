"""What a person holds, and why they hold it or do not."""

from datetime import datetime
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.models.catalogue import BenefitKind
from vixenbliss.models.grants import GrantSource
from vixenbliss.repositories.entitlements import EntitlementRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.entitlements import (
    Explanation,
    GrantExplained,
    GrantRead,
    GrantTold,
)

_REVOKED = {
    "canceled": "The subscription was cancelled.",
    "changed": "The subscription was changed to another membership.",
    "charged_back": "The payment was charged back.",
    "ended": "The time that was paid for is over.",
    "incomplete": "The first payment has not been made.",
    "incomplete_expired": "The first payment was not made in time.",
    "paused": "The subscription is paused.",
    "refunded": "The order was refunded.",
    "unpaid": "The subscription was not paid for.",
    "void": "The payment did not succeed.",
}
"""What ends a grant, as ``services.grants`` writes it, to how it is told."""
_ENDED = {
    GrantSource.SUBSCRIPTION: "The time that was paid for is over.",
    GrantSource.ORDER: "The time that was paid for is over.",
    GrantSource.COMP: "It was given until then.",
}


class EntitlementService:
    """The grants of whoever asks."""

    def __init__(self, connection: Connection) -> None:
        self._entitlements = EntitlementRepository(connection)

    async def list(self, caller: Caller, page: PageQuery) -> Listing[GrantRead]:
        """Return what the caller holds now, newest first."""
        return await self._entitlements.list(caller, page)

    async def explain(
        self,
        caller: Caller,
        benefit: tuple[BenefitKind, str],
        *,
        workspace_id: UUID | None,
        at: datetime | None,
    ) -> Explanation:
        """Say whether the caller holds something at an instant, and why (not).

        What several workspaces call alike is held if any of them is.

        Raises:
            BenefitNotFoundError: there is nothing of that kind and ref.
        """
        known = await self._entitlements.explain(
            caller, benefit, workspace_id=workspace_id, at=at
        )
        held = any(one.is_held for one in known)
        return Explanation(
            held=held,
            at=known[0].at,
            grants=[_explained(grant, one.at) for one in known for grant in one.grants],
            missing=[] if held else [f"A grant for “{one.name}”." for one in known],
            offers=[] if held else [offer for one in known for offer in one.offers],
        )


def _explained(grant: GrantTold, at: datetime) -> GrantExplained:
    told = grant.model_dump(exclude={"revoke_reason"})
    return GrantExplained.model_validate({**told, "why": why_not(grant, at)})


def why_not(grant: GrantTold, at: datetime) -> str | None:
    """Say in plain words why a grant is not held at an instant; None if it is."""
    if grant.is_live:
        return None
    if at < grant.starts_at:
        return "It has not begun."
    if grant.revoked_at is None or at < grant.revoked_at:
        return _ENDED[grant.source_type]
    if grant.source_type is GrantSource.COMP:
        return f"It was taken back: {grant.revoke_reason}"
    reason = grant.revoke_reason or ""
    return _REVOKED.get(reason, f"It was ended: {reason}")
