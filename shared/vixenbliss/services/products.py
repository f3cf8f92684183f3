"""Products: what a workspace sells, for how much, and what it opens."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    AvatarNotFoundError,
    ConflictError,
    ProviderError,
    ValidationError,
)
from vixenbliss.ids import new_id
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.models.catalogue import BenefitKind, ProductKind
from vixenbliss.providers.stripe_catalogue import StripeCatalogue
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.benefits import BenefitRepository
from vixenbliss.repositories.products import (
    LockedProduct,
    ProductRepository,
    ProductShown,
)
from vixenbliss.repositories.showcases import ShowcaseRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.products import (
    AiDisclosure,
    PriceCreate,
    PriceRead,
    ProductCreate,
    ProductDetail,
    ProductRead,
    ProductUpdate,
)
from vixenbliss.services import policies
from vixenbliss.services.putting_on_sale import article_of, put_on_sale

ASKING_S = 20
"""How long somebody is kept waiting by Stripe; a gateway waits for 30."""
OPENED_BY: Mapping[ProductKind, frozenset[BenefitKind]] = {
    ProductKind.MEMBERSHIP: frozenset(BenefitKind),
    ProductKind.ONE_OFF: frozenset(BenefitKind),
    ProductKind.COURSE: frozenset({BenefitKind.COURSE}),
    ProductKind.ITEM: frozenset({BenefitKind.ITEM, BenefitKind.DOWNLOAD}),
    ProductKind.TIP: frozenset(),
}
"""What kind of things each kind of product may open."""
UNSAID = "This character is made by artificial intelligence."
"""What is said of an avatar that says nothing of itself."""


class ShopService:
    """What anybody may see of what is for sale."""

    def __init__(self, connection: Connection) -> None:
        self._products = ProductRepository(connection)

    async def list(
        self,
        page: PageQuery,
        *,
        workspace_id: UUID | None,
        avatar_id: UUID | None,
        kind: ProductKind | None,
    ) -> Listing[ProductRead]:
        """Return the products for sale that match, newest first.

        Raises:
            ValidationError: neither a workspace nor an avatar is named.
        """
        if workspace_id is None and avatar_id is None:
            message = "Name a workspace, or an avatar."
            raise ValidationError(message, field="workspace_id")
        return await self._products.list(
            page, workspace_id=workspace_id, avatar_id=avatar_id, kind=kind
        )

    async def get(self, product_id: UUID) -> ProductDetail:
        """Return a product that is for sale, and what is behind it.

        Raises:
            ProductNotFoundError: none of that id is.
        """
        return _detail(await self._products.show(product_id))


class ProductService:
    """The products of the workspace that the caller owns.

    It asks Stripe, so it opens its transactions itself, before and after.
    """

    def __init__(self, catalogue: StripeCatalogue) -> None:
        self._catalogue = catalogue

    async def create(self, caller: Caller, wanted: ProductCreate) -> ProductDetail:
        """Offer something; it is there and at Stripe, or neither.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            BenefitNotFoundError: the workspace lacks one of the benefits.
            ValidationError: prices or benefits do not fit its kind.
            ConflictError: the avatar takes tips already.
            PolicyBlockedError: the floor refuses the words.
            ProviderError: Stripe does not take it.
        """
        _require_fit(wanted)
        product_id = new_id()
        async with transaction() as connection:
            member = await access.member(connection, caller)
            policies.refuse_blocked(wanted.name, wanted.description)
            await _add(connection, member, product_id, wanted)
        try:
            await self._put_on_sale(product_id)
        except ProviderError:
            await _withdraw(member, product_id)
            raise
        return await _read(product_id)

    async def update(
        self, caller: Caller, product_id: UUID, wanted: ProductUpdate
    ) -> ProductDetail:
        """Change a product; who has bought it keeps what it opened then.

        What Stripe did not hear of is told again with the next change.

        Raises:
            ProductNotFoundError: the workspace has none of that id.
            BenefitNotFoundError: the workspace lacks one of the benefits.
            ValidationError: the benefits do not fit its kind.
            ConflictError: the avatar takes tips by another product, or this one
                sells an item.
            PolicyBlockedError: the floor refuses the words.
            ProviderError: Stripe does not take it.
        """
        await self._finish(caller, product_id)
        async with transaction() as connection:
            member = await access.member(connection, caller)
            policies.refuse_blocked(wanted.name, wanted.description)
            await _change(connection, member, product_id, wanted)
        async with reading() as connection:
            product = await ShowcaseRepository(connection).find(product_id)
        if product:
            with time_to_ask(ASKING_S):
                await self._catalogue.change_product(article_of(product))
        return await _read(product_id)

    async def add_price(
        self, caller: Caller, product_id: UUID, wanted: PriceCreate
    ) -> PriceRead:
        """Offer a product for a price, instead of an older one on the same terms.

        Who pays the older one goes on paying it.

        Raises:
            ProductNotFoundError: the workspace has none of that id.
            ConflictError: the product sells an item.
            ValidationError: the price does not fit the product's kind.
            ProviderError: Stripe does not take it.
        """
        price_id = new_id()
        async with transaction() as connection:
            member = await access.member(connection, caller)
            product = await _lock(connection, member, product_id)
            _require_price_fits(product.kind, wanted)
            await _add_price(connection, product_id, price_id, wanted)
            await AuditRepository(connection).add(
                member, "price.added", ("product", product_id), price_id=str(price_id)
            )
        try:
            await self._put_on_sale(product_id)
        except ProviderError:
            async with transaction() as connection:
                await ProductRepository(connection).drop_price(price_id)
            raise
        async with reading() as connection:
            return await ProductRepository(connection).read_price(price_id)

    async def retire_price(
        self, caller: Caller, product_id: UUID, price_id: UUID
    ) -> None:
        """Put a price out of use; who pays it goes on paying it. Again is the same.

        Raises:
            ProductNotFoundError: the workspace has no such product.
            PriceNotFoundError: the product has no such price.
            ConflictError: the product sells an item.
            ProviderError: it is out of use, and Stripe is still to be told.
        """
        async with transaction() as connection:
            member = await access.member(connection, caller)
            products = ProductRepository(connection)
            await _lock(connection, member, product_id)
            stripe_id = await products.retire_price(member, product_id, price_id)
            await products.set(product_id)
            await AuditRepository(connection).add(
                member, "price.retired", ("product", product_id), price_id=str(price_id)
            )
        if stripe_id:
            with time_to_ask(ASKING_S):
                await self._catalogue.retire_price(price_id, stripe_id)

    async def _finish(self, caller: Caller, product_id: UUID) -> None:
        """Tell Stripe of a product as it was, where a crash has come in between.

        Under its key nothing else can be told than the first time.
        """
        async with transaction() as connection:
            member = await access.member(connection, caller)
            await _lock(connection, member, product_id)
        await self._put_on_sale(product_id)

    async def _put_on_sale(self, product_id: UUID) -> None:
        with time_to_ask(ASKING_S):
            await put_on_sale(self._catalogue, product_id)


async def _lock(
    connection: Connection, member: Member, product_id: UUID
) -> LockedProduct:
    """Return a product that follows nothing else, held until the transaction ends.

    Raises:
        ProductNotFoundError: the workspace has none of that id.
        ConflictError: it sells an item, and says what that says.
    """
    product = await ProductRepository(connection).lock(member, product_id)
    if product.item_id is not None:
        message = f"This sells item {product.item_id}; change the item."
        raise ConflictError(message)
    return product


async def _add(
    connection: Connection, member: Member, product_id: UUID, wanted: ProductCreate
) -> None:
    products = ProductRepository(connection)
    if wanted.avatar_id:
        await _require_avatar(connection, member, wanted.avatar_id)
    if wanted.avatar_id and wanted.kind is ProductKind.TIP:
        await products.drop_unfinished_tips(wanted.avatar_id)
    await _require_benefits_fit(connection, member, wanted.kind, wanted.benefit_ids)
    columns = wanted.model_dump(exclude={"benefit_ids", "prices"})
    await products.add(member, product_id, columns)
    await products.put_benefits(product_id, wanted.benefit_ids)
    for price in wanted.prices:
        await _add_price(connection, product_id, new_id(), price)
    await AuditRepository(connection).add(
        member, "product.created", ("product", product_id)
    )


async def _require_avatar(
    connection: Connection, member: Member, avatar_id: UUID
) -> None:
    avatar = await AvatarRepository(connection).lock(member, avatar_id)
    if avatar.status is AvatarStatus.ARCHIVED:
        raise AvatarNotFoundError


async def _add_price(
    connection: Connection, product_id: UUID, price_id: UUID, wanted: PriceCreate
) -> None:
    await ProductRepository(connection).add_price(
        product_id, price_id, wanted.model_dump()
    )
    if wanted.is_bounds:  # Stripe has nothing to say to them
        await ShowcaseRepository(connection).replace_older(price_id)


async def _change(
    connection: Connection, member: Member, product_id: UUID, wanted: ProductUpdate
) -> None:
    products = ProductRepository(connection)
    product = await _lock(connection, member, product_id)
    if "benefit_ids" in wanted.model_fields_set:
        await _require_benefits_fit(
            connection, member, product.kind, wanted.benefit_ids
        )
        await products.put_benefits(product_id, wanted.benefit_ids)
    changes = wanted.model_dump(exclude={"benefit_ids"}, exclude_unset=True)
    await products.set(product_id, **changes)
    await AuditRepository(connection).add(
        member, "product.changed", ("product", product_id)
    )


async def _withdraw(member: Member, product_id: UUID) -> None:
    """Undo the making of a product that Stripe did not take."""
    async with transaction() as connection:
        await ProductRepository(connection).drop(product_id)
        await AuditRepository(connection).add(
            member, "product.withdrawn", ("product", product_id)
        )


async def _read(product_id: UUID) -> ProductDetail:
    async with reading() as connection:
        return _detail(await ProductRepository(connection).read(product_id))


def _detail(shown: ProductShown) -> ProductDetail:
    disclosure = (
        AiDisclosure(
            avatar_name=shown.avatar_name, statement=shown.disclosure or UNSAID
        )
        if shown.avatar_name
        else None
    )
    return ProductDetail(**shown.product.model_dump(), ai_disclosure=disclosure)


def _require_fit(wanted: ProductCreate) -> None:
    """Make sure that a product can be what it says it is.

    Raises:
        ValidationError: it cannot.
    """
    if wanted.kind is ProductKind.TIP and wanted.avatar_id is None:
        message = "Tips are for an avatar."
        raise ValidationError(message, field="avatar_id")
    for price in wanted.prices:
        _require_price_fits(wanted.kind, price)
    terms = [(price.currency, price.interval) for price in wanted.prices]
    if len(set(terms)) < len(terms):
        message = "There are two prices for one currency and interval."
        raise ValidationError(message, field="prices")


def _require_price_fits(kind: ProductKind, price: PriceCreate) -> None:
    wrong = _misfit(kind, price)
    if wrong:
        field, message = wrong
        raise ValidationError(message, field=field)


def _misfit(kind: ProductKind, price: PriceCreate) -> tuple[str, str] | None:
    """Return which field of a price does not fit, and why; None if all do."""
    if price.is_bounds is not (kind is ProductKind.TIP):
        return "amount_minor", "A tip has bounds, anything else one amount."
    if (price.interval is None) is (kind is ProductKind.MEMBERSHIP):
        return "interval", "A membership is paid by the interval, anything else once."
    if price.trial_days and price.interval is None:
        return "trial_days", "Only memberships are tried out."
    return None


async def _require_benefits_fit(
    connection: Connection, member: Member, kind: ProductKind, ids: Sequence[UUID]
) -> None:
    """Make sure that a product of a kind may open these.

    Raises:
        BenefitNotFoundError: the workspace lacks one of them.
        ValidationError: it may not open one of them.
    """
    benefits = await BenefitRepository(connection).hold(member, ids)
    if not {benefit.kind for benefit in benefits} <= OPENED_BY[kind]:
        message = f"A product of the kind {kind} does not open that."
        raise ValidationError(message, field="benefit_ids")
