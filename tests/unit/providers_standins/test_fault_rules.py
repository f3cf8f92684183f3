"""Rules by themselves: which strikes, how often, and what is no rule."""

import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.stack.providers.faults import CALLS, Faults

CREATE = {"provider": "replicate", "call": "predictions.create", "action": "before"}


def struck(faults: Faults, times: int, seen: str = "") -> list[str | None]:
    """Return the actions that strike so many create calls."""
    rules = [faults.take("replicate", "predictions.create", seen) for _ in range(times)]
    return [rule.action.value if rule else None for rule in rules]


def test_a_rule_strikes_once_unless_told_otherwise() -> None:
    faults = Faults()

    faults.replace([CREATE])

    assert struck(faults, 3) == ["before", None, None]


def test_a_rule_without_end_strikes_always() -> None:
    faults = Faults()

    faults.replace([CREATE | {"times": None}])

    assert struck(faults, 3) == ["before"] * 3


def test_a_rule_lets_its_skip_pass_first() -> None:
    faults = Faults()

    faults.replace([CREATE | {"skip": 2, "times": 2}])

    assert struck(faults, 5) == [None, None, "before", "before", None]


def test_rules_strike_in_their_order() -> None:
    faults = Faults()

    faults.replace([CREATE, CREATE | {"action": "after", "times": 2}])

    assert struck(faults, 4) == ["before", "after", "after", None]


def test_a_rule_that_lets_pass_leaves_the_call_to_the_next() -> None:
    faults = Faults()

    faults.replace([CREATE | {"skip": 1}, CREATE | {"action": "after", "times": None}])

    assert struck(faults, 3) == ["after", "before", "after"]


def test_a_rule_strikes_only_what_it_matches() -> None:
    faults = Faults()

    faults.replace([CREATE | {"match": "job=7", "times": None}])

    assert struck(faults, 1, "…?job=8") == [None]
    assert struck(faults, 1, "…?job=7") == ["before"]


def test_a_star_strikes_every_call_of_its_provider() -> None:
    faults = Faults()

    faults.replace([CREATE | {"call": "*", "times": None}])

    assert all(faults.take("replicate", call, "") for call in CALLS["replicate"])
    assert faults.take("openai", "models.list", "") is None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            {"call": "predictions.destroy"},
            "replicate has no call 'predictions.destroy'",
        ),
        ({"action": "explode"}, "Input should be 'before', 'after'"),
        ({"action": "refusal"}, "'refusal' cannot strike 'predictions.create'"),
        ({"action": "slow"}, "'slow' needs 'seconds'"),
        ({"action": "status"}, "'status' needs 'status'"),
        ({"provider": "paypal"}, "Input should be 'replicate', 'openai'"),
        ({"tims": 3}, "Extra inputs are not permitted"),
        ({"times": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_no_rule_is_refused_with_the_reason(
    wrong: dict[str, object], reason: str
) -> None:
    faults = Faults()

    with pytest.raises(ValidationError, match=reason):
        faults.replace([CREATE | wrong])


def test_a_refused_script_leaves_the_old_one_in_force() -> None:
    faults = Faults()
    faults.replace([CREATE])

    with pytest.raises(ValidationError):
        faults.replace([CREATE, {"provider": "replicate"}])

    assert struck(faults, 1) == ["before"]


def test_the_report_counts_what_was_seen_and_struck() -> None:
    faults = Faults()
    faults.replace([CREATE | {"skip": 1}])

    struck(faults, 4)

    rule = CREATE | {"skip": 1, "seen": 2, "struck": 1}
    assert faults.report() == {"rules": [rule], "file_error": None}


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    faults = Faults(script)
    before = struck(faults, 1)

    script.write_text(json.dumps([CREATE]))
    first = struck(faults, 2)
    script.write_text(json.dumps([CREATE | {"action": "after"}]))
    second = struck(faults, 2)

    assert (before, first, second) == ([None], ["before", None], ["after", None])


def test_a_half_written_file_is_tried_again(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    faults = Faults(script)
    script.write_text('[{"provider": "repl')
    half = struck(faults, 1)
    complaint = faults.report()["file_error"]

    script.write_text(json.dumps([CREATE]))

    assert half == [None]
    assert complaint is not None
    assert struck(faults, 1) == ["before"]
    assert faults.report()["file_error"] is None


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text('[{"provider": "replicate"}]')

    with pytest.raises(ValidationError):
        Faults(script)


def test_threads_share_the_count() -> None:
    faults = Faults()
    faults.replace([CREATE | {"times": 50}])
    counts: Counter[str | None] = Counter()
    lock = threading.Lock()

    def ask() -> None:
        actions = struck(faults, 25)
        with lock:
            counts.update(actions)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == {"before": 50, None: 150}
