"""The policy gate's rules and its verdicts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Json,
    Mapped,
    mapped_column,
    one_of,
    within,
)


class Verdict(StrEnum):
    """What the gate says. Only ``allow``, or ``review`` overridden, is publishable."""

    PENDING = "pending"
    ALLOW = "allow"
    REVIEW = "review"
    BLOCK = "block"
    ERROR = "error"


class SubjectType(StrEnum):
    """What was judged."""

    PROMPT = "prompt"
    IMAGE = "image"
    """A file: the pixels of a picture, or sampled frames of a video."""
    CAPTION = "caption"
    PROFILE = "profile"
    TEXT = "text"


class PolicyVersion(Base):
    """A workspace's own rules, at or above the platform's floor; one is active."""

    __tablename__ = "policy_versions"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    version: Mapped[int]
    rules: Mapped[Json]
    sha256: Mapped[bytes]
    active: Mapped[bool] = mapped_column(server_default="true")
    created_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    created_at: Mapped[Born]

    __table_args__ = (
        UniqueConstraint("workspace_id", "version"),
        Index(
            "uq_policy_versions_active",
            "workspace_id",
            unique=True,
            postgresql_where=text("active"),
        ),
    )


class PolicyDecision(Base):
    """A verdict about one subject, with all that it rests on.

    The hash binds it: change the subject by a byte and the verdict says nothing of it.
    """

    __tablename__ = "policy_decisions"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    subject_type: Mapped[SubjectType]
    subject_id: Mapped[UUID | None]
    subject_sha256: Mapped[bytes]
    subject_text: Mapped[str | None]
    verdict: Mapped[Verdict] = mapped_column(server_default=Verdict.PENDING)
    scores: Mapped[dict[str, float]] = mapped_column(JSONB, server_default="{}")
    reasons: Mapped[list[str]] = mapped_column(server_default="{}")
    model: Mapped[str | None] = mapped_column(String(80))
    policy_version_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("policy_versions.id")
    )
    """None is the platform's floor alone."""
    policy_sha256: Mapped[bytes | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    check_at: Mapped[datetime]
    """When silence about a pending decision becomes suspicious."""
    created_at: Mapped[Born]
    decided_at: Mapped[datetime | None]
    overridden_by: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    override_reason: Mapped[str | None]
    overridden_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("subject_type", SubjectType),
        one_of("verdict", Verdict),
        within("subject_text", at_most=20_000),
        within("override_reason", at_least=1, at_most=1_000),
        CheckConstraint(
            "overridden_by IS NULL OR (verdict = 'review' AND overridden_at IS NOT NULL"
            " AND override_reason IS NOT NULL)",
            name="only_review_is_overridden",
        ),
        CheckConstraint(
            "verdict IN ('pending', 'error') OR policy_sha256 IS NOT NULL",
            name="verdict_names_its_policy",
        ),
        Index(
            "ix_policy_decisions_subject",
            "workspace_id",
            "subject_type",
            "subject_sha256",
            "created_at",
        ),
        Index("ix_policy_decisions_subject_id", "subject_id", "created_at"),
        Index(
            "ix_policy_decisions_pending",
            "check_at",
            postgresql_where=text("verdict = 'pending'"),
        ),
    )
