"""Asking Stripe for a refund until it has answered, under the one key of its row.

The request that stores a refund asks at once. Where no answer comes, the worker of
queue *refund* asks again: under the same key Stripe makes one refund, however often it
is asked. Once Stripe may have forgotten the key, its list of refunds is read first.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vixenbliss.database import reading, transaction
from vixenbliss.errors import (
    ConflictError,
    ProviderError,
    ProviderRefusedError,
    VixenBlissError,
)
from vixenbliss.jobs.messages import refund as refund_message
from vixenbliss.log import log
from vixenbliss.providers.stripe import NAME, is_about_our_key
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.providers.stripe_shapes import Refund
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.repositories.refunds import AskedRefund, RefundRepository
from vixenbliss.services.mirror_refunds import RefundMirror
from vixenbliss.services.outbox import Outbox

UNKNOWN_ROW_WAIT_S = 60
FIRST_PAUSE_S = 10
LONGEST_PAUSE_S = 900
LATE = timedelta(minutes=3)
"""How late a message may be before the sweep sends another one."""
NOT_LET_IN = "not_let_in"
"""Our code for a refusal that is not about the refund, but about our key."""


class RefundAsking:
    """Has Stripe make refunds that are stored."""

    def __init__(self, payments: StripePayments) -> None:
        self._payments = payments
        self._mirror = RefundMirror(payments)

    async def send(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Ask for refunds; return those to be delivered again, in so many seconds.

        Only what nobody knows comes again by itself; what has no answer is sent anew.
        """
        unknown = [refund_id for refund_id in ids if not await self.ask(refund_id)]
        return dict.fromkeys(unknown, UNKNOWN_ROW_WAIT_S)

    async def ask(self, refund_id: UUID, *, is_new: bool = False) -> bool:
        """Ask for a refund and write down what came of it; not if it was answered.

        Without an answer it is asked for again later. Two at once ask for the same.
        ``is_new`` says that nobody can have asked before. False if there is no such
        refund.
        """
        async with reading() as connection:
            wanted = await RefundRepository(connection).find(refund_id)
        if wanted is not None and wanted.is_open:
            await self._ask(wanted, is_new=is_new)
        return wanted is not None

    async def _ask(self, wanted: AskedRefund, *, is_new: bool) -> None:
        try:
            made = await self._make(wanted)
        except ProviderError as error:
            await _settle(wanted, error, is_new=is_new)
        else:
            await self._write(wanted, made)

    async def _make(self, wanted: AskedRefund) -> Refund:
        """Return Stripe's refund, made now or before.

        Raises:
            ProviderError: it was not made, or nobody knows.
        """
        if wanted.is_old:
            theirs = await self._payments.refunds_of(wanted.transaction_id)
            for refund in theirs:
                if (refund.metadata or {}).get("refund_id") == str(wanted.id):
                    return refund
        return await self._payments.give_back(
            wanted.id,
            wanted.transaction_id,
            amount_minor=wanted.amount_minor,
            reason=wanted.reason,
        )

    async def _write(self, wanted: AskedRefund, made: Refund) -> None:
        """Write Stripe's answer, unless the mirror has seen the refund already.

        Whatever the mirror saw is newer than the answer, which is of the first moment.
        """
        async with transaction() as connection:
            await CustomerRepository(connection).lock(wanted.customer_id)
            if await RefundRepository(connection).lock_open(wanted.id):
                await self._mirror.write(connection, made)
        log.info("refund made", refund_id=str(wanted.id), status=made.status)


def refusal(error_code: str) -> VixenBlissError:
    """Return the error for whoever wants a refund that Stripe does not make."""
    if error_code == NOT_LET_IN:
        return ProviderRefusedError(NAME, "it does not let us give money back now")
    return ConflictError(f"Stripe does not make this refund ({error_code}).")


async def _settle(wanted: AskedRefund, error: ProviderError, *, is_new: bool) -> None:
    if isinstance(error, ProviderRefusedError) and _is_final(error, is_new=is_new):
        await _refuse(wanted, error)
    else:
        await _pause(wanted, error)


def _is_final(error: ProviderRefusedError, *, is_new: bool) -> bool:
    """Tell whether a refusal says that no refund was made.

    If Stripe has not let us in, that is so of this very call; an earlier one, of which
    nobody may have lived to write down that it was made, may have had its effect.
    """
    return is_new or not is_about_our_key(error)


async def _refuse(wanted: AskedRefund, error: ProviderRefusedError) -> None:
    code = error.their_code or "refused"
    error_code = NOT_LET_IN if is_about_our_key(error) else code
    async with transaction() as connection:
        await CustomerRepository(connection).lock(wanted.customer_id)
        refunds = RefundRepository(connection)
        if await refunds.refuse(wanted.id, error_code=error_code[:60]):
            await AuditRepository(connection).add_by_system(
                wanted.workspace_id,
                "refund.refused",
                ("refund", wanted.id),
                code=error_code,
            )
    log.warning(
        "refund refused",
        refund_id=str(wanted.id),
        code=error_code,
        words=error.words,
    )


async def _pause(wanted: AskedRefund, error: ProviderError) -> None:
    pause_s = min(FIRST_PAUSE_S * 2.0 ** min(wanted.attempts, 10), LONGEST_PAUSE_S)
    pause = timedelta(seconds=max(pause_s, error.retry_after_s or 0))
    again = refund_message(wanted.id, f"try-{wanted.attempts + 1}", pause)
    async with transaction() as connection:
        refunds = RefundRepository(connection)
        if await refunds.pause(wanted.id, until=pause + LATE):
            await Outbox(connection).send(again)
    log.warning(
        "refund not answered",
        refund_id=str(wanted.id),
        code=error.code,
        words=error.words,
    )
