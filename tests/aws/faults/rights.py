"""What functions may do more, or less, than their code does."""

from tests.aws.broken import MONEY, PLATFORM, PUBLISHING, STUDIO, Faults
from tests.aws.rules import rights

FINISH_TO = "Resource: [!Ref GenerateQueueArn, !Ref FinishQueueArn]"
SECRET = (
    "        - AWSSecretsManagerGetSecretValuePolicy: "
    "{SecretArn: !Ref StripeWebhookSecret}\n"
)
EVENT = """\
      Events:
        Rollup: {Type: SQS, Properties: {Queue: !Ref RollupQueueArn}}
"""

FAULTS: Faults = {
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
        "PublishDueFunction: may sqs:SendMessage on MeasureQueue, its code never does",
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
        (
            "functions/platform.yaml/RollUpDaysFunctionRole: "
            "service-role/AWSLambdaSQSQueueExecutionRole is not known"
        ),
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
    "a file can be deleted": (
        lambda copy: copy.change(
            STUDIO,
            "[s3:GetObject, s3:PutObject]",
            "[s3:GetObject, s3:PutObject, s3:DeleteObject]",
            within="  FinishContentFunction:",
        ),
        rights.a_function_may_do_what_its_code_does,
        "FinishContentFunction: may s3:DeleteObject, its code never does",
    ),
    "a secret can be read by somebody who does not": (
        lambda copy: copy.change(
            PLATFORM,
            "        - !Ref DatabaseAccess\n",
            "        - !Ref DatabaseAccess\n        - !Ref TokenAccess\n",
            within="  HealthFunction:",
        ),
        rights.a_function_reads_the_secrets_that_its_code_reads,
        (
            "HealthFunction: may secretsmanager:GetSecretValue on JwtSecret, "
            "its code never does"
        ),
    ),
}
