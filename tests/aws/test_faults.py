"""Each rule bites: it names the one fault of an otherwise faultless copy."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.aws.rules import (
    doors,
    limits,
    operations,
    queues,
    releases,
    rights,
    surroundings,
)
from tests.aws.whole import ROOT, SIZES, Rule, Whole
from tests.stack.errors import TemplateError

TEMPLATES = ("template.yaml", "functions/*.yaml", "shared/infrastructure/*.yaml")


@dataclass(frozen=True, slots=True)
class Copy:
    """The templates in a folder of their own, to be broken."""

    root: Path

    def change(self, path: str, old: str, new: str, *, within: str = "") -> None:
        """Write one thing otherwise; ``within`` says from which line on it is sought.

        Raises:
            ValueError: it is not there, so nothing would be broken.
        """
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        begin = text.index(within)
        at = text.index(old, begin)
        file.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")

    def cut(self, path: str, line: str) -> None:
        """Take out the one line that begins so."""
        file = self.root / path
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        (found,) = (n for n, text in enumerate(lines) if text.startswith(line))
        file.write_text("".join(lines[:found] + lines[found + 1 :]), encoding="utf-8")

    def findings(self, rule: Rule, size: str = "small") -> list[str]:
        """Return what a rule finds in the copy as it is now."""
        return list(rule(Whole(self.root, SIZES[size])))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    for pattern in TEMPLATES:
        for path in ROOT.glob(pattern):
            there = tmp_path / path.relative_to(ROOT)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, there)
    return Copy(tmp_path)


def test_a_copy_is_as_good_as_the_original(copy: Copy) -> None:
    rules = (
        queues.queues_are_named_after_the_house,
        doors.every_path_of_the_code_reaches_it,
        rights.a_function_may_do_what_its_code_does,
        limits.stacks_are_given_what_they_ask_for,
    )

    assert [copy.findings(rule) for rule in rules] == [[], [], [], []]


STUDIO, PUBLISHING = "functions/studio.yaml", "functions/publishing.yaml"
OPERATIONS = "functions/operations.yaml"
PLATFORM, MONEY = "functions/platform.yaml", "functions/money.yaml"
QUEUES, WATCH = "shared/infrastructure/queues.yaml", "shared/infrastructure/watch.yaml"
FINISH_TO = "Resource: [!Ref GenerateQueueArn, !Ref FinishQueueArn]"
ROUTE = "  TodosUnderRoute:"
SECRET = (
    "        - AWSSecretsManagerGetSecretValuePolicy: "
    "{SecretArn: !Ref StripeWebhookSecret}\n"
)
SCHEDULE_LETTERS = """            DeadLetterConfig: {Arn: !Ref SchedulesDeadLettersArn}
"""

EVENT = """\
      Events:
        Rollup: {Type: SQS, Properties: {Queue: !Ref RollupQueueArn}}
"""

type Fault = tuple[Callable[[Copy], None], Rule, str]

FAULTS: dict[str, Fault] = {
    "a queue cannot be sent to": (
        lambda copy: copy.change(
            STUDIO,
            FINISH_TO,
            "Resource: [!Ref GenerateQueueArn]",
            within="  FinishContentFunction:",
        ),
        rights.a_function_sends_where_its_code_sends,
        "FinishContentFunction: lacks sqs:SendMessage on FinishQueue",
    ),
    "a queue can be sent to by somebody who does not": (
        lambda copy: copy.change(
            PUBLISHING,
            "Resource: [!Ref PublishQueueArn]",
            "Resource: [!Ref PublishQueueArn, !Ref MeasureQueueArn]",
            within="  PublishDueFunction:",
        ),
        rights.a_function_sends_where_its_code_sends,
        "PublishDueFunction: may send to MeasureQueue, its code never does",
    ),
    "a worker may not read its queue": (
        lambda copy: copy.change(
            MONEY, "sqs:DeleteMessage, ", "", within="  SendRefundsFunction:"
        ),
        rights.a_worker_reads_its_own_queues_only,
        "SendRefundsFunction: lacks sqs:DeleteMessage on RefundQueue",
    ),
    "a worker may read another's queue": (
        lambda copy: copy.change(
            PLATFORM,
            "                - !Ref RollupDeadLettersArn\n",
            "                - !Ref RollupDeadLettersArn\n"
            "                - !Ref MailQueueArn\n",
            within="  BuryDeadLettersFunction:",
        ),
        rights.a_worker_reads_its_own_queues_only,
        (
            "BuryDeadLettersFunction: may sqs:ReceiveMessage on MailQueue, "
            "which does not feed it"
        ),
    ),
    "a worker may hide another's messages": (
        lambda copy: copy.change(
            MONEY,
            "Resource: [!Ref RefundQueueArn]",
            "Resource: [!Ref RefundQueueArn, !Ref EventsQueueArn]",
            within="sqs:ChangeMessageVisibility]\n              Resource: [!Ref Refund",
        ),
        rights.a_worker_hides_messages_of_its_own_queues_only,
        "SendRefundsFunction: hides messages of ['EventsQueue', 'RefundQueue']",
    ),
    "a worker may read every queue of the account": (
        lambda copy: copy.change(
            PLATFORM, "  RollUpDaysMapping:", f"{EVENT}\n  RollUpDaysMapping:"
        ),
        rights.policies_of_aws_are_known,
        "service-role/AWSLambdaSQSQueueExecutionRole is not known",
    ),
    "a queue feeds a worker that may not read it yet": (
        lambda copy: copy.change(
            STUDIO, "sqs:ReceiveMessage, ", "", within="  FinishContentFunction:"
        ),
        releases.sources_wait_for_their_rights,
        "functions/studio.yaml/FinishContentMapping: made before ",
    ),
    "a secret cannot be read": (
        lambda copy: copy.change(MONEY, SECRET, "", within="  StripeWebhookFunction:"),
        rights.a_function_reads_the_secrets_that_its_code_reads,
        (
            "StripeWebhookFunction: lacks secretsmanager:GetSecretValue on "
            "StripeWebhookSecret"
        ),
    ),
    "tokens cannot be checked": (
        lambda copy: copy.change(
            PLATFORM, "        - !Ref TokenAccess\n", "", within="  BoardFunction:"
        ),
        rights.a_function_reads_the_secrets_that_its_code_reads,
        "BoardFunction: lacks secretsmanager:GetSecretValue on JwtSecret",
    ),
    "a file cannot be written": (
        lambda copy: copy.change(
            STUDIO,
            "[s3:GetObject, s3:PutObject]",
            "[s3:GetObject]",
            within="  FinishContentFunction:",
        ),
        rights.a_function_may_do_what_its_code_does,
        "FinishContentFunction: lacks s3:PutObject",
    ),
    "a key is used by somebody who is not told of it": (
        lambda copy: copy.change(
            STUDIO,
            "          PROVENANCE_KEY_ID: !Ref ProvenanceKey\n",
            "",
            within="  ModerateContentFunction:",
        ),
        rights.a_function_uses_the_keys_it_is_told_of,
        (
            "ModerateContentFunction: ProvenanceKey is in its environment or in its "
            "policies, not both"
        ),
    ),
    "Postgres cannot be signed in to": (
        lambda copy: copy.change(
            PLATFORM, "        - !Ref DatabaseAccess\n", "", within="  HealthFunction:"
        ),
        rights.who_signs_in_may,
        "HealthFunction: may not sign in to Postgres",
    ),
    "a function may do anything with a queue": (
        lambda copy: copy.change(
            PLATFORM,
            "Action: [sqs:SendMessage]",
            'Action: ["sqs:*"]',
            within="  WebhookEventsFunction:",
        ),
        rights.nobody_may_do_anything_or_with_everything,
        "functions/platform.yaml/WebhookEventsFunctionRole: may sqs:*",
    ),
    "a function may sign with every key": (
        lambda copy: copy.change(
            STUDIO,
            "Resource: !Ref ProvenanceKeyArn",
            'Resource: "*"',
            within="  ModerateContentFunction:",
        ),
        rights.nobody_may_do_anything_or_with_everything,
        (
            "functions/studio.yaml/ModerateContentFunctionRole: "
            "may kms:Sign, kms:GetPublicKey on *"
        ),
    ),
    "a provider is out of reach": (
        lambda copy: copy.change(
            MONEY,
            "      VpcConfig: {SubnetIds: !Ref OuterSubnets, "
            "SecurityGroupIds: !Ref OuterSecurityGroup}\n",
            "",
            within="  SendRefundsFunction:",
        ),
        rights.only_who_calls_out_has_a_way_out,
        (
            "SendRefundsFunction: in ['InnerSubnetA', 'InnerSubnetB'] with "
            "InnerSecurityGroup, not Outer"
        ),
    ),
    "a variable is misspelt": (
        lambda copy: copy.change(PUBLISHING, "TIKTOK_CLIENT_KEY:", "TIKTOK_KEY:"),
        surroundings.what_is_told_is_known_to_the_settings,
        "SocialConnectionsFunction: TIKTOK_KEY is read by nobody",
    ),
    "a variable is forgotten": (
        lambda copy: copy.change(
            MONEY,
            "          STRIPE_API_BASE: !Ref StripeApiBase\n",
            "",
            within="  ReconcileLedgerFunction:",
        ),
        surroundings.what_is_read_is_told,
        "ReconcileLedgerFunction: reads STRIPE_API_BASE and is not told",
    ),
    "letters die nowhere": (
        lambda copy: copy.change(
            QUEUES,
            "      RedrivePolicy: {deadLetterTargetArn: "
            "!GetAtt PublishDeadLetters.Arn, maxReceiveCount: 5}\n",
            "",
        ),
        queues.what_nobody_can_read_is_kept_and_buried,
        "PublishQueue: its letters do not die in PublishDeadLetters after 5 tries",
    ),
    "a message is seen while it is worked on": (
        lambda copy: copy.change(
            QUEUES, "VisibilityTimeout: 360", "VisibilityTimeout: 300"
        ),
        queues.no_message_is_seen_while_it_is_worked_on,
        "FinishQueue: hidden for 300 s, 360 s are needed",
    ),
    "a bad message takes a batch with it": (
        lambda copy: copy.change(
            PLATFORM,
            "FunctionResponseTypes: [ReportBatchItemFailures], ",
            "",
            within="  RollUpDaysMapping:",
        ),
        queues.a_bad_message_takes_no_good_one_with_it,
        "RollUpDaysFunction of RollupQueue: ReportBatchItemFailures is missing",
    ),
    "an alarm watches a queue that is called otherwise": (
        lambda copy: copy.change(
            WATCH, '"${House}-mail-dead-letters"', '"${House}-mails-dead-letters"'
        ),
        queues.alarms_watch_what_there_is,
        "watches ${AWS::StackName}-mails-dead-letters, of which there is none",
    ),
    "a queue is called otherwise than its alarm has it": (
        lambda copy: copy.change(
            QUEUES, "!Sub ${House}-refund-dead-letters", "!Sub ${House}-refund-dead"
        ),
        queues.alarms_watch_what_there_is,
        "watches ${AWS::StackName}-refund-dead-letters, of which there is none",
    ),
    "a filter is no JSON": (
        lambda copy: copy.change(
            STUDIO,
            "BatchSize: 5",
            'BatchSize: 5, FilterCriteria: {Filters: [{Pattern: "{body: [1]}"}]}',
            within="  FinishContentMapping:",
        ),
        queues.filters_are_json,
        "FinishContentFunction of FinishQueue: no JSON: {body: [1]}",
    ),
    "a route is missing": (
        lambda copy: copy.cut(PLATFORM, ROUTE),
        doors.every_path_of_the_code_reaches_it,
        "GET /todos/: HealthFunction gets it, not TodosFunction",
    ),
    "a route has no twin": (
        lambda copy: copy.cut(PLATFORM, ROUTE),
        doors.every_path_is_there_twice,
        "ANY /todos: TodosFunction does not get what is under it",
    ),
    "the gateway may not call": (
        lambda copy: copy.cut(PLATFORM, "  TodosPermission:"),
        doors.every_door_has_one_integration_and_one_permission,
        "TodosFunction: 0 permissions of its alias instead of one",
    ),
    "a service may call a door": (
        lambda copy: copy.change(
            PLATFORM,
            "Principal: apigateway.amazonaws.com",
            "Principal: s3.amazonaws.com",
            within="  TodosPermission:",
        ),
        doors.only_operations_are_called_by_others,
        "TodosPermission: s3.amazonaws.com may call TodosFunction.Alias",
    ),
    "another service may call what rotates": (
        lambda copy: copy.change(
            OPERATIONS, "secretsmanager.amazonaws.com", "s3.amazonaws.com"
        ),
        operations.who_rotates_a_secret_may_be_called_for_it,
        "RotateSecretPermission: not Secrets Manager alone, for one secret",
    ),
    "CloudFormation does not wait for the schema": (
        lambda copy: copy.change(
            OPERATIONS, "ServiceTimeout: 360", "ServiceTimeout: 30"
        ),
        operations.a_deployment_hears_what_became_of_the_schema,
        "Migration: CloudFormation does not wait for MigrateFunction",
    ),
    "functions come before their tables": (
        lambda copy: copy.change(
            "template.yaml", "    DependsOn: Operations\n", "", within="  Money:"
        ),
        operations.functions_wait_for_the_schema,
        "Money: does not wait for Operations",
    ),
    "nobody can sign in as whom migrations let in": (
        lambda copy: copy.change(
            OPERATIONS, "DATABASE_USER: vixenbliss", "DATABASE_USER: somebody"
        ),
        operations.who_is_let_in_is_who_signs_in,
        "SeedFunction: signs in as another than migrations let in: vixenbliss",
    ),
    "another API may call": (
        lambda copy: copy.change(
            PLATFORM,
            "SourceArn: !Ref ApiArn",
            'SourceArn: "arn:aws:execute-api:eu-west-1:123456789012:*"',
            within="  TodosPermission:",
        ),
        doors.what_leads_to_a_door_is_written_as_it_should_be,
        "TodosPermission: SourceArn is arn:aws:execute-api:eu-west-1:123456789012:*",
    ),
    "a door takes longer than the gateway waits": (
        lambda copy: copy.change(
            PUBLISHING, "Timeout: 29", "Timeout: 30", within="  SocialAccountsFunction:"
        ),
        doors.doors_answer_while_the_gateway_waits,
        "SocialAccountsFunction: may run 30 s, the gateway waits 30.0 s",
    ),
    "a new layer is not published": (
        lambda copy: copy.change(
            PLATFORM,
            "      AutoPublishCodeSha256: !Ref Release\n",
            '      AutoPublishCodeSha256: "0000000000"\n',
            within="  BoardFunction:",
        ),
        releases.a_new_layer_publishes_all,
        (
            "functions/platform.yaml/BoardFunctionVersion0000000000: "
            "not published though the layer is new"
        ),
    ),
    "a schedule that fails tells nobody": (
        lambda copy: copy.change(
            PUBLISHING, SCHEDULE_LETTERS, "", within="  MeasureDueFunction:"
        ),
        releases.a_schedule_that_fails_leaves_a_letter,
        (
            "functions/publishing.yaml/MeasureDueFunctionEveryHour: "
            "leaves no letter in any queue"
        ),
    ),
    "a schedule is spelt as EventBridge does not": (
        lambda copy: copy.change(PUBLISHING, "rate(1 minute)", "rate(1 minutes)"),
        releases.schedules_are_understood,
        "PublishDueFunction: rate(1 minutes) is not spelt as EventBridge wants it",
    ),
    "a schedule is called the same in every house": (
        lambda copy: copy.change(PUBLISHING, "OmitName: true", "OmitName: false"),
        releases.schedules_are_one_houses,
        (
            "functions/publishing.yaml/PublishDueFunctionEveryMinute: "
            "is called PublishDueFunctionEveryMinute in every house"
        ),
    ),
    "logs are kept for ever": (
        lambda copy: copy.change(
            STUDIO, "      RetentionInDays: !Ref LogRetentionDays\n", ""
        ),
        releases.logs_end_and_are_encrypted,
        "StudioLogs: kept for ever",
    ),
    "a stack is not given what it asks for": (
        lambda copy: copy.change(
            "template.yaml",
            "        ProvenanceKeyArn: !GetAtt Data.Outputs.ProvenanceKeyArn\n",
            "",
        ),
        limits.stacks_are_given_what_they_ask_for,
        "asks for ProvenanceKeyArn",
    ),
    "a stack begins otherwise": (
        lambda copy: copy.change(STUDIO, "MemorySize: 1024", "MemorySize: 512"),
        limits.stacks_of_functions_begin_alike,
        "functions/studio.yaml: begins otherwise than functions/head.yaml",
    ),
    "a nested stack names things after itself": (
        lambda copy: copy.change(
            QUEUES, "!Sub ${House}-mail\n", "!Sub ${AWS::StackName}-mail\n"
        ),
        limits.stacks_do_not_name_themselves,
        (
            "shared/infrastructure/queues.yaml/MailQueue: "
            "AWS::StackName is not the house's name"
        ),
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_found_and_named(what: str, copy: Copy) -> None:
    break_, rule, expected = FAULTS[what]
    break_(copy)

    findings = copy.findings(rule)

    assert any(expected in finding for finding in findings), findings


def test_a_faulty_copy_is_not_loaded_by_chance(copy: Copy) -> None:
    copy.change("template.yaml", "House: !Ref AWS::StackName\n", "Castle: none\n")

    with pytest.raises(TemplateError, match="Castle"):
        _ = Whole(copy.root, SIZES["small"]).flat
