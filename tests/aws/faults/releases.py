"""What is not published, not rolled back, or fails unheard."""

from tests.aws.broken import MONEY, OPERATIONS, PLATFORM, PUBLISHING, STUDIO, Faults
from tests.aws.rules import releases

SCHEDULE_LETTERS = """\
            DeadLetterConfig: {Arn: !Ref SchedulesDeadLettersArn}
"""
CALL_LETTERS = """\
        DestinationConfig:
          OnFailure: {Type: SQS, Destination: !Ref SchedulesDeadLettersArn}
"""


def board_with(line: str) -> tuple[str, str]:
    """Return what is to be changed for the board's function to say this, too."""
    code = "CodeUri: api/board\n"
    return code, f"{code}      {line}\n"


FAULTS: Faults = {
    "a queue feeds a worker that may not read it yet": (
        lambda copy: copy.change(
            STUDIO, "sqs:ReceiveMessage, ", "", within="  FinishContentFunction:"
        ),
        releases.sources_wait_for_their_rights,
        (
            "functions/studio.yaml/FinishContentMapping: "
            "made before FinishQueueArn may be read"
        ),
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
    "a function leaves no traces": (
        lambda copy: copy.change(PLATFORM, *board_with("Tracing: PassThrough")),
        releases.every_function_is_as_its_head_says,
        "BoardFunction: Tracing is PassThrough",
    ),
    "a function is not published": (
        lambda copy: copy.change(
            PLATFORM,
            "      AutoPublishCodeSha256: !Ref Release\n",
            "",
            within="  BoardFunction:",
        ),
        releases.every_function_is_published_behind_its_alias,
        "BoardFunction: a new layer publishes no version of it",
    ),
    "no alarm stops a deployment": (
        lambda copy: copy.change(
            MONEY, "[RollsBack, [!Ref FailuresAlarm], []]", "[RollsBack, [], []]"
        ),
        releases.an_alarm_rolls_back,
        "functions/money.yaml/SendRefundsFunctionAliaslive: no alarm of its stack",
    ),
    "an alarm counts what nobody reports": (
        lambda copy: copy.change(
            MONEY, "-failures", "-crashes", within="  FailuresAlarm:"
        ),
        releases.alarms_count_what_functions_report,
        "SendRefundsFunction: MoneyFailuresAlarm does not count what is in MoneyLogs",
    ),
    "a function logs plain text": (
        lambda copy: copy.change(
            PLATFORM, *board_with("LoggingConfig: {LogFormat: Text}")
        ),
        releases.every_function_logs_where_we_keep,
        "BoardFunction: does not log in JSON",
    ),
    "a function logs where Lambda keeps it": (
        lambda copy: copy.change(
            PLATFORM, *board_with("LoggingConfig: {LogGroup: board}")
        ),
        releases.every_function_logs_where_we_keep,
        "BoardFunction: logs where Lambda would keep it for ever",
    ),
    "a call that fails tells nobody": (
        lambda copy: copy.change(
            PUBLISHING, CALL_LETTERS, "", within="  MeasureDueFunction:"
        ),
        releases.a_call_that_nobody_waits_for_leaves_a_letter,
        (
            "functions/publishing.yaml/MeasureDueFunction: "
            "a call that fails leaves no letter"
        ),
    ),
    "a queue feeds what is not live": (
        lambda copy: copy.change(
            PLATFORM,
            "!Ref RollUpDaysFunction.Alias",
            "!Ref RollUpDaysFunction",
            within="  RollUpDaysMapping:",
        ),
        releases.sources_feed_what_is_live,
        "functions/platform.yaml/RollUpDaysMapping: feeds RollUpDaysFunction",
    ),
    "logs lie under no key of ours": (
        lambda copy: copy.change(STUDIO, "      KmsKeyId: !Ref DataKeyArn\n", ""),
        releases.logs_end_and_are_encrypted,
        "StudioLogs: lacks a key of ours",
    ),
    "a deployment would call what it made before": (
        lambda copy: copy.change(
            OPERATIONS,
            "CodeUri: operations/seed\n",
            "CodeUri: operations/seed\n      AutoPublishAlias: live\n",
        ),
        releases.every_function_is_published_behind_its_alias,
        "SeedFunction: has an alias, of which a deployment knows nothing",
    ),
}
