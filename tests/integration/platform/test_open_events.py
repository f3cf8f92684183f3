"""Events that are still open are found by their object, without reading the others."""

from datetime import timedelta

import pytest
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import postgresql

from tests.support.database import Sql
from vixenbliss.repositories import stripe_events

VALUES = {"object_ids": ["in_1"], "object_id": "in_1", "check_in": timedelta(minutes=1)}


@pytest.mark.parametrize("name", ["_TAKE", "_LEFT"])
def test_what_is_open_on_an_object_is_found_by_its_name(sql: Sql, name: str) -> None:
    statement: ClauseElement = getattr(stripe_events, name)
    dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # not ours
    spelled = str(statement.compile(dialect=dialect))
    sql.execute("set enable_seqscan = off")

    plan = sql.execute(f"explain {spelled}", spare(statement)).fetchall()

    lines = [str(row["QUERY PLAN"]) for row in plan]
    assert any("ix_webhook_events_open" in line for line in lines), lines


def spare(statement: ClauseElement) -> dict[str, object]:
    """Return the values that a statement brings along."""
    return dict(statement.compile().params) | VALUES
