"""Limits: what CloudFormation takes, and what makes a stack one of several houses'.

Source of the numbers: CloudFormation's guide, "Understand CloudFormation quotas".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.aws import references
from tests.aws.whole import Findings, Rule, Whole
from tests.stack import nesting
from tests.stack.errors import TemplateError
from tests.stack.tree import Place
from tests.tools import stacks

MAX_RESOURCES = 500
ENOUGH_RESOURCES = 450
MAX_PARAMETERS = 200
MAX_OUTPUTS = 200
MAX_MAPPINGS = 200
MAX_TEMPLATE_BYTES = 1_000_000
"""Of a template that is fetched from S3, as ``sam deploy`` has it fetched."""
NAMES_ITSELF: Mapping[str, str] = {
    "NatInstance": "it signals to the stack that it is in, not to the house",
}
"""Resources of nested stacks that may ask for their own stack's name, and why."""


@dataclass(frozen=True, slots=True)
class Count:
    """How large a stack is after SAM."""

    stack: str
    resources: int
    parameters: int
    outputs: int
    size_bytes: int

    def __str__(self) -> str:
        """Return a line of a table."""
        return (
            f"{self.stack:36}{self.resources:>10}{self.parameters:>11}"
            f"{self.outputs:>8}{self.size_bytes:>9}"
        )


def counts(whole: Whole) -> list[Count]:
    """Return how large each stack is, as CloudFormation gets it."""
    return [
        Count(
            stack,
            _entries(made / "Resources"),
            _entries(made / "Parameters"),
            _entries(made / "Outputs"),
            len(json.dumps(made.value).encode()),
        )
        for stack, made in whole.made.items()
    ]


def table(whole: Whole) -> str:
    """Return the counts for people."""
    head = f"{'stack':36}{'resources':>10}{'parameters':>11}{'outputs':>8}{'bytes':>9}"
    return "\n".join([head, *map(str, counts(whole))])


def _entries(place: Place) -> int:
    return len(list(place.items()))


def no_stack_outgrows_cloudformation(whole: Whole) -> Findings:
    """Room is left for what the next months bring."""
    for count in counts(whole):
        if count.resources > ENOUGH_RESOURCES:
            yield f"{count.stack}: {count.resources} of {MAX_RESOURCES} resources"
        if count.parameters > MAX_PARAMETERS or count.outputs > MAX_OUTPUTS:
            given, told = count.parameters, count.outputs
            yield f"{count.stack}: {given} parameters, {told} outputs"
        if count.size_bytes > MAX_TEMPLATE_BYTES:
            yield f"{count.stack}: {count.size_bytes} bytes"


def stacks_are_given_what_they_ask_for(whole: Whole) -> Findings:
    """Neither a parameter too few nor one too many; nesting refuses both."""
    try:
        nesting.load(whole.root / "template.yaml", whole.parameters)
    except TemplateError as error:
        yield str(error)


def what_is_asked_for_is_used(whole: Whole) -> Findings:
    """A parameter that nothing refers to is one that was forgotten."""
    for stack, file in whole.files.items():
        body = {
            key: (file / key).value
            for key in ("Conditions", "Globals", "Resources", "Outputs")
        }
        used = {name for name, _ in references.within(body)}
        for name in dict((file / "Parameters").items()):
            if name not in used and not _of_the_head(whole, stack, name):
                yield f"{stack}: {name} is asked for and not used"


def _of_the_head(whole: Whole, stack: str, name: str) -> bool:
    """Tell whether every stack of functions asks for it, whether it needs it or not."""
    head = whole.root / "functions/head.yaml"
    text = head.read_text(encoding="utf-8")
    return stack.startswith("functions/") and f"  {name}: {{" in text


def stacks_do_not_name_themselves(whole: Whole) -> Findings:
    """A nested stack's own name is made up; names begin with the house's."""
    for stack, file in whole.files.items():
        if stack == "template.yaml":
            continue
        for name, resource in (file / "Resources").items():
            own = ("AWS::StackName", "") in set(references.within(resource.value))
            if own != (name in NAMES_ITSELF):
                yield f"{stack}/{name}: AWS::StackName is not the house's name"


def stacks_of_functions_begin_alike(whole: Whole) -> Findings:
    """What functions/head.yaml says is in each of them, as it is there."""
    head = (whole.root / "functions/head.yaml").read_text(encoding="utf-8")
    for stack in whole.files:
        text = (whole.root / stack).read_text(encoding="utf-8")
        if stacks.renewed(text, head) != text:
            yield f"{stack}: begins otherwise than functions/head.yaml (make stacks)"


RULES: tuple[Rule, ...] = (
    stacks_are_given_what_they_ask_for,
    no_stack_outgrows_cloudformation,
    what_is_asked_for_is_used,
    stacks_do_not_name_themselves,
    stacks_of_functions_begin_alike,
)
