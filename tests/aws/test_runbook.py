"""What the runbook's commands name is in the templates, and a shell can read them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.stack import tree
from tests.stack.tree import Place
from tests.support.api import ROOT

RUNBOOK = (ROOT / "docs/runbook.md").read_text()
MAPPING = "AWS::Lambda::EventSourceMapping"


def resources(template: Path) -> Place:
    return tree.load(template) / "Resources"


def nested() -> dict[str, Path]:
    """Return where the stacks within the root are described."""
    found = resources(ROOT / "template.yaml").items()
    places = {name: place / "Properties" / "Location" for name, place in found}
    return {n: ROOT / p.text() for n, p in places.items() if not p.is_missing}


def worked() -> set[str]:
    """Return which stacks have mappings or schedules."""
    return {
        name
        for name, path in nested().items()
        if re.search(rf"Type: ({MAPPING}|ScheduleV2)\b", path.read_text())
    }


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"\bnested ([A-Z]\w+)", RUNBOOK)))
)
def test_a_part_of_the_root_is_there(name: str) -> None:
    assert name in dict(resources(ROOT / "template.yaml").items())


@pytest.mark.parametrize(
    ("stack", "name"),
    sorted(set(re.findall(r"\b(?:part|call) ([A-Z]\w+) (\w+)", RUNBOOK))),
)
def test_a_part_of_a_stack_is_there(stack: str, name: str) -> None:
    assert name in dict(resources(nested()[stack]).items())


def test_every_worker_has_a_mapping_by_the_book() -> None:
    mappings = {
        name
        for path in nested().values()
        for name, place in resources(path).items()
        if (place / "Type").text() == MAPPING and not name.startswith("Bury")
    }

    named = set(re.findall(r"\b(\w+Mapping)\b", RUNBOOK)) - {"EventSourceMapping"}

    assert named == mappings


def test_the_world_is_stopped_in_every_stack() -> None:
    (listed,) = re.findall(r"all\(\) { for stack in ([\w ]+); do", RUNBOOK)

    assert set(listed.split()) == worked()


@pytest.mark.parametrize(
    "asked", re.findall(r"(?s)```sh\n(.*?)```", RUNBOOK), ids=lambda s: s[:50]
)
def test_a_shell_can_read_what_it_is_asked(asked: str) -> None:
    read = subprocess.run(
        ["/usr/bin/env", "bash", "-n"],
        input=asked,
        text=True,
        capture_output=True,
        check=False,
    )

    assert read.stderr == ""
