"""Events that are still open are found by their object, without reading the others."""

from datetime import timedelta

import pytest

from tests.support.database import Sql
from tests.support.plans import crowd, plan_of
from vixenbliss.repositories import stripe_events

VALUES = {"object_ids": ["in_1"], "object_id": "in_1", "check_in": timedelta(minutes=1)}
PROCESSED = (
    "insert into webhook_events (id, source, external_id, event_type, payload, status,"
    "  occurred_at, provider_object_id)"
    " values (gen_random_uuid(), 'stripe', 'evt_1', 'invoice.paid', '{}', 'processed',"
    "  now(), 'in_1')"
)


@pytest.mark.parametrize("name", ["_TAKE", "_LEFT"])
def test_what_is_open_on_an_object_is_found_by_its_name(sql: Sql, name: str) -> None:
    sql.execute(PROCESSED)
    crowd(
        sql,
        "webhook_events",
        id="gen_random_uuid()",
        external_id="gen_random_uuid()",
    )

    plan = plan_of(sql, getattr(stripe_events, name), **VALUES)

    assert any("ix_webhook_events_open" in line for line in plan), plan
    assert not any("Seq Scan on webhook_events" in line for line in plan), plan
