"""What the graph says of an account: its profile, its quota, what it subscribes to."""

from starlette.responses import JSONResponse, Response

from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.accounts import BASIC, PUBLISH, Account
from tests.stack.providers.instagram.engine import DAY, Instagram
from tests.stack.providers.instagram.gate import Asked
from tests.stack.providers.instagram.keys import APP_ID
from tests.stack.providers.instagram.parameters import View, shown

FIELDS = frozenset(
    {"comments", "live_comments", "mentions", "message_edit", "message_reactions"}
    | {"messages", "messaging_handover", "messaging_optins", "messaging_postbacks"}
    | {"messaging_referral", "messaging_seen", "standby"}
)
"""What an account may have told to the app."""


class People:
    """The calls about accounts."""

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram

    async def profile(self, asked: Asked) -> Response:
        """Return the account of the token."""
        asked.need(BASIC)
        view = self._view(asked.own())
        asked.call.about["id"] = asked.account.id
        return JSONResponse(shown(view, asked.given.text("fields"), "IGUser"))

    async def limit(self, asked: Asked) -> Response:
        """Return how much of the day's posts is used up."""
        asked.need(PUBLISH)
        account = asked.own()
        view: dict[str, object] = {
            "quota_usage": self._instagram.posts_today(account),
            "config": {
                "quota_total": account.quotas.posts,
                "quota_duration": int(DAY.total_seconds()),
            },
        }
        wanted = asked.given.names("fields") or ["quota_usage"]
        for name in wanted:
            if name not in view:
                raise errors.no_field(name, "ContentPublishingLimit").error()
        return JSONResponse({"data": [{name: view[name] for name in wanted}]})

    async def subscribe(self, asked: Asked) -> Response:
        """Have the account's news told to the app."""
        asked.need(BASIC)
        fields = tuple(asked.given.names("subscribed_fields"))
        if not fields:
            raise errors.missing("subscribed_fields").error()
        if not set(fields) <= FIELDS:
            message = f"Param subscribed_fields must be among {sorted(FIELDS)}"
            raise errors.bad(message).error()
        asked.own().subscribed = fields
        return JSONResponse({"success": True})

    async def subscriptions(self, asked: Asked) -> Response:
        """Return what is told to the app."""
        asked.need(BASIC)
        fields = list(asked.own().subscribed)
        data = [{"id": APP_ID, "subscribed_fields": fields}] if fields else []
        return JSONResponse({"data": data})

    async def unsubscribe(self, asked: Asked) -> Response:
        """Have nothing told to the app any more."""
        asked.need(BASIC)
        asked.own().subscribed = ()
        return JSONResponse({"success": True})

    def _view(self, account: Account) -> View:
        picture = f"https://scontent.cdninstagram.com/v/{account.id}.jpg"
        return {
            "id": account.scoped_id,
            "user_id": account.id,
            "username": account.username,
            "name": account.name,
            "account_type": account.account_type,
            "profile_picture_url": picture,
            "followers_count": account.followers_count,
            "follows_count": 97,
            "media_count": len(self._instagram.posts_of(account)),
        }
