"""TikTok's data endpoints: their envelope, and what a creator may do now.

``error.code`` is told beside any status; only ``ok`` is a yes, and HTTP 200 alone is
not (developers.tiktok.com/doc/tiktok-api-v2-error-handling).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.providers.http import HttpProvider, in_short
from vixenbliss.providers.oauth import Quota

NAME = "TikTok"
OK = "ok"
SPENT = "spam_risk_too_many_posts"
POSTS_A_DAY = 15  # Content Sharing Guidelines: of all apps together, and of a creator
DAY = timedelta(days=1)
_LATER = "rate_limit_exceeded"
_BROKEN = "internal_error"


class Trouble(BaseModel):
    """Why an answer is none; ``ok`` where it is one."""

    code: str
    message: str = ""


class Envelope(BaseModel):
    """What every answer has."""

    error: Trouble


class CreatorData(BaseModel):
    """What a creator's next post may be; None for what is not told."""

    privacy_level_options: tuple[str, ...] | None = None
    comment_disabled: bool = False
    duet_disabled: bool = False
    stitch_disabled: bool = False
    max_video_post_duration_sec: int | None = Field(default=None, gt=0)


class Creator(Envelope):
    """A creator, as ``creator_info`` shows it."""

    data: CreatorData = CreatorData()

    @property
    def quota(self) -> Quota:
        """The limit of a day, and whether it is used up; TikTok tells no more."""
        used = POSTS_A_DAY if self.error.code == SPENT else None
        return Quota(POSTS_A_DAY, used, DAY)


async def creator_of(http: HttpProvider) -> Creator:
    """Return what a creator may do now; of one whose day is used up, only that.

    Raises:
        ProviderError: TikTok does not tell.
    """
    try:
        path = "/v2/post/publish/creator_info/query/"
        return await ask(http, path, Creator, {})
    except ProviderRefusedError as error:
        if error.their_code != SPENT:
            raise
        return Creator(error=Trouble(code=SPENT))


async def ask[Answer: Envelope](  # noqa: PLR0913 - the parts of an HTTP request
    http: HttpProvider,
    path: str,
    answer: type[Answer],
    body: Mapping[str, Any],
    *,
    query: Mapping[str, str] | None = None,
    effect: bool = False,
) -> Answer:
    """Make a call and return its answer, which is a yes.

    Raises:
        ProviderUnavailableError: it had no effect and may be tried again.
        ProviderRefusedError: it had no effect and trying again will not help.
        OutcomeUnknownError: it may have had its effect.
    """
    told = await http.call("POST", path, answer, body=body, query=query, effect=effect)
    if told.error.code != OK:
        raise _kind(told.error.code, effect=effect)(
            NAME,
            "a no under the status of a yes",
            words=in_short(told.error.message),
            their_code=told.error.code[:60],
        )
    return told


def _kind(code: str, *, effect: bool) -> type[ProviderError]:
    if code == _BROKEN:
        return OutcomeUnknownError if effect else ProviderUnavailableError
    return ProviderUnavailableError if code == _LATER else ProviderRefusedError
