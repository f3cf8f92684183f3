"""What ``sam build`` has made: where each function's code and layers are.

Nested stacks are followed. A layer may be a resource of the function's own stack, a
parameter that its parent hands down, or an output of another stack.
"""

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.stack import tree
from tests.stack.tree import Place

ROOT = Path(__file__).parents[2]
LOCAL = ROOT / ".aws-sam/local"
_APPLICATION = "AWS::Serverless::Application"
_FUNCTION = "AWS::Serverless::Function"
_LAYER = "AWS::Serverless::LayerVersion"
_OUTPUTS = "Outputs."


@dataclass(frozen=True, slots=True)
class Parts:
    """A function's code, and its layers in the order in which they are laid."""

    code: Path
    layers: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """All functions that were built, by their logical ids."""

    parts: Mapping[str, Parts]

    @classmethod
    def load(cls, folder: Path = LOCAL) -> "Built":
        """Read what lies in a folder that ``sam build -b`` has filled.

        Raises:
            OSError: nothing was built there.
        """
        return cls(dict(_functions(_Stack(folder / "template.yaml"))))

    def folder(self, function: str) -> Path:
        """Return what Lambda would have in ``/var/task``."""
        return self.parts[function].code

    def layers(self, function: str) -> list[Path]:
        """Return what Lambda would have in ``/opt/python``, layer by layer."""
        return [layer / "python" for layer in self.parts[function].layers]

    def python_path(self, function: str) -> str:
        """Return the import path of a function: its code, then its layers."""
        return os.pathsep.join(
            map(str, [self.folder(function), *self.layers(function)])
        )


def architecture() -> str:
    """Return what Lambda calls this machine's processor."""
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def build(folder: Path = LOCAL, *, processor: str | None = None) -> Built:
    """Build everything, by default for this machine, and return it; takes 20 s.

    Raises:
        CalledProcessError: the build failed; what SAM says is on our standard error.
    """
    subprocess.run(  # noqa: S603 - our own tool
        [ROOT / ".tools/sam/bin/sam", "build", "-b", folder],
        cwd=ROOT,
        env={
            **os.environ,
            "ARCHITECTURE": processor or architecture(),
            "PYTHONPATH": "",
            "SAM_CLI_TELEMETRY": "0",
        },
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return Built.load(folder)


class _Stack:
    """A built template, and the stack that it is nested in."""

    def __init__(
        self, path: Path, given: Place | None = None, parent: "_Stack | None" = None
    ) -> None:
        self.folder = path.parent
        self.template = tree.load(path)
        self.given = given or Place("", None)
        self.parent = parent

    def resources(self, kind: str) -> dict[str, Place]:
        """Return the properties of the resources of a type."""
        found = (self.template / "Resources").items()
        return {n: p / "Properties" for n, p in found if (p / "Type").text() == kind}

    def nested(self) -> "dict[str, _Stack]":
        """Return the stacks within this one, as far as SAM has built them."""
        return {
            name: _Stack(path, properties / "Parameters", self)
            for name, properties in self.resources(_APPLICATION).items()
            if (path := self.folder / (properties / "Location").text()).is_file()
        }

    def layer(self, place: Place) -> Path:
        """Return where a layer was built, from what a function says of it."""
        match place.value:
            case {"Ref": str(name)} if name in (layers := self.resources(_LAYER)):
                return self.folder / (layers[name] / "ContentUri").text()
            case {"Ref": str(name)} if self.parent:
                return self.parent.layer(self.given / name)
            case {"Fn::GetAtt": [str(name), str(output)]}:
                stack = self.nested()[name]
                output = output.removeprefix(_OUTPUTS)
                return stack.layer(stack.template / "Outputs" / output / "Value")
        return place.refuse("expected a layer")


def _functions(stack: _Stack) -> Iterator[tuple[str, Parts]]:
    shared = stack.template / "Globals" / "Function" / "Layers"
    for name, properties in stack.resources(_FUNCTION).items():
        laid = [*shared.elements(), *(properties / "Layers").elements()]
        layers = tuple(
            dict.fromkeys(map(stack.layer, laid))
        )  # SAM adds one to the other
        yield name, Parts(stack.folder / (properties / "CodeUri").text(), layers)
    for inner in stack.nested().values():
        yield from _functions(inner)
