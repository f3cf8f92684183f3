"""Every statement that writes payments. Global, as Stripe's events are."""

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import bindparam, case, func
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.orders import Payment, PaymentStatus

_payment = insert(Payment).values(
    id=bindparam("id"),
    order_id=bindparam("order_id"),
    transaction_id=bindparam("transaction_id"),
    charge_id=bindparam("charge_id"),
    status=bindparam("status"),
    amount_minor=bindparam("amount_minor"),
    currency=bindparam("currency"),
    fee_minor=bindparam("fee_minor"),
    balance_transaction_id=bindparam("balance_transaction_id"),
    decline_code=bindparam("decline_code"),
    receipt_url=bindparam("receipt_url"),
)
_new = _payment.excluded
# What has succeeded stays so; what its charge is known by may still be told later.
_PAY = _payment.on_conflict_do_update(
    index_elements=["provider", "transaction_id"],
    set_={
        "charge_id": func.coalesce(_new.charge_id, Payment.charge_id),
        "status": case(
            (Payment.status == PaymentStatus.SUCCEEDED, Payment.status),
            else_=_new.status,
        ),
        "amount_minor": case(
            (Payment.status == PaymentStatus.SUCCEEDED, Payment.amount_minor),
            else_=_new.amount_minor,
        ),
        "fee_minor": func.coalesce(_new.fee_minor, Payment.fee_minor),
        "balance_transaction_id": func.coalesce(
            _new.balance_transaction_id, Payment.balance_transaction_id
        ),
        "decline_code": _new.decline_code,
        "receipt_url": func.coalesce(_new.receipt_url, Payment.receipt_url),
        "updated_at": func.now(),
    },
    where=Payment.order_id == _new.order_id,
).returning(Payment.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPayment:
    """A payment intent, as it was seen."""

    order_id: UUID
    transaction_id: str
    charge_id: str | None
    status: PaymentStatus
    amount_minor: int
    currency: str
    fee_minor: int | None
    balance_transaction_id: str | None
    decline_code: str | None
    receipt_url: str | None


class PaymentRepository:
    """Payments, each once, by whatever event it was heard of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def write(self, seen: SeenPayment) -> bool:
        """Insert a payment, or bring it up to date; what has succeeded stays so.

        False, and nothing, if it is known as another order's.
        """
        row = await self._connection.one(_PAY, id=new_id(), **asdict(seen))
        return row is not None
