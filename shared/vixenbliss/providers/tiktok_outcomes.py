"""What TikTok says of a post on its way, and of all that fails.

developers.tiktok.com/doc/content-posting-api-reference-get-video-status: ``status`` and
``fail_reason``; error codes: the references of direct posts and of photos.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field

from vixenbliss.errors import OutcomeUnknownError, ProviderError
from vixenbliss.models.posts import Failure
from vixenbliss.providers.publishing import FLEETING, Outcome, Published, Stage
from vixenbliss.providers.tiktok_data import NAME

UPLOADING = "PROCESSING_UPLOAD"
_VIDEO = "v_"
"""How the publish_id of a video begins; photos have no bytes that we could send."""
_STAGES = {
    UPLOADING: Stage.PREPARING,
    "PROCESSING_DOWNLOAD": Stage.PREPARING,
    # It waits for its creator, who may post it or not: neither is known.
    "SEND_TO_USER_INBOX": Stage.PREPARING,
    "PUBLISH_COMPLETE": Stage.PUBLISHED,
    "FAILED": Stage.LOST,
}
# Error codes of calls, and fail_reasons of posts. The other ones are for a person:
# all that smells of spam, an app without audit, an address that is not verified.
_FAILURES: Mapping[str, Failure] = {
    **dict.fromkeys(
        ("access_token_invalid", "scope_not_authorized", "auth_removed"),
        Failure.REAUTHENTICATE,
    ),
    **dict.fromkeys(("rate_limit_exceeded", "internal_error"), Failure.RETRY),
    **dict.fromkeys(
        ("internal", "video_pull_failed", "photo_pull_failed"), Failure.RETRY
    ),
    "spam_risk_too_many_posts": Failure.RETRY,  # the quota of a day
    **dict.fromkeys(
        (
            "invalid_param",
            "invalid_params",
            "privacy_level_option_mismatch",
            "file_format_check_failed",
            "duration_check_failed",
            "frame_rate_check_failed",
            "picture_size_check_failed",
            "upload_mode",
        ),
        Failure.FIX_CONTENT,
    ),
}


class Progress(BaseModel):
    """How far a post has come, as ``status/fetch`` tells it."""

    status: str = ""
    fail_reason: str | None = None
    uploaded_bytes: int | None = None
    publicaly_available_post_id: Annotated[list[int], Field(max_length=100)] | None = (
        None
    )


def outcome_of(handle: str, told: Progress) -> Outcome:
    """Return what has become of a post.

    Raises:
        OutcomeUnknownError: in words that we do not know.
    """
    stage = _STAGES.get(told.status)
    if stage is None:
        raise OutcomeUnknownError(NAME, f"status {told.status[:40]}")
    if stage is Stage.LOST:
        reason = (told.fail_reason or "")[:60]
        return Outcome(stage, reason, failure_for(reason))
    if stage is Stage.PUBLISHED:
        ids = told.publicaly_available_post_id
        return Outcome(stage, published=Published(str(ids[0]) if ids else None))
    is_awaited = told.status == UPLOADING and handle.startswith(_VIDEO)
    if is_awaited and told.uploaded_bytes == 0:
        return Outcome(Stage.READY, told.status)  # not a byte of it has come
    return Outcome(stage, told.status)


def failure_of(error: ProviderError) -> Failure:
    """Return what is to be done about an error.

    What is not a refusal, but says a code that we do not know, passes.
    """
    known = _FAILURES.get(error.their_code)
    if known is None and isinstance(error, FLEETING):
        return Failure.RETRY
    return failure_for(error.their_code)


def failure_for(code: str) -> Failure:
    """Return what is to be done about a code.

    What has none is a hiccup; one that we do not know is a matter for a person.
    """
    return _FAILURES.get(code, Failure.STOP) if code else Failure.RETRY
