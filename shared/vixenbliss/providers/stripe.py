"""Stripe: what all calls to it have in common.

The official SDK speaks the API's version that it is pinned to. Every call that changes
something carries a key made from a row of ours, under which Stripe does it once and
answers again with the first answer (docs.stripe.com/api/idempotent_requests); so an
effect whose answer is lost is asked for again, under the same key.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, NoReturn

import stripe
from pydantic import BaseModel, ValidationError
from stripe import StripeClient, StripeObject

from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SettingMissingError,
)
from vixenbliss.loop import run
from vixenbliss.providers.http import BETWEEN, in_short, is_private, patience
from vixenbliss.settings import Settings
from vixenbliss.snapshots import before_snapshot

NAME = "Stripe"
RETRIES = 1  # of the SDK: after a broken connection, a 409 and a 5xx
TOO_MANY_REQUESTS = 429
CLIENT_ERROR = 400
SERVER_ERROR = 500
_NOT_LET_IN = (None, 401, 403)  # no key, a wrong one, one that may not do this

type Ask[Answer: StripeObject] = Callable[[StripeClient], Awaitable[Answer]]


class Stripe:
    """The platform's one account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def call[Answer: BaseModel](
        self, ask: Ask[Any], answer: type[Answer], *, effect: bool = False
    ) -> Answer:
        """Make one call and return what we read of its answer.

        ``effect`` says that the call changes something.

        Raises:
            ProviderUnavailableError: it had no effect and may be tried again.
            ProviderRefusedError: it had no effect and trying again will not help; its
                ``their_code`` is Stripe's.
            OutcomeUnknownError: it may have had its effect; ask again, same key.
        """
        client = self._client()
        open_ = OutcomeUnknownError if effect else ProviderUnavailableError
        try:
            async with patience(NAME):
                answered = await ask(client)
        except TimeoutError as error:
            raise open_(NAME, "no answer in time") from error
        except stripe.StripeError as error:
            _fail(error, open_)
        try:
            return answer.model_validate(answered.to_dict())
        except ValidationError as error:
            raise open_(NAME, "the answer is malformed") from error

    @property
    def is_live(self) -> bool:
        """Whether the key moves real money.

        Raises:
            ProviderRefusedError: there is none.
        """
        return "_live_" in self._key

    def _client(self) -> StripeClient:
        return _client(self._key, self._settings.stripe_api_base)

    @property
    def _key(self) -> str:
        try:
            return self._settings.stripe_api_key.current()
        except SettingMissingError as error:
            raise ProviderRefusedError(NAME, "no key is configured") from error


def is_about_our_key(error: ProviderRefusedError) -> bool:
    """Tell whether Stripe has not let us in, and so has not heard what we wanted."""
    return error.status in _NOT_LET_IN


@cache
def _client(key: str, base: str) -> StripeClient:
    """Return the container's client for a key."""
    if not is_private(base):
        raise ProviderRefusedError(NAME, "the base is not https")
    return StripeClient(
        key,
        base_addresses={"api": base},
        http_client=_connections(),
        max_network_retries=RETRIES,
    )


@cache
def _connections() -> stripe.HTTPXClient:
    """Return the container's connections, which all of its keys are shown over."""
    before_snapshot(hang_up)
    return stripe.HTTPXClient(timeout=20)


def hang_up() -> None:
    """Close the connections; who asks next makes others."""
    kept = _connections()
    kept.close()  # type: ignore[no-untyped-call]  # not ours
    run(kept.close_async())  # type: ignore[no-untyped-call]  # likewise
    _connections.cache_clear()
    _client.cache_clear()


def _fail(error: stripe.StripeError, open_: type[ProviderError]) -> NoReturn:
    """Raise what an error of the SDK's means (docs.stripe.com/error-handling)."""
    status = error.http_status
    if isinstance(error, stripe.RateLimitError) or status == TOO_MANY_REQUESTS:
        kind: type[ProviderError] = ProviderUnavailableError
    elif _is_refusal(status):
        kind = ProviderRefusedError
    else:
        kind = open_
    reason = f"Stripe answered HTTP {status}" if status else "no answer"
    raise kind(
        NAME,
        reason,
        words=in_short(str(error.user_message or error)),
        status=status,
        their_code=_code(error),
    ) from error


def _code(error: stripe.StripeError) -> str:
    """Return Stripe's code; of a 409 the SDK has it in the body alone."""
    code = error.code or getattr(error.error, "code", None)
    return code if isinstance(code, str) else ""


def _is_refusal(status: int | None) -> bool:
    """Tell whether Stripe has understood and said no.

    A 409 says that the first call under the key still runs; and a 200 comes as an error
    where its body could not be read.
    """
    return (
        status is not None
        and CLIENT_ERROR <= status < SERVER_ERROR
        and status not in BETWEEN
    )
