"""The policy gate's rules and verdicts, as the outside sees them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from vixenbliss.models.policy import SubjectType, Verdict
from vixenbliss.schemas.base import NFC, Input, Output, Reason, Sha256, line, text

Score = Annotated[float, Field(ge=0, le=1)]
JudgedText = Annotated[str, text(at_least=1, at_most=10_000), NFC]
Term = Annotated[str, line(at_least=2, at_most=80), NFC]


class PolicyRules(Input):
    """What a workspace adds to the platform's floor; nothing here can loosen it."""

    block_above: dict[str, Score] = Field(default_factory=dict)
    """Moderation category to the score from which on it blocks, at most the floor's."""
    blocked_terms: Annotated[list[Term], Field(max_length=200)] = Field(
        default_factory=list
    )
    reviewed_terms: Annotated[list[Term], Field(max_length=200)] = Field(
        default_factory=list
    )


class PolicyUpdate(Input):
    """New rules."""

    rules: PolicyRules


class PolicyRead(Output):
    """The rules in force; version 0 is the floor alone."""

    version: int
    rules: PolicyRules
    floor: dict[str, float]
    sha256: Sha256
    created_at: datetime | None


class PolicyCheck(Input):
    """A text, or an asset, to be judged."""

    text: JudgedText | None = None
    asset_id: UUID | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.text is None) == (self.asset_id is None):
            message = "send either text or asset_id"
            raise ValueError(message)
        return self


class CheckAccepted(Output):
    """The verdict will be found here."""

    decision_id: UUID


class DecisionRead(Output):
    """A verdict, with all that it rests on."""

    id: UUID
    subject_type: SubjectType
    subject_id: UUID | None
    subject_sha256: Sha256
    verdict: Verdict
    publishable: bool
    reasons: list[str]
    scores: dict[str, float]
    model: str | None
    policy_version: int
    policy_sha256: Sha256 | None
    created_at: datetime
    decided_at: datetime | None
    overridden_by: int | None
    override_reason: str | None


class Override(Input):
    """Why a verdict of review is set aside."""

    reason: Reason
