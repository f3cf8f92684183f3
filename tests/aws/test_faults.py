"""Each rule bites: it names the one fault of an otherwise faultless copy."""

from pathlib import Path

import pytest

from tests.aws.broken import Copy, Fault, copied
from tests.aws.faults import (
    doors,
    limits,
    operations,
    queues,
    releases,
    rights,
    surroundings,
)
from tests.aws.rules.surroundings import tables_are_of_use
from tests.aws.test_template import RULES
from tests.aws.whole import SIZES, Whole
from tests.stack.errors import TemplateError

FAULTS = [
    fault
    for kind in (doors, limits, operations, queues, releases, rights, surroundings)
    for fault in kind.FAULTS.items()
]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return copied(tmp_path)


@pytest.mark.parametrize(
    "fault", [fault for _, fault in FAULTS], ids=[what for what, _ in FAULTS]
)
def test_a_fault_is_found_and_named(fault: Fault, copy: Copy) -> None:
    break_, rule, expected = fault
    break_(copy)

    findings = copy.findings(rule)

    assert any(expected in finding for finding in findings), findings


def test_each_rule_is_seen_to_bite() -> None:
    biting = {rule for _, (_, rule, _) in FAULTS}

    assert biting == set(RULES)


def test_a_default_that_nobody_reads_is_found_and_named(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.aws.rules.surroundings.HAVE_A_DEFAULT", {"GRACE_WEEKS": "once it had"}
    )

    findings = copy.findings(tables_are_of_use)

    assert findings == ["GRACE_WEEKS: has a default, and is read by nobody"]


def test_a_copy_is_as_good_as_the_original(copy: Copy) -> None:
    whole = Whole(copy.root, SIZES["small"])

    findings = [finding for rule in RULES for finding in rule(whole)]

    assert findings == []


def test_a_faulty_copy_is_not_loaded_by_chance(copy: Copy) -> None:
    copy.change("template.yaml", "House: !Ref AWS::StackName\n", "Castle: none\n")

    with pytest.raises(TemplateError, match="Castle"):
        _ = Whole(copy.root, SIZES["small"]).flat
