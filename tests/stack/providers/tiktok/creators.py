"""The people of TikTok, as far as an app is told of them."""

from hashlib import blake2b

from pydantic import BaseModel, ConfigDict, Field

SELF_ONLY = "SELF_ONLY"
_PUBLIC = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", SELF_ONLY)
_PRIVATE = ("FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", SELF_ONLY)
LEVELS = {*_PUBLIC, *_PRIVATE}


class Creator(BaseModel):
    """One account; all ids follow from the name."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1)
    nickname: str = ""
    is_private: bool = False
    comment_disabled: bool = False
    duet_disabled: bool = False
    stitch_disabled: bool = False
    max_video_post_duration_sec: int = 600
    is_banned: bool = False
    follower_count: int = 1204
    privacy_options: tuple[str, ...] | None = None
    """Who may be let see a post; null for what follows from ``is_private``."""

    @property
    def open_id(self) -> str:
        """Who it is, to this app."""
        return f"-000{_digest('open', self.username)}"

    @property
    def privacy_level_options(self) -> tuple[str, ...]:
        """Who may be let see a post."""
        if self.privacy_options is not None:
            return self.privacy_options
        return _PRIVATE if self.is_private else _PUBLIC

    def info(self) -> dict[str, object]:
        """Return what ``creator_info/query`` shows."""
        closed = self.is_private
        return {
            "creator_avatar_url": self.avatar_url,
            "creator_username": self.username,
            "creator_nickname": self.shown_name,
            "privacy_level_options": list(self.privacy_level_options),
            "comment_disabled": self.comment_disabled,
            "duet_disabled": self.duet_disabled or closed,
            "stitch_disabled": self.stitch_disabled or closed,
            "max_video_post_duration_sec": self.max_video_post_duration_sec,
        }

    def profile(self) -> dict[str, object]:
        """Return all that ``user/info`` can show."""
        return {
            "open_id": self.open_id,
            "union_id": _digest("union", self.username),
            "avatar_url": self.avatar_url,
            "avatar_url_100": self.avatar_url,
            "avatar_large_url": self.avatar_url,
            "display_name": self.shown_name,
            "bio_description": "",
            "profile_deep_link": f"https://vm.tiktok.com/{self.username}",
            "is_verified": False,
            "username": self.username,
            "follower_count": self.follower_count,
            "following_count": 12,
            "likes_count": 0,
            "video_count": 0,
        }

    @property
    def shown_name(self) -> str:
        """How it calls itself."""
        return self.nickname or self.username.replace(".", " ").title()

    @property
    def avatar_url(self) -> str:
        """Where its picture would be."""
        key = _digest("avatar", self.username)
        return f"https://p16-sign-va.tiktokcdn.com/{key}~c5_100x100.jpeg"


def _digest(kind: str, name: str) -> str:
    return blake2b(f"{kind}:{name}".encode(), digest_size=16).hexdigest()
