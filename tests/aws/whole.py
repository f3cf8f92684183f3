"""The whole house, loaded to be looked at: as it is written, and as SAM makes it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.aws import translated
from tests.stack import nesting, template, tree
from tests.stack.template import Function, Template
from tests.stack.tree import Place
from tests.stack.wire import Json, JsonObject

ROOT = Path(__file__).parents[2]
FUNCTION = "AWS::Serverless::Function"
SIZES: Mapping[str, Mapping[str, str]] = {
    "small": {"Size": "small"},
    "production": {
        "Size": "production",
        "MultiAz": "true",
        "SnapStart": "PublishedVersions",
        "Deployment": "Canary10Percent5Minutes",
        "AlarmEmail": "owner@example.com",
        "MonthlyBudget": "100",
    },
}
"""The root's parameters, as the two kinds of house have them."""

type Findings = Iterator[str]
type Rule = Callable[["Whole"], Findings]
"""Looks at the whole and says what is wrong, in sentences that name the thing."""


@dataclass(eq=False)
class Whole:
    """A root's templates; the functions' code is always our own."""

    root: Path
    parameters: Mapping[str, str]

    @cached_property
    def flat(self) -> Place:
        """All resources as if they were one stack's."""
        return nesting.load(self.root / "template.yaml", self.parameters)

    @cached_property
    def house(self) -> Template:
        """What the local stack knows of the same."""
        return template.read(self.root / "template.yaml", self.parameters)

    @property
    def functions(self) -> Mapping[str, Function]:
        """All functions."""
        return self.house.functions

    def feeding(self, function: str) -> set[str]:
        """Return the queues that feed a function."""
        return {s.queue for s in self.house.sources if s.function == function}

    @cached_property
    def files(self) -> dict[str, Place]:
        """Each stack as it is written, by its path."""
        return {
            path.relative_to(self.root).as_posix(): tree.load(path)
            for path in translated.files(self.root)
        }

    @cached_property
    def made(self) -> dict[str, Place]:
        """Each stack as SAM makes it, by its path."""
        return translated.stacks(self.root, self.parameters)

    @cached_property
    def made_again(self) -> dict[str, Place]:
        """The same, of the same release."""
        return translated.stacks(self.root, self.parameters)

    @cached_property
    def made_next(self) -> dict[str, Place]:
        """The same, when nothing but the layer is new."""
        release = f"{translated.RELEASE[:-1]}8"
        return translated.stacks(self.root, self.parameters, release=release)

    def of_type(self, kind: str) -> dict[str, Place]:
        """Return the properties of the resources of a type, all stacks as one."""
        return {
            name: resource / "Properties"
            for name, resource in (self.flat / "Resources").items()
            if (resource / "Type").value == kind
        }

    def made_of_type(self, kind: str) -> dict[str, Place]:
        """Return the properties of the resources of a type, as SAM makes them.

        Each by its stack's path, a slash, and its logical id.
        """
        return {
            f"{stack}/{name}": resource / "Properties"
            for stack, made in self.made.items()
            for name, resource in (made / "Resources").items()
            if (resource / "Type").value == kind
        }


def elements(place: Place) -> list[Place]:
    """Return what a policy says once or in a list."""
    return place.elements() if isinstance(place.value, list) else [place]


def points_to(place: Place) -> str:
    """Return which resource a Ref or GetAtt points to; empty if it is neither."""
    match place.value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    return ""


def is_said(value: Json) -> bool:
    """Tell whether something other than nothing is written."""
    return value not in (None, "", [], {})


def object_of(place: Place) -> JsonObject:
    """Return a mapping, an empty one if nothing is written."""
    return place.value if isinstance(place.value, dict) else {}
