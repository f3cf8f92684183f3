"""What platforms count of a post, however each of them tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import Field

from vixenbliss.errors import ProviderError
from vixenbliss.models.analytics import Numbers
from vixenbliss.models.posts import PostFormat

MOST = 2**63 - 1
type Count = Annotated[int, Field(ge=0, le=MOST)]


@dataclass(frozen=True, slots=True)
class Subject:
    """A post as its platform knows it."""

    platform_post_id: str
    format: PostFormat


class Insights(Protocol):
    """Reads numbers of one account's posts. Nothing here has an effect."""

    at_once: int
    """Of how many posts one call tells."""

    async def read(self, posts: Sequence[Subject]) -> Mapping[str, Numbers]:
        """Return what is told, by the platform's own ids; what is not, is left out.

        At most ``at_once`` posts. May raise ``ProviderError``.
        """
        ...

    def is_of_token(self, error: ProviderError) -> bool:
        """Tell whether a refusal is about the token, and so about all posts."""
        ...

    def must_wait(self, error: ProviderError) -> bool:
        """Tell whether an error says: too many calls just now."""
        ...
