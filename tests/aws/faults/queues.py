"""What loses messages, or has them worked on twice."""

from tests.aws.broken import PLATFORM, QUEUES, STUDIO, WATCH, Faults
from tests.aws.rules import queues

MAIL_LETTERS_TAKE = "sqs:${AWS::Region}:${AWS::AccountId}:${House}-mail"
OTHER_LETTERS = ("${House}-mail-dead-letters", "${House}-privacy-dead-letters")
STRAY_QUEUE = """\
  StrayQueue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub "${House}-stray"}
"""

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
        (
            "MailDeadLettersAlarm: watches ${AWS::StackName}-mails-dead-letters, "
            "of which there is none"
        ),
    ),
    "a queue is called otherwise than its alarm has it": (
        lambda copy: copy.change(
            QUEUES, "!Sub ${House}-refund-dead-letters", "!Sub ${House}-refund-dead"
        ),
        queues.alarms_watch_what_there_is,
        (
            "RefundDeadLettersAlarm: watches ${AWS::StackName}-refund-dead-letters, "
            "of which there is none"
        ),
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
    "a queue feeds nobody": (
        lambda copy: copy.cut(PLATFORM, "  RollUpDaysMapping:"),
        queues.every_message_has_a_queue,
        "RollupQueue: feeds 0 workers instead of one",
    ),
    "a queue is of no message": (
        lambda copy: copy.change(QUEUES, "Resources:\n", f"Resources:\n{STRAY_QUEUE}"),
        queues.every_message_has_a_queue,
        "StrayQueue: known to the code or to the template, not to both",
    ),
    "nobody buries": (
        lambda copy: copy.cut(PLATFORM, "  BuryDeadLettersMailMapping:"),
        queues.what_nobody_can_read_is_kept_and_buried,
        "MailDeadLetters: missing, or nobody buries them",
    ),
    "dead letters are lost in a holiday": (
        lambda copy: copy.change(
            QUEUES,
            "MessageRetentionPeriod: 1209600",
            "MessageRetentionPeriod: 345600",
            within="  MailDeadLetters:",
        ),
        queues.dead_letters_are_kept_as_long_as_can_be,
        "MailDeadLetters: kept for 345600 s",
    ),
    "dead letters come from another queue": (
        lambda copy: copy.change(
            QUEUES, "${House}-mail", "${House}-privacy", within=MAIL_LETTERS_TAKE
        ),
        queues.dead_letters_come_from_their_own_queue,
        (
            "MailDeadLetters: takes letters from ['arn:${AWS::Partition}:sqs:"
            "${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-privacy']"
        ),
    ),
    "a queue has no name of its own": (
        lambda copy: copy.change(QUEUES, "      QueueName: !Sub ${House}-mail\n", ""),
        queues.queues_are_named_after_the_house,
        "MailQueue: is called by chance",
    ),
    "messages lie readable": (
        lambda copy: copy.change(
            QUEUES, "      SqsManagedSseEnabled: true\n", "", within="  PrivacyQueue:"
        ),
        queues.queues_are_encrypted,
        "PrivacyQueue: not encrypted",
    ),
    "a worker may run as often as it likes": (
        lambda copy: copy.change(
            PLATFORM,
            ", ScalingConfig: {MaximumConcurrency: 2}",
            "",
            within="  RollUpDaysMapping:",
        ),
        queues.no_queue_takes_all_of_lambda,
        "RollUpDaysFunction of RollupQueue: MaximumConcurrency is None",
    ),
    "an alarm adds up two queues": (
        lambda copy: copy.change(WATCH, *OTHER_LETTERS),
        queues.all_dead_letters_are_watched,
        "${AWS::StackName}-mail-dead-letters: nobody watches",
    ),
    "dead letters come from any queue": (
        lambda copy: copy.change(
            QUEUES,
            "redrivePermission: byQueue",
            "redrivePermission: allowAll",
            within="  MailDeadLetters:",
        ),
        queues.dead_letters_come_from_their_own_queue,
        "MailDeadLetters: redrivePermission is allowAll",
    ),
}
