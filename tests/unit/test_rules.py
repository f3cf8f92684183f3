"""The policy gate's arithmetic."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.errors import ValidationError
from vixenbliss.models.policy import Verdict
from vixenbliss.schemas.policy import PolicyRules
from vixenbliss.services.rules import (
    FLOOR,
    UNKNOWN_CATEGORY_BLOCKS_AT,
    Policy,
    Reading,
    read_scores,
    read_words,
    refuse_looser,
    stricter,
)

NOBODY_FLAGGED: frozenset[str] = frozenset()
ALLOW = Reading(Verdict.ALLOW)
REVIEW = Reading(Verdict.REVIEW, ("b",))
BLOCK = Reading(Verdict.BLOCK, ("c",))
categories = st.sampled_from(sorted(FLOOR))
scores = st.floats(0, 1)


def policy(**rules: object) -> Policy:
    return Policy(rules=PolicyRules.model_validate(rules))


@pytest.mark.parametrize("category", FLOOR)
def test_a_score_blocks_from_the_limit_on(category: str) -> None:
    said = read_scores(Policy(), {category: FLOOR[category]}, NOBODY_FLAGGED)

    assert said == Reading(Verdict.BLOCK, (category,))


@pytest.mark.parametrize("category", FLOOR)
def test_a_score_just_below_the_limit_wants_a_review(category: str) -> None:
    score = math.nextafter(FLOOR[category], 0)

    said = read_scores(Policy(), {category: score}, NOBODY_FLAGGED)

    assert said == Reading(Verdict.REVIEW, (category,))


@pytest.mark.parametrize("category", FLOOR)
def test_a_score_below_half_the_limit_passes(category: str) -> None:
    score = math.nextafter(FLOOR[category] / 2, 0)

    assert read_scores(Policy(), {category: score}, NOBODY_FLAGGED) == ALLOW


def test_a_flag_of_the_model_blocks_whatever_the_score() -> None:
    said = read_scores(Policy(), {"hate": 0.0}, frozenset({"hate"}))

    assert said == Reading(Verdict.BLOCK, ("hate",))


def test_a_category_that_nobody_knows_is_judged_strictly() -> None:
    said = read_scores(
        Policy(), {"novelty": UNKNOWN_CATEGORY_BLOCKS_AT}, NOBODY_FLAGGED
    )

    assert said.verdict is Verdict.BLOCK


def test_a_workspace_may_tighten_a_limit() -> None:
    strict = policy(block_above={"violence": 0.1})

    said = read_scores(strict, {"violence": 0.1}, NOBODY_FLAGGED)

    assert said.verdict is Verdict.BLOCK


@given(category=categories, limit=scores)
def test_no_rule_of_a_workspace_loosens_the_floor(category: str, limit: float) -> None:
    assert policy(block_above={category: limit}).blocks_at(category) <= FLOOR[category]


@given(category=categories, low=scores, high=scores)
def test_a_higher_score_is_never_judged_more_mildly(
    category: str, low: float, high: float
) -> None:
    low, high = sorted((low, high))
    milder = read_scores(Policy(), {category: low}, NOBODY_FLAGGED)
    harder = read_scores(Policy(), {category: high}, NOBODY_FLAGGED)

    assert stricter(milder, harder).verdict is harder.verdict


@pytest.mark.parametrize(
    ("block_above", "field"),
    [
        ({"politeness": 0.1}, "rules.block_above.politeness"),
        ({"sexual/minors": 0.02}, "rules.block_above.sexual/minors"),
    ],
)
def test_looser_rules_are_refused(block_above: dict[str, float], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        refuse_looser(PolicyRules(block_above=block_above))

    assert caught.value.field == field


def test_rules_as_strict_as_the_floor_are_accepted() -> None:
    refuse_looser(PolicyRules(block_above=dict(FLOOR)))


@pytest.mark.parametrize(
    ("text", "verdict", "reasons"),
    [
        ("a walk by the sea", Verdict.ALLOW, ()),
        ("a nude by the sea", Verdict.BLOCK, ("sexual",)),
        ("the election by the sea", Verdict.REVIEW, ("political claim",)),
        ("a nude election", Verdict.BLOCK, ("sexual",)),
        ("an acme by the sea", Verdict.BLOCK, ("acme",)),
        ("a rival by the sea", Verdict.REVIEW, ("rival",)),
    ],
)
def test_words_are_read_by_the_floor_and_by_the_workspace(
    text: str, verdict: Verdict, reasons: tuple[str, ...]
) -> None:
    own = policy(blocked_terms=["acme"], reviewed_terms=["rival"])

    assert read_words(own, text) == Reading(verdict, reasons)


@pytest.mark.parametrize(
    ("one", "other", "stricter_one"),
    [
        (ALLOW, ALLOW, ALLOW),
        (ALLOW, REVIEW, REVIEW),
        (BLOCK, REVIEW, BLOCK),
        (REVIEW, Reading(Verdict.REVIEW, ("d",)), Reading(Verdict.REVIEW, ("b", "d"))),
    ],
)
def test_the_stricter_reading_wins(
    one: Reading, other: Reading, stricter_one: Reading
) -> None:
    assert stricter(one, other) == stricter_one


def test_the_same_rules_have_the_same_name() -> None:
    assert (
        policy(blocked_terms=["acme"]).sha256 == policy(blocked_terms=["acme"]).sha256
    )


@pytest.mark.parametrize(
    "rules",
    [
        {"blocked_terms": ["acme"]},
        {"reviewed_terms": ["acme"]},
        {"block_above": {"hate": 0.01}},
    ],
)
def test_other_rules_have_another_name(rules: dict[str, object]) -> None:
    assert policy(**rules).sha256 != Policy().sha256
