"""What a test may turn on TikTok's stand-in while it runs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Quotas(BaseModel):
    """How much is allowed, as documented.

    Sliding minutes per user (tiktok-api-v2-rate-limit), and 24 hours per creator
    (content-sharing-guidelines).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    inits_a_minute: int = Field(default=6, ge=0)
    creator_infos_a_minute: int = Field(default=20, ge=0)
    statuses_a_minute: int = Field(default=30, ge=0)
    displays_a_minute: int = Field(default=600, ge=0)
    posts_a_day: int = Field(default=15, ge=0)
    pending_shares_a_day: int = Field(default=5, ge=0)
    unaudited_users_a_day: int = Field(default=5, ge=0)


class TikTokSettings(BaseModel):
    """How TikTok behaves when nothing is scripted to go wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signed_in: str = "luna.vega"
    """Who is at the browser when the authorize page opens."""
    deny: bool = False
    """Whether that person refuses."""
    consents_to: tuple[str, ...] | None = None
    """The scopes that are granted at most; null for all that are asked for."""
    redirect_uris: tuple[str, ...] = ()
    """The registered addresses; none given, each is taken for registered."""
    pkce: Literal["hex", "base64url"] = "hex"
    """How a challenge is written; TikTok's own way is hexadecimal (Login Kit)."""
    rotates: bool = True
    """Whether a refresh replaces the refresh token and ends the old one."""
    access_token_s: int = Field(default=7200, gt=0)
    refresh_token_s: int = Field(default=15_552_000, gt=0)
    oauth_error_status: int = Field(default=400, ge=200, le=499)
    """The status beside an OAuth error; the documents name none."""
    audited: bool = True
    """Whether the app has passed the audit; if not, it posts for one's own eyes."""
    verified_prefixes: tuple[str, ...] = ("http://127.0.0.1:", "http://localhost:")
    """What TikTok pulls from; only loopback is ever called."""
    checks_media: bool = True
    """Whether files must be what the documents allow."""
    download_s: float = Field(default=0.0, ge=0)
    """How long a pull waits before it begins."""
    processing_s: float = Field(default=0.2, ge=0)
    """How long a file that has arrived takes to become a post."""
    moderation_s: float = Field(default=0.3, ge=0)
    """How long a post takes to be public, and to have an id to be told of."""
    moderates: bool = True
    """Whether moderation ends by itself; if not, the control door ends it."""
    upload_url_s: int = Field(default=3600, gt=0)
    quotas: Quotas = Quotas()
    webhook_url: str | None = None
    """Where events are sent; null for nowhere."""
    complete_event: str = "post.publish.complete"
    """Some documents write ``post.publish.completed``."""
    direct_type: str = "DIRECT_PUBLISH"
    """The ``publish_type`` of direct posts; the documents name only INBOX_SHARE."""
