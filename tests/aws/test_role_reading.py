"""Roles as SAM makes them, read from a small template; nothing is created."""

from pathlib import Path

import pytest

from tests.aws import references, roles
from tests.aws.roles import Role, UnknownPolicyError
from tests.stack import tree
from tests.stack.intrinsics import Addresses
from tests.support.api import ROOT

_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  MailFrom: {Type: String, Default: ""}
Globals: {Function: {Runtime: python3.13, Handler: app.handler, AutoPublishAlias: live}}
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Others: {Type: AWS::SQS::Queue}
  DatabaseAccess:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Allow
          Action: rds-db:connect
          Resource: !Sub "arn:rds-db:${Database.DbiResourceId}/us"
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/work
      Policies:
        - !Ref DatabaseAccess
        - SQSSendMessagePolicy: {QueueName: !GetAtt Others.QueueName}
        - Statement:
            - Effect: Allow
              Action: [sqs:ReceiveMessage, sqs:DeleteMessage]
              Resource: [!GetAtt Jobs.Arn]
        - Statement:
            - Effect: Allow
              Action: [ses:SendEmail, ses:GetAccount]
              Resource: "*"
              Condition: {StringEquals: {"ses:FromAddress": !Ref MailFrom}}
  WorkMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Work.Alias}
  Other:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/other, Policies: [POLICY]}
"""


def _read(folder: Path, policy: str = "AWSXrayWriteOnlyAccess") -> dict[str, Role]:
    path = folder / "template.yaml"
    known = f"arn:aws:iam::aws:policy/{policy}"
    path.write_text(_TEMPLATE.replace("POLICY", known))
    addresses = Addresses(
        {
            "AWS::Partition": "aws",
            "AWS::Region": "here",
            "AWS::AccountId": "1",
            "MailFrom": "us@example.com",
            "Jobs": "https://jobs",
            "Others": "https://others",
        },
        {("Jobs", "Arn"): "arn:jobs", ("Others", "QueueName"): "others"},
    )
    made = roles.transformed(
        ROOT / ".tools/sam", tree.load(path), {}, region="eu-west-1"
    )
    return roles.read(made, addresses)


def test_a_role_has_all_that_the_template_and_sam_give_it(tmp_path: Path) -> None:
    work = _read(tmp_path)["Work"]

    assert set(work.grants()) == {
        ("rds-db:connect", "arn:rds-db:only-on-aws-Database-DbiResourceId/us"),
        ("sqs:SendMessage*", "arn:aws:sqs:here:1:others"),
        ("ses:SendEmail", "*"),
        ("ses:GetAccount", "*"),
        ("sqs:ReceiveMessage", "arn:jobs"),
        ("sqs:DeleteMessage", "arn:jobs"),
    }
    assert "us@example.com" in str(work.policies)
    assert "lambda.amazonaws.com" in str(work.trust)


def test_a_role_that_may_nothing_grants_nothing(tmp_path: Path) -> None:
    assert list(_read(tmp_path)["Other"].grants()) == []


@pytest.mark.parametrize(
    "policy", ["AdministratorAccess", "service-role/AWSLambdaSQSQueueExecutionRole"]
)
def test_a_policy_that_nobody_knows_is_no_role(tmp_path: Path, policy: str) -> None:
    with pytest.raises(UnknownPolicyError, match=policy.rpartition("/")[2]):
        _read(tmp_path, policy)


def test_a_right_can_be_taken_away(tmp_path: Path) -> None:
    work = _read(tmp_path)["Work"]

    less = work.without("ses:SendEmail").without("sqs:SendMessage*", "others")

    lost = set(work.grants()) - set(less.grants())
    assert lost == {
        ("ses:SendEmail", "*"),
        ("sqs:SendMessage*", "arn:aws:sqs:here:1:others"),
    }
    with pytest.raises(UnknownPolicyError):
        work.without("sqs:SendMessage*", "arn:jobs")


def test_a_condition_can_be_narrowed(tmp_path: Path) -> None:
    work = _read(tmp_path)["Work"]

    less = work.narrowed("ses:FromAddress", ["nobody@example.com"])

    assert "us@example.com" not in str(less.policies)
    assert "us@example.com" in str(work.policies)
    with pytest.raises(UnknownPolicyError):
        work.narrowed("aws:SourceIp", [])


def test_everything_that_is_pointed_to_is_found() -> None:
    value = {
        "Fn::Join": ["", [{"Ref": "A"}, {"Fn::GetAtt": ["B", "Arn"]}]],
        "plain": "${not}",
        "text": {"Fn::Sub": "${C}/${D.Name}/${!kept}"},
        "more": {"Fn::Sub": ["${given}", {"given": {"Ref": "E"}}]},
    }

    found = set(references.within(value))  # type: ignore[arg-type] # it is JSON

    assert found == {("A", ""), ("B", "Arn"), ("C", ""), ("D", "Name"), ("E", "")}
