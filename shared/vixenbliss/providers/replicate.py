"""Replicate: images on request.

https://replicate.com/docs/reference/http. A prediction is asked for, runs for seconds,
and is reported by webhook; its output stays for about an hour. There is no idempotency
key: whether a lost request was taken shows in the list of predictions.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, Field

from vixenbliss.errors import ProviderRefusedError, ProviderUnavailableError
from vixenbliss.providers.http import (
    LOOPBACK,
    NO_SUCH_API,
    HttpProvider,
    client,
    patience,
)
from vixenbliss.settings import Settings

DEADLINE = "10m"  # Cancel-After: a run that has not ended by then is ended
MAX_OUTPUT_BYTES = 20_000_000
MAX_PAGES = 10  # of 100 predictions each, when looking for a lost one
CLOCK_SKEW = timedelta(minutes=2)
OUTPUT_HOST = "replicate.delivery"

Status = Literal["starting", "processing", "succeeded", "failed", "canceled", "aborted"]
_RUNNING = ("starting", "processing")


class Prediction(BaseModel):
    """A prediction, as far as we read it."""

    id: str = Field(min_length=1, max_length=120)
    status: Status
    version: str | None = None
    input: dict[str, Any] = Field(default_factory=dict)
    output: str | list[str] | None = None
    error: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether there will be news."""
        return self.status in _RUNNING

    @property
    def is_void(self) -> bool:
        """Whether it has ended and will never be charged for."""
        return not self.is_running and self.status != "succeeded"

    @property
    def files(self) -> list[str]:
        """Where the output lies, for as long as it does."""
        return [self.output] if isinstance(self.output, str) else self.output or []


class _PredictionList(BaseModel):
    next: str | None = None
    results: list[Prediction]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """An image as we ask for it; its input tells it from nearly all others.

    A client who chooses seeds may ask for the very same image twice.
    """

    model: str
    prompt: str
    seed: int
    aspect_ratio: str
    negative_prompt: str = ""

    def as_input(self) -> dict[str, Any]:
        """Return the model's input; as PNG, which loses nothing."""
        wanted = {
            "prompt": self.prompt,
            "seed": self.seed,
            "aspect_ratio": self.aspect_ratio,
            "num_outputs": 1,
            "output_format": "png",
        }
        if self.negative_prompt:
            wanted["negative_prompt"] = self.negative_prompt
        return wanted

    def is_input_of(self, prediction: Prediction) -> bool:
        """Tell whether a prediction was asked for by this request."""
        nothing_to_avoid = {"negative_prompt": ""}
        given = nothing_to_avoid | prediction.input
        wanted = nothing_to_avoid | self.as_input()
        return all(given.get(name) == value for name, value in wanted.items())

    def led_to(self, prediction: Prediction) -> bool:
        """Tell whether a prediction is, or will be, what this request asks for."""
        is_alive = prediction.is_running or prediction.status == "succeeded"
        return is_alive and self.is_input_of(prediction)


class Replicate:
    """The account at Replicate."""

    def __init__(self, settings: Settings) -> None:
        base = settings.replicate_api_base
        self._http = HttpProvider("Replicate", base, settings.replicate_api_token)
        self._home = urlsplit(base)

    async def create(self, request: ImageRequest, *, webhook: str) -> Prediction:
        """Ask for an image.

        Costs money, and may be done twice if repeated: see ``find``.

        Raises:
            ProviderUnavailableError: it was not taken; try again later.
            ProviderRefusedError: it was not taken and will not be.
            OutcomeUnknownError: it may have been taken.
        """
        body: dict[str, Any] = {"input": request.as_input()}
        if webhook:
            body |= {"webhook": webhook, "webhook_events_filter": ["completed"]}
        if ":" in request.model or "/" not in request.model:
            path, body["version"] = "/predictions", request.model
        else:
            path = f"/models/{request.model}/predictions"
        return await self._http.call(
            "POST",
            path,
            Prediction,
            effect=True,
            body=body,
            headers={"Cancel-After": DEADLINE},
        )

    async def get(self, prediction_id: str) -> Prediction:
        """Return a prediction as it stands."""
        return await self._http.call("GET", f"/predictions/{prediction_id}", Prediction)

    async def cancel(self, prediction_id: str) -> Prediction:
        """End a prediction if it still runs; return how it stands."""
        path = f"/predictions/{prediction_id}/cancel"
        return await self._http.call("POST", path, Prediction)

    async def find(
        self,
        request: ImageRequest,
        *,
        sent_after: datetime,
        is_free: Callable[[str], Awaitable[bool]],
    ) -> Prediction | None:
        """Return the prediction that a request led to, if it was taken.

        Looks through the account's predictions, newest first, back to the moment before
        the request was sent. One that failed is left out: it may be an earlier try's,
        and to ask again is right in any case. So is one whose id is not free: the same
        request may have been made twice. A service in Replicate's stead that keeps no
        list has none.

        Raises:
            ProviderError: the list could not be read to its end.
        """
        query: dict[str, str] | None = {
            "created_after": (sent_after - CLOCK_SKEW).isoformat()
        }
        path = "/predictions"
        for _ in range(MAX_PAGES):
            page = await self._page(path, query)
            for prediction in page.results:
                if request.led_to(prediction) and await is_free(prediction.id):
                    return prediction
            if not page.next:
                return None
            path, query = self._path_of(page.next), None
        raise ProviderUnavailableError("Replicate", "too many predictions to search")

    async def _page(self, path: str, query: dict[str, str] | None) -> _PredictionList:
        try:
            return await self._http.call("GET", path, _PredictionList, query=query)
        except ProviderRefusedError as error:
            if error.status in NO_SUCH_API:
                return _PredictionList(results=[])
            raise

    async def fetch(self, url: str) -> bytes:
        """Return an output file.

        Only from Replicate's own delivery hosts, or from the configured base where that
        is on this machine; the token goes nowhere else.

        Raises:
            ProviderRefusedError: the file is gone, too large, or lies elsewhere.
            ProviderUnavailableError: it could not be read; try again.
        """
        if not self._delivers(url):
            raise ProviderRefusedError("Replicate", "the output lies on a foreign host")
        headers = {"Authorization": f"Bearer {self._http.token}"}
        try:
            async with (
                patience("Replicate"),
                client().stream("GET", url, headers=headers) as response,
            ):
                return await _body_of(response)
        except (httpx.HTTPError, TimeoutError) as error:
            reason = f"output not read ({type(error).__name__})"
            raise ProviderUnavailableError("Replicate", reason) from error

    def _delivers(self, url: str) -> bool:
        there = urlsplit(url)
        host = there.hostname or ""
        if host in LOOPBACK:
            return there.netloc == self._home.netloc
        is_theirs = host == OUTPUT_HOST or host.endswith(f".{OUTPUT_HOST}")
        return is_theirs and there.scheme == "https" and there.port in (None, 443)

    def _path_of(self, link: str) -> str:
        """Return a pagination link as a path under the base, query and all."""
        there = urlsplit(link)
        path = there.path.removeprefix(self._home.path.rstrip("/"))
        return f"{path}?{there.query}"


async def _body_of(response: httpx.Response) -> bytes:
    if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        raise ProviderRefusedError(
            "Replicate", "the output is gone", status=response.status_code
        )
    if not response.is_success:
        raise ProviderUnavailableError(
            "Replicate", "output not delivered", status=response.status_code
        )
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_OUTPUT_BYTES:
            raise ProviderRefusedError("Replicate", "the output is too large")
    return bytes(body)
