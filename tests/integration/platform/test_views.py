"""The views that checks from outside read, with their columns."""

import pytest

from tests.support.database import Sql
from tests.support.studio import Studio

COLUMNS = {
    "v_jobs": [
        "job_id",
        "workspace_id",
        "avatar_id",
        "batch_id",
        "kind",
        "provider",
        "provider_job_id",
        "status",
        "attempts",
        "error_code",
        "error_message",
        "asset_id",
        "cost_reserved_micros",
        "cost_actual_micros",
        "cost_currency",
        "lease_until",
        "check_at",
        "created_at",
        "started_at",
        "finished_at",
    ],
    "v_ledger": [
        "entry_id",
        "transaction_id",
        "workspace_id",
        "avatar_id",
        "account",
        "account_kind",
        "kind",
        "source_type",
        "source_id",
        "amount_micros",
        "currency",
        "occurred_at",
        "memo",
        "created_at",
    ],
    "v_webhook_events": [
        "event_id",
        "source",
        "external_id",
        "event_type",
        "subject_id",
        "provider_object_id",
        "status",
        "occurred_at",
        "received_at",
        "processed_at",
        "attempts",
        "waits_for",
        "note",
    ],
    "v_publications": [
        "post_id",
        "workspace_id",
        "group_id",
        "avatar_id",
        "piece_id",
        "account_id",
        "platform",
        "format",
        "status",
        "attempts",
        "is_ai",
        "label_read_back",
        "handle",
        "platform_post_id",
        "permalink",
        "error_class",
        "error_code",
        "scheduled_at",
        "due_at",
        "publish_intent_at",
        "published_at",
        "recalled_at",
        "lease_until",
        "check_at",
        "created_at",
    ],
    "v_dead_letters": [
        "dead_letter_id",
        "queue",
        "workspace_id",
        "subject_id",
        "code",
        "reason",
        "created_at",
        "redriven_at",
    ],
}


@pytest.mark.parametrize("view", COLUMNS)
def test_a_view_has_its_columns(sql: Sql, view: str) -> None:
    rows = sql.execute(
        "select column_name from information_schema.columns"
        " where table_schema = 'public' and table_name = %s order by ordinal_position",
        (view,),
    ).fetchall()

    assert [row["column_name"] for row in rows] == COLUMNS[view]


def test_there_are_no_other_views(sql: Sql) -> None:
    rows = sql.execute(
        "select viewname from pg_views where schemaname = 'public'"
    ).fetchall()

    assert {row["viewname"] for row in rows} == COLUMNS.keys()


@pytest.mark.parametrize("view", COLUMNS)
def test_a_view_shows_no_secret_and_no_words(view: str) -> None:
    private = {"payload", "prompt", "token_hash", "hashed_password", "params"}

    assert private.isdisjoint(COLUMNS[view])


def test_a_job_is_seen_as_its_owner_sees_it(studio: Studio) -> None:
    (job_id,) = studio.wish()

    row = studio.one("select * from v_jobs")

    assert str(row["job_id"]) == job_id
    assert (row["kind"], row["status"], row["attempts"]) == ("image", "queued", 0)
    assert (row["cost_reserved_micros"], row["cost_currency"]) == (3000, "usd")
