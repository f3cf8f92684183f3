"""What an order is follows from what was paid, given back and disputed."""

from dataclasses import replace
from typing import Any

import pytest

from vixenbliss.clock import now
from vixenbliss.ids import new_id
from vixenbliss.models.orders import OrderStatus
from vixenbliss.repositories.orders import OrderStanding
from vixenbliss.services.order_states import status_of

PENDING = OrderStanding(
    workspace_id=new_id(),
    status=OrderStatus.PENDING,
    total_minor=1_000,
    refunded_minor=0,
    paid_at=None,
    payments_minor=0,
    refunds_minor=0,
    is_disputed=False,
    is_lost=False,
)
PAID = {"payments_minor": 1_000}
VOID = {"status": OrderStatus.VOID}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, OrderStatus.PENDING),
        ({"payments_minor": 999}, OrderStatus.PENDING),
        (PAID, OrderStatus.PAID),
        ({"paid_at": now()}, OrderStatus.PAID),
        ({"total_minor": 0}, OrderStatus.PENDING),
        ({"total_minor": 0, "paid_at": now()}, OrderStatus.PAID),
        (VOID, OrderStatus.VOID),
        (VOID | PAID, OrderStatus.PAID),
        (PAID | {"refunds_minor": 1}, OrderStatus.PARTIALLY_REFUNDED),
        (PAID | {"refunds_minor": 1_000}, OrderStatus.REFUNDED),
        (PAID | {"is_disputed": True}, OrderStatus.DISPUTED),
        (PAID | {"is_disputed": True, "refunds_minor": 1}, OrderStatus.DISPUTED),
        (PAID | {"is_lost": True, "is_disputed": True}, OrderStatus.CHARGED_BACK),
        (PAID | {"is_lost": True, "refunds_minor": 1}, OrderStatus.CHARGED_BACK),
        (PAID | {"status": OrderStatus.DISPUTED}, OrderStatus.PAID),
        (PAID | {"status": OrderStatus.REFUNDED}, OrderStatus.PAID),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else str(value),
)
def test_an_order_is_what_its_rows_say(
    facts: dict[str, Any], status: OrderStatus
) -> None:
    assert status_of(replace(PENDING, **facts)) is status
