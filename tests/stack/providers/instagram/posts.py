"""What has been published, and what people write below it."""

from dataclasses import dataclass
from datetime import datetime

from tests.stack.providers.audience import Counts, grown
from tests.stack.providers.dice import Dice
from tests.stack.providers.instagram.accounts import Account
from tests.stack.providers.instagram.containers import Container, Kind
from tests.stack.providers.instagram.parameters import Below, View

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PRODUCTS = {Kind.REEL: "REELS", Kind.STORY: "STORY"}
_CODE_LENGTH = 11


@dataclass
class Post:
    """A published container; only its account sees it."""

    id: str
    container: Container
    published_at: datetime
    deleted_at: datetime | None = None
    said: Counts | None = None
    """What a test says of its audience."""

    @property
    def account(self) -> Account:
        """Whose post it is."""
        return self.container.account

    @property
    def product(self) -> str:
        """Where it is shown: FEED, REELS or STORY."""
        return _PRODUCTS.get(self.container.kind, "FEED")

    @property
    def permalink(self) -> str:
        """Where people find it."""
        name = self.account.username
        match self.product:
            case "STORY":
                return f"https://www.instagram.com/stories/{name}/{self.id}"
            case "REELS":
                return f"https://www.instagram.com/reel/{self.shortcode}/"
        return f"https://www.instagram.com/p/{self.shortcode}/"

    @property
    def shortcode(self) -> str:
        """Its name in addresses."""
        dice = Dice("shortcode", self.id)
        return "D" + "".join(dice.one_of(_LETTERS) for _ in range(_CODE_LENGTH - 1))

    def counts(self, at: datetime) -> Counts:
        """Return how often it was seen and answered."""
        return self.said or grown(at - self.published_at)

    def view(self, comments: list["Comment"]) -> View:
        """Return the fields the API shows; what is false or absent as null."""
        container = self.container
        return {
            "id": self.id,
            "alt_text": container.alt_text,
            "caption": container.caption,
            "children": self._children(),
            "comments": Below("IGComment", [one.view(comments) for one in comments]),
            "comments_count": len(comments),
            "is_ai_generated": container.is_ai_generated,
            "is_comment_enabled": True,
            "like_count": 0,
            "media_product_type": self.product,
            "media_type": _media_type(container),
            "media_url": container.medium.url if container.medium else None,
            "owner": {"id": self.account.id},
            "permalink": self.permalink,
            "shortcode": self.shortcode,
            "thumbnail_url": container.asked.get("cover_url"),
            "timestamp": stamp(self.published_at),
            "username": self.account.username,
        }

    def told(self) -> dict[str, object]:
        """Return everything, for the control door."""
        shown = {
            name: value
            for name, value in self.view([]).items()
            if not isinstance(value, Below)
        }
        return {
            **shown,
            "user_id": self.account.id,
            "job": self.container.job,
            "kind": self.container.kind.value,
            "container_id": self.container.id,
            "asked": dict(self.container.asked),
            "files": [one.told(self.published_at) for one in self.container.children]
            or [self.container.told(self.published_at)],
            "deleted_at": self.deleted_at.isoformat() if self.deleted_at else None,
        }

    def _children(self) -> Below | None:
        children = self.container.children
        if not children:
            return None
        views = [
            {
                "id": child.id,
                "media_type": _media_type(child),
                "media_url": child.medium.url if child.medium else None,
                "alt_text": child.alt_text,
                "permalink": self.permalink,
                "timestamp": stamp(self.published_at),
            }
            for child in children
        ]
        return Below("IGMedia", views)


@dataclass
class Comment:
    """What somebody wrote below a post, or below another comment."""

    id: str
    post: Post
    author_id: str
    username: str
    text: str
    written_at: datetime
    parent_id: str | None = None
    hidden: bool = False

    def view(self, comments: list["Comment"]) -> View:
        """Return the fields the API shows; all the post's comments are given."""
        replies = [one.view([]) for one in comments if one.parent_id == self.id]
        return {
            "id": self.id,
            "text": self.text,
            "username": self.username,
            "from": {"id": self.author_id, "username": self.username},
            "timestamp": stamp(self.written_at),
            "like_count": 0,
            "hidden": self.hidden,
            "parent_id": self.parent_id,
            "media": {"id": self.post.id, "media_product_type": self.post.product},
            "replies": Below("IGComment", replies),
        }


def stamp(at: datetime) -> str:
    """Return a time as the API writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S%z")


def _media_type(container: Container) -> str:
    """Return the media type read back: a reel is a VIDEO."""
    if container.kind is Kind.CAROUSEL:
        return "CAROUSEL_ALBUM"
    return "VIDEO" if container.is_video else "IMAGE"
