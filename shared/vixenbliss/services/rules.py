"""The policy gate's arithmetic: scores and rules in, a verdict out. No I/O."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from vixenbliss.errors import ValidationError
from vixenbliss.models.policy import Verdict
from vixenbliss.schemas.policy import PolicyRules
from vixenbliss.services import floor

# Starting values, from the strictest tier of the product this one follows; they want a
# labelled set of our own before they can be called right.
FLOOR: Mapping[str, float] = {
    "harassment": 0.20,
    "harassment/threatening": 0.10,
    "hate": 0.05,
    "hate/threatening": 0.02,
    "illicit": 0.20,
    "illicit/violent": 0.10,
    "self-harm": 0.05,
    "self-harm/instructions": 0.05,
    "self-harm/intent": 0.05,
    "sexual": 0.20,
    "sexual/minors": 0.01,
    "violence": 0.30,
    "violence/graphic": 0.10,
}
"""Category to the score from which on we block; half of it wants a review."""
UNKNOWN_CATEGORY_BLOCKS_AT = 0.05
"""For a category that the service adds one day: strict until somebody has thought."""
LEXICON_VERSION = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force for a workspace: the floor, and what it adds."""

    rules: PolicyRules = field(default_factory=PolicyRules)
    version_id: UUID | None = None
    version: int = 0

    @property
    def sha256(self) -> bytes:
        """Name exactly these rules, floor and word lists included."""
        spelled = json.dumps(
            {
                "floor": dict(FLOOR),
                "lexicon": LEXICON_VERSION,
                "rules": self.rules.model_dump(mode="json"),
            },
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(spelled.encode()).digest()

    def blocks_at(self, category: str) -> float:
        """Return the score from which on a category blocks."""
        base = FLOOR.get(category, UNKNOWN_CATEGORY_BLOCKS_AT)
        return min(base, self.rules.block_above.get(category, base))


def refuse_looser(rules: PolicyRules) -> None:
    """Make sure that a workspace's rules only tighten.

    Raises:
        ValidationError: a category is unknown, or its limit is above the floor's.
    """
    for category, limit in rules.block_above.items():
        if category not in FLOOR:
            message = f"There is no moderation category {category!r}."
            raise ValidationError(message, field=f"rules.block_above.{category}")
        if limit > FLOOR[category]:
            message = f"{category} blocks above {FLOOR[category]} at the latest."
            raise ValidationError(message, field=f"rules.block_above.{category}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at a subject says, and why."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def read_words(policy: Policy, text: str) -> Reading:
    """Return what the words alone say, before any model is asked."""
    block = floor.blocked(text)
    block += floor.containing(text, policy.rules.blocked_terms)
    if block:
        return Reading(Verdict.BLOCK, block)
    review = floor.reviewable(text)
    review += floor.containing(text, policy.rules.reviewed_terms)
    return Reading(Verdict.REVIEW, review) if review else Reading(Verdict.ALLOW)


def read_scores(
    policy: Policy, scores: Mapping[str, float], flagged: frozenset[str]
) -> Reading:
    """Return what a model's scores say; a flag of the model's own counts as a block."""
    block = {c for c, score in scores.items() if score >= policy.blocks_at(c)}
    block |= flagged
    if block:
        return Reading(Verdict.BLOCK, tuple(sorted(block)))
    review = {c for c, score in scores.items() if score >= policy.blocks_at(c) / 2}
    if review:
        return Reading(Verdict.REVIEW, tuple(sorted(review)))
    return Reading(Verdict.ALLOW)


_SEVERITY = (Verdict.ALLOW, Verdict.REVIEW, Verdict.BLOCK)


def stricter(one: Reading, other: Reading) -> Reading:
    """Return the stricter of two readings, with the reasons of whoever says so."""
    verdict = max(one.verdict, other.verdict, key=_SEVERITY.index)
    reasons = (r.reasons for r in (one, other) if r.verdict is verdict)
    return Reading(verdict, tuple(reason for why in reasons for reason in why))
