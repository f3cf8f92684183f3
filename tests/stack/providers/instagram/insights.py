"""How often posts are seen: reference of ``IG Media/insights``.

A metric that a kind of post does not have fails the whole call; what is not available
is left out of it. Stories are told of for a day.
"""

from starlette.responses import JSONResponse, Response

from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.accounts import BASIC, INSIGHTS
from tests.stack.providers.instagram.engine import DAY, Instagram
from tests.stack.providers.instagram.gate import Asked
from tests.stack.providers.instagram.publishing import Publishing

_OF_ALL = {"views", "reach", "shares", "total_interactions"}
_OF_FEED = _OF_ALL | {"likes", "comments", "saved"}
_METRICS = {"FEED": _OF_FEED, "REELS": _OF_FEED, "STORY": _OF_ALL | {"replies"}}


class Insights:
    """The call about a post's numbers."""

    def __init__(self, instagram: Instagram, publishing: Publishing) -> None:
        self._instagram = instagram
        self._publishing = publishing

    async def post(self, asked: Asked) -> Response:
        """Return the metrics of a post that are asked for."""
        asked.need(BASIC)
        asked.need(INSIGHTS)
        post, now = self._publishing.own_post(asked), self._instagram.now()
        asked.given.required("metric")
        wanted = asked.given.names("metric")
        if not set(wanted) <= _METRICS[post.product]:
            raise errors.bad(
                "The Media Insights API does not support the metric for this media"
                " product type."
            ).error()
        is_over = post.product == "STORY" and now - post.published_at > DAY
        if is_over:
            return JSONResponse({"data": []})
        counts = post.counts(now).model_dump()
        return JSONResponse(
            {"data": [_metric(post.id, name, counts.get(name, 0)) for name in wanted]}
        )


def _metric(post_id: str, name: str, value: int) -> dict[str, object]:
    return {
        "name": name,
        "period": "lifetime",
        "values": [{"value": value}],
        "title": name.replace("_", " ").title(),
        "description": "",
        "id": f"{post_id}/insights/{name}/lifetime",
    }
