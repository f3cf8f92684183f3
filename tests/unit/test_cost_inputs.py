"""What the costs are made of: prices, the template, and how figures are written."""

from pathlib import Path

import pytest

from tests.support.costs import DOCS, PRICES, ROOT, case_of
from tests.tools.cost import demand, house
from tests.tools.cost import prices as price_lists
from tests.tools.cost import workload as workloads
from tests.tools.cost.errors import CostError
from tests.tools.cost.prices import Price
from tests.tools.cost.rates import per_month
from tests.tools.cost.words import change, dollars, filled, rounded, table


def test_each_tier_has_its_own_price() -> None:
    price = PRICES["gateway_request"]

    dollars_ = price.of(400_000_000)

    assert dollars_ == pytest.approx(300 * 1.11 + 100 * 1.00)


def test_a_price_without_tiers_is_of_every_unit() -> None:
    price = Price(name="a", unit="b", sure="list", source="c", tiers=((None, 2.5),))

    assert (price.of(0), price.of(4)) == (0, 10)


def test_every_price_has_a_source_and_says_how_sure_it_is() -> None:
    unsure = {price.name for price in PRICES.all() if price.sure == "memory"}

    assert {price.sure for price in PRICES.all()} <= set(price_lists.SURENESS)
    assert "proxy_hour" in unsure


def test_a_price_without_a_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(
        "{region: r, looked_up: d, sources: {}, passed_on: {},"
        " aws: {a: {unit: b, sure: list, source: nowhere, usd: 1}}}"
    )

    with pytest.raises(CostError):
        price_lists.read(path)


def test_a_price_that_nobody_looked_up_is_not_nothing() -> None:
    with pytest.raises(CostError):
        PRICES["database_db.x2g.large"]


@pytest.mark.parametrize(
    ("expression", "calls"),
    [
        ("rate(1 minute)", 43_800),
        ("rate(5 minutes)", 8_760),
        ("rate(1 hour)", 730),
        ("rate(1 day)", 730 / 24),
        ("cron(15 3 * * ? *)", 730 / 24),
    ],
)
def test_schedules_come_true_so_often(expression: str, calls: float) -> None:
    assert per_month(expression) == pytest.approx(calls)


def test_a_schedule_that_is_not_understood_is_refused() -> None:
    with pytest.raises(CostError):
        per_month("cron(0/5 8-17 ? * MON-FRI *)")


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_template_says_what_there_is(environment: str) -> None:
    passed = house.parameters(ROOT / "samconfig.toml", environment)

    found = house.read(ROOT / "template.yaml", passed)

    is_large = environment == "prod"
    assert found.nat_gateways == (2 if is_large else 0)
    assert len(found.nat_machines) == (0 if is_large else 1)
    assert found.proxies == (1 if is_large else 0)
    assert found.endpoint_zones == found.endpoints * (2 if is_large else 1)
    assert [d.class_ for d in found.databases] == [passed["DatabaseClass"]]
    assert [d.is_doubled for d in found.databases] == [is_large]
    assert found.retention_days == float(passed["LogRetentionDays"])
    assert {m.queue for m in found.mappings} >= {"MailQueue", "MailDeadLetters"}
    assert found.functions["PublishPostsFunction"].memory_mb == 2048
    assert found.functions["SweepFunction"].schedules_per_month == 43_800


def test_every_activity_is_of_this_house() -> None:
    load = workloads.read(DOCS / "workload.yaml")
    found = house.read(ROOT / "template.yaml", {"Size": "small"})
    measured = case_of(found).measured

    asked = demand.of(10, found, load, measured)

    assert set(load.waits_ms) <= set(found.functions)
    assert asked.door_requests > 0
    assert all(activity.why for activity in load.activities)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (30, "30"),
        (1234, "1,230"),
        (36_249.4, "36,200"),
        (0.0234567, "0.0235"),
        (46.249, "46.2"),
    ],
)
def test_three_digits_are_told(value: float, text: str) -> None:
    assert rounded(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.004, "-"), (0.07, "+$0.07"), (-59.64, "-$59.6"), (1210.4, "+$1,210")],
)
def test_a_change_has_a_sign(value: float, text: str) -> None:
    assert change(value) == text


def test_dollars_have_cents_where_they_matter() -> None:
    assert (dollars(6.3072), dollars(719.2)) == ("$6.31", "$719")


def test_a_table_has_words_to_the_left_and_numbers_to_the_right() -> None:
    assert table(["what", "$"], [["SQS", "6"]]) == [
        "| what | $ |",
        "| --- | ---: |",
        "| SQS | 6 |",
        "",
    ]


def test_paragraphs_are_filled_and_lists_stay_lists() -> None:
    text = filled("# {a}\n\none\ntwo\n\n- three\n  four\n- five\n", a="Head")

    assert text == "# Head\n\none two\n\n- three four\n- five\n"
