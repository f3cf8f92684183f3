"""TikTok: an account is connected, its tokens follow each other, and end."""

import httpx
import pytest

from tests.support.world import World
from vixenbliss.errors import OutcomeUnknownError, ProviderRefusedError
from vixenbliss.loop import run
from vixenbliss.providers.oauth import Grant, Tokens
from vixenbliss.providers.tiktok import SCOPES, TikTok
from vixenbliss.settings import settings

CALLBACK = "https://api.test/social/tiktok/callback"
VERIFIER = "vixenbliss-pkce-verifier-0123456789-ABCDEFGHIJKLMN~_."


@pytest.fixture
def tiktok(world: World) -> TikTok:
    return TikTok(settings())


def code(tiktok: TikTok) -> str:
    """Say yes in a browser, and return what comes back."""
    url = tiktok.consent_url(state="s-1", redirect_uri=CALLBACK, verifier=VERIFIER)
    answer = httpx.get(url)
    assert answer.status_code == 302, answer.text
    back = httpx.URL(answer.headers["location"]).params
    assert back["state"] == "s-1"
    return back["code"]


def granted(tiktok: TikTok, verifier: str = VERIFIER) -> Grant:
    """Connect an account."""
    exchange = tiktok.exchange(code(tiktok), redirect_uri=CALLBACK, verifier=verifier)
    return run(exchange)


def refreshed(tiktok: TikTok, tokens: Tokens) -> Tokens:
    return run(tiktok.refresh(tokens.access, tokens.refresh))


def test_consent_becomes_a_grant(tiktok: TikTok) -> None:
    grant = granted(tiktok)

    assert grant.username == "Luna Vega"
    assert grant.scopes == SCOPES
    assert grant.tokens.refresh is not None
    assert grant.tokens.refresh_expires_at is not None


def test_a_code_is_bound_to_its_verifier(tiktok: TikTok) -> None:
    with pytest.raises(ProviderRefusedError):
        granted(tiktok, verifier="another")


def test_a_refresh_spends_the_old_token(tiktok: TikTok) -> None:
    old = granted(tiktok).tokens

    new = refreshed(tiktok, old)

    assert new.refresh != old.refresh
    with pytest.raises(ProviderRefusedError):
        refreshed(tiktok, old)


def test_a_lost_refresh_may_have_spent_the_token(tiktok: TikTok, world: World) -> None:
    old = granted(tiktok).tokens
    world.fault("tiktok", "oauth.token", "after")

    with pytest.raises(OutcomeUnknownError):
        refreshed(tiktok, old)


def test_a_revoked_token_refreshes_no_more(tiktok: TikTok) -> None:
    tokens = granted(tiktok).tokens

    run(tiktok.revoke(tokens.access))

    with pytest.raises(ProviderRefusedError):
        refreshed(tiktok, tokens)
