"""The content_jobs: wishes for an image or a caption, on their way to being met."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Uuid,
    text,
)

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Json,
    Mapped,
    Touched,
    mapped_column,
    one_of,
    within,
)

MAX_RETRIES = 3
"""How often a job is tried in all, by the name that source 004 gives it."""


class JobKind(StrEnum):
    """What is wished for."""

    IMAGE = "image"
    CAPTION = "caption"


class Provider(StrEnum):
    """Who makes it."""

    REPLICATE = "replicate"
    OPENAI = "openai"


class JobStatus(StrEnum):
    """Where a job is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    AWAITING_PROVIDER = "awaiting_provider"
    INGESTING = "ingesting"
    MODERATING = "moderating"
    SUCCEEDED = "succeeded"
    BLOCKED = "blocked"
    RETRYING = "retrying"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ContentJob(Base):
    """One image or caption asked of a provider.

    ``submitted_at`` is written before the provider is called and ``provider_job_id`` as
    soon as it has answered: a row with the first and without the second may or may not
    have been sent, and is looked up at the provider before anything is sent again.
    ``check_at`` is when silence about the row is suspicious; the sweeper looks then.
    """

    __tablename__ = "content_jobs"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID]
    sheet_version: Mapped[int]
    requested_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    batch_id: Mapped[UUID]
    retry_of: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("content_jobs.id"))

    kind: Mapped[JobKind]
    provider: Mapped[Provider]
    model: Mapped[str] = mapped_column(String(120))
    prompt: Mapped[str]
    negative_prompt: Mapped[str] = mapped_column(server_default="")
    seed: Mapped[int] = mapped_column(BigInteger)
    params: Mapped[Json] = mapped_column(server_default="{}")

    status: Mapped[JobStatus] = mapped_column(server_default=JobStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default="0")
    finish_attempts: Mapped[int] = mapped_column(server_default="0")
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    provider_job_id: Mapped[str | None] = mapped_column(String(120))
    result: Mapped[Json | None]
    asset_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("assets.id"))

    budget_month: Mapped[str] = mapped_column(String(7))
    cost_reserved_micros: Mapped[int] = mapped_column(BigInteger)
    cost_actual_micros: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """What its tries have cost so far."""
    cost_is_estimated: Mapped[bool] = mapped_column(server_default="false")
    """Whether the last of it is the estimate, because nobody has seen the outcome."""
    cost_currency: Mapped[str] = mapped_column(String(3), server_default="usd")
    cost_settled_at: Mapped[datetime | None]
    """When the hold became cost or was given back; until then the budget bears it."""

    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    check_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        ForeignKeyConstraint(
            ["avatar_id", "sheet_version"],
            ["avatar_sheets.avatar_id", "avatar_sheets.version"],
        ),
        one_of("kind", JobKind),
        one_of("provider", Provider),
        one_of("status", JobStatus),
        within("prompt", at_least=1, at_most=8_000),
        within("negative_prompt", at_most=2_000),
        within("error_message", at_most=2_000),
        CheckConstraint(f"attempts BETWEEN 0 AND {MAX_RETRIES}", name="three_tries"),
        CheckConstraint(
            "status <> 'failed' OR error_code IS NOT NULL", name="failure_has_a_code"
        ),
        CheckConstraint(
            "(status IN ('succeeded', 'blocked', 'failed', 'cancelled'))"
            " = (finished_at IS NOT NULL)",
            name="finished_at_set",
        ),
        CheckConstraint(
            "finished_at IS NULL OR cost_settled_at IS NOT NULL",
            name="no_hold_outlives_its_job",
        ),
        CheckConstraint(
            "status <> 'awaiting_provider' OR provider_job_id IS NOT NULL",
            name="awaits_a_known_call",
        ),
        CheckConstraint(
            "status <> 'succeeded' OR asset_id IS NOT NULL OR result IS NOT NULL",
            name="success_has_a_result",
        ),
        Index(
            "uq_content_jobs_provider_job_id",
            "provider_job_id",
            unique=True,
            postgresql_where=text("provider = 'replicate'"),
        ),
        Index(
            "ix_content_jobs_check_at",
            "check_at",
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(
            "uq_content_jobs_retry_of",
            "retry_of",
            unique=True,
            postgresql_where=text("retry_of IS NOT NULL"),
        ),
        Index("ix_content_jobs_workspace_id", "workspace_id", "created_at", "id"),
        Index("ix_content_jobs_status", "workspace_id", "status", "created_at", "id"),
        Index("ix_content_jobs_avatar_id", "avatar_id", "created_at"),
        Index(
            "ix_content_jobs_avatar_id_asset_id",
            "avatar_id",
            "asset_id",
            postgresql_where=text("asset_id IS NOT NULL"),
        ),
        Index("ix_content_jobs_batch_id", "batch_id"),
        Index("ix_content_jobs_asset_id", "asset_id"),
    )


class ContentJobAttempt(Base):
    """One of the three tries, and how it ended."""

    __tablename__ = "content_job_attempts"
    __table_args__ = (
        CheckConstraint(f"attempt BETWEEN 1 AND {MAX_RETRIES}", name="three_tries"),
        within("error", at_most=2_000),
    )

    job_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("content_jobs.id", ondelete="CASCADE"), primary_key=True
    )
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    started_at: Mapped[Born]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(60))
    http_status: Mapped[int | None]
    error: Mapped[str | None]
