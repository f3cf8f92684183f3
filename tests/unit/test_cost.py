"""What the house costs in a month: the arithmetic, worked out by hand."""

from dataclasses import replace

import pytest

from tests.support.costs import (
    SECONDS,
    calling,
    case_of,
    function,
    house_of,
    queued,
    source,
)
from tests.tools.cost import bills
from tests.tools.cost.bills import bill
from tests.tools.cost.errors import CostError
from tests.tools.cost.house import Database
from tests.tools.cost.workload import Activity


def test_calls_are_billed_by_memory_and_by_what_they_take() -> None:
    case = case_of(house_of(function()), calling(SECONDS))  # one a second: always warm

    by_service = bill(case).by_service

    seconds = SECONDS * (0.005 * 1.0 + 0.995 * 0.1)
    expected = seconds * 0.0000133334 + SECONDS * 0.0000002
    assert by_service["Lambda"] == pytest.approx(expected)
    assert by_service["API Gateway"] == pytest.approx(SECONDS * 0.00000111)


def test_who_is_called_seldom_is_cold_and_that_is_billed() -> None:
    case = case_of(house_of(function()), calling(1))

    calls = case.demand().calls["Door"]

    assert calls.cold_share == pytest.approx(1, abs=0.001)
    assert calls.gb_seconds == pytest.approx(1.0, abs=0.001)


def test_half_the_memory_has_half_of_a_processor() -> None:
    case = case_of(house_of(function(memory_mb=512)), calling(1), database_ms=3)

    calls = case.demand().calls["Door"]

    assert (calls.cold_ms, calls.warm_ms) == (2003, 203)


def test_what_a_provider_takes_is_billed_as_well() -> None:
    case = case_of(house_of(function()), calling(1), waits_ms={"Door": 900})

    assert case.demand().calls["Door"].warm_ms == 1000


def test_an_unmeasured_function_is_like_the_others_of_its_kind() -> None:
    case = case_of(house_of(function()), calling(1))
    stranger = function("Stranger")

    assert case.measured.warm_ms(stranger, case.workload) == 100


def test_real_work_wins_over_a_call_without_any() -> None:
    case = case_of(house_of(function()), calling(1))
    measured = replace(case.measured, work_ms={"Door": 250})

    assert replace(case, measured=measured).demand().calls["Door"].warm_ms == 250


def test_queues_are_asked_even_when_nobody_sends() -> None:
    mappings = (source(), source("RefundQueue"))
    case = case_of(house_of(function("Worker"), mappings=mappings))

    asked = case.demand()

    assert asked.empty_polls == pytest.approx(2 * 5 * 3 * 43_800)
    assert bill(case).by_service["SQS"] == pytest.approx(1_314_000 * 0.0000004)


def test_a_message_is_sent_received_and_deleted() -> None:
    house_ = house_of(function("Worker"), mappings=(source(),))
    case = case_of(house_, queued(1000))

    plain, empty = bill(case), bill(case.empty())

    requests = (plain.by_service["SQS"] - empty.by_service["SQS"]) / 0.0000004
    assert requests == pytest.approx(3 * 1000)


@pytest.mark.parametrize(("window_s", "per_call"), [(0, 1), (2, 8), (30, 10)])
def test_a_batch_has_what_comes_while_its_window_is_open(
    window_s: int, per_call: int
) -> None:
    house_ = house_of(function("Worker"), mappings=(source(window_s=window_s),))
    case = case_of(house_, queued(4 * SECONDS))

    asked = case.demand()

    assert asked.calls["Worker"].count == pytest.approx(4 * SECONDS / per_call)


def test_a_database_with_a_standby_is_paid_twice() -> None:
    one = Database(
        class_="db.t4g.micro",
        storage_gb=20,
        is_doubled=True,
        backup_days=7,
        sampled_every_s=0,
    )

    by_service = bill(case_of(house_of(databases=(one,), proxies=1))).by_service

    expected = 2 * (730 * 0.017 + 20 * 0.127)
    assert by_service["RDS for PostgreSQL"] == pytest.approx(expected)
    assert by_service["RDS Proxy"] == pytest.approx(2 * 730 * 0.018)


def test_rows_of_a_year_need_storage_and_backups() -> None:
    one = Database(
        class_="db.m8g.large",
        storage_gb=20,
        is_doubled=False,
        backup_days=10,
        sampled_every_s=0,
    )
    rows = Activity(name="write", times=1, why="a test", rows_kb=10_000_000)
    case = case_of(house_of(databases=(one,)), rows)  # 10 GB a month

    cost = bill(case).by_service["RDS for PostgreSQL"]

    storage, kept = 120 * 1.3, 120 * (1 + 10 * 0.05) - 120 * 1.3
    expected = 730 * 0.185 + storage * 0.127 + kept * 0.095
    assert cost == pytest.approx(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nat_gateways": 2, "addresses": 2}, 2 * 730 * (0.048 + 0.005) + 10 * 0.048),
        (
            {"nat_machines": ("t4g.nano",), "disk_gb": 8, "addresses": 1},
            730 * (0.0046 + 0.005) + 8 * 0.088,
        ),
    ],
)
def test_a_way_out_costs_hours_and_a_gateway_each_gb(
    changes: dict[str, object], expected: float
) -> None:
    out = Activity(name="call", times=1, why="a test", out_kb=10_000_000)
    case = case_of(house_of(**changes), out)

    assert bills.ways_out(case, case.demand()) == pytest.approx(expected)


def test_endpoints_cost_hours_in_each_zone() -> None:
    case = case_of(house_of(endpoints=3, endpoint_zones=6))

    cost = bill(case).by_service["Interface endpoints"]

    assert cost == pytest.approx(6 * 730 * 0.011)


def test_one_call_a_second_is_traced_and_a_twentieth_of_the_rest() -> None:
    busy = case_of(house_of(function(is_traced=True)), calling(100 * SECONDS))
    untraced = case_of(house_of(function()), calling(100 * SECONDS))

    cost = bill(busy).by_service["X-Ray"]

    assert cost == pytest.approx((SECONDS + 99 * SECONDS * 0.05) * 0.000005)
    assert bill(untraced).by_service["X-Ray"] == 0


def test_logs_are_ours_lambdas_and_the_gateways() -> None:
    house_ = house_of(function(), access_log=True)
    case = case_of(house_, calling(1_000_000))

    gb = bills.logged_gb(case, case.demand())

    assert gb == pytest.approx(1_000_000 * (350 + 1100 + 380) / 1e9)


def test_secrets_are_read_by_each_sandbox_every_five_minutes() -> None:
    house_ = house_of(function(secrets=2), secrets=3)
    case = case_of(house_, calling(SECONDS))

    asked = case.demand()

    assert asked.secret_reads == pytest.approx(2 * max(SECONDS * 0.005, SECONDS / 300))
    assert bill(case).by_service["Secrets Manager"] == pytest.approx(
        3 * 0.40 + asked.secret_reads * 0.000005
    )


def test_snapshots_are_kept_for_every_version() -> None:
    case = case_of(house_of(function(), snapshots=True))

    cost = bill(case).by_service["Lambda"]

    assert cost == pytest.approx((1 + 0.25) * SECONDS * 3 * 0.0000015046)


def test_nobody_pays_but_for_what_is_there() -> None:
    house_ = house_of(function(), secrets=10, keys=3, metrics=2, alarm_metrics=5)
    case = case_of(house_, calling(1000), creators=50)

    assert bill(case.empty()).total == pytest.approx(4.0 + 3.0 + 0.6 + 0.5)
    assert bill(case).total > bill(case.empty()).total


def test_fans_do_it_as_often_as_there_are_fans() -> None:
    activity = replace(calling(2), fans=True)
    case = case_of(house_of(function()), activity, creators=3)

    assert case.demand().door_requests == 3 * 200 * 2


def test_what_nobody_serves_is_refused() -> None:
    lost = case_of(house_of(function()), calling(1, "NoSuchFunction"))
    unheard = case_of(house_of(function()), queued(1, "NoSuchQueue"))

    with pytest.raises(CostError, match="NoSuchFunction"):
        lost.demand()
    with pytest.raises(CostError, match="NoSuchQueue"):
        unheard.demand()


def test_twice_of_all_is_twice_of_all() -> None:
    case = case_of(house_of(function()), calling(10))

    twice = replace(case, workload=case.workload.doubled())

    assert twice.demand().door_requests == 2 * case.demand().door_requests


def test_others_are_paid_by_what_they_make() -> None:
    sold = Activity(
        name="sell",
        times=4,
        why="a test",
        charges_usd=10,
        subscriptions_usd=5,
        images=2,
        input_tokens=1000,
        output_tokens=100,
    )

    paid = bills.passed_on(case_of(house_of(), sold, creators=100))

    assert paid["Replicate"] == pytest.approx(800 * 0.003)
    assert paid["OpenAI"] == pytest.approx(400_000 * 0.75e-6 + 40_000 * 4.5e-6)
    assert paid["Stripe"] == pytest.approx(400 * 0.2875 + 4000 * 0.015 + 2000 * 0.007)
