"""Queues and where their dead letters go."""

import pytest

from tests.aws.ground import (
    QUEUES,
    name_of,
    of_kind,
    properties,
    text_of,
)

DAY_S = 24 * 60 * 60


@pytest.mark.parametrize("name", QUEUES)
def test_every_queue_has_its_dead_letters(name: str) -> None:
    queue = properties("small", f"{name}Queue")

    redrive = queue["RedrivePolicy"]

    assert name_of(redrive["deadLetterTargetArn"]) == f"{name}DeadLetters"
    assert redrive["maxReceiveCount"] == 5
    assert text_of(queue["QueueName"]) == f"${{AWS::StackName}}-{name.lower()}"


@pytest.mark.parametrize("name", QUEUES)
def test_dead_letters_are_taken_from_their_own_queue_only(name: str) -> None:
    queue = properties("small", f"{name}Queue")
    letters = properties("small", f"{name}DeadLetters")

    allowed = letters["RedriveAllowPolicy"]

    assert allowed["redrivePermission"] == "byQueue"
    (source,) = map(text_of, allowed["sourceQueueArns"])
    arn = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}"
    assert source == f"{arn}:{text_of(queue['QueueName'])}"
    assert text_of(letters["QueueName"]) == (
        f"{text_of(queue['QueueName'])}-dead-letters"
    )
    assert letters["MessageRetentionPeriod"] == 14 * DAY_S


def test_no_queue_leads_to_the_dead_letters_of_schedules() -> None:
    letters = properties("small", "SchedulesDeadLetters")

    assert letters["RedriveAllowPolicy"] == {"redrivePermission": "denyAll"}
    assert letters["MessageRetentionPeriod"] == 14 * DAY_S


def test_every_queue_is_encrypted() -> None:
    queues = of_kind("small", "AWS::SQS::Queue")

    open_ = [
        n for n, queue in queues.items() if queue["SqsManagedSseEnabled"] is not True
    ]

    assert len(queues) == 2 * len(QUEUES) + 1
    assert not open_
