"""What CloudFormation refuses, or two houses would share."""

from tests.aws.broken import QUEUES, ROOT_STACK, STUDIO, Faults
from tests.aws.rules import limits

FAULTS: Faults = {
    "a stack is not given what it asks for": (
        lambda copy: copy.change(
            ROOT_STACK,
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
