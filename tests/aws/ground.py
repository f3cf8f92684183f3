"""The house's templates as tests read them: each size, resources by kind."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.stack import nesting, tree
from tests.stack.tree import Place

ROOT = Path(__file__).parents[2]
GROUND = ROOT / "shared/infrastructure"
QUEUES = [
    "Generate",
    "Finish",
    "Moderate",
    "Publish",
    "Confirm",
    "Events",
    "Refund",
    "Reconcile",
    "Mail",
    "Privacy",
    "Measure",
    "Rollup",
]
SIZES = ("small", "production")

in_both = pytest.mark.parametrize("size", SIZES)

type Resources = dict[str, dict[str, Any]]


@cache
def house(size: str, **others: str) -> Place:
    """Return the flat tree of the whole house in a size."""
    return nesting.load(ROOT / "template.yaml", {"Size": size, **others})


def properties(size: str, name: str, **others: str) -> Any:
    """Return a resource's properties, every condition decided."""
    return (house(size, **others) / "Resources" / name / "Properties").value


def of_kind(size: str, kind: str) -> Resources:
    """Return the properties of all resources of a kind, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in resources(size).items()
        if resource["Type"] == kind
    }


def resources(size: str) -> Resources:
    """Return all resources of the house by logical id."""
    value: Any = (house(size) / "Resources").value
    return dict(value)


def stack_of(name: str) -> dict[str, Any]:
    """Return a template of the ground as it is written, tags in their long form."""
    value: Any = tree.load(GROUND / f"{name}.yaml").value
    return dict(value)


def with_outputs_shown(name: str, size: str, folder: Path) -> Place:
    """Return the flat tree of one stack with a resource that shows its outputs.

    Parameters that have no default are given their own names.

    Raises:
        TemplateError: the stack asks for what is not there in this size.
    """
    stack = stack_of(name)
    asked = stack["Parameters"]
    given = {key: key for key, place in asked.items() if "Default" not in place}
    location = {"Location": str(GROUND / f"{name}.yaml")}
    if "Size" in asked:
        given["Size"] = size
    outputs = {key: {"Fn::GetAtt": ["Own", f"Outputs.{key}"]} for key in _outputs(name)}
    root = {
        "Parameters": {},
        "Resources": {
            "Own": {
                "Type": nesting.APPLICATION,
                "Properties": {**location, "Parameters": given},
            },
            "Shown": {"Type": "Test::Outputs", "Properties": outputs},
        },
    }
    path = folder / "root.yaml"
    path.write_text(json.dumps(root))  # JSON is YAML
    return nesting.load(path)


def _outputs(name: str) -> list[str]:
    return list(stack_of(name)["Outputs"])


def pointed_to(value: Any) -> Iterator[str]:
    """Yield the logical ids and parameters that a value points to, nested or not."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            for inner in value.values():
                yield from pointed_to(inner)
        case list():
            for inner in value:
                yield from pointed_to(inner)


def name_of(value: Any) -> str:
    """Return the logical id that a Ref or GetAtt points to."""
    (name,) = pointed_to(value)
    return name


def text_of(value: Any) -> str:
    """Return a text, or that of its Sub with the variables' names in it."""
    return str(value["Fn::Sub"] if isinstance(value, dict) else value)


def subnets_in(value: Any) -> set[str]:
    """Return the logical ids of all subnets that a value points to."""
    match value:
        case {"Ref": str(name)}:
            return {name} if "Subnet" in name else set()
        case dict():
            return set().union(*map(subnets_in, value.values()))
        case list():
            return set().union(*map(subnets_in, value))
    return set()


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
