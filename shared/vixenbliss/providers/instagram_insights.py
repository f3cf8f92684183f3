"""Instagram: how often posts were seen, liked, answered and passed on.

``GET /{media}/insights``, developers.facebook.com/docs/instagram-platform/reference/
instagram-media/insights: one post a call; up to 48 hours late; what is not available
is left out of the answer, never told as 0; stories are told of for a day, and from
five viewers on (code 10).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from vixenbliss.credentials import Credential
from vixenbliss.errors import ProviderError, ProviderRefusedError
from vixenbliss.models.analytics import Numbers
from vixenbliss.models.posts import PostFormat
from vixenbliss.providers.http import HttpProvider
from vixenbliss.providers.insights import Count, Subject
from vixenbliss.providers.instagram import DEAD_TOKEN, VERSION
from vixenbliss.providers.instagram_outcomes import NAME, rest_for
from vixenbliss.settings import Settings

SCOPE = "instagram_business_manage_insights"
"""Without which nothing is told."""
ALL = ("views", "likes", "comments", "shares")
OF_STORIES = ("views", "shares")
AT_LEAST = ("views",)
"""What every kind of post has; an unknown one fails the whole call (code 100)."""
_NOT_OF_THIS_KIND = "100"


class _Metric(BaseModel):
    """A number: in a list of one, or as a total, depending on the metric."""

    name: str
    value: Count | None = None

    @model_validator(mode="before")
    @classmethod
    def _found(cls, answer: Any) -> Any:  # noqa: ANN401 - JSON as it comes
        match answer:
            case {"name": name, "values": [{"value": value}, *_]}:
                return {"name": name, "value": value}
            case {"name": name, "total_value": {"value": value}}:
                return {"name": name, "value": value}
        return answer


class _Told(BaseModel):
    data: Annotated[list[_Metric], Field(max_length=100)]


class InstagramInsights:
    """Reads the numbers of one account's posts."""

    at_once = 1

    def __init__(self, settings: Settings, access: str) -> None:
        base = f"{settings.instagram_graph_base.rstrip('/')}/{VERSION}"
        self._http = HttpProvider(NAME, base, Credential("token", (access,)))

    async def read(self, posts: Sequence[Subject]) -> Mapping[str, Numbers]:
        """Return what is told of a post.

        Raises:
            ProviderError: nothing is told.
        """
        told = {post.platform_post_id: await self._read(post) for post in posts}
        return {name: numbers for name, numbers in told.items() if numbers}

    def is_of_token(self, error: ProviderError) -> bool:
        """Tell whether the token opens nothing any more."""
        return error.their_code.partition("/")[0] in DEAD_TOKEN

    def must_wait(self, error: ProviderError) -> bool:
        """Tell whether Instagram wants the account left alone."""
        return rest_for(error) is not None

    async def _read(self, post: Subject) -> Numbers | None:
        metrics = OF_STORIES if post.format is PostFormat.STORY else ALL
        try:
            told = await self._ask(post.platform_post_id, metrics)
        except ProviderRefusedError as error:
            if error.their_code != _NOT_OF_THIS_KIND:
                raise
            told = await self._ask(post.platform_post_id, AT_LEAST)
        views = told.pop("views", None)
        return None if views is None else Numbers(views, **told)

    async def _ask(self, post_id: str, metrics: Sequence[str]) -> dict[str, int | None]:
        query = {"metric": ",".join(metrics)}
        answer = await self._http.call(
            "GET", f"/{post_id}/insights", _Told, query=query
        )
        return {one.name: one.value for one in answer.data if one.name in metrics}
