"""What rings, what it looks at, and whether the runbook knows it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from functions.schedules.watch.app import handler
from tests.stack import tree
from tests.stack.tree import Place
from tests.support.api import ROOT, product
from tests.support.database import Sql
from vixenbliss.repositories.house_facts import Fact

INFRASTRUCTURE = ROOT / "shared/infrastructure"
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
HOUSE = {"Ref": "House"}
SERVICE = {"service": "vixenbliss"}
SCHEDULES = "schedules-dead-letters"
HOUSE_WIDE = frozenset[str]()
A_FUNCTION = frozenset({"FunctionName"})
THE_API = frozenset({"ApiId"})
THE_DATABASE = frozenset({"DBInstanceIdentifier"})
A_QUEUE = frozenset({"QueueName"})
OF_AWS = {
    # API Gateway Developer Guide, "Working with metrics for HTTP APIs".
    *(("AWS/ApiGateway", name, THE_API) for name in ("Count", "4xx", "5xx")),
    ("AWS/ApiGateway", "Latency", THE_API),
    # Lambda Developer Guide, "Types of metrics for Lambda functions".
    *(("AWS/Lambda", name, HOUSE_WIDE) for name in ("Invocations", "Errors")),
    *(("AWS/Lambda", n, HOUSE_WIDE) for n in ("Throttles", "ConcurrentExecutions")),
    ("AWS/Lambda", "Errors", A_FUNCTION),
    # Amazon RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS".
    *(("AWS/RDS", n, THE_DATABASE) for n in ("CPUUtilization", "DatabaseConnections")),
    *(("AWS/RDS", n, THE_DATABASE) for n in ("FreeStorageSpace", "FreeableMemory")),
    # The same, "Monitoring RDS Proxy metrics with Amazon CloudWatch".
    ("AWS/RDS", "DatabaseConnectionsCurrentlySessionPinned", frozenset({"ProxyName"})),
    # SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", A_QUEUE),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", A_QUEUE),
    ("AWS/SQS", "NumberOfMessagesReceived", A_QUEUE),
}
"""Amazon's metrics that we look at, each with the names of its dimensions."""

type Metric = tuple[Any, str, Mapping[str, Any]]
"""Namespace, name, dimensions."""


@cache
def resources() -> Place:
    return tree.load(INFRASTRUCTURE / "watch.yaml") / "Resources"


def of_type(kind: str) -> dict[str, Place]:
    return {
        name: resource / "Properties"
        for name, resource in resources().items()
        if (resource / "Type").text() == kind
    }


ALARMS = of_type("AWS::CloudWatch::Alarm")


def metrics_of(alarm: Place) -> Iterator[Metric]:
    told = [m / "MetricStat" / "Metric" for m in (alarm / "Metrics").elements()]
    for metric in [m for m in told if not m.is_missing] or [alarm]:
        dimensions = {
            (one / "Name").text(): (one / "Value").value
            for one in (metric / "Dimensions").elements()
        }
        yield (metric / "Namespace").value, (metric / "MetricName").text(), dimensions


@cache
def widgets() -> list[dict[str, Any]]:
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
    body = (dashboard / "DashboardBody" / "Fn::Sub").text()
    return list(json.loads(body)["widgets"])


def shown() -> Iterator[Metric]:
    for widget in widgets():
        for namespace, name, *rest in widget["properties"]["metrics"]:
            names = [one for one in rest if isinstance(one, str)]
            house = HOUSE if namespace == "${House}" else namespace
            yield house, name, dict(zip(names[::2], names[1::2], strict=True))


def queues() -> set[str]:
    """Return the queues by their names, without the house's."""
    ours = {_kebab(name) for name in product().queues}
    assert len(ours) >= 24
    return ours | {SCHEDULES}


def _kebab(logical_id: str) -> str:
    words = re.findall("[A-Z][a-z]+", logical_id.removesuffix("Queue"))
    return "-".join(words).lower()


def _queue_of(metric: Metric) -> str:
    name = metric[2]["QueueName"]
    name = name if isinstance(name, str) else name["Fn::Sub"]
    return str(name.removeprefix("${House}-"))


def _filtered() -> set[str]:
    """Return the metrics of ours that are counted in logs."""
    return {
        (one / "MetricName").text()
        for properties in of_type("AWS::Logs::MetricFilter").values()
        for one in (properties / "MetricTransformations").elements()
        if (one / "MetricNamespace").value == HOUSE
    }


def alarms_on(metric_name: str) -> list[Place]:
    return [
        alarm
        for alarm in ALARMS.values()
        if metric_name in [name for _, name, _ in metrics_of(alarm)]
    ]


@pytest.mark.parametrize("queue", sorted(queues()))
def test_every_queue_has_its_alarm(queue: str) -> None:
    is_dead = queue.endswith("-dead-letters")
    wanted = (
        {"ApproximateNumberOfMessagesVisible", "NumberOfMessagesReceived"}
        if is_dead
        else {"ApproximateAgeOfOldestMessage"}
    )

    watched = [
        {metric[1] for metric in metrics_of(alarm)}
        for alarm in ALARMS.values()
        if [m for m in metrics_of(alarm) if m[0] == "AWS/SQS" and _queue_of(m) == queue]
    ]

    assert watched == [wanted]


def test_no_queue_is_watched_that_is_not_there() -> None:
    watched = [m for a in ALARMS.values() for m in metrics_of(a) if m[0] == "AWS/SQS"]

    assert set(map(_queue_of, watched)) == queues()
    assert set(map(_queue_of, (m for m in shown() if m[0] == "AWS/SQS"))) == queues()


def test_a_dead_letter_rings_at_once() -> None:
    for alarm in alarms_on("NumberOfMessagesReceived"):
        (sum_,) = [
            m
            for m in (alarm / "Metrics").elements()
            if not (m / "Expression").is_missing
        ]
        limit = (alarm / "ComparisonOperator").text(), (alarm / "Threshold").value
        assert limit == ("GreaterThanOrEqualToThreshold", 1)
        assert (sum_ / "Expression").text() == "FILL(lying, 0) + FILL(fetched, 0)"
        assert (alarm / "EvaluationPeriods").value == 1


def test_a_rotation_that_failed_rings_at_once() -> None:
    alarm = ALARMS["RotationAlarm"]

    assert (alarm / "Threshold").value == 0
    assert (alarm / "EvaluationPeriods").value == 1
    assert list(metrics_of(alarm)) == [
        ("AWS/Lambda", "Errors", {"FunctionName": {"Ref": "RotateSecretFunction"}})
    ]


def test_events_and_posts_wait_for_five_minutes_at_most() -> None:
    bounds = {
        _queue_of(next(metrics_of(alarm))): (alarm / "Threshold").value
        for alarm in alarms_on("ApproximateAgeOfOldestMessage")
    }

    assert bounds["events"] == bounds["publish"] == 300


LIMITS = {  # contracts, section 3: settings, limits, alarms
    Fact.OPEN_EVENT_AGE: 300,
    Fact.FAILED_EVENTS: 0,
    Fact.LATE_POSTS: 0,
    Fact.UNCONFIRMED_POSTS: 0,
    Fact.RECONCILIATION_DIFFERENCES: 0,
    Fact.REFRESH_FAILURES: 0,
    Fact.MODERATION_ERROR_SHARE: 5,
    Fact.BUDGETS_NEARLY_SPENT: 0,
    "5xx": 1,
    "Latency": 200,
    "SlowStatements": 0,
}


@pytest.mark.parametrize(("name", "limit"), list(LIMITS.items()))
def test_what_was_agreed_upon_is_the_limit(name: str, limit: int) -> None:
    (alarm,) = alarms_on(name)

    assert (alarm / "ComparisonOperator").text() == "GreaterThanThreshold"
    assert (alarm / "Threshold").value == limit


@pytest.mark.parametrize("alarm", ALARMS)
def test_what_an_alarm_looks_at_is_measured(alarm: str) -> None:
    for metric in metrics_of(ALARMS[alarm]):
        assert _is_measured(metric), metric


@pytest.mark.parametrize("metric", list(shown()), ids=lambda metric: f"{metric[1]}")
def test_what_the_dashboard_shows_is_measured(metric: Metric) -> None:
    assert _is_measured(metric)


def _is_measured(metric: Metric) -> bool:
    namespace, name, dimensions = metric
    if namespace != HOUSE:
        return (namespace, name, frozenset(dimensions)) in OF_AWS
    if name in _filtered():
        return not dimensions
    return name in set(Fact) and dimensions == SERVICE


@pytest.fixture
def emitted(
    database: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Any]:
    """What the watch tells CloudWatch, of a house of that name."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "a-house")
    capsys.readouterr()
    handler({}, None)
    return dict(json.loads(capsys.readouterr().out))


def test_the_watch_measures_what_alarms_look_at(emitted: dict[str, Any]) -> None:
    (told,) = emitted["_aws"]["CloudWatchMetrics"]
    units = {metric["Name"]: metric["Unit"] for metric in told["Metrics"]}

    looked_at = {
        name: (alarm / "Unit").text()
        for alarm in ALARMS.values()
        for namespace, name, _ in metrics_of(alarm)
        if namespace == HOUSE and name not in _filtered()
    }

    assert told["Namespace"] == "a-house"
    assert told["Dimensions"] == [list(SERVICE)]
    assert {name: emitted[name] for name in SERVICE} == SERVICE
    assert looked_at == units


def test_every_fact_can_be_seen() -> None:
    assert {name for namespace, name, _ in shown() if namespace == HOUSE} == {
        *Fact,
        *_filtered(),
    }


def test_no_widget_lies_upon_another() -> None:
    taken = [
        (x, y)
        for one in widgets()
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]

    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_tells_somebody_and_says_when_it_is_over(alarm: str) -> None:
    topic = [{"Ref": "AlarmTopic"}]

    told = [ALARMS[alarm] / key for key in ("AlarmActions", "OKActions")]

    assert [place.value for place in told] == [topic, topic]


def test_a_watch_that_is_silent_rings_and_no_other_fact_does() -> None:
    silent = {
        name: (alarm / "TreatMissingData").text() for name, alarm in ALARMS.items()
    }
    of_house = {
        name
        for name, alarm in ALARMS.items()
        for namespace, fact, _ in metrics_of(alarm)
        if namespace == HOUSE and fact in set(Fact)
    }

    assert silent.pop("WatchAlarm") == "breaching"
    assert silent.pop("DatabaseCpuAlarm") == "breaching"
    assert {silent[name] for name in of_house - {"WatchAlarm"}} == {"ignore"}
    assert {silent[name] for name in silent.keys() - of_house} <= {
        "missing",
        "notBreaching",
    }


def test_slow_statements_are_counted_where_rds_writes_them() -> None:
    (slow,) = of_type("AWS::Logs::MetricFilter").values()
    data = tree.load(INFRASTRUCTURE / "data.yaml") / "Resources"
    names = {
        json.dumps((group / "Properties" / "LogGroupName").value)
        for _, group in data.items()
        if (group / "Type").text() == "AWS::Logs::LogGroup"
    }

    read = json.dumps((slow / "LogGroupName").value)

    assert read.replace("${DatabaseId}", "${House}") in names


def test_what_the_database_meets_may_be_told() -> None:
    data = tree.load(INFRASTRUCTURE / "data.yaml") / "Resources"
    policy = data / "AlarmTopicPolicy" / "Properties" / "PolicyDocument"

    services = {
        service.text()
        for statement in (policy / "Statement").elements()
        if (statement / "Effect").text() == "Allow"
        for service in (statement / "Principal" / "Service").elements()
    }

    assert {"cloudwatch.amazonaws.com", "events.rds.amazonaws.com"} <= services


# The runbook.


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def chapter(title: str) -> str:
    (found,) = re.findall(
        rf"^## {title}\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL
    )
    return str(found)


SECTIONS = {_anchor(title) for title in re.findall("(?m)^### (.+)$", chapter("Alarms"))}


def section_of(alarm: str) -> str:
    told = (ALARMS[alarm] / "AlarmDescription").text()
    (section,) = re.findall(r"^runbook\.md#([a-z-]+): \S.+\.$", told)
    return str(section)


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_says_where_to_read_on(alarm: str) -> None:
    assert section_of(alarm) in SECTIONS
    assert alarm in chapter("Alarms")


def test_the_runbook_knows_no_alarm_that_is_not_there() -> None:
    assert {section_of(alarm) for alarm in ALARMS} == SECTIONS
    assert set(re.findall(r"`(\w+Alarm)`", chapter("Alarms"))) == ALARMS.keys()


@pytest.mark.parametrize("fact", Fact)
def test_the_runbook_says_what_a_fact_is(fact: Fact) -> None:
    assert f"`{fact}`" in chapter("Alarms")


ASKED = re.findall(r"(?:(-X \w+) )?\"?\$API(/[\w/{}-]+)", RUNBOOK)


@pytest.mark.parametrize(("verb", "path"), sorted(set(ASKED)))
def test_what_the_runbook_asks_the_api_is_there(verb: str, path: str) -> None:
    said = json.loads((ROOT / "docs/openapi.json").read_text())["paths"]
    asked = re.sub(r"{\w+}", "X", path)

    matching = [
        methods
        for known, methods in said.items()
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", known), asked)
    ]

    assert matching
    assert not verb or verb.removeprefix("-X ").lower() in set().union(*matching)


@pytest.mark.parametrize(
    "asked", re.findall(r"(?s)```sql\n(.*?)```", RUNBOOK), ids=lambda s: s[:50]
)
def test_what_the_runbook_asks_the_database_can_be_asked(asked: str, sql: Sql) -> None:
    sql.execute(asked.encode())


def test_a_command_of_the_runbook_is_in_the_makefile() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))

    assert set(re.findall(r"\bmake ([a-z][a-z-]+)", RUNBOOK)) <= targets


def test_every_secret_of_ours_can_be_rotated_by_the_book() -> None:
    assert all(f"`{name}`" in chapter("Rotate") for name in product().secrets)
    assert all(f"`{name}`" in chapter("Rotate") for name in product().keys)
