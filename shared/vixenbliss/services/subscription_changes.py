"""Subscriptions are changed: the wish is committed, then Stripe is told, once.

What Stripe answers is written as its events would be, while nobody else looks at the
subscription. A wish without an answer stays pending; the next one first has it
answered, under its own key. So there is one at a time, and each has one effect.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from vixenbliss import clock
from vixenbliss.callers import Caller
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    AlreadySubscribedError,
    IdempotencyMismatchError,
    InvalidStateError,
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
    RequestInProgressError,
)
from vixenbliss.ids import new_id
from vixenbliss.log import log
from vixenbliss.models.subscriptions import (
    ChangeKind,
    ChangeStatus,
    SubscriptionStatus,
)
from vixenbliss.money import Currency
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_billing import Farewell, PriceChange, StripeBilling
from vixenbliss.providers.stripe_shapes import Subscription
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.buyers import BuyerRepository
from vixenbliss.repositories.checkouts import CheckoutRepository
from vixenbliss.repositories.offers import OfferRepository
from vixenbliss.repositories.subscription_changes import (
    Change,
    SubscriptionChangeRepository,
)
from vixenbliss.repositories.subscriptions import Membership, SubscriptionRepository
from vixenbliss.schemas.subscriptions import (
    CancelAt,
    Cancellation,
    ChangeRead,
    ChangeWanted,
    Effective,
    SubscriptionRead,
)
from vixenbliss.services import membership_rules as rules
from vixenbliss.services.applying import Applying
from vixenbliss.services.mirror_subscriptions import SubscriptionMirror
from vixenbliss.settings import Settings

ASKING_S = 20
"""How long somebody is kept waiting by Stripe; a gateway waits for 30."""
TRIES = 3
"""How often a wish that waits for others is tried."""
LOOKS, PAUSE_S = 6, 0.2
"""How long a look of somebody else's at the subscription is waited for."""
KEY_LASTS = timedelta(hours=20)
"""Stripe forgets a key after 24 hours at the earliest; then it would act again."""
TOO_LATE = "too_late"
GIVEN_UP = "given_up"
UNDER_WAY = timedelta(minutes=2)
"""For how long a call that we have given up may still have its effect."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a subscription.

    ``decide`` says, by how it stands, which kind of change that is, or that there is
    nothing to do; it raises where it cannot be.
    """

    kinds: frozenset[ChangeKind]
    decide: Callable[[Connection, Membership], Awaitable[ChangeKind | None]]
    price_id: UUID | None = None
    reason: str | None = None
    comment: str | None = None
    client_key: str | None = None

    def is_of(self, change: Change) -> bool:
        """Whether a change is what is wanted."""
        return change.kind in self.kinds and change.price_id == self.price_id


@dataclass(frozen=True, slots=True)
class Placing:
    """What has come of placing a wish."""

    change: Change | None
    """What Stripe is to be told; None where there is nothing to do."""
    is_ours: bool = True
    """Whether it is this wish, and not another one that comes first."""
    is_new: bool = False
    """Whether Stripe has certainly not been told of it before."""


@dataclass(frozen=True, slots=True)
class Made:
    """A change that Stripe has made, and the subscription after it."""

    kind: ChangeKind
    seen: Subscription


class SubscriptionChangeService:
    """Changes subscriptions of the caller's, or of the workspace that they own.

    It asks Stripe, so it opens its transactions itself, before and after.
    """

    def __init__(self, settings: Settings, stripe: Stripe) -> None:
        self._billing = StripeBilling(stripe)
        mirror = SubscriptionMirror(settings, self._billing)
        self._applying = Applying(settings, stripe, {"sub_": mirror})

    async def cancel(
        self,
        caller: Caller,
        subscription_id: UUID,
        wanted: Cancellation,
        key: str | None,
    ) -> SubscriptionRead:
        """End a subscription, now or with its period; again is the same.

        Raises:
            SubscriptionNotFoundError: none of that id is the caller's.
            InvalidStateError: it has ended.
            IdempotencyMismatchError: the key was used for something else.
            ProviderError: Stripe has not agreed, or not answered; try again.
        """
        is_now = wanted.at is CancelAt.NOW
        kind = ChangeKind.CANCEL_NOW if is_now else ChangeKind.CANCEL_AT_PERIOD_END

        async def decide(_: Connection, membership: Membership) -> ChangeKind | None:
            if is_now:
                rules.require_not_over(membership)
                return kind
            return None if rules.ends_with_period(membership) else kind

        wish = Wish(
            frozenset({kind}),
            decide,
            reason=wanted.reason,
            comment=wanted.comment,
            client_key=key,
        )
        await self._make(caller, subscription_id, wish)
        return await _read(subscription_id)

    async def resume(self, caller: Caller, subscription_id: UUID) -> SubscriptionRead:
        """Let a subscription be renewed that was to end with its period.

        Raises:
            SubscriptionNotFoundError: none of that id is the caller's.
            InvalidStateError: it has ended, or is not about to.
            ProviderError: Stripe has not agreed, or not answered; try again.
        """

        async def decide(_: Connection, membership: Membership) -> ChangeKind:
            rules.require_ending(membership)
            return ChangeKind.RESUME

        wish = Wish(frozenset({ChangeKind.RESUME}), decide)
        await self._make(caller, subscription_id, wish)
        return await _read(subscription_id)

    async def change(
        self, caller: Caller, subscription_id: UUID, wanted: ChangeWanted
    ) -> ChangeRead:
        """Let another price be paid: a better one now, a lesser one at renewal.

        Raises:
            SubscriptionNotFoundError: none of that id is the caller's.
            PriceNotFoundError: it is none of the avatar's memberships.
            InvalidStateError: it cannot be changed so, or the charge did not succeed.
            AlreadySubscribedError: the caller has the other membership, too.
            ProviderError: Stripe has not agreed, or not answered; try again.
        """

        async def decide(connection: Connection, membership: Membership) -> ChangeKind:
            return await _change_to(connection, membership, wanted.price_id)

        kinds = frozenset({ChangeKind.UPGRADE, ChangeKind.DOWNGRADE})
        wish = Wish(kinds, decide, price_id=wanted.price_id)
        made = await self._make(caller, subscription_id, wish)
        changed = await _read(subscription_id)
        if changed.pending_price is not None:
            return _at_renewal(changed.price.currency, changed.current_period_end)
        return ChangeRead(
            effective=Effective.NOW,
            amount_due=await self._charged(made) if made else None,
            currency=changed.price.currency,
            at=clock.now(),
        )

    async def preview(
        self, caller: Caller, subscription_id: UUID, wanted: ChangeWanted
    ) -> ChangeRead:
        """Return what a change would cost, and when.

        Raises:
            SubscriptionNotFoundError: none of that id is the caller's.
            PriceNotFoundError: it is none of the avatar's memberships.
            InvalidStateError: it cannot be changed so.
            AlreadySubscribedError: the caller has the other membership, too.
            ProviderError: Stripe has not answered.
        """
        async with reading() as connection:
            membership = await SubscriptionRepository(connection).find(
                caller, subscription_id
            )
            kind = await _change_to(connection, membership, wanted.price_id)
            offers = await OfferRepository(connection).find([wanted.price_id])
        price = offers[wanted.price_id].stripe_price_id or ""
        if kind is ChangeKind.DOWNGRADE:
            return _at_renewal(membership.currency, membership.current_period_end)
        with time_to_ask(ASKING_S):
            invoice = await self._billing.preview(
                membership.stripe_subscription_id,
                membership.stripe_customer_id or "",
                PriceChange(membership.stripe_item_id, price, is_now=True),
            )
        return ChangeRead(
            effective=Effective.NOW,
            amount_due=invoice.amount_due,
            currency=Currency(membership.currency),
            at=clock.now(),
        )

    async def _make(
        self, caller: Caller, subscription_id: UUID, wish: Wish
    ) -> Made | None:
        """Fulfil a wish; None if there was nothing to do."""
        with time_to_ask(ASKING_S):
            for _ in range(TRIES):
                async with transaction() as connection:
                    placing = await _place(connection, caller, subscription_id, wish)
                if placing.change is None:
                    return None
                if not placing.is_ours and _is_to_be_asked_about(placing.change):
                    await self._ask_about(placing.change)
                    continue
                made = await self._carry_out(placing.change, is_new=placing.is_new)
                if placing.is_ours and made and _holds(placing.change, made.seen):
                    return made
        raise RequestInProgressError

    async def _ask_about(self, change: Change) -> None:
        """Keep whether Stripe has made a change that its owner wants no longer.

        Told again, it would charge, or end, what somebody has thought better of.

        Raises:
            ProviderError: Stripe has not answered; the change stays pending.
        """
        name = change.stripe_subscription_id
        seen = await self._undisturbed(name, partial(self._billing.subscription, name))
        if _holds(change, seen):
            await _settle(change, ChangeStatus.DONE)
        else:
            await _settle(change, ChangeStatus.REFUSED, GIVEN_UP)

    async def _carry_out(self, change: Change, *, is_new: bool) -> Made | None:
        """Tell Stripe of a change and keep its answer; None if it is too late to.

        Raises:
            InvalidStateError: Stripe has refused it, which is kept.
            ProviderUnavailableError: it had no effect, and is forgotten.
            ProviderError: it stays pending.
        """
        if clock.now() - change.created_at > KEY_LASTS:
            await _settle(change, ChangeStatus.REFUSED, TOO_LATE)
            return None
        try:
            seen = await self._alone(change, is_new=is_new)
        except ProviderUnavailableError:
            async with transaction() as connection:
                await SubscriptionChangeRepository(connection).forget(change.id)
            raise
        except ProviderRefusedError as error:
            code = error.their_code or f"http_{error.status}"
            await _settle(change, ChangeStatus.REFUSED, code[:60])
            raise rules.refused(code) from error
        await _settle(change, ChangeStatus.DONE)
        return Made(change.kind, seen)

    async def _alone(self, change: Change, *, is_new: bool) -> Subscription:
        """Tell Stripe while nobody else looks at the subscription."""

        async def tell() -> Subscription:
            told = await self._tell(change)
            return told if is_new else await self._look_again(told)

        return await self._undisturbed(change.stripe_subscription_id, tell)

    async def _undisturbed(
        self, name: str, act: Callable[[], Awaitable[Subscription]]
    ) -> Subscription:
        """Act, and write what comes of it, when nobody looks at the subscription."""
        has_begun = False

        async def begin() -> Subscription:
            nonlocal has_begun
            has_begun = True
            return await act()

        for _ in range(LOOKS):
            try:
                return await self._applying.during(name, begin)
            except InvalidStateError:
                if has_begun:
                    raise
            await asyncio.sleep(PAUSE_S)
        raise RequestInProgressError

    async def _tell(self, change: Change) -> Subscription:
        name, key = change.stripe_subscription_id, change.key
        farewell = Farewell(key, change.reason, change.comment)
        match change.kind:
            case ChangeKind.CANCEL_NOW:
                return await self._billing.cancel(name, farewell)
            case ChangeKind.CANCEL_AT_PERIOD_END:
                return await self._billing.end_with_period(name, farewell)
            case ChangeKind.RESUME:
                return await self._billing.go_on(name, key=key)
            case ChangeKind.UPGRADE | ChangeKind.DOWNGRADE:
                is_now = change.kind is ChangeKind.UPGRADE
                price = change.stripe_price_id or ""
                to = PriceChange(change.stripe_item_id, price, is_now)
                return await self._billing.switch(name, to, key=key)

    async def _look_again(self, told: Subscription) -> Subscription:
        """Return a subscription as it is now.

        Under a key that was used before, Stripe answers how it was then.

        Raises:
            OutcomeUnknownError: it could not be read; the change stays pending.
        """
        try:
            return await self._billing.subscription(told.id)
        except ProviderError as error:
            raise OutcomeUnknownError(
                error.provider, error.reason, words=error.words
            ) from error

    async def _charged(self, made: Made) -> int | None:
        """Return what a change has cost at once, if Stripe tells."""
        is_tried_out = made.seen.status == SubscriptionStatus.TRIALING
        invoice_id = made.seen.latest_invoice
        if made.kind is not ChangeKind.UPGRADE or is_tried_out or not invoice_id:
            return 0
        try:
            with time_to_ask(ASKING_S):
                invoice = await self._billing.invoice(invoice_id)
        except ProviderError:
            return None
        is_of_change = invoice.billing_reason == "subscription_update"
        return invoice.amount_due if is_of_change else 0


async def _place(
    connection: Connection, caller: Caller, subscription_id: UUID, wish: Wish
) -> Placing:
    """Commit to a wish, or say what comes before it."""
    subscriptions = SubscriptionRepository(connection)
    found = await subscriptions.find(caller, subscription_id)
    await BuyerRepository(connection).hold(found.customer_id)
    membership = await subscriptions.lock(subscription_id)
    changes = SubscriptionChangeRepository(connection)
    known = await _known(changes, subscription_id, wish)
    if known:
        is_done = known.status is ChangeStatus.DONE
        return Placing(None if is_done else known)
    pending = await changes.pending(subscription_id)
    if pending:
        return Placing(pending, is_ours=wish.is_of(pending))
    kind = await wish.decide(connection, membership)
    if kind is None:
        return Placing(None)
    columns = {
        "subscription_id": subscription_id,
        "kind": kind,
        "price_id": wish.price_id,
        "reason": wish.reason,
        "comment": wish.comment,
        "asked_by": caller.user_id,
        "client_key": wish.client_key,
    }
    change = await changes.add(new_id(), columns)
    log.info("change begun", change_id=str(change.id), kind=kind)
    return Placing(change, is_new=True)


def _is_to_be_asked_about(change: Change) -> bool:
    """Tell whether a change that was given up has had its effect, if it ever has.

    Raises:
        RequestInProgressError: it may charge at any moment.
    """
    if clock.now() - change.created_at > UNDER_WAY:
        return True
    if change.kind is ChangeKind.UPGRADE:
        raise RequestInProgressError
    return False


def _holds(change: Change, seen: Subscription) -> bool:
    """Tell whether a subscription is as a change has made it, and nobody else since."""
    match change.kind:
        case ChangeKind.CANCEL_NOW:
            return seen.status == SubscriptionStatus.CANCELED
        case ChangeKind.CANCEL_AT_PERIOD_END:
            return seen.cancel_at_period_end or seen.cancel_at is not None
        case ChangeKind.RESUME:
            return not (seen.cancel_at_period_end or seen.cancel_at)
        case ChangeKind.UPGRADE | ChangeKind.DOWNGRADE:
            return seen.items[0].price.id == change.stripe_price_id


async def _known(
    changes: SubscriptionChangeRepository, subscription_id: UUID, wish: Wish
) -> Change | None:
    """Return what was wanted under the client's key, if anything was.

    Raises:
        IdempotencyMismatchError: it was something else.
        InvalidStateError: Stripe has refused it.
    """
    if wish.client_key is None:
        return None
    known = await changes.by_key(subscription_id, wish.client_key)
    if known is None:
        return None
    if not wish.is_of(known):
        raise IdempotencyMismatchError
    if known.status is ChangeStatus.REFUSED:
        raise rules.refused(known.error_code)
    return known


async def _change_to(
    connection: Connection, membership: Membership, price_id: UUID
) -> ChangeKind:
    offers = await OfferRepository(connection).find([price_id])
    offer = offers.get(price_id)
    kind = rules.change_to(membership, offer)
    if offer and offer.product_id != membership.product_id:
        await _require_not_bought(connection, membership, offer.product_id)
    return kind


async def _require_not_bought(
    connection: Connection, membership: Membership, product_id: UUID
) -> None:
    """Make sure that a product is not paid for in another way, and cannot be.

    Raises:
        AlreadySubscribedError: it is.
        InvalidStateError: a page is open on which it may be.
    """
    checkouts = CheckoutRepository(connection)
    history = await checkouts.history(membership.customer_id, product_id)
    subscriptions = SubscriptionRepository(connection)
    has_another = await subscriptions.has_another(membership, product_id)
    if has_another or history.is_under_way:
        raise AlreadySubscribedError
    if history.is_at_the_till:
        message = "A page is open to pay for this membership; pay, or let it expire."
        raise InvalidStateError(message)


async def _settle(
    change: Change, status: ChangeStatus, error_code: str | None = None
) -> None:
    """Keep what has become of a change, once."""
    async with transaction() as connection:
        is_new = await SubscriptionChangeRepository(connection).settle(
            change.id, status, error_code
        )
        if is_new:
            await AuditRepository(connection).add_by_system(
                change.workspace_id,
                f"subscription.{change.kind}.{status}",
                ("subscription", change.subscription_id),
                by=change.asked_by,
            )
    log.info("change ended", change_id=str(change.id), status=status)


async def _read(subscription_id: UUID) -> SubscriptionRead:
    async with reading() as connection:
        return await SubscriptionRepository(connection).read(subscription_id)


def _at_renewal(currency: str, at: datetime) -> ChangeRead:
    return ChangeRead(
        effective=Effective.RENEWAL,
        amount_due=0,
        currency=Currency(currency),
        at=at,
    )
