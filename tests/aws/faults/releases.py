"""What is not published, not rolled back, or fails unheard."""

from tests.aws.broken import PLATFORM, PUBLISHING, STUDIO, Faults
from tests.aws.rules import releases

SCHEDULE_LETTERS = """\
            DeadLetterConfig: {Arn: !Ref SchedulesDeadLettersArn}
"""

FAULTS: Faults = {
    "a queue feeds a worker that may not read it yet": (
        lambda copy: copy.change(
            STUDIO, "sqs:ReceiveMessage, ", "", within="  FinishContentFunction:"
        ),
        releases.sources_wait_for_their_rights,
        "functions/studio.yaml/FinishContentMapping: made before ",
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
}
