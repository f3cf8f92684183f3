"""What SAM makes of the whole is taken by a CloudFormation, as far as moto is one.

moto knows not every type. What it does not know, or what would begin to work by itself,
is cut, and whatever points there is given a value instead; the tables printed here say
how many of what were made and cut. What was made is asked back from its own service.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cloudformation.parsing import resource_class_from_type

from tests.aws import translated
from tests.aws.whole import SIZES
from tests.stack.wire import Json

ACCOUNT = "123456789012"
REGION = translated.REGION
HOUSE = "house"
WORKS_BY_ITSELF: Mapping[str, str] = {
    "AWS::Lambda::EventSourceMapping": "a moto that polls would run functions",
    "Custom::Migration": "its function would be called",
}
NEEDS_WHAT_MOTO_LACKS: Mapping[str, str] = {
    "AWS::EC2::Instance": "its image is looked up in AWS's own parameters",
    "AWS::EC2::Route": "one of them leads through the instance that is cut",
    "AWS::Lambda::Permission": "they are about aliases, which moto does not make",
    "AWS::RDS::DBInstance": "moto takes no reference to its parameters, only a name",
    "AWS::Lambda::LayerVersion": "its code would lie in a bucket",
}
NAMELESS = {
    "AWS::EC2::SecurityGroupIngress",
    "AWS::Lambda::Version",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
}
"""Types of which moto makes one, and tells no physical id."""
UNKNOWN = "moto does not know the type"
_VARIABLE = re.compile(r"\$\{([^}!]*)\}")


@dataclass(frozen=True, slots=True)
class Deployed:
    """What was made: physical ids by logical ones, and what was cut, by type."""

    template: Mapping[str, Any]
    ids: Mapping[str, str]
    cut: Mapping[str, str]
    """Type to reason."""

    def of_type(self, kind: str) -> dict[str, Any]:
        """Return the properties of the resources of a type."""
        resources = self.template["Resources"]
        return {
            name: resource.get("Properties", {})
            for name, resource in resources.items()
            if resource["Type"] == kind
        }


@cache
def _whole() -> dict[str, Any]:
    whole = translated.flat(parameters=SIZES["small"]).value
    assert isinstance(whole, dict)
    return dict(whole)


def _reason(kind: str) -> str:
    if kind in WORKS_BY_ITSELF:
        return WORKS_BY_ITSELF[kind]
    if kind in NEEDS_WHAT_MOTO_LACKS:
        return NEEDS_WHAT_MOTO_LACKS[kind]
    return "" if resource_class_from_type(kind) else UNKNOWN


class _Cut:
    """Takes out what moto cannot have, and what points there."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        resources = whole["Resources"]
        self.reasons = {
            kind: reason
            for kind in {resource["Type"] for resource in resources.values()}
            if (reason := _reason(kind))
        }
        self.gone = {n for n, r in resources.items() if r["Type"] in self.reasons}
        kept = {n: r for n, r in resources.items() if n not in self.gone}
        self.template = {
            "Parameters": whole["Parameters"],
            "Resources": {n: self._resource(r) for n, r in kept.items()},
        }

    def _resource(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        made: Any = self._value(dict(resource))
        for key in ("UpdatePolicy", "DependsOn", "CreationPolicy", "Metadata"):
            made.pop(key, None)
        if made["Type"] == "AWS::Lambda::Function":
            made["Properties"] |= {"Code": {"ZipFile": "handler = None"}, "Layers": []}
        # moto cannot read a key's policy that its own CloudFormation has written.
        if made["Type"] == "AWS::KMS::Key":
            made["Properties"]["KeyPolicy"] = json.dumps({"Statement": []})
        return dict(made)

    def _value(self, value: Any) -> Any:
        match value:
            case {"Ref": str(name)} if name in self.gone:
                return _arn(name)
            case {"Fn::GetAtt": [str(name), str(attribute)]} if name in self.gone:
                return _arn(f"{name}-{attribute}")
            case {"Fn::Sub": str(text)}:
                return {"Fn::Sub": _VARIABLE.sub(self._spelled, text)}
            case dict():
                return {k: self._value(_listed(k, v)) for k, v in value.items()}
            case list():
                return [self._value(inner) for inner in value]
        return value

    def _spelled(self, match: re.Match[str]) -> str:
        name = match[1].partition(".")[0]
        return f"cut-{name}" if name in self.gone else match[0]


def _arn(name: str) -> str:
    """Return what stands for a resource that is cut: policies take nothing shorter."""
    return f"arn:aws:cut:{REGION}:{ACCOUNT}:{name}"


def _listed(key: str, value: Any) -> Any:
    """Return what a nested stack is told as a text and takes for a list, as a list."""
    match value:
        case {"Fn::Join": [",", list(parts)]} if key == "SubnetIds":
            return parts
        case {"Ref": _} | {"Fn::GetAtt": _} if key == "SecurityGroupIds":
            return [value]
    return value


@pytest.fixture(scope="module")
def deployed() -> Generator[Deployed]:
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "testing")
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        cut = _Cut(_whole())
        formation = boto3.client("cloudformation")
        formation.create_stack(
            StackName=HOUSE,
            TemplateBody=json.dumps(cut.template),
            Parameters=[{"ParameterKey": "Size", "ParameterValue": "small"}],
            Capabilities=["CAPABILITY_IAM"],
        )
        pages = formation.get_paginator("list_stack_resources").paginate(
            StackName=HOUSE
        )
        ids = {
            it["LogicalResourceId"]: it.get("PhysicalResourceId", "")
            for page in pages
            for it in page["StackResourceSummaries"]
        }
        yield Deployed(cut.template, ids, cut.reasons)


def test_all_that_moto_knows_is_made(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = Counter(r["Type"] for r in _whole()["Resources"].values())
    made = Counter(r["Type"] for r in deployed.template["Resources"].values())

    with capsys.disabled():
        print(f"\n{'type':44}{'written':>8}{'made':>6}  why not")  # noqa: T201
        for kind, count in sorted(wanted.items()):
            why = deployed.cut.get(kind, "")
            print(f"{kind:44}{count:>8}{made[kind]:>6}  {why}")  # noqa: T201
    assert deployed.ids.keys() == deployed.template["Resources"].keys()
    nameless = {name for name, id_ in deployed.ids.items() if not id_}
    assert {deployed.template["Resources"][n]["Type"] for n in nameless} == NAMELESS
    assert made.total() > 300


def test_queues_hide_and_bury_as_they_are_written(deployed: Deployed) -> None:
    sqs = boto3.client("sqs")

    made = {
        name: sqs.get_queue_attributes(
            QueueUrl=deployed.ids[name], AttributeNames=["All"]
        )["Attributes"]
        for name in deployed.of_type("AWS::SQS::Queue")
    }

    assert len(made) == 25
    for name, properties in deployed.of_type("AWS::SQS::Queue").items():
        hidden_s = str(properties.get("VisibilityTimeout", 30))
        assert made[name]["VisibilityTimeout"] == hidden_s, name
        if name.endswith("Queue"):
            letters = f"{name.removesuffix('Queue')}DeadLetters"
            redrive = json.loads(made[name]["RedrivePolicy"])
            assert redrive["deadLetterTargetArn"] == made[letters]["QueueArn"]
            assert int(redrive["maxReceiveCount"]) == 5
            assert made[letters]["MessageRetentionPeriod"] == str(14 * 86400)
            assert deployed.ids[name].endswith(f"/{HOUSE}-{name[:-5].lower()}")


def test_keys_turn_over_where_they_can(deployed: Deployed) -> None:
    kms = boto3.client("kms")

    rotates = {
        name: kms.get_key_rotation_status(KeyId=deployed.ids[name])[
            "KeyRotationEnabled"
        ]
        for name, properties in deployed.of_type("AWS::KMS::Key").items()
        if "KeySpec" not in properties
    }

    assert rotates == {"DataKey": True, "TokenKey": True}


def test_log_groups_forget(deployed: Deployed) -> None:
    logs = boto3.client("logs")
    groups = logs.describe_log_groups()["logGroups"]

    kept = {group["logGroupName"]: group["retentionInDays"] for group in groups}

    assert kept.keys() >= {
        deployed.ids[name] for name in deployed.of_type("AWS::Logs::LogGroup")
    }
    assert set(kept.values()) == {30}


def test_there_is_one_topic_for_alarms(deployed: Deployed) -> None:
    topics = boto3.client("sns").list_topics()["Topics"]

    arns = {topic["TopicArn"] for topic in topics}

    assert arns == {f"arn:aws:sns:{REGION}:{ACCOUNT}:{HOUSE}-alarms"}


def test_functions_run_as_long_and_in_as_much_as_is_written(deployed: Deployed) -> None:
    functions = boto3.client("lambda")

    made = {
        name: functions.get_function_configuration(FunctionName=deployed.ids[name])
        for name in deployed.of_type("AWS::Lambda::Function")
    }

    assert len(made) > 70
    for name, properties in deployed.of_type("AWS::Lambda::Function").items():
        assert made[name]["Timeout"] == properties["Timeout"], name
        assert made[name]["MemorySize"] == properties["MemorySize"], name
        assert made[name]["Role"].startswith(f"arn:aws:iam::{ACCOUNT}:role/"), name
        told = made[name]["Environment"]["Variables"]
        assert told.keys() == properties["Environment"]["Variables"].keys(), name
    queue_url = made["BoardFunction"]["Environment"]["Variables"]["QUEUE_URL_GENERATE"]
    assert queue_url == deployed.ids["GenerateQueue"]


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("PublishDueFunctionRole", ["sqs:SendMessage"]),
        (
            "PublishPostsFunctionRole",
            [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ChangeMessageVisibility",
            ],
        ),
    ],
)
def test_roles_allow_what_is_written_on_what_was_made(
    deployed: Deployed, role: str, actions: list[str]
) -> None:
    iam, sqs = boto3.client("iam"), boto3.client("sqs")

    names = iam.list_role_policies(RoleName=deployed.ids[role])["PolicyNames"]
    statements = [
        statement
        for name in names
        for statement in _statements(
            iam.get_role_policy(RoleName=deployed.ids[role], PolicyName=name)
        )
    ]

    written = deployed.of_type("AWS::IAM::Role")[role]["Policies"]
    assert sorted(names) == sorted(policy["PolicyName"] for policy in written)
    queue = sqs.get_queue_attributes(
        QueueUrl=deployed.ids["PublishQueue"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    assert {"Effect": "Allow", "Action": actions, "Resource": [queue]} in statements


def test_every_role_has_its_policies(deployed: Deployed) -> None:
    iam = boto3.client("iam")
    roles = deployed.of_type("AWS::IAM::Role")

    made = {
        name: iam.list_role_policies(RoleName=deployed.ids[name])["PolicyNames"]
        for name in roles
    }

    for name, role in roles.items():
        written = [policy["PolicyName"] for policy in role.get("Policies", [])]
        assert sorted(made[name]) == sorted(written), name


def test_files_are_encrypted(deployed: Deployed) -> None:
    s3 = boto3.client("s3")
    bucket = deployed.ids["MediaBucket"]

    encryption = s3.get_bucket_encryption(Bucket=bucket)

    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def _statements(policy: Mapping[str, Any]) -> list[Json]:
    document = policy["PolicyDocument"]
    # moto hands out what CloudFormation has written as Python spells it.
    said = ast.literal_eval(document) if isinstance(document, str) else document
    return list(said["Statement"])
