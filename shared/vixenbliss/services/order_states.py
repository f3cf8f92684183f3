"""What has become of an order follows from its payments, refunds and disputes."""

from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.models.orders import OrderStatus
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.orders import (
    HeldOrder,
    OrderRepository,
    OrderStanding,
)
from vixenbliss.services import stock


async def recompute(connection: Connection, order_id: UUID) -> OrderStatus:
    """Write an order's state as it follows from its rows, and return it.

    Whoever has changed one of them calls it in the same transaction, and then lets the
    rights follow (``grants.follow_order``). The customer is held.
    """
    orders = OrderRepository(connection)
    standing = await orders.standing(order_id)
    status = status_of(standing)
    refunded_minor = min(standing.refunds_minor, standing.total_minor)
    if (status, refunded_minor) != (standing.status, standing.refunded_minor):
        await orders.write_standing(order_id, status, refunded_minor)
    if OrderStatus.VOID in (status, standing.status):
        await stock.follow(connection, order_id)
    return status


async def record(connection: Connection, order: HeldOrder, status: OrderStatus) -> None:
    """Write what an order has become into the trail, last in its transaction."""
    if status is not order.status:
        await AuditRepository(connection).add_by_system(
            order.workspace_id, f"order.{status}", ("order", order.id)
        )


def status_of(order: OrderStanding) -> OrderStatus:
    """Return what an order is, by all that is known of it.

    A dispute says more than a refund: while the bank decides, and when it has.
    """
    if not _is_paid(order):
        return order.status
    if order.is_lost:
        return OrderStatus.CHARGED_BACK
    if order.is_disputed:
        return OrderStatus.DISPUTED
    return _after_refunds(order)


def _is_paid(order: OrderStanding) -> bool:
    """Tell whether Stripe has said so, or the payments say it themselves."""
    is_covered = 0 < order.total_minor <= order.payments_minor
    return order.paid_at is not None or is_covered


def _after_refunds(order: OrderStanding) -> OrderStatus:
    if order.refunds_minor == 0:
        return OrderStatus.PAID
    if order.refunds_minor < order.total_minor:
        return OrderStatus.PARTIALLY_REFUNDED
    return OrderStatus.REFUNDED
