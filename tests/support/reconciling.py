"""Reconciliations, begun by the staff, and books that somebody has tampered with."""

from dataclasses import dataclass
from typing import Any, LiteralString

from tests.support.api import Answer
from tests.support.billing import Billing
from tests.support.database import Sql
from tests.support.people import Person, sign_up

REPORTS = "/api/v1/ops/reconciliations"
RUN = f"{REPORTS}/run"
BOOKS = ("ledger_accounts", "ledger_entries", "ledger_transactions")


def staff(sql: Sql) -> Person:
    """Return somebody who runs the platform."""
    person = sign_up()
    sql.execute("update users set platform_role = 'admin' where id = %s", (person.id,))
    return person


def tamper(sql: Sql, *statements: LiteralString) -> None:
    """Change the books as only the database's own master can."""
    with sql.transaction():
        sql.execute("set local session_replication_role = replica")
        for statement in statements:
            sql.execute(statement)


@dataclass(frozen=True, slots=True)
class Night:
    """The night after a day of sales."""

    shopping: Billing
    staff: Person

    @property
    def day(self) -> str:
        """The day on which the last money came, by Stripe's clock."""
        row = self.shopping.sql.execute(
            "select (to_timestamp(%s) at time zone 'UTC')::date::text as day",
            (self.shopping.see("balance_transaction")[-1]["created"],),
        ).fetchone()
        return str((row or {})["day"])

    def ask(self) -> Answer:
        """Have the day reconciled; nobody works on it yet."""
        return self.staff.api("POST", RUN, {"day": self.day})

    def begin(self) -> str:
        return str(self.ask().ok(202)["id"])

    def reconcile(self) -> dict[str, Any]:
        """Reconcile the day, and return what was found."""
        self.begin()
        self.shopping.workers.drain("reconcile", "events")
        return self.report()

    def report(self, person: Person | None = None) -> dict[str, Any]:
        """Return what the last reconciliation says to somebody."""
        told = (person or self.staff).api("GET", REPORTS).ok()["items"]
        return dict(told[0])

    def books(self) -> list[Any]:
        """Return all that is in the books."""
        return [self.shopping.rows(table) for table in BOOKS]


def kinds(report: dict[str, Any]) -> list[str]:
    return [difference["kind"] for difference in report["differences"]]
