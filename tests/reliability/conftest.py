"""The whole product in its own processes, with impatient queues and leases."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.reliability import tables
from tests.reliability.plant import LEASE_S, Plant
from tests.stack.options import Options
from tests.stack.running import running_stack
from tests.support.api import ROOT

VISIBILITY_S = 5
RECEIVES = 100  # kills count as receives; this many are sabotage, not bad luck
QUEUES = (
    "GenerateQueue",
    "FinishQueue",
    "ModerateQueue",
    "PublishQueue",
    "ConfirmQueue",
    "EventsQueue",
    "RefundQueue",
    "ReconcileQueue",
    "MailQueue",
    "PrivacyQueue",
    "MeasureQueue",
    "RollupQueue",
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the storms left behind."""
    for table in tables.ALL:
        lines = list(table.lines())
        if lines:
            terminalreporter.section(table.title)
            for line in lines:
                terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def rounds() -> int:
    """How often each storm is repeated: ROUNDS, or once."""
    return int(os.environ.get("ROUNDS", "1"))


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """Run the product for one file of tests."""
    attributes = {"VisibilityTimeout": VISIBILITY_S, "maxReceiveCount": RECEIVES}
    options = Options(
        root=ROOT,
        port=0,
        local=tmp_path_factory.mktemp("plant"),
        database_url=None,
        aws_endpoint=None,
        environment={"LEASE_S": str(LEASE_S), "RETRY_DELAYS_S": "1,1"},
        queue_attributes=dict.fromkeys(QUEUES, attributes),
        watch=False,
    )
    with (
        running_stack(options) as stack,
        psycopg.connect(
            stack.database_url, autocommit=True, row_factory=dict_row
        ) as sql,
    ):
        yield Plant.furnish(stack, sql)
