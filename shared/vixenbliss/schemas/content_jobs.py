"""Content jobs, as the outside sees them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from vixenbliss.models.content_jobs import JobKind, JobStatus, Provider
from vixenbliss.schemas.base import NFC, CostRead, Input, Language, Output, line, text

AspectRatio = Literal["1:1", "4:5", "3:4", "9:16", "16:9"]
Prompt = Annotated[str, text(at_least=3, at_most=2_000), NFC]


class ImageParams(Input):
    """How an image is made."""

    aspect_ratio: AspectRatio = "4:5"
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """Only for a single image; without it each image gets one of its own."""


class CaptionParams(Input):
    """How a caption is written; what is left out comes from the avatar's sheet."""

    language: Language | None = None
    tone: Annotated[str, line(at_least=1, at_most=200), NFC] | None = None


class _Generate(Input):
    avatar_id: UUID
    prompt: Prompt
    count: Annotated[int, Field(ge=1, le=50)] = 1


class GenerateImages(_Generate):
    """So many images of an avatar; the prompt says what happens in them."""

    kind: Literal["image"]
    negative_prompt: Annotated[str, text(at_most=1_000), NFC] = ""
    params: ImageParams = Field(default_factory=ImageParams)


class GenerateCaptions(_Generate):
    """So many captions in an avatar's voice; the prompt says what about."""

    kind: Literal["caption"]
    params: CaptionParams = Field(default_factory=CaptionParams)


Generate = Annotated[GenerateImages | GenerateCaptions, Field(discriminator="kind")]


class Generation(Output):
    """Jobs that were taken on."""

    job_id: UUID
    """The first of them."""
    batch_id: UUID
    job_ids: list[UUID]
    status: Literal["queued"] = "queued"
    estimated_cost: CostRead


class Estimate(Output):
    """What a generation would cost at most, and what the month's budget still bears."""

    estimate: CostRead
    budget_left: CostRead | None
    """None where the avatar has no budget."""


class CaptionResult(Output):
    """A caption, as written for a job."""

    caption: str
    hashtags: list[str]
    alt_text: str


class JobRead(Output):
    """A job."""

    id: UUID
    avatar_id: UUID
    batch_id: UUID
    kind: JobKind
    provider: Provider
    model: str
    prompt: str
    status: JobStatus
    attempts: int
    error_code: str | None
    error_message: str | None
    asset_id: UUID | None
    result: CaptionResult | None
    cost_reserved_micros: int
    cost_actual_micros: int
    cost_currency: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class AttemptRead(Output):
    """One of the three tries."""

    attempt: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    http_status: int | None
    error: str | None


class JobDetail(JobRead):
    """A job with its tries."""

    seed: int
    sheet_version: int
    attempt_log: list[AttemptRead]
