"""What the platforms are asked, and how their answers are taken."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.world import World
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.instagram import Instagram
from vixenbliss.providers.platforms import platforms
from vixenbliss.providers.tiktok import TikTok, challenge
from vixenbliss.services.connecting import _verifier
from vixenbliss.settings import settings

# Docs of Login Kit for Desktop: hex; RFC 7636 would have VvzgvQM8…
VERIFIER = "vixenbliss-pkce-verifier-0123456789-ABCDEFGHIJKLMN~_."
CHALLENGE = "56fce0bd033c404e2c1f6a19d6a0885d0aec7f726467c4c96463b7198184bba0"
BACK = "https://api.test/back"


def test_tiktoks_challenge_is_the_hex_digest() -> None:
    assert challenge(VERIFIER) == CHALLENGE


def test_a_verifier_has_the_letters_that_rfc_7636_allows() -> None:
    verifier = _verifier(bytes(range(224, 256)))

    assert len(verifier) == 43
    assert verifier.replace("-", "").replace("_", "").isalnum()


def test_people_are_asked_for_what_publishing_needs(world: World) -> None:
    addresses = [
        platform(settings()).consent_url(
            state="s", redirect_uri=BACK, verifier=VERIFIER
        )
        for platform in (Instagram, TikTok)
    ]

    asked = [parse_qs(urlsplit(address).query) for address in addresses]
    assert set(asked[0]["scope"][0].split(",")) >= Instagram.needed_scopes
    assert set(asked[1]["scope"][0].split(",")) >= TikTok.needed_scopes
    assert [one["redirect_uri"] for one in asked] == [[BACK], [BACK]]
    assert asked[1]["code_challenge"] == [CHALLENGE]


def refreshed(world: World, name: str) -> ProviderError:
    tokens = {"tiktok": ("act.x", "rft.x"), "instagram": ("IGx", None)}[name]
    platform = platforms(settings())[Platform(name)]
    with pytest.raises(ProviderError) as caught:
        run(platform.refresh(*tokens))
    return caught.value


@pytest.mark.parametrize("status", [400, 200])
def test_an_invalid_grant_is_one_under_any_status(world: World, status: int) -> None:
    world.turn("tiktok", oauth_error_status=status)

    error = refreshed(world, "tiktok")

    assert isinstance(error, ProviderRefusedError)
    assert TikTok(settings()).is_over(error)


def test_a_dead_token_is_told_by_its_code(world: World) -> None:
    error = refreshed(world, "instagram")

    assert error.their_code == "190"
    assert Instagram(settings()).is_over(error)


@pytest.mark.parametrize("code", ["invalid_client", "access_denied", "", "10/190"])
def test_no_other_refusal_is_proof(world: World, code: str) -> None:
    error = ProviderRefusedError("Somebody", "no", their_code=code)

    assert not TikTok(settings()).is_over(error)
    assert not Instagram(settings()).is_over(error)


@pytest.mark.parametrize(
    ("action", "more", "kind"),
    [
        ("before", {}, OutcomeUnknownError),
        ("status", {"status": 503}, OutcomeUnknownError),
        ("rubbish_before", {}, OutcomeUnknownError),
        ("status", {"status": 429}, ProviderUnavailableError),
    ],
)
def test_a_failed_refresh_proves_nothing(
    world: World, action: str, more: dict[str, int], kind: type[ProviderError]
) -> None:
    world.fault("tiktok", "oauth.token", action, **more)

    error = refreshed(world, "tiktok")

    assert type(error) is kind
    assert not TikTok(settings()).is_over(error)


def test_our_secret_is_no_bearer_token(world: World) -> None:
    refreshed(world, "tiktok")

    (call,) = world.calls("tiktok", "oauth.token")
    assert "authorization" not in str(call).lower()
