"""What loses messages, or has them worked on twice."""

from tests.aws.broken import PLATFORM, QUEUES, STUDIO, WATCH, Faults
from tests.aws.rules import queues

OTHER_LETTERS = ("${House}-mail-dead-letters", "${House}-privacy-dead-letters")

FAULTS: Faults = {
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
    "an alarm adds up two queues": (
        lambda copy: copy.change(WATCH, *OTHER_LETTERS),
        queues.all_dead_letters_are_watched,
        "${AWS::StackName}-mail-dead-letters: nobody watches",
    ),
}
