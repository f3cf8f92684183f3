"""Answering a dispute: what the bank is told, committed before Stripe is."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import ConflictError, InvalidStateError, ProviderRefusedError
from vixenbliss.log import log
from vixenbliss.models.base import Json
from vixenbliss.models.disputes import DisputeStatus
from vixenbliss.providers.stripe import is_about_our_key
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.repositories.disputes import DisputeRepository, OpenDispute
from vixenbliss.schemas.disputes import DisputeRead, EvidenceCreate
from vixenbliss.services.evidence import fields_of

WARNING = "issfr_"
_OPEN = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.EARLY_WARNING)


@dataclass(frozen=True, slots=True)
class Statement:
    """What Stripe is told in a dispute; its number makes the key."""

    dispute_id: UUID
    workspace_id: UUID
    stripe_dispute_id: str
    evidence: Json

    @property
    def is_final(self) -> bool:
        """Whether the bank gets it at once."""
        return bool(self.evidence["request"]["submit"])


class ContestingService:
    """Evidence for disputes."""

    def __init__(self, payments: StripePayments) -> None:
        self._payments = payments

    async def contest(
        self, caller: Caller, dispute_id: UUID, wanted: EvidenceCreate
    ) -> DisputeRead:
        """Lay evidence down at Stripe, and have it sent to the bank if so wished.

        The same request after a lost answer tells Stripe the same, under the same key.

        Raises:
            DisputeNotFoundError: the workspace has none of that id.
            AssetNotFoundError: a file is not the workspace's.
            InvalidStateError: nothing can be said any more, or no bank would listen.
            ConflictError: Stripe does not take it.
            ProviderError: Stripe cannot be asked, or has not answered; ask again.
        """
        async with transaction() as connection:
            member = await access.member(connection, caller)
            statement = await _intend(connection, caller, member, dispute_id, wanted)
        await self._tell(statement)
        async with transaction() as connection:
            await _write(connection, statement, member)
        there = replace(caller, workspace_id=member.workspace_id)
        async with reading() as connection:
            told = await DisputeRepository(connection).get(there, dispute_id)
        return DisputeRead.model_validate(told.model_dump())

    async def _tell(self, statement: Statement) -> None:
        try:
            await self._payments.contest(
                statement.stripe_dispute_id,
                statement.evidence["fields"],
                submit=statement.is_final,
                key=f"evidence:{statement.dispute_id}:{statement.evidence['number']}",
            )
        except ProviderRefusedError as error:
            log.warning("evidence refused", code=error.their_code, words=error.words)
            if is_about_our_key(error):
                raise
            message = "Stripe takes no such evidence, or none any more."
            raise ConflictError(message) from error


async def _intend(
    connection: Connection,
    caller: Caller,
    member: Member,
    dispute_id: UUID,
    wanted: EvidenceCreate,
) -> Statement:
    """Store what Stripe is about to be told; what had no answer is told as it was."""
    disputes = DisputeRepository(connection)
    known = await disputes.find(member.workspace_id, dispute_id)
    await CustomerRepository(connection).lock(known.customer_id)
    dispute = await disputes.lock(member.workspace_id, dispute_id)
    request: dict[str, Any] = wanted.model_dump(mode="json")
    evidence = dispute.evidence
    is_repeated = evidence.get("request") == request and not evidence.get("answered")
    if not is_repeated:
        _refuse_the_late(dispute)
        files = await disputes.files(member.workspace_id, wanted.asset_ids)
        there = replace(caller, workspace_id=member.workspace_id)
        ours = (await disputes.get(there, dispute_id)).evidence
        evidence = {
            "number": evidence.get("number", 0) + 1,
            "request": request,
            "fields": fields_of(ours, text=wanted.text, files=files),
            "answered": False,
        }
        await disputes.lay_down(dispute_id, evidence)
    return Statement(
        dispute_id, member.workspace_id, dispute.stripe_dispute_id, evidence
    )


def _refuse_the_late(dispute: OpenDispute) -> None:
    """Make sure that a dispute can be answered.

    Raises:
        InvalidStateError: it cannot, and why.
    """
    if dispute.stripe_dispute_id.startswith(WARNING):
        message = "This is a warning; give the money back, or wait for a dispute."
        raise InvalidStateError(message)
    if dispute.is_past_due:
        message = "The bank takes no evidence any more; its time is over."
        raise InvalidStateError(message)
    if dispute.submitted_at or dispute.status not in _OPEN:
        message = "The bank has what it wanted, or has decided."
        raise InvalidStateError(message)


async def _write(connection: Connection, statement: Statement, member: Member) -> None:
    await DisputeRepository(connection).answered(
        statement.dispute_id,
        statement.evidence | {"answered": True},
        is_submitted=statement.is_final,
    )
    done = "submitted" if statement.is_final else "laid_down"
    await AuditRepository(connection).add(
        member, f"dispute.evidence_{done}", ("dispute", statement.dispute_id)
    )
