"""Migrations as a step of a deployment: what CloudFormation asks, and is told."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory

from tests.conftest import Set
from tests.stack.postgres import Postgres
from tests.support.api import handler_of
from tests.support.cloudformation import PATH, CloudFormation, cloudformation
from tests.support.logs import listening
from vixenbliss import postgres
from vixenbliss.errors import ProviderUnavailableError
from vixenbliss.migrations import run as migrations
from vixenbliss.migrations.run import config
from vixenbliss.worker.resources import ANSWER_S, tend

HEAD = ScriptDirectory.from_config(config()).get_current_head()
AHEAD = "update alembic_version set version_num = '9999'"


@dataclass
class Context:
    """A function's invocation with so much time left."""

    left_s: float = 300
    aws_request_id: str = "invocation-1"
    log_stream_name: str = "stream-1"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left_s * 1000)


@pytest.fixture
def stack() -> Iterator[CloudFormation]:
    with cloudformation() as listening_:
        yield listening_


@pytest.fixture
def bare(server: Postgres, surroundings: Set) -> str:
    """Return the address of a database with nothing in it."""
    server.drop("undeployed")
    url = server.create("undeployed")
    surroundings(DATABASE_URL=url)
    return url


def migrate(event: dict[str, Any]) -> dict[str, Any]:
    return dict(handler_of("MigrateFunction")(event, Context()))


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_deployment_brings_the_schema_up(
    bare: str, stack: CloudFormation, request_type: str
) -> None:
    migrate(stack.event(request_type))

    assert stack.answer == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": "vixenbliss-schema",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/House/1",
        "RequestId": "request-1",
        "LogicalResourceId": "Schema",
        "Data": {"Revision": HEAD, "IsAhead": "false"},
    }


def test_the_answer_is_put_as_it_was_signed(bare: str, stack: CloudFormation) -> None:
    migrate(stack.event("Create"))

    (put,) = stack.came
    assert put.path == PATH
    assert "content-type" not in {name.lower() for name in put.headers}


def test_the_address_is_not_logged(bare: str, stack: CloudFormation) -> None:
    with listening() as log:
        migrate(stack.event("Create"))

    assert "Signature" not in log.text


def test_a_stack_that_is_deleted_leaves_the_schema(
    bare: str, stack: CloudFormation
) -> None:
    migrate({"action": "upgrade"})

    migrate(stack.event("Delete", PhysicalResourceId="vixenbliss-schema"))

    assert stack.answer["Status"] == "SUCCESS"
    assert migrate({"action": "upgrade"}) == {"revision": HEAD}


def test_a_deletion_needs_no_database(stack: CloudFormation, surroundings: Set) -> None:
    surroundings(DATABASE_URL=None)

    migrate(stack.event("Delete", PhysicalResourceId="vixenbliss-schema"))

    assert stack.answer["Status"] == "SUCCESS"


def test_the_way_back_leaves_a_schema_that_is_ahead(
    bare: str, stack: CloudFormation
) -> None:
    migrate({"action": "upgrade"})
    execute(bare, AHEAD)

    with listening() as log:
        answer = migrate(stack.event("Update"))

    assert stack.answer["Status"] == answer["status"] == "SUCCESS"
    assert stack.answer["Data"] == {"Revision": "9999", "IsAhead": "true"}
    assert answer["Revision"] == "9999"
    assert log.messages == ["schema is ahead of the code"]


def test_a_new_stack_is_not_given_somebody_elses_schema(
    bare: str, stack: CloudFormation
) -> None:
    migrate({"action": "upgrade"})
    execute(bare, AHEAD)

    migrate(stack.event("Create"))

    assert stack.answer["Status"] == "FAILED"
    assert stack.answer["Reason"].startswith("CommandError; see log stream-1")


def test_a_migration_that_fails_says_where_to_read_on(
    stack: CloudFormation, surroundings: Set
) -> None:
    surroundings(DATABASE_URL="postgresql://u:canary@127.0.0.1:1/nowhere")

    answer = migrate(stack.event("Update"))

    assert stack.answer["Status"] == answer["status"] == "FAILED"
    assert stack.answer["PhysicalResourceId"] == "vixenbliss-schema"
    reason = stack.answer["Reason"]
    assert reason.startswith("OperationalError (SQLSTATE none); see log stream-1,")
    assert "canary" not in reason


def test_an_error_of_ours_is_told_in_its_own_words(
    stack: CloudFormation, surroundings: Set
) -> None:
    surroundings(DATABASE_URL=None)

    migrate(stack.event("Create"))

    assert "The setting DATABASE_URL is missing." in stack.answer["Reason"]


def test_a_deployment_is_told_that_another_migration_is_at_work(
    bare: str, stack: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "DEPLOYMENT_PATIENCE", timedelta(milliseconds=50))
    monkeypatch.setattr(postgres, "MIGRATION_TIMEOUT_MS", 10_000)  # less than by hand
    with psycopg.connect(bare) as other:
        other.execute("select pg_advisory_xact_lock(7406115)")

        migrate(stack.event("Update"))

    assert stack.answer["Status"] == "FAILED"
    assert stack.answer["Reason"].startswith("INVALID_STATE: Another migration")


def tended(stack: CloudFormation, work: Any, *, left_s: float = 300) -> str:
    reply = tend("thing", stack.event("Create"), Context(left_s), work)
    return reply.status


def test_a_long_reason_is_cut(stack: CloudFormation) -> None:
    def work(_: str) -> Mapping[str, str]:
        raise type("Ö" * 2_000, (Exception,), {})

    assert tended(stack, work) == "FAILED"

    assert 990 < len(stack.answer["Reason"].encode()) <= 1_000


def test_what_takes_too_long_has_failed_before_lambda_ends_it(
    stack: CloudFormation,
) -> None:
    ended = threading.Event()

    def work(_: str) -> Mapping[str, str]:
        while not stack.came:
            ended.wait(0.01)
        return {}

    status = tended(stack, work, left_s=ANSWER_S + 0.1)

    assert status == stack.answer["Status"] == "FAILED"
    assert stack.answer["Reason"].startswith("It took too long; see log stream-1")


def test_an_answer_that_is_lost_is_sent_again(stack: CloudFormation) -> None:
    stack.statuses = [503]

    assert tended(stack, lambda _: {"a": "b"}) == "SUCCESS"

    assert [put.json["Data"] for put in stack.came] == [{"a": "b"}] * 2


def test_an_answer_that_nobody_takes_has_lambda_call_again(
    stack: CloudFormation,
) -> None:
    stack.statuses = [503, 503]

    with pytest.raises(ProviderUnavailableError) as caught:
        tended(stack, lambda _: {})

    assert "Signature" not in str(caught.value)
    assert len(stack.came) == 2


def test_the_work_is_told_what_is_wanted(stack: CloudFormation) -> None:
    told = []

    def work(request: str) -> Mapping[str, str]:
        told.append(request)
        return {}

    for request in ("Create", "Update", "Delete"):
        tend("thing", stack.event(request), Context(), work)

    assert told == ["Create", "Update"]
