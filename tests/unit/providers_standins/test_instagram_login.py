"""Instagram's login: the page, the code, and the two lives of a token."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from tests.stack.providers import Providers
from tests.unit.providers_standins.graph import (
    CALLBACK,
    USER,
    Graph,
    refused,
    token_of,
)

pytestmark = pytest.mark.asyncio

SCOPE = "instagram_business_basic,instagram_business_content_publish"
HOUR_S, DAY_S = 3600, 86_400


class Login:
    """Our app before the login page."""

    def __init__(self, graph: Graph, providers: Providers) -> None:
        self.graph = graph
        self.providers = providers
        self.base = providers.instagram_oauth_base

    async def page(self, **changes: str) -> httpx.Response:
        query = {
            "client_id": self.providers.instagram_app_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": SCOPE,
            "state": "s1",
        }
        address = f"{self.base}/oauth/authorize"
        return await self.graph.client.get(address, params=query | changes)

    async def code(self) -> str:
        return sent_back(await self.page())["code"]

    async def exchange(self, code: str, **changes: str) -> httpx.Response:
        form = {
            "client_id": self.providers.instagram_app_id,
            "client_secret": self.providers.instagram_app_secret,
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code": code,
        }
        address = f"{self.base}/oauth/access_token"
        return await self.graph.client.post(address, data=form | changes)

    async def lengthen(self, token: str, secret: str | None = None) -> httpx.Response:
        query = {
            "grant_type": "ig_exchange_token",
            "client_secret": secret or self.providers.instagram_app_secret,
            "access_token": token,
        }
        return await self.of_token("access_token", query)

    async def refresh(self, token: str) -> httpx.Response:
        query = {"grant_type": "ig_refresh_token", "access_token": token}
        return await self.of_token("refresh_access_token", query)

    async def of_token(self, path: str, query: dict[str, str]) -> httpx.Response:
        address = f"{self.providers.instagram_base}/{path}"
        async with httpx.AsyncClient(trust_env=False) as bare:
            return await bare.get(address, params=query)


@pytest_asyncio.fixture
async def login(graph: Graph, providers: Providers) -> Login:
    return Login(graph, providers)


def sent_back(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(CALLBACK)
    assert parts.fragment == "_"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


async def test_the_page_sends_back_a_code_and_the_state(login: Login) -> None:
    back = sent_back(await login.page())

    assert back["state"] == "s1"
    assert len(back["code"]) > 40


async def test_whoever_refuses_is_sent_back_without_a_code(login: Login) -> None:
    await login.graph.set(deny=True)

    back = sent_back(await login.page())

    assert (back["error"], back["error_reason"]) == ("access_denied", "user_denied")
    assert back["state"] == "s1"
    assert "code" not in back


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("client_id", "1", "Invalid platform app"),
        ("redirect_uri", "", "Invalid redirect_uri"),
        ("redirect_uri", "https://evil.example/", "Invalid redirect_uri"),
        ("response_type", "token", "Invalid response_type"),
        ("scope", "instagram_business_content_publish", "Invalid scope"),
        ("scope", "instagram_business_basic,all", "Invalid scope"),
    ],
)
async def test_the_page_sends_nobody_astray(
    login: Login, name: str, value: str, message: str
) -> None:
    await login.graph.set(redirect_uris=[CALLBACK])

    answer = await login.page(**{name: value})

    assert answer.status_code == 400
    assert answer.json()["error_message"].startswith(message)


async def test_a_code_buys_a_token_of_an_hour(login: Login) -> None:
    answer = await login.exchange(await login.code())

    (bought,) = answer.json()["data"]
    assert bought["permissions"] == SCOPE
    assert isinstance(bought["user_id"], str)
    await login.graph.later(HOUR_S)
    assert refused(await login.lengthen(bought["access_token"])) == (190, 463)


async def test_the_token_answer_can_be_flat_as_seen_in_the_wild(login: Login) -> None:
    await login.graph.set(token_answer="flat")

    bought = (await login.exchange(await login.code())).json()

    assert bought["permissions"] == SCOPE.split(",")
    assert isinstance(bought["user_id"], int)


async def test_what_is_not_ticked_is_not_granted(login: Login) -> None:
    await login.graph.set(granted=["instagram_business_basic"])

    answer = await login.exchange(await login.code())

    assert answer.json()["data"][0]["permissions"] == "instagram_business_basic"


async def test_a_code_works_once(login: Login) -> None:
    code = await login.code()
    await login.exchange(code)

    again = await login.exchange(code)

    assert again.status_code == 400
    assert again.json() == {
        "error_type": "OAuthException",
        "code": 400,
        "error_message": "Matching code was not found or was already used",
    }


async def test_a_code_lives_an_hour(login: Login) -> None:
    code = await login.code()
    await login.graph.later(HOUR_S)

    answer = await login.exchange(code)

    assert "expired" in answer.json()["error_message"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("client_id", "1", "Invalid platform app"),
        ("client_secret", "wrong", "Error validating client secret."),
        ("grant_type", "password", "Invalid grant_type"),
        ("redirect_uri", "https://app.example/", "Error validating verification code"),
        ("code", "AQnone", "Matching code was not found"),
    ],
)
async def test_a_code_is_for_the_app_that_asked(
    login: Login, name: str, value: str, message: str
) -> None:
    code = await login.code()

    answer = await login.exchange(**({"code": code} | {name: value}))

    assert answer.status_code == 400
    assert answer.json()["error_message"].startswith(message)


async def test_a_code_with_its_trailer_is_not_known(login: Login) -> None:
    answer = await login.exchange(await login.code() + "#_")

    assert answer.status_code == 400


async def test_a_short_token_becomes_one_of_sixty_days(login: Login) -> None:
    bought = (await login.exchange(await login.code())).json()["data"][0]

    answer = await login.lengthen(bought["access_token"])

    long = answer.json()
    assert (long["token_type"], long["expires_in"]) == ("bearer", 5_183_944)
    assert refused(await login.lengthen(long["access_token"]))[0] == 100


async def test_a_token_is_lengthened_with_the_apps_secret_only(login: Login) -> None:
    token = await token_of(login.graph.control, is_long=False)

    answer = await login.lengthen(token, "wrong")

    assert refused(answer) == (101, None)


async def test_a_refreshed_token_leaves_the_old_one_its_life(login: Login) -> None:
    token = await token_of(login.graph.control, age_s=DAY_S)

    fresh = (await login.refresh(token)).json()

    assert fresh["permissions"].startswith("instagram_business_basic")
    assert fresh["access_token"] != token
    assert (await login.refresh(token)).status_code == 200


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"age_s": DAY_S - 60}, (100, None)),
        ({"age_s": 5_183_944}, (190, 463)),
        ({"is_long": False}, (100, None)),
        ({"permissions": [], "age_s": DAY_S}, (10, None)),
    ],
)
async def test_a_token_is_refreshed_on_conditions(
    login: Login, order: dict[str, object], expected: tuple[int, int | None]
) -> None:
    token = await token_of(login.graph.control, USER, **order)

    answer = await login.refresh(token)

    assert refused(answer) == expected


@pytest.mark.parametrize("path", ["access_token", "refresh_access_token"])
async def test_tokens_are_given_for_their_own_grant_only(
    login: Login, path: str
) -> None:
    token = await token_of(login.graph.control)

    answer = await login.of_token(path, {"grant_type": "x", "access_token": token})

    assert refused(answer) == (100, None)
