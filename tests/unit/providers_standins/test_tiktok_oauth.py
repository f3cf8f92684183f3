"""Login Kit: consent, and tokens for codes."""

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import as_object
from tests.unit.providers_standins.tiktok_asking import REDIRECT, code_of
from tests.unit.providers_standins.tiktok_login import (
    a_pair,
    asked,
    came_back,
    redeemed,
)

pytestmark = pytest.mark.asyncio

VERIFIER = "vixenbliss-pkce-verifier-0123456789-ABCDEFGHIJKLMN~_."
HEX = "56fce0bd033c404e2c1f6a19d6a0885d0aec7f726467c4c96463b7198184bba0"
BASE64URL = "VvzgvQM8QE4sH2oZ1qCIXQrsf3JkZ8TJZGO3GYGEu6A"


async def test_consent_leads_to_tokens_that_open_the_account(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    back = await came_back(tiktok, providers)
    pair = as_object(await redeemed(tiktok, providers, back["code"]))

    opened = {"authorization": f"Bearer {pair['access_token']}"}
    fields = {"fields": "open_id,display_name"}
    info = await tiktok.get("user/info/", params=fields, headers=opened)

    assert (back["state"], back["scopes"]) == ("s-1", "user.info.basic,video.publish")
    assert (pair["expires_in"], pair["refresh_expires_in"]) == (7200, 15_552_000)
    assert (pair["scope"], pair["token_type"]) == (back["scopes"], "Bearer")
    assert info.json()["data"]["user"] == {
        "open_id": pair["open_id"],
        "display_name": "Luna Vega",
    }


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"scope": "user.info.basic,video.steal"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "x"}, "invalid_request"),
    ],
)
async def test_what_fails_at_the_page_is_told_to_the_callback(
    tiktok: httpx.AsyncClient, providers: Providers, more: dict[str, str], error: str
) -> None:
    back = await came_back(tiktok, providers, **more)

    assert (back["error"], back["state"]) == (error, "s-1")
    assert "code" not in back


@pytest.mark.parametrize("settings", [{"deny": True}, {"consents_to": []}])
async def test_a_user_may_refuse(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    providers: Providers,
    settings: dict[str, object],
) -> None:
    await control.put("tiktok/settings", json=settings)

    back = await came_back(tiktok, providers)

    assert (back["error"], back["state"]) == ("access_denied", "s-1")


@pytest.mark.parametrize(
    "more",
    [
        {"client_key": "somebody-else"},
        {"redirect_uri": "http://shop.example/callback"},
        {"redirect_uri": f"{REDIRECT}?next=1"},
        {"redirect_uri": f"{REDIRECT}/unknown"},
    ],
)
async def test_nobody_is_led_to_an_address_that_is_not_registered(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    providers: Providers,
    more: dict[str, str],
) -> None:
    await control.put("tiktok/settings", json={"redirect_uris": [REDIRECT]})

    answer = await asked(tiktok, providers, **more)

    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_user_may_consent_to_less(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    await control.put("tiktok/settings", json={"consents_to": ["user.info.basic"]})

    pair = await a_pair(tiktok, providers)

    assert pair["scope"] == "user.info.basic"


async def test_a_code_works_once(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    code = (await came_back(tiktok, providers))["code"]
    await redeemed(tiktok, providers, code)

    again = await redeemed(tiktok, providers, code)

    assert again.status_code == 400
    assert set(again.json()) == {"error", "error_description", "log_id"}
    assert again.json()["error"] == "invalid_grant"


async def test_a_code_lives_for_minutes(
    tiktok: httpx.AsyncClient, control: httpx.AsyncClient, providers: Providers
) -> None:
    code = (await came_back(tiktok, providers))["code"]
    await control.post("clock", json={"advance_s": 301})

    answer = await redeemed(tiktok, providers, code)

    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"client_key": "somebody-else"}, "invalid_client"),
        ({"redirect_uri": f"{REDIRECT}/other"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
    ],
)
async def test_a_code_is_not_given_away(
    tiktok: httpx.AsyncClient, providers: Providers, form: dict[str, str], error: str
) -> None:
    code = (await came_back(tiktok, providers))["code"]

    answer = await redeemed(tiktok, providers, **{"code": code} | form)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_only_forms_are_read(
    tiktok: httpx.AsyncClient, providers: Providers
) -> None:
    answer = await tiktok.post("oauth/token/", json={"grant_type": "refresh_token"})

    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("case", "status"),
    [
        (("hex", HEX, VERIFIER), 200),
        (("hex", BASE64URL, VERIFIER), 400),
        (("hex", HEX, "another"), 400),
        (("hex", HEX, ""), 400),
        (("base64url", BASE64URL, VERIFIER), 200),
        (("base64url", HEX, VERIFIER), 400),
    ],
)
async def test_a_verifier_must_fit_its_challenge(
    tiktok: httpx.AsyncClient,
    control: httpx.AsyncClient,
    providers: Providers,
    case: tuple[str, str, str],
    status: int,
) -> None:
    kind, challenge, verifier = case
    await control.put("tiktok/settings", json={"pkce": kind})
    proof = {"code_challenge": challenge, "code_challenge_method": "S256"}
    code = (await came_back(tiktok, providers, **proof))["code"]

    answer = await redeemed(tiktok, providers, code, code_verifier=verifier)

    assert answer.status_code == status


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer act.guessed"}])
async def test_strangers_are_turned_away_and_noted(
    tiktok: httpx.AsyncClient, providers: Providers, header: dict[str, str]
) -> None:
    del tiktok.headers["authorization"]

    answer = await tiktok.get("user/info/?fields=open_id", headers=header)

    (entry,) = providers.journal("tiktok").entries("user.info")
    assert (answer.status_code, code_of(answer)) == (401, "access_token_invalid")
    assert (entry.outcome, entry.status) == ("refused", 401)
