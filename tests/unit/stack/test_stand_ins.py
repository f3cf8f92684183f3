"""Which providers a stack talks to."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.stack import stand_ins
from tests.stack.stand_ins import Wiring

_REAL_REPLICATE = {
    "REPLICATE_API_TOKEN": "r8_real",
    "REPLICATE_WEBHOOK_SECRET": "whsec",
}
_REAL_STRIPE = {"STRIPE_API_KEY": "sk_real", "STRIPE_WEBHOOK_SECRET": "st_real"}
_REAL_OPENAI = {"OPENAI_API_KEY": "sk-real"}


@dataclass(frozen=True)
class _StandIns:
    replicate_base: str = "http://replicate"
    openai_base: str = "http://openai"
    control: str = "http://control"
    replicate_token: str = "r8_fake"
    openai_key: str = "sk-fake"
    webhook_secret: str = "whsec_fake"
    instagram_base: str = "http://graph"
    instagram_oauth_base: str = "http://login"
    instagram_app_id: str = "app_fake"
    instagram_app_secret: str = "ig_fake"
    stripe_base: str = "http://stripe"
    stripe_api_key: str = "sk_fake"
    stripe_webhook_secret: str = "st_fake"
    tiktok_base: str = "http://tiktok"
    tiktok_auth_base: str = "http://consent"
    tiktok_client_key: str = "key_fake"
    tiktok_client_secret: str = "tt_fake"
    journals: dict[str, Path] = field(default_factory=dict)


_OF_PLATFORMS = {
    "InstagramGraphBase": "http://graph",
    "InstagramLoginBase": "http://login",
    "InstagramConsentBase": "http://login",
    "InstagramAppId": "app_fake",
    "TiktokApiBase": "http://tiktok",
    "TiktokConsentBase": "http://consent",
    "TiktokClientKey": "key_fake",
}


def test_without_keys_the_stand_ins_serve() -> None:
    wiring = stand_ins.wire(_StandIns(), {})

    assert wiring == Wiring(
        parameters={
            "ReplicateApiBase": "http://replicate",
            "OpenaiBaseUrl": "http://openai",
            "StripeApiBase": "http://stripe",
            **_OF_PLATFORMS,
        },
        secrets={
            "ReplicateApiToken": "r8_fake",
            "ReplicateWebhookSecret": "whsec_fake",
            "OpenaiApiKey": "sk-fake",
            "InstagramAppSecret": "ig_fake",
            "StripeApiKey": "sk_fake",
            "StripeWebhookSecret": "st_fake",
            "TiktokClientSecret": "tt_fake",
        },
    )


def test_a_real_key_means_the_real_provider() -> None:
    wiring = stand_ins.wire(_StandIns(), _REAL_REPLICATE | _REAL_STRIPE)

    assert wiring.parameters == {"OpenaiBaseUrl": "http://openai"} | _OF_PLATFORMS
    assert wiring.secrets["StripeApiKey"] == "sk_real"
    assert wiring.secrets["StripeWebhookSecret"] == "st_real"
    assert wiring.secrets["ReplicateApiToken"] == "r8_real"
    assert wiring.secrets["OpenaiApiKey"] == "sk-fake"


@pytest.mark.parametrize(
    ("environment", "are_needed"),
    [
        ({}, True),
        (_REAL_OPENAI, True),
        (_REAL_REPLICATE, True),
        ({"REPLICATE_API_TOKEN": "r8_real"} | _REAL_OPENAI | _REAL_STRIPE, True),
        (_REAL_REPLICATE | _REAL_OPENAI, True),
        (_REAL_REPLICATE | _REAL_OPENAI | _REAL_STRIPE, False),
    ],
)
def test_stand_ins_are_needed_while_a_key_is_missing(
    environment: dict[str, str], *, are_needed: bool
) -> None:
    bases = {"ReplicateApiBase", "OpenaiBaseUrl", "StripeApiBase"}

    result = stand_ins.are_needed(environment, bases)

    assert result is are_needed


def test_a_template_that_names_no_provider_needs_none() -> None:
    result = stand_ins.are_needed({}, {"MailFrom"})

    assert not result
