"""What reconciliations have found, for the platform's staff and for owners."""

from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.models.reconciliations import (
    Reconciliation,
    ReconciliationDifference,
)
from vixenbliss.models.users import PlatformRole
from vixenbliss.repositories.access import MEMBER
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.reconciliations import ReconciliationRead

SHOWN = 100

_is_staff = MEMBER.c.platform_role != PlatformRole.MEMBER
_found = (
    select(ReconciliationDifference)
    .where(
        ReconciliationDifference.reconciliation_id == Reconciliation.id,
        or_(
            _is_staff,
            ReconciliationDifference.workspace_id == MEMBER.c.workspace_id,
        ),
    )
    .order_by(ReconciliationDifference.id)
    .correlate(MEMBER, Reconciliation)
)
_every = _found.subquery("every_difference")
_first = _found.limit(SHOWN).subquery("first_differences")


def _for_staff(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return case((_is_staff, column)).label(column.key)


_LIST = page_seen_by_member(
    (
        Reconciliation.id,
        Reconciliation.day,
        Reconciliation.status,
        _for_staff(Reconciliation.events_seen),
        _for_staff(Reconciliation.events_missing),
        _for_staff(Reconciliation.rows_compared),
        select(func.count())
        .select_from(_every)
        .scalar_subquery()
        .label("difference_count"),
        select(
            func.coalesce(
                func.jsonb_agg(func.to_jsonb(_first.table_valued())),
                func.jsonb_build_array(),
            )
        )
        .scalar_subquery()
        .label("differences"),
        Reconciliation.error_code,
        Reconciliation.created_at,
        Reconciliation.finished_at,
    ),
    order_by=(Reconciliation.created_at.desc(), Reconciliation.id.desc()),
)


class ReconciliationReportRepository:
    """The reconciliations: whole for the staff, for owners what concerns them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery
    ) -> Listing[ReconciliationRead]:
        """Return reconciliations, newest first, each with its first differences."""
        return await read_page(
            self._connection, caller, _LIST, page, ReconciliationRead
        )
