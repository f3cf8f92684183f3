"""The doors through which a test has the platform speak to the app."""

import json
import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.stack.providers.guests import Door, body_of
from tests.stack.providers.instagram.accounts import REMOVED, Account
from tests.stack.providers.instagram.engine import Instagram
from tests.stack.providers.instagram.keys import (
    APP_SECRET,
    META_APP_SECRET,
    VERIFY_TOKEN,
)
from tests.stack.providers.instagram.privacy import signed_request
from tests.stack.providers.instagram.updates import (
    Update,
    commented,
    mentioned,
    messaged,
    stranger_id,
    told,
)
from tests.stack.providers.instagram.webhooks import Parcel, Reply, written

_CHALLENGE_DIGITS = 10


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CommentOrder(_Order):
    """Somebody writes below a post, or below a comment there."""

    kind: Literal["comment"]
    post_id: str
    text: str
    username: str = "fan_one"
    parent_id: str | None = None


class MentionOrder(_Order):
    """Somebody names an account in a post or a comment of theirs."""

    kind: Literal["mention"]
    username: str
    media_id: str
    comment_id: str | None = None


class MessageOrder(_Order):
    """Somebody writes to an account, or the account to somebody."""

    kind: Literal["message"]
    username: str
    text: str
    sender: str = "fan_one"
    is_echo: bool = False


type AnyOrder = CommentOrder | MentionOrder | MessageOrder


class UpdatesOrder(_Order):
    """News, told in one body or each in its own."""

    updates: list[Annotated[AnyOrder, Field(discriminator="kind")]]
    batched: bool = True
    unsubscribed: bool = False
    """Whether they are told even if the account does not subscribe to them."""


class VerifyOrder(_Order):
    """The verification that the app's dashboard does once."""

    url: str | None = None
    token: str = VERIFY_TOKEN


class PersonOrder(_Order):
    """Who leaves, or wants to be forgotten."""

    username: str


_UPDATES = TypeAdapter(UpdatesOrder)


class NotSentError(ValueError):
    """The app has no address for this, or the thing it is about is not there."""


class News:
    """The doors."""

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram

    def table(self) -> list[Door]:
        """Return methods, paths below ``/control/``, and what they do."""
        return [
            ("POST", "instagram/updates", self.tell),
            ("GET", "instagram/deliveries", self.deliveries),
            ("POST", "instagram/verify", self.verify),
            ("POST", "instagram/deauthorize", self.deauthorize),
            ("POST", "instagram/data_deletion", self.data_deletion),
        ]

    async def tell(self, request: Request) -> Response:
        """Let news happen, and send the webhooks of those the account subscribes to."""
        order = _UPDATES.validate_python(await body_of(request))
        url = self._address("webhook_url")
        news = [self._happen(one) for one in order.updates]
        sent = [
            update
            for update in news
            if order.unsubscribed or update.field in update.account.subscribed
        ]
        batches = [sent] if order.batched else [[update] for update in sent]
        for batch in filter(None, batches):
            self._instagram.courier.send(self._parcel(url, batch))
        values = [update.value for update in news]
        return JSONResponse({"sent": len(sent), "values": values})

    async def deliveries(self, request: Request) -> Response:
        """Show all attempts at delivering webhooks."""
        del request
        return JSONResponse(self._instagram.courier.deliveries())

    async def verify(self, request: Request) -> Response:
        """Ask the app to echo a challenge, as Meta does when a webhook is set up."""
        order = VerifyOrder.model_validate(await body_of(request))
        url = order.url or self._address("webhook_url")
        challenge = str(secrets.randbelow(10**_CHALLENGE_DIGITS))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": order.token,
        }
        reply = await self._instagram.courier.ask(url, query)
        verified = reply.is_taken and reply.text == challenge
        return JSONResponse(_shown(reply) | {"verified": verified})

    async def deauthorize(self, request: Request) -> Response:
        """Let somebody remove the app: their tokens are void, and the app is told."""
        account = self._person(await body_of(request))
        for token in self._instagram.accounts.tokens_of(account):
            token.void = REMOVED
        account.subscribed = ()
        if self._instagram.settings.deauthorize_url is None:
            return JSONResponse(_shown(Reply(error="the app has no such address")))
        return await self._signed(account, self._address("deauthorize_url"))

    async def data_deletion(self, request: Request) -> Response:
        """Let somebody ask to be forgotten, and show what the app answers."""
        account = self._person(await body_of(request))
        return await self._signed(account, self._address("data_deletion_url"))

    async def _signed(self, account: Account, url: str) -> Response:
        at = self._instagram.world.clock.wall()
        form = {"signed_request": signed_request(account, at, self._secret())}
        reply = await self._instagram.courier.hand_in(url, form)
        return JSONResponse(_shown(reply))

    def _happen(self, order: AnyOrder) -> Update:
        accounts, now = self._instagram.accounts, self._instagram.now()
        match order:
            case CommentOrder():
                return self._comment(order)
            case MentionOrder():
                account = accounts.of(order.username)
                return mentioned(account, order.media_id, order.comment_id)
            case MessageOrder():
                account = accounts.of(order.username)
                return messaged(
                    account,
                    order.text,
                    sender=order.sender,
                    at=now,
                    is_echo=order.is_echo,
                )

    def _comment(self, order: CommentOrder) -> Update:
        post = self._instagram.posts.get(order.post_id)
        if post is None:
            raise NotSentError(f"there is no post {order.post_id}")
        author = (stranger_id(order.username), order.username)
        comment = self._instagram.comment(
            post, order.text, author=author, parent_id=order.parent_id
        )
        return commented(comment)

    def _parcel(self, url: str, updates: list[Update]) -> Parcel:
        settings = self._instagram.settings
        now, shape = self._instagram.now(), settings.webhook_shape
        body = told(updates, now, shape=shape, in_array=settings.webhook_in_array)
        about = ",".join(update.field for update in updates)
        return Parcel(url, about, written(body), self._secret())

    def _secret(self) -> str:
        is_metas = self._instagram.settings.signed_with == "meta"
        return META_APP_SECRET if is_metas else APP_SECRET

    def _address(self, name: str) -> str:
        address = getattr(self._instagram.settings, name)
        if address is None:
            raise NotSentError(f"the setting {name} names no address")
        return str(address)

    def _person(self, body: object) -> Account:
        return self._instagram.accounts.of(PersonOrder.model_validate(body).username)


def _shown(reply: Reply) -> dict[str, object]:
    """Return an answer of the app; its body as JSON, if it is."""
    try:
        body: object = json.loads(reply.text)
    except ValueError:
        body = reply.text
    return {"status": reply.status, "body": body, "error": reply.error}
