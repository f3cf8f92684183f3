"""What a test may turn on the stand-in for Instagram while it runs."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_DAY_S = 86_400


class InstagramSettings(BaseModel):
    """How the platform behaves when nothing is scripted to go wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str = "luna.vega"
    """Who sits before the login page."""
    deny: bool = False
    """Whether that person refuses what the app asks for."""
    granted: tuple[str, ...] | None = None
    """Which of the wanted permissions are ticked; null for all."""
    redirect_uris: tuple[str, ...] = ()
    """The addresses registered with the app; none registered lets any pass."""
    token_answer: Literal["data", "flat"] = "data"
    """The code's answer as documented, or as seen: flat, the id a number."""
    require_proof: bool = False
    """Whether calls need an ``appsecret_proof``."""

    image_s: float = Field(default=0.2, ge=0, le=_DAY_S)
    """How long an image, or a carousel, is ``IN_PROGRESS``, by the platform's clock."""
    video_s: float = Field(default=0.6, ge=0, le=_DAY_S)
    """How long a video is."""
    fetch_timeout_s: float = Field(default=20.0, gt=0, le=120)
    """How long the platform waits for a file."""
    strict_width: bool = True
    """Whether widths beyond 320…1440 are refused; the platform itself may scale."""
    strict_videos: bool = True
    """Whether a video that breaks the specification ends in ``ERROR``."""
    most_hashtags: int = Field(default=30, ge=0)
    most_mentions: int = Field(default=20, ge=0)
    can_delete: bool = True
    """Whether a post can be deleted; sources disagree."""
    published_twice: Literal["not_found", "not_ready"] = "not_found"
    """How publishing a published container is refused; no source says."""
    app_usage: int = Field(default=1, ge=0, le=1000)
    """Percent of the app's calls used up; from 100 on all calls are refused."""

    webhook_url: str | None = None
    deauthorize_url: str | None = None
    data_deletion_url: str | None = None
    webhook_shape: Literal["changes", "flat"] = "changes"
    """How comments are told; messages always come as ``messaging``."""
    webhook_in_array: bool = False
    """Whether the body is wrapped in an array, as in the documents' samples."""
    signed_with: Literal["instagram", "meta"] = "instagram"
    """Which of the app's two secrets signs."""


class Standing(StrEnum):
    """How the platform looks upon an account."""

    GOOD = "good"
    RESTRICTED = "restricted"  # 25/2207050, its owner must act
    SPAM = "spam"  # 4/2207051, publishing looks automated
    BLOCKED = "blocked"  # 368, for a while


class Quotas(BaseModel):
    """What an account may do in a day, and how much of its calls is used up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    posts: int = Field(default=100, ge=0)
    containers: int = Field(default=400, ge=0)
    usage: int = Field(default=1, ge=0, le=1000)
    """Percent; from 100 on the account's calls are refused with 80002."""
    regain_minutes: int = Field(default=0, ge=0)
