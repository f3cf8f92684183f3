"""Reconciliations, as the outside sees them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, computed_field

from vixenbliss.models.reconciliations import DifferenceKind, ReconciliationStatus
from vixenbliss.money import to_minor
from vixenbliss.schemas.base import Input, Output

FIRST_DAY = date(2020, 1, 1)


class ReconciliationRun(Input):
    """Which day is to be reconciled, in UTC."""

    day: Annotated[date, Field(ge=FIRST_DAY)]


class ReconciliationBegun(Output):
    """A reconciliation that is on its way."""

    id: UUID
    day: date
    status: ReconciliationStatus = ReconciliationStatus.RUNNING


class DifferenceRead(Output):
    """A movement of Stripe's balance on which the two books do not agree."""

    kind: DifferenceKind
    balance_transaction_id: str
    workspace_id: UUID | None
    currency: str
    stripe_micros: int | None
    ledger_micros: int | None
    note: str

    @computed_field  # type: ignore[prop-decorator]  # Pydantic's own way
    @property
    def stripe_minor(self) -> int | None:
        """What Stripe has, in the currency's smallest units."""
        micros = self.stripe_micros
        return None if micros is None else to_minor(micros, self.currency)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def ledger_minor(self) -> int | None:
        """What the books have, in the currency's smallest units."""
        micros = self.ledger_micros
        return None if micros is None else to_minor(micros, self.currency)


class ReconciliationRead(Output):
    """A day of Stripe's books, held against ours.

    How much was looked at is told to the platform's staff alone; differences, to whom
    they concern.
    """

    id: UUID
    day: date
    status: ReconciliationStatus
    events_seen: int | None
    events_missing: int | None
    """How many had never come, and were taken in."""
    rows_compared: int | None
    difference_count: int
    differences: list[DifferenceRead]
    """The first hundred."""
    error_code: str | None
    created_at: datetime
    finished_at: datetime | None
