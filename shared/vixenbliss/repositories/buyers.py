"""Every query on customers as those who buy: each user is one, from the first time."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.customers import Customer
from vixenbliss.models.users import User

_ADD = (
    insert(Customer)
    .values(id=bindparam("id"), user_id=bindparam("user_id"))
    .on_conflict_do_nothing(index_elements=["user_id"])
)
_LOCK = (
    select(Customer.id)
    .where(Customer.user_id == bindparam("user_id"))
    .with_for_update()
)
_HOLD = select(Customer.id).where(Customer.id == bindparam("id")).with_for_update()
_BUYER = select(
    Customer.id,
    Customer.user_id,
    Customer.generation,
    Customer.stripe_customer_id,
    Customer.deleted_at,
    User.email,
).join(User, User.id == Customer.user_id)
_FIND = _BUYER.where(Customer.id == bindparam("id"))
_FIND_USER_S = _BUYER.where(Customer.user_id == bindparam("user_id"))
_KEEP = (
    update(Customer)
    .where(
        Customer.id == bindparam("id_"),
        Customer.generation == bindparam("generation_"),
        or_(
            Customer.stripe_customer_id.is_(None),
            and_(
                Customer.deleted_at.is_not(None),
                Customer.stripe_customer_id != bindparam("stripe_id"),
            ),
        ),
    )
    .values(stripe_customer_id=bindparam("stripe_id"), deleted_at=None)
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer, and what Stripe is told of them."""

    id: UUID
    user_id: int
    email: str
    generation: int
    stripe_customer_id: str | None
    """Of whom there is one, or was one."""
    is_deleted: bool

    @property
    def stripe_id(self) -> str | None:
        """How Stripe calls the customer, if it has one."""
        return None if self.is_deleted else self.stripe_customer_id


class BuyerRepository:
    """The customers, of all workspaces, for services that know who is asking."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, user_id: int) -> UUID:
        """Return the user's customer, made if there is none, held until the end."""
        await self._connection.run(_ADD, id=new_id(), user_id=user_id)
        (row,) = await self._connection.all(_LOCK, user_id=user_id)
        customer_id: UUID = row["id"]
        return customer_id

    async def hold(self, customer_id: UUID) -> None:
        """Hold a customer until the transaction ends."""
        await self._connection.one(_HOLD, id=customer_id)

    async def get(self, customer_id: UUID) -> Buyer:
        """Return a customer that is there."""
        (row,) = await self._connection.all(_FIND, id=customer_id)
        return _buyer(dict(row))

    async def find(self, user_id: int) -> Buyer | None:
        """Return the user's customer, if the user has ever begun to buy."""
        row = await self._connection.one(_FIND_USER_S, user_id=user_id)
        return _buyer(dict(row)) if row else None

    async def keep_stripe_id(self, buyer: Buyer, stripe_id: str) -> None:
        """Keep what Stripe calls a customer that it has made for this generation."""
        await self._connection.run(
            _KEEP, id_=buyer.id, generation_=buyer.generation, stripe_id=stripe_id
        )


def _buyer(row: dict[str, object]) -> Buyer:
    is_deleted = row.pop("deleted_at") is not None
    return Buyer(**row, is_deleted=is_deleted)  # type: ignore[arg-type] # a row is as it is selected
