"""The providers: their stand-ins, or the real ones where the environment has keys."""

import importlib
from collections.abc import Callable, Collection, Container, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

import httpx

_REPLICATE_BASE = "ReplicateApiBase"
_OPENAI_BASE = "OpenaiBaseUrl"
_STRIPE_BASE = "StripeApiBase"
_REAL = {
    "openai": {"OPENAI_API_KEY": "OpenaiApiKey"},
    "replicate": {
        "REPLICATE_API_TOKEN": "ReplicateApiToken",
        "REPLICATE_WEBHOOK_SECRET": "ReplicateWebhookSecret",
    },
    "stripe": {
        "STRIPE_API_KEY": "StripeApiKey",
        "STRIPE_WEBHOOK_SECRET": "StripeWebhookSecret",
    },
}
_BASES = {"openai": _OPENAI_BASE, "replicate": _REPLICATE_BASE, "stripe": _STRIPE_BASE}
_PATIENCE_S = 10


class StandIns(Protocol):
    """Where the stand-ins answer."""

    @property
    def replicate_base(self) -> str:
        """Return the base of the Replicate API."""

    @property
    def openai_base(self) -> str:
        """Return the base of the OpenAI API."""

    @property
    def instagram_base(self) -> str:
        """Return the base of Instagram's graph."""

    @property
    def instagram_oauth_base(self) -> str:
        """Return where Instagram's login page is."""

    @property
    def instagram_app_id(self) -> str:
        """Return who we are to Instagram."""

    @property
    def instagram_app_secret(self) -> str:
        """Return what proves it to Instagram."""

    @property
    def stripe_base(self) -> str:
        """Return the base of Stripe's API."""

    @property
    def stripe_api_key(self) -> str:
        """Return what opens Stripe."""

    @property
    def stripe_webhook_secret(self) -> str:
        """Return what Stripe signs its events with."""

    @property
    def tiktok_base(self) -> str:
        """Return the base of TikTok's API."""

    @property
    def tiktok_auth_base(self) -> str:
        """Return where TikTok asks people for their consent."""

    @property
    def tiktok_client_key(self) -> str:
        """Return who we are to TikTok."""

    @property
    def tiktok_client_secret(self) -> str:
        """Return what proves it to TikTok."""

    @property
    def control(self) -> str:
        """Return where tests script faults."""

    @property
    def replicate_token(self) -> str:
        """Return what opens Replicate."""

    @property
    def openai_key(self) -> str:
        """Return what opens OpenAI."""

    @property
    def webhook_secret(self) -> str:
        """Return what webhooks are signed with."""

    @property
    def journals(self) -> Mapping[str, Path]:
        """Return the files that record every call, by provider."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """How functions reach the providers."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


def serve(
    port: int = 0, *, journal_dir: Path, faults_file: Path | None = None
) -> AbstractAsyncContextManager[StandIns]:
    """Start the stand-ins of ``tests.stack.providers``, imported only now."""
    providers = importlib.import_module("tests.stack.providers")
    return cast(
        "AbstractAsyncContextManager[StandIns]",
        providers.serve(port, journal_dir=journal_dir, faults_file=faults_file),
    )


def are_needed(environment: Mapping[str, str], parameters: Container[str]) -> bool:
    """Tell whether a provider that the template names has no real key."""
    real = _real(environment)
    return any(base in parameters for name, base in _BASES.items() if name not in real)


def wire(stand_ins: StandIns | None, environment: Mapping[str, str]) -> Wiring:
    """Return bases and keys: real ones where there are keys, else the stand-ins'."""
    real = _real(environment)
    parts = list(real.values())
    if stand_ins is not None:
        parts += [
            stood_in(stand_ins)
            for name, stood_in in _STOOD_IN.items()
            if name not in real
        ]
    return Wiring(
        parameters={name: v for part in parts for name, v in part.parameters.items()},
        secrets={name: v for part in parts for name, v in part.secrets.items()},
    )


def _real(environment: Mapping[str, str]) -> dict[str, Wiring]:
    """Return the providers that the environment has all keys of."""
    return {
        provider: Wiring(
            secrets={name: environment[key] for key, name in secrets.items()}
        )
        for provider, secrets in _REAL.items()
        if _has_all(environment, secrets)
    }


def _replicate(stand_ins: StandIns) -> Wiring:
    return Wiring(
        parameters={_REPLICATE_BASE: stand_ins.replicate_base},
        secrets={
            "ReplicateApiToken": stand_ins.replicate_token,
            "ReplicateWebhookSecret": stand_ins.webhook_secret,
        },
    )


def _openai(stand_ins: StandIns) -> Wiring:
    return Wiring(
        parameters={_OPENAI_BASE: stand_ins.openai_base},
        secrets={"OpenaiApiKey": stand_ins.openai_key},
    )


def _stripe(stand_ins: StandIns) -> Wiring:
    return Wiring(
        parameters={_STRIPE_BASE: stand_ins.stripe_base},
        secrets={
            "StripeApiKey": stand_ins.stripe_api_key,
            "StripeWebhookSecret": stand_ins.stripe_webhook_secret,
        },
    )


def _platforms(stand_ins: StandIns) -> Wiring:
    """Return how the platforms are reached; their apps' pages say where they report."""
    return Wiring(
        parameters={
            "InstagramGraphBase": stand_ins.instagram_base,
            "InstagramLoginBase": stand_ins.instagram_oauth_base,
            "InstagramConsentBase": stand_ins.instagram_oauth_base,
            "InstagramAppId": stand_ins.instagram_app_id,
            "TiktokApiBase": stand_ins.tiktok_base,
            "TiktokConsentBase": stand_ins.tiktok_auth_base,
            "TiktokClientKey": stand_ins.tiktok_client_key,
        },
        secrets={
            "InstagramAppSecret": stand_ins.instagram_app_secret,
            "TiktokClientSecret": stand_ins.tiktok_client_secret,
        },
    )


async def report_to(stand_ins: StandIns, api: str, paths: Collection[str]) -> None:
    """Register our doors with the platforms' apps, as one does on their pages.

    Only doors that are among the paths that the API has.
    """
    async with httpx.AsyncClient(timeout=_PATIENCE_S) as http:
        for platform in ("instagram", "stripe", "tiktok"):
            door = f"/webhooks/{platform}"
            if door in paths:
                answer = await http.put(
                    f"{stand_ins.control}/{platform}/settings",
                    json={"webhook_url": f"{api}{door}"},
                )
                answer.raise_for_status()


def _has_all(environment: Mapping[str, str], names: Collection[str]) -> bool:
    return all(environment.get(name) for name in names)


_STOOD_IN: Mapping[str, Callable[[StandIns], Wiring]] = {
    "openai": _openai,
    "platforms": _platforms,
    "replicate": _replicate,
    "stripe": _stripe,
}
