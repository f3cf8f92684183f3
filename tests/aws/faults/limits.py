"""What CloudFormation refuses, or two houses would share."""

from tests.aws.broken import MONEY, QUEUES, ROOT_STACK, STUDIO, Faults
from tests.aws.rules import limits

TOPICS = "".join(f"  Topic{n}: {{Type: AWS::SNS::Topic}}\n" for n in range(450))

FAULTS: Faults = {
    "a stack is not given what it asks for": (
        lambda copy: copy.change(
            ROOT_STACK,
            "        ProvenanceKeyArn: !GetAtt Data.Outputs.ProvenanceKeyArn\n",
            "",
        ),
        limits.stacks_are_given_what_they_ask_for,
        "functions/studio.yaml asks for ProvenanceKeyArn",
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
    "a stack outgrows CloudFormation": (
        lambda copy: copy.change(QUEUES, "Resources:\n", f"Resources:\n{TOPICS}"),
        limits.no_stack_outgrows_cloudformation,
        "shared/infrastructure/queues.yaml: 476 of 500 resources",
    ),
    "a parameter is of no use": (
        lambda copy: copy.change(
            MONEY, "  EventsQueueArn:", "  Idle: {Type: String}\n  EventsQueueArn:"
        ),
        limits.what_is_asked_for_is_used,
        "functions/money.yaml: Idle is asked for and not used",
    ),
}
