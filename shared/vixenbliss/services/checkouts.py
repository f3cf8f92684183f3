"""Checkouts: the intent to sell is committed, then Stripe is asked for a page.

Whatever comes in between is mended by asking again under the checkout's key, which the
same row makes the same request; so there is one page per checkout, and one open
checkout per membership.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel

from vixenbliss import clock
from vixenbliss.callers import Caller
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    AlreadySubscribedError,
    IdempotencyMismatchError,
    InvalidStateError,
    OutcomeUnknownError,
    ProviderRefusedError,
    RequestInProgressError,
    ValidationError,
)
from vixenbliss.ids import new_id
from vixenbliss.log import log
from vixenbliss.models.checkouts import CheckoutMode
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_catalogue import StripeCatalogue
from vixenbliss.providers.stripe_checkout import Page, Sold, StripeCheckout
from vixenbliss.repositories import access
from vixenbliss.repositories.buyers import BuyerRepository
from vixenbliss.repositories.checkouts import CheckoutRepository, StoredCheckout
from vixenbliss.repositories.offers import OfferRepository
from vixenbliss.schemas.checkouts import (
    CheckoutCreate,
    CheckoutCreated,
    CheckoutRead,
    TipCreate,
)
from vixenbliss.services import policies, stock
from vixenbliss.services.buying import customer_at_stripe
from vixenbliss.services.goods import Goods, goods_of, tip_of, told
from vixenbliss.services.putting_on_sale import put_on_sale
from vixenbliss.services.returning import require_ours
from vixenbliss.settings import Settings

ASKING_S = 20
"""How long somebody is kept waiting by Stripe; a gateway waits for 30."""
LASTS = timedelta(hours=1)  # Stripe, Checkout Session, expires_at: 30 minutes to 24 h
WORTH_GOING_ON = timedelta(minutes=5)
"""What is left of a page's time that somebody is sent to once more."""
TRIES = 4
"""How often what is in a checkout's way is cleared away."""
KEY_IN_USE = "idempotency_key_in_use"  # docs.stripe.com/error-codes
UNKNOWN = "resource_missing"  # likewise


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to pay, and where they go afterwards."""

    goods: Callable[[Connection], Awaitable[Goods]]
    success_url: str
    cancel_url: str
    message: str | None
    client_key: str | None
    request_sha256: bytes


@dataclass(frozen=True, slots=True)
class Placing:
    """What has come of placing a wish: a checkout, or what is to be done before."""

    checkout: StoredCheckout | None = None
    is_new: bool = False
    in_the_way: StoredCheckout | None = None
    unknown_to_stripe: frozenset[UUID] = frozenset()


class CheckoutService:
    """The checkouts of whoever is signed in.

    It asks Stripe, so it opens its transactions itself, before and after.
    """

    def __init__(self, settings: Settings, stripe: Stripe) -> None:
        self._origins = settings.return_origins
        self._home = next(iter(settings.return_origins), settings.public_api_base)
        self._catalogue = StripeCatalogue(stripe)
        self._pages = StripeCheckout(stripe)

    async def get(self, caller: Caller, checkout_id: UUID) -> CheckoutRead:
        """Return the caller's checkout.

        Raises:
            CheckoutNotFoundError: the caller has none of that id.
        """
        async with reading() as connection:
            return await CheckoutRepository(connection).read(caller, checkout_id)

    async def start(
        self, caller: Caller, wanted: CheckoutCreate, key: str | None
    ) -> CheckoutCreated:
        """Return the page on which something is paid for; again, the same page.

        Raises:
            PriceNotFoundError: one of the prices is not in use.
            ItemNotFoundError: one of the items is not for sale.
            OutOfStockError: there are not as many left of one of them.
            ValidationError: it cannot be sold together, or leads to no page of ours.
            AlreadySubscribedError: the caller has the membership.
            IdempotencyMismatchError: the key was used for something else.
            ProviderError: there is no page yet; try again.
        """

        async def goods(connection: Connection) -> Goods:
            offers, lines = OfferRepository(connection), wanted.lines
            by_price = [line.price_id for line in lines if line.price_id]
            by_item = [line.item_id for line in lines if line.item_id]
            found = await offers.find(by_price) if by_price else {}
            of_items = await offers.of_items(by_item) if by_item else {}
            return goods_of(lines, found, of_items)

        success_url, cancel_url = self._pages_of(wanted)
        wish = Wish(goods, success_url, cancel_url, None, key, _hash_of(wanted))
        return await self._fulfil(caller, wish)

    async def tip(
        self, caller: Caller, wanted: TipCreate, key: str | None
    ) -> CheckoutCreated:
        """Return the page on which a tip is given; under the same key, the same page.

        Raises:
            AvatarNotFoundError: there is no such avatar.
            ProductNotFoundError: it takes no tips.
            ValidationError: it takes none of this amount or currency.
            PolicyBlockedError: the floor refuses the message.
            IdempotencyMismatchError: the key was used for something else.
            ProviderError: there is no page yet; try again.
        """
        policies.refuse_blocked(wanted.message)

        async def goods(connection: Connection) -> Goods:
            offers = await OfferRepository(connection).tips(wanted.avatar_id)
            return tip_of(offers, wanted.amount_minor, wanted.currency)

        success_url, cancel_url = self._pages_of(wanted)
        hash_ = _hash_of(wanted)
        wish = Wish(goods, success_url, cancel_url, wanted.message, key, hash_)
        return await self._fulfil(caller, wish)

    def _pages_of(self, wanted: CheckoutCreate | TipCreate) -> tuple[str, str]:
        """Return where the browser goes afterwards: paid, or not.

        Raises:
            ValidationError: to none of our pages.
        """
        if wanted.success_url:
            require_ours(wanted.success_url, self._origins, field="success_url")
        if wanted.cancel_url:
            require_ours(wanted.cancel_url, self._origins, field="cancel_url")
        success_url = wanted.success_url or self._home
        if not success_url:
            message = "Say where to go when it is paid."
            raise ValidationError(message, field="success_url")
        return success_url, wanted.cancel_url or success_url

    async def _fulfil(self, caller: Caller, wish: Wish) -> CheckoutCreated:
        with time_to_ask(ASKING_S):
            for _ in range(TRIES):
                async with transaction() as connection:
                    placing = await _place(connection, caller, wish)
                checkout = await self._open(placing)
                if checkout and checkout.url:
                    return _created(checkout, checkout.url)
        raise RequestInProgressError

    async def _open(self, placing: Placing) -> StoredCheckout | None:
        """Return a checkout with its page; None if its wish is to be placed again."""
        for product_id in placing.unknown_to_stripe:
            await put_on_sale(self._catalogue, product_id)
        if placing.in_the_way:
            await self._close(placing.in_the_way)
        if placing.checkout is None:
            return None
        try:
            return await self._with_page(placing.checkout)
        except ProviderRefusedError:
            # There is no page under its key, and there will be none: perhaps too much
            # time has passed since it was begun.
            await _forget(placing.checkout)
            if placing.is_new:
                raise
            return None

    async def _with_page(self, checkout: StoredCheckout) -> StoredCheckout | None:
        """Return a checkout with its page, which is opened unless it is.

        None if somebody has forgotten it meanwhile.
        """
        if checkout.url:
            return checkout
        customer = await customer_at_stripe(self._catalogue, checkout.customer_id)
        try:
            session = await self._pages.open(_page(checkout, customer))
        except OutcomeUnknownError as error:
            if error.their_code == KEY_IN_USE:
                raise RequestInProgressError from error
            raise
        async with transaction() as connection:
            await _hold(connection, checkout)
            checkouts = CheckoutRepository(connection)
            await checkouts.keep_session(checkout.id, session.id, session.url or "")
            kept = await checkouts.find(checkout.id)
        log.info("checkout opened", checkout_id=str(checkout.id))
        return kept

    async def _close(self, checkout: StoredCheckout) -> None:
        """See to it that a checkout cannot be paid any more.

        A page that we were not told of is asked for first; there may be one.

        Raises:
            AlreadySubscribedError: somebody has paid.
        """
        try:
            opened = await self._with_page(checkout)
        except ProviderRefusedError:
            await _forget(checkout)
            return
        session_id = opened.stripe_session_id if opened else None
        if session_id is None:
            return
        if await self._ended(checkout.id, session_id) == "complete":
            raise AlreadySubscribedError
        async with transaction() as connection:
            await _hold(connection, checkout)
            void = await CheckoutRepository(connection).expire(checkout.id)
            await stock.follow(connection, *void)

    async def _ended(self, checkout_id: UUID, session_id: str) -> str | None:
        """Return how a page has ended, which ends now unless it has before.

        None says that Stripe has no such page.

        Raises:
            ProviderRefusedError: it does not end, so it may still be paid.
        """
        try:
            session = await self._pages.expire(checkout_id, session_id)
        except ProviderRefusedError as error:
            if error.their_code == UNKNOWN:  # nobody can pay there, either
                return None
            session = await self._pages.session(session_id)
            if session.status == "open":
                raise
        return session.status


async def _place(connection: Connection, caller: Caller, wish: Wish) -> Placing:
    """Commit to a wish, or say what is to be done before."""
    user_id = await access.user(connection, caller)
    customer_id = await BuyerRepository(connection).lock(user_id)
    known = await _known(connection, customer_id, wish)
    if known:
        return Placing(known)
    goods = await wish.goods(connection)
    if goods.unknown_to_stripe:
        return Placing(unknown_to_stripe=frozenset(goods.unknown_to_stripe))
    if goods.membership is None:
        await stock.take(connection, goods.counts)
        checkout = await _add(connection, customer_id, wish, goods, trial_days=0)
        order_id = await _add_order(connection, checkout, goods)
        await stock.hold(connection, order_id, goods.counts)
        return Placing(checkout, is_new=True)
    return await _place_membership(connection, customer_id, wish, goods)


async def _known(
    connection: Connection, customer_id: UUID, wish: Wish
) -> StoredCheckout | None:
    """Return what was begun under the client's key, if anything was."""
    if wish.client_key is None:
        return None
    known = await CheckoutRepository(connection).by_key(customer_id, wish.client_key)
    if known and known.request_sha256 != wish.request_sha256:
        raise IdempotencyMismatchError
    if known and not known.is_open and not known.url:
        message = "This checkout has expired; begin another one."
        raise InvalidStateError(message)
    return known


async def _place_membership(
    connection: Connection, customer_id: UUID, wish: Wish, goods: Goods
) -> Placing:
    offer = goods.lines[0].offer
    checkouts = CheckoutRepository(connection)
    history = await checkouts.history(customer_id, offer.product_id)
    if history.is_live:
        raise AlreadySubscribedError
    begun = await checkouts.open_of(customer_id, offer.product_id)
    if begun is None:
        trial_days = 0 if history.was_there else offer.trial_days
        checkout = await _add(
            connection, customer_id, wish, goods, trial_days=trial_days
        )
        return Placing(checkout, is_new=True)
    is_same = begun.request_sha256 == wish.request_sha256
    if is_same and begun.expires_at - clock.now() > WORTH_GOING_ON:
        return Placing(begun)
    return Placing(in_the_way=begun)


async def _add(
    connection: Connection,
    customer_id: UUID,
    wish: Wish,
    goods: Goods,
    *,
    trial_days: int,
) -> StoredCheckout:
    membership = goods.membership
    checkout = await CheckoutRepository(connection).add(
        new_id(),
        {
            "workspace_id": goods.workspace_id,
            "avatar_id": goods.avatar_id,
            "customer_id": customer_id,
            "mode": goods.mode,
            "product_id": membership.product_id if membership else None,
            "lines": {"lines": list(map(told, goods.lines)), "trial_days": trial_days},
            "amount_minor": goods.amount_minor,
            "currency": goods.currency,
            "message": wish.message,
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
            "client_key": wish.client_key,
            "request_sha256": wish.request_sha256,
            "lasts": LASTS,
        },
    )
    log.info("checkout begun", checkout_id=str(checkout.id), mode=goods.mode)
    return checkout


async def _add_order(
    connection: Connection, checkout: StoredCheckout, goods: Goods
) -> UUID:
    """Write down what is owed once the checkout is paid; return the order's id."""
    columns = {
        "workspace_id": goods.workspace_id,
        "avatar_id": goods.avatar_id,
        "customer_id": checkout.customer_id,
        "checkout_id": checkout.id,
        "reason": goods.reason,
        "amount_minor": goods.amount_minor,
        "currency": goods.currency,
    }
    lines = [
        {
            "product_id": line.offer.product_id,
            "price_id": line.offer.id,
            "label": line.offer.name,
            "quantity": line.quantity,
            "total_minor": line.total_minor,
        }
        for line in goods.lines
    ]
    order_id = new_id()
    await CheckoutRepository(connection).add_order(order_id, columns, lines)
    return order_id


async def _forget(checkout: StoredCheckout) -> None:
    async with transaction() as connection:
        await _hold(connection, checkout)
        checkouts = CheckoutRepository(connection)
        await stock.follow(connection, *await checkouts.void_pageless(checkout.id))
        await checkouts.forget(checkout.id)


async def _hold(connection: Connection, checkout: StoredCheckout) -> None:
    """Lock whose money a checkout is about."""
    await BuyerRepository(connection).hold(checkout.customer_id)


def _page(checkout: StoredCheckout, customer: str) -> Page:
    """Return the page of a checkout: the row says all but who the customer is."""
    return Page(
        checkout_id=checkout.id,
        mode=(
            "subscription" if checkout.mode is CheckoutMode.SUBSCRIPTION else "payment"
        ),
        customer=customer,
        lines=[
            Sold(
                price=line.get("stripe_price_id"),
                product=line.get("stripe_product_id"),
                unit_minor=line["unit_minor"],
                quantity=line["quantity"],
            )
            for line in checkout.lines["lines"]
        ],
        currency=checkout.currency,
        trial_days=checkout.lines["trial_days"],
        success_url=checkout.success_url,
        cancel_url=checkout.cancel_url,
        expires_at=checkout.expires_at,
    )


def _created(checkout: StoredCheckout, url: str) -> CheckoutCreated:
    return CheckoutCreated(
        checkout_id=checkout.id, url=url, expires_at=checkout.expires_at
    )


def _hash_of(wanted: BaseModel) -> bytes:
    spelled = f"{type(wanted).__name__} {wanted.model_dump_json()}"
    return hashlib.sha256(spelled.encode()).digest()
