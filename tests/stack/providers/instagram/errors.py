"""Meta's errors, in its envelope, by code and subcode.

Codes, subcodes and user messages: "Error codes" of the Instagram platform (2 June
2026), all of them HTTP 400 there; the general ones: "Handle errors" of the Graph API.
Where neither says which code meets a case, it is the nearest, and marked "nearest".
"""

import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.responses import JSONResponse

from tests.stack.providers.calls import RefusedError

_TRACE_BYTES = 16


@dataclass(frozen=True)
class Problem:
    """One way to be refused."""

    code: int
    message: str
    subcode: int | None = None
    advice: str | None = None
    status: int = HTTPStatus.BAD_REQUEST
    transient: bool = False

    def body(self) -> dict[str, object]:
        """Return the envelope, with a trace id nobody else has."""
        error: dict[str, object] = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error["is_transient"] = self.transient
        if self.advice is not None:
            error |= {"error_user_title": self.message, "error_user_msg": self.advice}
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(_TRACE_BYTES)
        return {"error": error}

    def response(self) -> JSONResponse:
        """Return the problem as the answer."""
        return JSONResponse(self.body(), self.status)

    def error(self) -> RefusedError:
        """Return what is raised to refuse a call."""
        return RefusedError(self.response())


def _told(code: int, subcode: int, message: str, advice: str) -> Problem:
    return Problem(code, message, subcode, advice)


NO_TOKEN = Problem(
    2500, "An active access token must be used to query information about the user."
)
MALFORMED_TOKEN = Problem(190, "Invalid OAuth access token - Cannot parse access token")
EXPIRED_TOKEN = Problem(190, "Error validating access token: Session has expired.", 463)
BAD_PROOF = Problem(100, "Invalid appsecret_proof provided in the API argument")
NO_PROOF = Problem(100, "API calls from the server require an appsecret_proof argument")
WRONG_SECRET = Problem(101, "Error validating client secret.")
NO_SUCH_OBJECT = Problem(
    100,
    "Unsupported request. Object does not exist, cannot be loaded due to missing"
    " permissions, or does not support this operation.",
    33,
)
TOO_YOUNG = Problem(
    100, "The access token must be at least 24 hours old to be refreshed."
)  # nearest
APP_LIMIT = Problem(4, "Application request limit reached", transient=True)
ACCOUNT_LIMIT = Problem(
    80002,
    "There have been too many calls to this Instagram account. Wait a bit and try"
    " again.",
    transient=True,
)
BLOCKED = Problem(
    368, "The action attempted has been deemed abusive or is otherwise disallowed"
)
SPAM = _told(
    4,
    2207051,
    "Application request limit reached",
    "We restrict certain activity to protect our community. Tell us if you think we"
    " made a mistake.",
)
RESTRICTED = _told(
    25,
    2207050,
    "User access is restricted",
    "The Instagram account is restricted.",
)
POSTS_USED_UP = _told(
    9,
    2207042,
    "Application publishing limit reached",
    "You reached maximum number of posts that is allowed to be published by Content"
    " Publishing API.",
)
CONTAINERS_USED_UP = _told(
    9,
    2207042,
    "Application publishing limit reached",
    "You reached maximum number of containers that is allowed to be created by Content"
    " Publishing API.",
)  # nearest
NOT_READY = _told(
    9007,
    2207027,
    "Media ID is not available",
    "The media is not ready for publishing, please wait for a moment",
)
NO_MEDIA = _told(
    24,
    2207006,
    "The requested resource does not exist",
    "The media with the given id cannot be found",
)
CONTAINER_EXPIRED = _told(
    -2,
    2207020,
    "Media expired",
    "The media you are trying to access has expired. Please try to upload again.",
)
CONTAINER_FAILED = _told(
    -1,
    2207032,
    "Fatal",
    "Create media fail, please try to re-create media",
)
NOT_FETCHED = _told(
    9004,
    2207052,
    "Only photo or video can be accepted as media type.",
    "Media download has failed. The media URI doesn't meet our requirements.",
)
FETCH_TIMED_OUT = _told(
    -2, 2207003, "Timeout", "It takes too long to download the media."
)
IMAGE_TOO_LARGE = _told(
    36000,
    2207004,
    "The image size is too large.",
    "The image is too large to download. It should be less than 8 MiB.",
)
NOT_A_JPEG = _told(
    36001,
    2207005,
    "The image format is not supported.",
    "The image format is not supported. It should be JPEG.",
)
WRONG_RATIO = _told(
    36003,
    2207009,
    "The submitted image with aspect ratio is not supported.",
    "The aspect ratio must be between 4:5 and 1.91:1.",
)
WRONG_WIDTH = _told(
    36003,
    2207009,
    "The submitted image with this width is not supported.",
    "The width must be between 320 and 1440 pixels.",
)  # nearest
CAPTION_TOO_LONG = _told(
    36004,
    2207010,
    "The caption was too long.",
    "The caption was too long. It must be 2200 characters or less.",
)
BAD_OFFSET = _told(
    1,
    2207057,
    "Invalid thumbnail offset",
    "Thumbnail offset must be greater than or equal to 0 and less than video duration",
)
UNKNOWN_MEDIA_TYPE = _told(
    100,
    2207023,
    "Invalid parameter",
    "The media type is unknown. It should be CAROUSEL, REELS, STORIES or, for a"
    " carousel item, VIDEO.",
)
BAD_CAROUSEL = _told(
    100,
    2207028,
    "Invalid parameter",
    "Your post won't work as a carousel. Carousels need at least 2 and no more than 10"
    " photos or videos.",
)


def bad(message: str) -> Problem:
    """Return the refusal of a parameter."""
    return Problem(100, f"(#100) {message}")


def missing(name: str) -> Problem:
    """Return the refusal of a call without a parameter it needs."""
    return bad(f"The parameter {name} is required")


def no_field(name: str, kind: str) -> Problem:
    """Return the refusal to show what a thing does not have."""
    return bad(f"Tried accessing nonexistent field ({name}) on node type ({kind})")


def forbidden(permission: str) -> Problem:
    """Return the refusal of a token that was not granted a permission."""
    message = "(#10) Application does not have permission for this action"
    return Problem(10, f"{message}: {permission}")


def dead_token(subcode: int) -> Problem:
    """Return the refusal of a token that its owner or Meta has made void."""
    message = "Error validating access token: The session has been invalidated."
    return Problem(190, message, subcode)


def unknown_path(path: str) -> Problem:
    """Return what an unknown path is met with."""
    return Problem(2500, f"Unknown path components: {path}")


_TROUBLES: dict[int, Problem] = {
    HTTPStatus.UNAUTHORIZED: MALFORMED_TOKEN,
    HTTPStatus.FORBIDDEN: forbidden("any"),
    HTTPStatus.NOT_FOUND: NO_SUCH_OBJECT,
    HTTPStatus.TOO_MANY_REQUESTS: APP_LIMIT,
}
_HICCUP = Problem(
    2, "An unexpected error has occurred. Please retry your request later."
)


def of_status(status: int) -> Problem:
    """Return what an answer of that status says when nobody worded it."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return replace(_HICCUP, transient=True)
    return _TROUBLES.get(status, Problem(1, "An unknown error has occurred."))
