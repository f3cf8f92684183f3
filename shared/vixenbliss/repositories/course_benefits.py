"""Every query on the benefit that opens a paid course."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import Benefit, BenefitKind, Product, ProductBenefit
from vixenbliss.models.checkouts import Checkout, CheckoutStatus
from vixenbliss.models.grants import Grant, GrantSource
from vixenbliss.models.orders import Order, OrderLine, OrderStatus
from vixenbliss.models.subscriptions import Subscription
from vixenbliss.repositories.entitlements import is_live

_new = insert(Benefit).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    kind=BenefitKind.COURSE,
    ref=bindparam("ref"),
    name=func.left(bindparam("name"), 120),
)
# One that an owner has put out of use opens the course again, as it is paid again.
_KEEP = _new.on_conflict_do_update(
    index_elements=[Benefit.workspace_id, Benefit.kind, Benefit.ref],
    set_={"is_active": True, "version": Benefit.version + 1},
    where=~Benefit.is_active,
)
_RETIRE = (
    update(Benefit)
    .where(
        Benefit.workspace_id == bindparam("workspace"),
        Benefit.kind == BenefitKind.COURSE,
        Benefit.ref == bindparam("course"),
    )
    .values(is_active=False, version=Benefit.version + 1)
    .returning(Benefit.id)
)
_given_by = select(ProductBenefit.product_id).where(
    ProductBenefit.benefit_id == bindparam("benefit_id")
)
_IS_FOR_SALE: ColumnElement[bool] = (
    select(Product.id).where(Product.id.in_(_given_by), Product.is_active).exists()
)
# Who has begun to pay may go on, though nobody else may begin any more.
_is_ordered = (
    select(Order.id)
    .join(OrderLine, OrderLine.order_id == Order.id)
    .where(OrderLine.product_id.in_(_given_by), Order.status == OrderStatus.PENDING)
)
_is_subscribed_to = select(Checkout.id).where(
    Checkout.product_id.in_(_given_by),
    Checkout.status != CheckoutStatus.EXPIRED,
    ~select(Subscription.id).where(Subscription.checkout_id == Checkout.id).exists(),
)
_IS_BEING_PAID = or_(_is_ordered.exists(), _is_subscribed_to.exists())
_IS_SOLD: ColumnElement[bool] = (
    select(Grant.id)
    .where(
        Grant.benefit_id == bindparam("benefit_id"),
        or_(Grant.source_type != GrantSource.COMP, is_live(func.now())),
    )
    .exists()
)
_TIES = select(
    _IS_FOR_SALE.label("is_for_sale"),
    _IS_BEING_PAID.label("is_being_paid"),
    _IS_SOLD.label("is_sold"),
)


@dataclass(frozen=True, slots=True)
class Ties:
    """What keeps a course from being taken away."""

    is_for_sale: bool = False
    is_being_paid: bool = False
    """Whether somebody has begun to, by a page that is open."""
    is_sold: bool = False
    """Whether anybody has bought it, or holds it as a present."""


class CourseBenefitRepository:
    """What opens paid courses; who writes here holds the course."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, member: Member, course_id: int, name: str) -> None:
        """See to it that there is a benefit that opens a course, and that it is in use.

        Whoever holds it already goes on holding it.
        """
        await self._connection.run(
            _KEEP,
            id=new_id(),
            workspace_id=member.workspace_id,
            ref=str(course_id),
            name=name,
        )

    async def retire(self, member: Member, course_id: int) -> Ties:
        """Put a course's benefit out of use, and return what speaks against that.

        Its row is held, so nobody begins to sell it meanwhile.
        """
        retired = await self._connection.one(
            _RETIRE, workspace=member.workspace_id, course=str(course_id)
        )
        if retired is None:
            return Ties()
        row = await self._connection.one(_TIES, benefit_id=retired["id"])
        return Ties(**dict(row or {}))
