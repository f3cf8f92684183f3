"""Posts that TikTok will not have, by a test's order."""

from pydantic import BaseModel, ConfigDict, Field

from tests.stack.providers.tiktok.posts import Post


class Misfortune(BaseModel):
    """Why some posts fail, and which."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1)
    publish_id: str | None = None
    match: str = ""
    """What must occur in the post's text."""
    times: int | None = Field(default=1, ge=0)
    """How many posts it strikes yet; null for all."""
    late: bool = False
    """Whether it strikes after the post was told complete, while it is moderated."""

    def strikes(self, post: Post, *, late: bool) -> bool:
        """Return whether this post fails now, counted."""
        fits = self.publish_id in {None, post.id} and self.match in post.text
        if not fits or late is not self.late or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True
