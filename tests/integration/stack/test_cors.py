"""CORS, which is the gateway's affair: who is listed, and who is not."""

import httpx
import pytest

from tests.integration.stack.conftest import Site

pytestmark = pytest.mark.stack

OURS = "https://ours.test"
NO_ORIGINS = ["https://elsewhere.test", "http://ours.test", "https://ours.test.evil"]


def preflight(site: Site, origin: str, path: str = "/echo") -> httpx.Response:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    return site.http.options(path, headers=asked)


def granted(answer: httpx.Response) -> dict[str, str]:
    """Return the headers by which a browser lets a page through."""
    start = "access-control-"
    return {
        name.removeprefix(start): value
        for name, value in answer.headers.items()
        if name.startswith(start)
    }


@pytest.mark.parametrize("origin", [OURS, "https://also.test"])
@pytest.mark.parametrize("path", ["/echo", "/nothing/of/ours"])
def test_a_preflight_is_answered_by_the_gateway(
    site: Site, origin: str, path: str
) -> None:
    answer = preflight(site, origin, path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert granted(answer) == {
        "allow-origin": origin,
        "allow-methods": "GET,POST",
        "allow-headers": "authorization",
        "max-age": "60",
    }


def test_a_listed_origin_may_read_the_answer(site: Site) -> None:
    answer = site.http.get("/echo/cookies", headers={"origin": OURS})

    assert answer.status_code == 201
    assert granted(answer) == {"allow-origin": OURS, "expose-headers": "x-words"}


@pytest.mark.parametrize("origin", [*NO_ORIGINS, "null", "*", ""])
def test_an_unlisted_origin_gets_no_header(site: Site, origin: str) -> None:
    answers = [
        preflight(site, origin),
        site.http.get("/echo", headers={"origin": origin}),
    ]

    assert [granted(answer) for answer in answers] == [{}, {}]


def test_whoever_is_no_browser_is_told_nothing(site: Site) -> None:
    assert granted(site.http.get("/echo")) == {}


def test_what_a_function_says_of_it_does_not_count(site: Site) -> None:
    answer = site.http.get("/echo/generous", headers={"origin": NO_ORIGINS[0]})

    assert (answer.status_code, granted(answer)) == (200, {})


def test_options_without_a_page_behind_it_takes_its_route(site: Site) -> None:
    answer = site.http.options("/echo/options", headers={"origin": OURS})

    assert answer.json()["event"]["requestContext"]["http"]["method"] == "OPTIONS"
