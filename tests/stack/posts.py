"""The posts of a campaign: what was wished for, what it brought, and what it cost."""

import re
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stack.brief import Theme

NAME_LENGTH = 24


@dataclass(slots=True)
class Post:
    """A post on its way: wishes, then what they brought."""

    number: int
    theme: Theme
    image_job: str
    caption_job: str
    image: dict[str, Any] = field(default_factory=dict)
    caption: dict[str, Any] = field(default_factory=dict)
    piece: dict[str, Any] = field(default_factory=dict)
    file: Path | None = None
    posted: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The posts of its piece, by their platforms."""
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What its files are called."""
        plain = unicodedata.normalize("NFKD", self.theme.scene.lower())
        words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
        title = textwrap.shorten(" ".join(words), NAME_LENGTH, placeholder="")
        return f"{self.number:02d}-{title.replace(' ', '-')}".rstrip("-")

    @property
    def cost_micros(self) -> int:
        """What its image and its caption have cost."""
        cost: int = (
            self.image["cost_actual_micros"] + self.caption["cost_actual_micros"]
        )
        return cost


def dollars(micros: int) -> str:
    """Return an amount to look at, rounded."""
    return f"${micros / 1_000_000:.4f}"


def rows(posts: Sequence[Post]) -> list[list[str]]:
    """Return what came of it: file, caption, status and cost, and then their sum."""
    lines = [
        [
            post.file.name if post.file else "",
            " ".join(str(post.caption["result"]["caption"]).split()),
            _status(post),
            dollars(post.cost_micros),
        ]
        for post in posts
    ]
    total = sum(post.cost_micros for post in posts)
    return [*lines, ["", f"{len(posts)} posts", "", dollars(total)]]


def _status(post: Post) -> str:
    """Return how far it has come: approved, or where it is published."""
    there = [name for name, one in post.posted.items() if one["status"] == "published"]
    return f"on {', '.join(there)}" if there else str(post.piece["review_status"])
