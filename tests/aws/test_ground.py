"""The stacks of the ground: whether they hold together in each size."""

from pathlib import Path
from typing import Any

import pytest

from tests.aws.ground import (
    QUEUES,
    in_both,
    listed,
    stack_of,
    with_outputs_shown,
)

OUTPUTS = {
    "network": {
        "VpcId",
        "InnerSubnets",
        "OuterSubnets",
        "InnerSecurityGroup",
        "OuterSecurityGroup",
        "DatabaseSecurityGroup",
        "ProxySecurityGroup",
    },
    "data": {
        "DatabaseId",
        "DatabaseHost",
        "DatabaseDoor",
        "DatabaseProxy",
        "DatabaseViaProxy",
        "DatabaseOwnerSecret",
        "DatabaseAccess",
        "TokenAccess",
        "JwtSecret",
        "ReplicateApiToken",
        "ReplicateWebhookSecret",
        "OpenaiApiKey",
        "InstagramAppSecret",
        "InstagramVerifyToken",
        "TiktokClientSecret",
        "StripeApiKey",
        "StripeWebhookSecret",
        "MediaBucket",
        "MediaBucketArn",
        "TokenKey",
        "TokenKeyArn",
        "ProvenanceKey",
        "ProvenanceKeyArn",
        "DataKeyArn",
        "AlarmTopic",
    },
    "queues": {
        "SchedulesDeadLettersArn",
        *(f"{name}{end}" for name in QUEUES for end in ("Queue", "QueueArn")),
        *(f"{name}DeadLettersArn" for name in QUEUES),
    },
}
each_stack = pytest.mark.parametrize("stack", OUTPUTS)


@each_stack
@in_both
def test_everything_that_is_pointed_to_is_there(
    stack: str, size: str, tmp_path: Path
) -> None:
    shown = with_outputs_shown(stack, size, tmp_path) / "Resources" / "Shown"

    assert dict((shown / "Properties").items()).keys() == OUTPUTS[stack]


@each_stack
@in_both
def test_nothing_waits_for_what_is_not_there(
    stack: str, size: str, tmp_path: Path
) -> None:
    value: Any = (with_outputs_shown(stack, size, tmp_path) / "Resources").value

    waits = [listed(resource.get("DependsOn", [])) for resource in value.values()]

    assert {name for names in waits for name in names} <= value.keys()


@each_stack
def test_every_condition_decides_something(stack: str) -> None:
    template = stack_of(stack)

    rest = str({key: value for key, value in template.items() if key != "Conditions"})

    for name in template.get("Conditions", {}):
        assert f"'Condition': '{name}'" in rest or f"'Fn::If': ['{name}'" in rest
