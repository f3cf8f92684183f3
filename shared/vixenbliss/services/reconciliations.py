"""Reconciliations, as people ask for them."""

from datetime import date

from vixenbliss.callers import Caller
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError, ValidationError
from vixenbliss.jobs.messages import reconcile
from vixenbliss.repositories import access
from vixenbliss.repositories.reconciliation_reports import (
    ReconciliationReportRepository,
)
from vixenbliss.repositories.reconciliations import ReconciliationRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.reconciliations import ReconciliationBegun, ReconciliationRead
from vixenbliss.services.outbox import Outbox


class ReconciliationService:
    """What was found, and another look."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery
    ) -> Listing[ReconciliationRead]:
        """Return reconciliations, newest first; of differences, what concerns one."""
        return await ReconciliationReportRepository(self._connection).list(caller, page)

    async def run(self, caller: Caller, day: date) -> ReconciliationBegun:
        """Begin to reconcile a day.

        Raises:
            ForbiddenError: an ordinary user asks.
            InvalidStateError: one is running.
            ValidationError: the day has not begun.
        """
        user_id = await access.admin(self._connection, caller)
        if day > now().date():
            message = "The day has not begun."
            raise ValidationError(message, field="day")
        runs = ReconciliationRepository(self._connection)
        run_id = await runs.start(day, requested_by=user_id)
        if run_id is None:
            message = "A reconciliation is running."
            raise InvalidStateError(message)
        await Outbox(self._connection).send(reconcile(run_id, "begun"))
        return ReconciliationBegun(id=run_id, day=day)
