"""Every stack as CloudFormation gets it: what SAM makes of it when it is deployed.

SAM's transform runs with the interpreter that has it, in a process of its own, for all
stacks at once. Parameters of nested stacks have example values where nothing but a
deployment tells the real ones: SAM looks at a few, the rest stay references.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.stack import nesting, tree
from tests.stack.tree import Place
from tests.stack.wire import Json, JsonObject

ROOT = Path(__file__).parents[2]
REGION = "eu-west-1"
RELEASE = "1v7"
"""The seventh version of the common layer, as the root would write it."""
_TRANSFORM = Path(__file__).with_name("sam_transform.py")
_SAM = ROOT / ".tools/sam/bin/python"
_PATIENCE_S = 300
_DIGEST = "AutoPublishCodeSha256"


@dataclass(frozen=True, slots=True)
class Asked:
    """A template and the values of its parameters."""

    template: Place
    parameters: Mapping[str, str]


def of(asked: Sequence[Asked]) -> list[Place]:
    """Return what SAM makes of templates, in their order.

    Raises:
        CalledProcessError: SAM refuses one; why is on our standard error.
    """
    done = subprocess.run(  # noqa: S603 - our own program
        [str(_SAM), "-P", str(_TRANSFORM)],
        input=json.dumps(
            [
                {"template": one.template.value, "parameters": dict(one.parameters)}
                for one in asked
            ]
        ),
        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": REGION},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_PATIENCE_S,
    )
    return [Place("", made) for made in json.loads(done.stdout)]


def files(root: Path) -> list[Path]:
    """Return the root's template and all that it nests, in their order."""
    whole = tree.load(root / "template.yaml")
    nested = [
        root / (resource / "Properties" / "Location").text()
        for _, resource in (whole / "Resources").items()
        if (resource / "Type").text() == nesting.APPLICATION
    ]
    return [root / "template.yaml", *nested]


def stacks(
    root: Path = ROOT,
    parameters: Mapping[str, str] | None = None,
    *,
    release: str = RELEASE,
) -> dict[str, Place]:
    """Return each stack of a root as SAM makes it, by its path.

    ``parameters`` of the root are handed down by their names, as the root does it.
    """
    whole = tree.load(root / "template.yaml")
    chosen = {
        name: str((place / "Default").value)
        for name, place in (whole / "Parameters").items()
    }
    chosen |= {**(parameters or {}), "Release": release}
    paths = files(root)
    made = of([_asked(path, chosen) for path in paths])
    names = [path.relative_to(root).as_posix() for path in paths]
    return dict(zip(names, made, strict=True))


def flat(
    root: Path = ROOT,
    parameters: Mapping[str, str] | None = None,
    *,
    release: str = RELEASE,
) -> Place:
    """Return all stacks as SAM would make them if they were one."""
    own = tree.load(root / "template.yaml")
    whole = nesting.load(root / "template.yaml", parameters)
    resources = {
        name: _released(place.value, release)
        for name, place in (whole / "Resources").items()
    }
    template: JsonObject = {
        "Transform": (own / "Transform").value,
        "Parameters": (own / "Parameters").value,
        "Resources": resources,
    }
    asked = _values(own, {**(parameters or {}), "Release": release})
    (made,) = of([Asked(Place("", template), asked)])
    return made


def _released(resource: Json, release: str) -> Json:
    """Return a resource that names its release, of which one stack is told nothing."""
    match resource:
        case {"Properties": dict(properties)} if _DIGEST in properties:
            properties[_DIGEST] = release
    return resource


def _asked(path: Path, chosen: Mapping[str, str]) -> Asked:
    template = tree.load(path)
    return Asked(template, _values(template, chosen))


def _values(template: Place, chosen: Mapping[str, str]) -> dict[str, str]:
    return {
        name: chosen.get(name) or _example(name, place)
        for name, place in (template / "Parameters").items()
    }


def _example(name: str, parameter: Place) -> str:
    """Return a value that a parameter may have."""
    default: Json = (parameter / "Default").value
    allowed = (parameter / "AllowedValues").elements()
    if default is not None:
        return str(default)
    if allowed:
        return str(allowed[0].value)
    kind = (parameter / "Type").text()
    if kind == "Number":
        return "1"
    return f"{name}-1,{name}-2" if kind.startswith("List") else f"example-{name}"
