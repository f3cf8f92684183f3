"""Which database a load needs, what a decision changes, and what is full first."""

import pytest

from tests.support.costs import (
    DOCS,
    SECONDS,
    calling,
    case_of,
    function,
    house_of,
    queued,
    source,
)
from tests.tools.cost import databases, levers, limits
from tests.tools.cost import workload as workloads
from tests.tools.cost.bills import bill
from tests.tools.cost.databases import connections
from tests.tools.cost.house import Database
from tests.tools.cost.workload import Activity


@pytest.mark.parametrize(
    ("per_second", "rows_kb", "class_", "because"),
    [
        (1, 0, "db.t4g.small", "it is deployed"),
        # 5 x 10 calls/s x 10 ms = 0.5 vCPU; half of 2 x 0.3 is too little, of 2 not
        (10, 0, "db.m8g.large", "of its work"),
        # 12 x 30 GB x 0.03 = 10.8 GB of memory
        (0.1, 30_000_000, "db.m8g.xlarge", "of its memory"),
    ],
)
def test_the_class_follows_the_load(
    per_second: float, rows_kb: float, class_: str, because: str
) -> None:
    one = Database(
        class_="db.t4g.small",
        storage_gb=20,
        is_doubled=False,
        backup_days=1,
        sampled_every_s=0,
    )
    rows = Activity(name="write", times=1, why="a test", rows_kb=rows_kb)
    house_ = house_of(function(), databases=(one,))
    case = case_of(house_, calling(per_second * SECONDS), rows, database_ms=10)

    choice = bill(case).choice

    assert choice is not None
    assert (choice.chosen.name, choice.because) == (class_, because)
    assert choice.is_enough


def test_a_load_that_no_class_carries_is_told() -> None:
    one = Database(
        class_="db.t4g.small",
        storage_gb=20,
        is_doubled=False,
        backup_days=1,
        sampled_every_s=0,
    )
    house_ = house_of(function(), databases=(one,))
    case = case_of(house_, calling(1000 * SECONDS), database_ms=10)

    choice = databases.choose(house_, case.demand(), case.workload, case.measured)

    assert not choice.is_enough
    assert choice.chosen == case.workload.databases.classes[-1]


def test_a_class_allows_connections_by_its_memory() -> None:
    classes = {
        c.name: c for c in workloads.read(DOCS / "workload.yaml").databases.classes
    }

    assert connections(classes["db.t4g.micro"], 9_531_392) == 112
    assert connections(classes["db.m8g.16xlarge"], 9_531_392) == 5_000


def test_a_lever_is_what_one_decision_changes() -> None:
    case = case_of(house_of(function(is_traced=True)), calling(SECONDS))

    found = {one.what: one.effects_usd for one in levers.levers([case])}

    seconds = SECONDS * (0.005 * 1.0 + 0.995 * 0.1)
    dearer = seconds * (0.0000166667 - 0.0000133334)
    assert found["x86_64 instead of arm64"] == pytest.approx((dearer,))
    assert found["no X-Ray tracing"][0] == pytest.approx(
        -bill(case).by_service["X-Ray"]
    )


def test_a_worker_that_is_capped_is_full_before_anything_else() -> None:
    capped = source(most_at_once=2)
    case = case_of(
        house_of(function("Worker"), mappings=(capped,)),
        queued(SECONDS),
        waits_ms={"Worker": 1895.5},
    )

    first, *_ = limits.limits(case, bill(case))

    assert first.what == "Worker"
    assert first.asked == pytest.approx(5 * 2.0)  # 2 s a call, and the peak
    assert first.share == pytest.approx(5)
