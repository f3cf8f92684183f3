"""The watch: each fact is measured as it is in the database, and all is nought else."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import pytest

from functions.schedules.watch.app import handler
from tests.conftest import Set
from tests.support.books import cost, post
from tests.support.database import Sql
from tests.support.people import Person, avatar
from tests.support.posting import press
from tests.support.reconciling import tamper
from tests.support.rows import finished_reconciliation, stripe_event
from tests.support.sold import Market
from tests.support.studio import Studio
from tests.support.token_storm import House, Unreliable
from tests.support.trips import trips
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.database import transaction
from vixenbliss.errors import ProviderError
from vixenbliss.ids import new_id
from vixenbliss.loop import run
from vixenbliss.repositories import house_facts
from vixenbliss.repositories.budgets import BudgetRepository
from vixenbliss.repositories.house_facts import Fact, HouseFacts

type Look = Callable[[Fact], float]
BROKEN: LiteralString = (
    "insert into ledger_transactions (id, kind, source_type, source_id, occurred_at)"
    " overriding system value values (%s, 'charge', 'payout', gen_random_uuid(), now())"
)
DEAD: LiteralString = (
    "insert into dead_letters (id, queue, dedupe_key, subject_id, code, reason)"
    " values (%s, %s, %s, %s, 'X', 'broken')"
)


@pytest.fixture
def seen(database: str, capsys: pytest.CaptureFixture[str]) -> Look:
    """Look at the house, and return what CloudWatch is told of a fact."""

    def look(fact: Fact) -> float:
        capsys.readouterr()
        handler({}, None)
        (value,) = json.loads(capsys.readouterr().out)[fact]
        return float(value)

    return look


def die(sql: Sql, queue: str, subject_id: UUID) -> None:
    sql.execute(DEAD, (new_id(), queue, str(new_id()), subject_id))


def redrive(sql: Sql) -> None:
    sql.execute("update dead_letters set redriven_at = now()")


def test_an_empty_house_is_told_of_in_noughts(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = handler({}, None)

    told = json.loads(capsys.readouterr().out)
    (of_house,) = told["_aws"]["CloudWatchMetrics"]
    assert (of_house["Namespace"], told["service"]) == ("house-of-tests", "vixenbliss")
    assert of_house["Dimensions"] == [["service"]]
    assert {metric["Name"] for metric in of_house["Metrics"]} == set(Fact)
    assert answer == dict.fromkeys(Fact, 0)
    assert all(told[fact] == [0] for fact in Fact)


def test_a_metric_says_what_it_is_measured_in(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    handler({}, None)

    (of_house,) = json.loads(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"]
    units = {metric["Name"]: metric["Unit"] for metric in of_house["Metrics"]}
    assert units[Fact.OUTBOX_AGE] == units[Fact.RECONCILIATION_AGE] == "Seconds"
    assert units[Fact.MODERATION_ERROR_SHARE] == "Percent"
    assert units[Fact.LATE_POSTS] == "Count"


def test_the_database_is_asked_once(database: str) -> None:
    assert trips(lambda: handler({}, None)) == 1


def test_whoever_has_no_name_for_the_house_measures_nothing(
    database: str, surroundings: Set
) -> None:
    surroundings(POWERTOOLS_METRICS_NAMESPACE=None)

    with pytest.raises(Exception, match="namespace"):
        handler({}, None)


def test_a_message_that_does_not_leave_is_seen(
    luna: Person, sql: Sql, seen: Look
) -> None:
    sql.execute("update outbox set available_at = now() - interval '90 s'")

    assert 90 <= seen(Fact.OUTBOX_AGE) < 120


@pytest.mark.parametrize(
    "left",
    [
        "update outbox set sent_at = now()",
        "update outbox set available_at = now() + interval '1 hour'",
    ],
)
def test_a_message_that_has_left_or_is_to_wait_is_none_of_them(
    luna: Person, sql: Sql, seen: Look, left: LiteralString
) -> None:
    sql.execute("update outbox set available_at = now() - interval '90 s'")
    sql.execute(left)

    assert seen(Fact.OUTBOX_AGE) == 0


@pytest.mark.parametrize(
    ("status", "open_s", "deferred_s"),
    [("received", 400, 0), ("deferred", 0, 400), ("processed", 0, 0)],
)
def test_an_event_that_is_not_used_is_seen(
    sql: Sql, seen: Look, status: str, open_s: float, deferred_s: float
) -> None:
    stripe_event(sql, status)
    sql.execute("update webhook_events set received_at = now() - interval '400 s'")

    ages = [seen(Fact.OPEN_EVENT_AGE), seen(Fact.DEFERRED_EVENT_AGE)]

    assert ages == pytest.approx([open_s, deferred_s], abs=30)


def test_tiktok_may_tell_of_posts_that_are_not_ours(sql: Sql, seen: Look) -> None:
    stripe_event(sql, "received")
    sql.execute("update webhook_events set source = 'tiktok', received_at = '2026-1-1'")

    assert seen(Fact.OPEN_EVENT_AGE) == 0


def test_what_replicate_tells_is_waited_for_until_its_job_ends(
    studio: Studio, sql: Sql, seen: Look
) -> None:
    (job_id,) = studio.wish()
    stripe_event(sql, "received")
    sql.execute(
        "update webhook_events set source = 'replicate', subject_id = %s,"
        " received_at = now() - interval '400 s'",
        (job_id,),
    )
    waiting = seen(Fact.OPEN_EVENT_AGE)

    studio.owner.api("POST", f"/api/v1/content/jobs/{job_id}/cancel").ok()

    assert waiting >= 400
    assert seen(Fact.OPEN_EVENT_AGE) == 0


def test_an_event_that_failed_is_seen_until_it_is_sent_again(
    sql: Sql, seen: Look
) -> None:
    die(sql, "events", stripe_event(sql, "failed"))
    before = seen(Fact.FAILED_EVENTS)

    redrive(sql)

    assert (before, seen(Fact.FAILED_EVENTS)) == (1, 0)


def test_a_letter_that_failed_is_seen_until_it_is_sent_again(
    luna: Person, workers: Workers, sql: Sql, seen: Look, surroundings: Set
) -> None:
    surroundings(MAIL_FROM=None)
    workers.deliver("mail")
    before = seen(Fact.FAILED_LETTERS), seen(Fact.OPEN_DEAD_LETTERS)

    redrive(sql)

    assert before == (1, 1)
    assert (seen(Fact.FAILED_LETTERS), seen(Fact.OPEN_DEAD_LETTERS)) == (0, 0)


@pytest.mark.parametrize("status", ["scheduled", "queued"])
def test_a_post_is_late_when_its_time_is_over(
    studio: Studio, sql: Sql, seen: Look, aws: dict[str, str], status: str
) -> None:
    ours = press(studio)
    ours.bring(ours.post(), status)
    sql.execute("update posts set check_at = now()")
    in_time = seen(Fact.LATE_POSTS)

    sql.execute("update posts set due_at = now() - interval '3 minutes'")

    assert (in_time, seen(Fact.LATE_POSTS)) == (0, 1)


@pytest.mark.parametrize(
    "held",
    [
        "update workspaces set publishing_paused_at = now()",
        "update social_accounts set status = 'needs_reauth'",
        "update posts set recall_asked_at = now()",
        "update posts set due_at = now() - interval '1 minute'",
        "update posts set status = 'cancelled'",
    ],
)
def test_a_post_that_may_not_set_out_is_not_late(
    studio: Studio, sql: Sql, seen: Look, aws: dict[str, str], held: LiteralString
) -> None:
    press(studio).post()
    sql.execute("update posts set due_at = now() - interval '3 minutes'")
    assert seen(Fact.LATE_POSTS) == 1

    sql.execute(held)

    assert seen(Fact.LATE_POSTS) == 0


def test_a_post_may_be_unconfirmed_for_an_hour(
    studio: Studio, sql: Sql, seen: Look, aws: dict[str, str]
) -> None:
    press(studio).post_that_is("unconfirmed")
    for_a_moment = seen(Fact.UNCONFIRMED_POSTS)

    sql.execute("update posts set publish_intent_at = now() - interval '61 minutes'")

    assert (for_a_moment, seen(Fact.UNCONFIRMED_POSTS)) == (0, 1)


def test_books_that_do_not_add_up_are_seen(luna: Person, sql: Sql, seen: Look) -> None:
    post(cost(luna.workspace_id), cost(None))
    whole = seen(Fact.UNBALANCED_TRANSACTIONS)

    tamper(sql, "delete from ledger_entries where id = 1")
    tamper(sql, "update ledger_entries set currency = 'eur' where id = 3")

    assert (whole, seen(Fact.UNBALANCED_TRANSACTIONS)) == (0, 2)


def test_a_transaction_of_nothing_is_seen(sql: Sql, seen: Look) -> None:
    with sql.transaction():
        sql.execute("set local session_replication_role = replica")
        sql.execute(BROKEN, (1,))

    assert seen(Fact.UNBALANCED_TRANSACTIONS) == 1


def test_all_books_are_looked_at_in_turn(
    sql: Sql, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sql.transaction():
        sql.execute("set local session_replication_role = replica")
        for number in (750, 2_500):
            sql.execute(BROKEN, (number,))
    found = []

    for minute in range(6):
        then = datetime(2026, 11, 20, 0, minute, tzinfo=UTC)
        monkeypatch.setattr(house_facts, "now", lambda then=then: then)
        found.append(run(_look())[Fact.UNBALANCED_TRANSACTIONS])

    assert found == [1, 2, 1, 1, 1, 1]


async def _look() -> dict[Fact, float]:
    async with transaction() as connection:
        return await HouseFacts(connection).look()


def test_a_hold_without_its_job_is_seen(studio: Studio, sql: Sql, seen: Look) -> None:
    studio.wish(2)
    held = seen(Fact.HOLD_DRIFTS)

    sql.execute("update budget_months set held_micros = held_micros + 1")

    assert (held, seen(Fact.HOLD_DRIFTS)) == (0, 1)


def test_what_ended_jobs_have_left_behind_is_seen_for_two_months(
    luna: Person, sql: Sql, seen: Look
) -> None:
    left = (
        "insert into budget_months (avatar_id, month, held_micros) values (%s, %s, 1)"
    )
    (last,) = sql.execute(
        "select to_char(date_trunc('month', now() at time zone 'UTC')"
        " - interval '1 day', 'YYYY-MM') as month"
    )
    avatar_id = avatar(luna)

    for month in ("2020-01", last["month"]):
        sql.execute(left, (avatar_id, month))

    assert seen(Fact.HOLD_DRIFTS) == 1


def test_an_order_that_forgets_a_refund_is_seen(
    luna: Person, world: World, workers: Workers, sql: Sql, seen: Look
) -> None:
    sale = Market(luna, avatar(luna), luna, world, workers, sql).sell(1_500)
    sale.refund().ok(202)
    given_back = sale.row()["refunded_minor"], seen(Fact.REFUND_DRIFTS)

    sql.execute("update orders set refunded_minor = 0, status = 'paid'")

    assert given_back == (1_500, 0)
    assert seen(Fact.REFUND_DRIFTS) == 1


def test_the_last_comparison_counts(sql: Sql, seen: Look) -> None:
    first = finished_reconciliation(sql)
    sql.execute(
        "update reconciliations set differences = 3,"
        " created_at = now() - interval '25 hours',"
        " finished_at = now() - interval '24 hours' where id = %s",
        (first,),
    )
    differing = seen(Fact.RECONCILIATION_DIFFERENCES)
    age = seen(Fact.RECONCILIATION_AGE)

    finished_reconciliation(sql)

    assert differing == 3
    assert age == pytest.approx(86_400, abs=60)
    assert seen(Fact.RECONCILIATION_DIFFERENCES) == 0
    assert seen(Fact.RECONCILIATION_AGE) < 60


def test_a_comparison_that_has_not_ended_says_nothing(sql: Sql, seen: Look) -> None:
    finished_reconciliation(sql)
    sql.execute("update reconciliations set differences = 2, status = 'running'")

    assert seen(Fact.RECONCILIATION_DIFFERENCES) == 0


def test_a_refresh_that_fails_is_seen_until_one_succeeds(
    luna: Person, seen: Look
) -> None:
    platform = Unreliable(random.Random(1), fails=1)
    house = House(platform)
    soon = timedelta(minutes=5)
    account_id = run(house.account(UUID(luna.workspace_id), luna.id, ends_in=soon))
    with pytest.raises(ProviderError):
        run(house.keeper.refresh(account_id))
    failed = seen(Fact.REFRESH_FAILURES)
    platform.fails = 0

    run(house.keeper.refresh(account_id))

    assert (failed, seen(Fact.REFRESH_FAILURES)) == (1, 0)


def test_who_has_to_say_yes_again_is_seen_for_a_day(
    luna: Person, sql: Sql, seen: Look
) -> None:
    house = House(Unreliable(random.Random(1)))
    run(house.account(UUID(luna.workspace_id), luna.id, ends_in=timedelta(hours=1)))
    sql.execute(
        "update social_accounts set status = 'needs_reauth', refresh_at = null,"
        " last_error = 'TikTok: the grant is over'"
    )
    today = seen(Fact.REFRESH_FAILURES)

    sql.execute("update social_accounts set updated_at = now() - interval '25 hours'")

    assert (today, seen(Fact.REFRESH_FAILURES)) == (1, 0)


def test_the_gate_s_errors_are_a_share_of_what_it_has_decided(
    luna: Person, sql: Sql, seen: Look
) -> None:
    for number in range(5):
        text = {"text": f"walk number {number}"}
        luna.api("POST", "/api/v1/policy/check", text).ok(202)
    ids = [row["id"] for row in sql.execute("select id from policy_decisions")]
    verdicts = ("error", "block", "block", "block", "pending")

    for decision_id, verdict in zip(ids, verdicts, strict=True):
        sql.execute(
            "update policy_decisions set verdict = %s, policy_sha256 = sha256('')"
            " where id = %s",
            (verdict, decision_id),
        )

    assert seen(Fact.MODERATION_ERROR_SHARE) == 25


def test_the_gate_s_errors_of_yesterday_are_over(
    luna: Person, sql: Sql, seen: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    luna.api("POST", "/api/v1/policy/check", {"text": "a walk"}).ok(202)
    sql.execute("update policy_decisions set verdict = 'error'")
    today = seen(Fact.MODERATION_ERROR_SHARE)

    tomorrow = datetime.now(UTC) + timedelta(days=1)
    monkeypatch.setattr(house_facts, "now", lambda: tomorrow)

    assert (today, seen(Fact.MODERATION_ERROR_SHARE)) == (100, 0)


def test_a_budget_is_seen_when_four_fifths_are_gone(luna: Person, seen: Look) -> None:
    avatar_id = avatar(luna)
    path = f"/api/v1/avatars/{avatar_id}/budget"
    luna.api("PUT", path, {"monthly_budget_minor": 100}).ok()
    _hold(avatar_id, 799_999)
    before = seen(Fact.BUDGETS_NEARLY_SPENT)

    _hold(avatar_id, 1)

    assert (before, seen(Fact.BUDGETS_NEARLY_SPENT)) == (0, 1)


@pytest.mark.parametrize("budget", [0, None])
def test_without_a_budget_nothing_is_nearly_spent(
    luna: Person, seen: Look, sql: Sql, budget: Any
) -> None:
    _hold(avatar(luna), 1_000)

    sql.execute("update avatars set monthly_budget_minor = %s", (budget,))

    assert seen(Fact.BUDGETS_NEARLY_SPENT) == 0


def _hold(avatar_id: str, micros: int) -> None:
    async def hold() -> None:
        async with transaction() as connection:
            await BudgetRepository(connection).hold(UUID(avatar_id), micros)

    run(hold())
