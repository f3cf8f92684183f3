"""What a stand-in for AWS makes of network and queues.

moto knows no alarms, no policies of queues, and no rules apart for what leaves a group:
those are left out here, and looked at as they are written. Nor does it tell which table
is of which subnet.
"""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.aws.ground import QUEUES, in_both, stack_of

HOUSE = "vixenbliss-test"
UNKNOWN = {
    "AWS::CloudWatch::Alarm",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::SQS::QueuePolicy",
}
REGION = "eu-central-1"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@in_both
def test_the_network_can_be_made(size: str) -> None:
    told = _made("network", Size=size)

    subnets = [*told["InnerSubnets"].split(","), *told["OuterSubnets"].split(",")]
    ranges = {subnet["CidrBlock"] for subnet in _described("subnets", told)}

    assert len(set(subnets)) == 4
    assert len(ranges) == 6


@in_both
def test_in_what_was_made_inner_tables_lead_nowhere(size: str) -> None:
    told = _made("network", Size=size)

    ways = {
        _logical_id(table): sorted(_way(route) for route in table["Routes"])
        for table in _described("route_tables", told)
        if table["Tags"]  # the network's main table, which nobody uses, has none
    }

    out = "i" if size == "small" else "nat"
    assert ways == {
        "InnerRouteTable": ["local", "vpce"],
        "OuterRouteTableA": sorted([out, "local", "vpce"]),
        "OuterRouteTableB": sorted([out, "local", "vpce"]),
        "PublicRouteTable": ["igw", "local"],
    }


@in_both
def test_in_what_was_made_postgres_is_reached_by_our_groups_only(size: str) -> None:
    told = _made("network", Size=size)

    groups = {group["GroupId"]: group for group in _described("security_groups", told)}
    let_in = groups[told["DatabaseSecurityGroup"]]["IpPermissions"]

    sources = {pair["GroupId"] for rule in let_in for pair in rule["UserIdGroupPairs"]}
    callers = ("InnerSecurityGroup", "OuterSecurityGroup", "ProxySecurityGroup")
    assert sources == {told[name] for name in callers}
    assert {(rule["FromPort"], rule["ToPort"]) for rule in let_in} == {(5432, 5432)}
    assert not [rule for rule in let_in if rule["IpRanges"]]


@pytest.mark.parametrize("name", QUEUES)
def test_queues_that_were_made_lead_to_their_dead_letters(name: str) -> None:
    told = _made("queues")

    sqs = boto3.client("sqs")
    url, arn = told[f"{name}Queue"], told[f"{name}DeadLettersArn"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes = asked["Attributes"]

    assert url.endswith(f"/{HOUSE}-{name.lower()}")
    assert attributes["QueueArn"] == told[f"{name}QueueArn"]
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"] == arn
    assert arn.endswith(f":{HOUSE}-{name.lower()}-dead-letters")


def _made(name: str, **parameters: str) -> dict[str, str]:
    """Make a stack and return its outputs."""
    stack = stack_of(name)
    stack["Resources"] = {
        key: resource
        for key, resource in stack["Resources"].items()
        if resource["Type"] not in UNKNOWN
    }
    given = {"House": HOUSE, **parameters}
    client: Any = boto3.client("cloudformation")
    client.create_stack(
        StackName=name,
        TemplateBody=json.dumps(stack),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    (made,) = client.describe_stacks(StackName=name)["Stacks"]
    assert made["StackStatus"] == "CREATE_COMPLETE"
    return {out["OutputKey"]: out["OutputValue"] for out in made["Outputs"]}


def _described(things: str, told: dict[str, str]) -> list[Any]:
    """Return what EC2 says of all such things in the network that was made."""
    client: Any = boto3.client("ec2")
    here = [{"Name": "vpc-id", "Values": [told["VpcId"]]}]
    answer = getattr(client, f"describe_{things}")(Filters=here)
    (list_,) = (value for key, value in answer.items() if key != "ResponseMetadata")
    return list(list_)


def _logical_id(thing: Any) -> str:
    """Return what the template calls a thing that was made."""
    tags = {tag["Key"]: tag["Value"] for tag in thing["Tags"]}
    return str(tags["aws:cloudformation:logical-id"])


def _way(route: dict[str, str]) -> str:
    """Return what kind of thing a route leads to: local, i, nat, ..."""
    keys = {"GatewayId", "InstanceId", "NatGatewayId"}
    (target,) = (value for key, value in route.items() if key in keys)
    return target.partition("-")[0]
