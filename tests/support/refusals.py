"""Every refusal of the platforms, as the stand-ins know them, and who can cause it.

Documented rules are broken by one thing each. What no post of ours can cause is named,
with the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tests.stack.providers.tiktok import media as tiktok_media
from tests.support.offers import FILM, NOW, PICTURE, USERNAME, candidate
from tests.support.world import World
from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.publishing import Wishes
from vixenbliss.services.publishing_rules import Candidate

PUBLIC = Wishes(privacy_level="PUBLIC_TO_EVERYONE")
BAD_PARAMETER = "100"
BAD_VIDEO = "2207026"
OVER_100_MB = 100 * 2**20 + 1
ENDED = {"token_ends": NOW, "can_refresh": False}


def alike(world: World) -> None:
    """Leave the world as it is."""


@dataclass(frozen=True)
class Case:
    """One rule that is broken, by how it is refused and which of ours says so."""

    code: str
    rule: str
    platform: Platform
    format: PostFormat
    changes: dict[str, Any] = field(default_factory=dict)
    world: Callable[[World], None] = alike
    after: Callable[[World], None] = alike
    """What happens after the facts have been told."""

    def offered(self) -> Candidate:
        return candidate(self.platform, self.format, **self.changes)


def case(code: str, rule: str, where: str, **changes: Any) -> Case:
    platform, form = where.split()
    return Case(code, rule, Platform(platform), PostFormat(form), changes)


def no_posts_left(world: World) -> None:
    world.change("instagram", "accounts", username=USERNAME, quotas={"posts": 0})
    world.turn("tiktok", quotas={"posts_a_day": 0})


def tokens_end(world: World) -> None:
    world.tell("instagram", "tokens/expire")
    world.tell("tiktok", "tokens/expire")


def short_videos_only(world: World) -> None:
    world.change(
        *("tiktok", "creators"), username=USERNAME, max_video_post_duration_sec=60
    )


def shown(one: Any, count: int = 1, **changes: Any) -> dict[str, Any]:
    return {"pictures": [replace(one, **changes)] * count}


def wished(**changes: Any) -> dict[str, Any]:
    return {"wishes": replace(PUBLIC, **changes)}


LONG_TEXT = "a" * 1_001
OVER_4_GB = shown(FILM, size_bytes=2**32 + 1)
OVER_TEN_MINUTES = shown(FILM, duration_s=601)
OVER_A_MINUTE = shown(FILM, duration_s=61)
TAGS = " ".join(f"#tag{number}" for number in range(31))
OF_INSTAGRAM = {
    "CAPTION_TOO_LONG": [
        case("36004/2207010", "caption", f"instagram {form}", caption="a" * 2_201)
        for form in ("feed", "carousel", "reel", "story")
    ],
    "WRONG_RATIO": [
        case("36003/2207009", "ratio", f"instagram {form}", **shown(PICTURE, n, **size))
        for form, n in (("feed", 1), ("carousel", 2))
        for size in ({"width": 360, "height": 460}, {"width": 720, "height": 360})
    ],
    "BAD_CAROUSEL": [
        case("100/2207028", "count", "instagram carousel", **shown(PICTURE, 11)),
        case("100/2207028", "count", "instagram carousel", pictures=[]),
        case("100/2207028", "count", "instagram feed", pictures=[]),
    ],
    "BAD_OFFSET": [
        case("1/2207057", "cover", "instagram reel", **wished(cover_ms=at))
        for at in (5_000, -1)
    ],
    "POSTS_USED_UP": [
        replace(case("9/2207042", "quota", "instagram feed"), world=no_posts_left)
    ],
    "EXPIRED_TOKEN": [
        replace(case("190/463", "token", "instagram feed", **ENDED), after=tokens_end)
    ],
}
BAD_FOR_INSTAGRAM = [
    case(BAD_PARAMETER, "hashtags", "instagram feed", caption=TAGS),
    case(BAD_PARAMETER, "mentions", "instagram feed", caption="@luna " * 21),
    case(
        BAD_PARAMETER,
        "alt_text",
        "instagram feed",
        **shown(PICTURE, alt_text=LONG_TEXT),
    ),
    case(BAD_VIDEO, "duration", "instagram reel", **shown(FILM, duration_s=2)),
    case(BAD_VIDEO, "duration", "instagram reel", **shown(FILM, duration_s=901)),
    case(BAD_VIDEO, "duration", "instagram story", **shown(FILM, duration_s=2)),
    case(BAD_VIDEO, "duration", "instagram story", **OVER_A_MINUTE),
    case(BAD_VIDEO, "width", "instagram reel", **shown(FILM, width=1_921)),
    case(BAD_VIDEO, "size", "instagram story", **shown(FILM, size_bytes=OVER_100_MB)),
]
OF_TIKTOK = {
    "invalid_param": [
        case("invalid_param", "privacy", "tiktok video", wishes=Wishes()),
        case("invalid_param", "privacy", "tiktok photo", wishes=Wishes()),
        case("invalid_param", "caption", "tiktok video", caption="🔥" * 1_101),
        case("invalid_param", "caption", "tiktok photo", caption="🔥" * 2_001),
        case("invalid_param", "count", "tiktok photo", **shown(PICTURE, 36)),
        case("invalid_param", "count", "tiktok photo", pictures=[]),
        case("invalid_param", "cover", "tiktok video", **wished(cover_ms=-1)),
        case("invalid_param", "size", "tiktok video", **OVER_4_GB),
        *(
            case(
                *("invalid_param", "branded_content", f"tiktok {form}"),
                **wished(privacy_level="SELF_ONLY", branded_content=True),
            )
            for form in ("video", "photo")
        ),
    ],
    "privacy_level_option_mismatch": [
        case(
            *("privacy_level_option_mismatch", "privacy", f"tiktok {form}"),
            **wished(privacy_level="FOLLOWER_OF_CREATOR"),
        )
        for form in ("video", "photo")
    ],
    "spam_risk_too_many_posts": [
        replace(
            case("spam_risk_too_many_posts", "quota", f"tiktok {form}"),
            world=no_posts_left,
        )
        for form in ("video", "photo")
    ],
    "access_token_invalid": [
        replace(
            case("access_token_invalid", "token", "tiktok video", **ENDED),
            after=tokens_end,
        )
    ],
    tiktok_media.DURATION: [
        case(
            tiktok_media.DURATION,
            "duration",
            "tiktok video",
            **OVER_TEN_MINUTES,
        ),
        replace(
            case(
                tiktok_media.DURATION,
                "duration",
                "tiktok video",
                **shown(FILM, duration_s=61),
            ),
            world=short_videos_only,
        ),
    ],
    tiktok_media.PICTURE_SIZE: [
        case(
            *(tiktok_media.PICTURE_SIZE, "ratio", "tiktok photo"),
            **shown(PICTURE, width=1_080, height=1_921),
        )
    ],
}
NOT_FROM_INSTAGRAM = {
    "NO_TOKEN": "every call has one",
    "MALFORMED_TOKEN": "tokens are kept as they were given",
    "BAD_PROOF": "we send none",
    "NO_PROOF": "an app is set up so that it needs none",
    "WRONG_SECRET": "of connecting",
    "TOO_YOUNG": "of refreshing",
    "NO_SUCH_OBJECT": "of reading and deleting",
    "APP_LIMIT": "passes; it is tried again",
    "ACCOUNT_LIMIT": "passes; it is tried again",
    "CONTAINERS_USED_UP": "calls are counted, and wait",
    "BLOCKED": "an account's standing is told by no call",
    "SPAM": "an account's standing is told by no call",
    "RESTRICTED": "an account's standing is told by no call",
    "NOT_READY": "nothing is published before it is ready",
    "NO_MEDIA": "what is published is a container of ours",
    "CONTAINER_EXPIRED": "a container of yesterday is made anew",
    "CONTAINER_FAILED": "Instagram's own trouble",
    "NOT_FETCHED": "our files are where we say",
    "FETCH_TIMED_OUT": "passes; it is tried again",
    "IMAGE_TOO_LARGE": "pictures are made anew for Instagram",
    "NOT_A_JPEG": "pictures are made anew for Instagram",
    "WRONG_WIDTH": "pictures are made anew for Instagram",
    "UNKNOWN_MEDIA_TYPE": "each format has one that is known",
    "_HICCUP": "Instagram's own trouble",
}
NOT_FROM_TIKTOK = {
    "invalid_params": "of the Display API",
    "invalid_publish_id": "of reading",
    "token_not_authorized_for_specified_publish_id": "of reading",
    "publish_not_cancellable": "nothing is cancelled there",
    "scope_not_authorized": "an account without the scopes is not connected",
    "spam_risk_too_many_pending_share": "drafts are not offered",
    "spam_risk_user_banned_from_posting": "the facts are refused with it",
    "reached_active_user_cap": "the facts are refused with it",
    "unaudited_client_can_only_post_to_private_accounts": "no call tells of the audit",
    "url_ownership_unverified": "a matter of how the app is set up",
    "path_not_found": "the paths are as documented",
    "rate_limit_exceeded": "calls are counted, and wait",
    "internal_error": "TikTok's own trouble",
    tiktok_media.FORMAT: "only the bytes tell; they are looked at as they come to us",
}
CASES = [
    *(one for them in OF_INSTAGRAM.values() for one in them),
    *BAD_FOR_INSTAGRAM,
    *(one for them in OF_TIKTOK.values() for one in them),
]
