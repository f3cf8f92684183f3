"""Connecting an account: away to the platform, and back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import Set
from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, avatar, join
from tests.support.platforms import (
    HOME,
    PLATFORMS,
    come_back,
    connect,
    consent,
    offer,
    told,
)
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("world", "aws")
CONNECT = "/api/v1/social/{}/connect"
CALLBACK = "/api/v1/social/{}/callback"


def way_of(person: Person, platform: str, **changes: Any) -> str:
    return consent(offer(person, platform, **changes).ok()["authorization_url"])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_account_is_connected(luna: Person, platform: str) -> None:
    avatar_id = avatar(luna)

    account_id = connect(luna, platform, avatar_id=avatar_id)

    account = luna.api("GET", f"/api/v1/social/accounts/{account_id}").ok()
    assert account["platform"] == platform
    assert account["status"] == "connected"
    assert account["avatar_id"] == avatar_id
    assert account["consented_by"] == luna.id
    assert account["scopes"]
    assert account["username"] in {"luna.vega", "Luna Vega"}


def test_the_browser_ends_up_where_it_came_from(luna: Person) -> None:
    answer = come_back(way_of(luna, "instagram"))

    there = urlsplit(answer.headers["location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == HOME.partition("?")[0]
    assert told(answer).keys() == {"tab", "account_id"}


@pytest.mark.parametrize(
    "home", ["http://127.0.0.1:3000/done", "http://localhost/", "http://[::1]:1/x"]
)
def test_a_browser_may_return_to_its_own_machine(luna: Person, home: str) -> None:
    assert offer(luna, "instagram", return_url=home).status == 200


@pytest.mark.parametrize(
    "home",
    [
        "https://evil.test/",
        "https://studio.test.evil.test/",
        "https://studio.test@evil.test/",
        "https://evil.test\\@studio.test/",
        "http://studio.test/",
        "//studio.test/",
        "/accounts",
        "javascript:alert(1)",
        "https://studio.test/#code",
        "https://[studio.test/",
        "ftp://127.0.0.1/",
    ],
)
def test_a_browser_returns_to_nobody_elses_page(luna: Person, home: str) -> None:
    answer = offer(luna, "instagram", return_url=home)

    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "return_url")


@pytest.mark.parametrize(
    "changes",
    [
        {"consent": False},
        {"consent": None},
        {"return_url": ""},
        {"avatar_id": "luna"},
        {"token": "mine"},
    ],
)
def test_a_wish_that_is_none_is_refused(luna: Person, changes: dict[str, Any]) -> None:
    assert offer(luna, "instagram", **changes).code == "VALIDATION_ERROR"


def test_a_platform_that_we_do_not_know_is_refused(luna: Person) -> None:
    assert offer(luna, "myspace").status == 400


def test_nobody_connects_for_an_avatar_of_others(
    luna: Person, stranger: Person
) -> None:
    answers = [
        offer(luna, "instagram", avatar_id=avatar_id)
        for avatar_id in (NOBODYS, avatar(stranger))
    ]

    assert [answer.status for answer in answers] == [404, 404]


@pytest.mark.parametrize(
    ("role", "status"), [("editor", 200), ("reviewer", 403), ("analyst", 403)]
)
def test_owners_and_editors_connect(luna: Person, role: str, status: int) -> None:
    assert offer(join(luna, role), "instagram").status == status


def test_nobody_connects_without_a_token(database: str) -> None:
    body = {"return_url": HOME, "consent": True}

    assert Api()("POST", CONNECT.format("instagram"), body).status == 401


def test_without_an_app_nobody_is_sent_away(luna: Person, surroundings: Set) -> None:
    surroundings(INSTAGRAM_APP_ID=None)

    answer = offer(luna, "instagram")

    assert (answer.status, answer.code) == (502, "UPSTREAM_ERROR")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_state_is_good_for_one_return(luna: Person, platform: str, sql: Sql) -> None:
    way = way_of(luna, platform)
    come_back(way)

    again = come_back(way)

    assert (again.status, again.code) == (400, "INVALID_TOKEN")
    assert count(sql, "social_accounts") == 1


def test_a_state_nobody_was_given_leads_nowhere(database: str) -> None:
    answer = come_back(f"{CALLBACK.format('tiktok')}?state=mine&code=mine")

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")


def test_a_return_without_a_state_is_refused(database: str) -> None:
    assert come_back(f"{CALLBACK.format('tiktok')}?code=mine").status == 400


def test_a_state_belongs_to_its_platform(luna: Person, sql: Sql) -> None:
    way = way_of(luna, "tiktok").replace("/tiktok/", "/instagram/")

    answer = come_back(way)

    assert answer.code == "INVALID_TOKEN"
    assert count(sql, "social_accounts") == 0


def test_a_state_is_too_old_after_ten_minutes(luna: Person, sql: Sql) -> None:
    way = way_of(luna, "instagram")
    (lasts,) = sql.execute(
        "select expires_at - created_at as s from oauth_states"
    ).fetchall()
    sql.execute("update oauth_states set expires_at = now() - interval '1 second'")

    answer = come_back(way)

    assert lasts["s"].total_seconds() == 600
    assert answer.code == "INVALID_TOKEN"


def test_a_state_is_good_only_while_its_sign_in_lives(luna: Person) -> None:
    way = way_of(luna, "instagram")
    luna.api("POST", "/api/auth/logout").ok()

    assert come_back(way).code == "INVALID_TOKEN"


def test_who_is_no_editor_any_more_connects_nothing(luna: Person, sql: Sql) -> None:
    guest = join(luna, "editor")
    way = way_of(guest, "instagram")
    seat = f"/api/v1/workspaces/{luna.workspace_id}/members/{guest.id}"
    luna.api("PATCH", seat, {"role": "analyst"}).ok()

    answer = come_back(way)

    assert answer.code == "INVALID_TOKEN"
    assert count(sql, "social_accounts") == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_no_is_brought_home(luna: Person, world: World, platform: str) -> None:
    world.turn(platform, deny=True)
    way = way_of(luna, platform)

    answer = come_back(way)

    assert told(answer)["error"] == "access_denied"
    assert come_back(way).code == "INVALID_TOKEN"


def test_an_error_of_the_platforms_own_is_not_repeated(luna: Person) -> None:
    state = parse_qs(way_of(luna, "tiktok").partition("?")[2])["state"][0]

    answer = come_back(f"{CALLBACK.format('tiktok')}?state={state}&error=%3Cb%3E")

    assert told(answer)["error"] == "refused"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_code_that_is_none_tells_nothing_of_itself(
    luna: Person, platform: str
) -> None:
    state = parse_qs(way_of(luna, platform).partition("?")[2])["state"][0]

    answer = come_back(f"{CALLBACK.format(platform)}?state={state}&code=canary-code")

    assert told(answer)["error"] == "exchange_failed"
    assert "canary" not in answer.headers["location"]


@pytest.mark.parametrize(
    ("platform", "asked"),
    [("instagram", "accounts.get"), ("tiktok", "user.info")],
)
def test_a_platform_that_fails_connects_nothing(
    luna: Person, world: World, sql: Sql, platform: str, asked: str
) -> None:
    way = way_of(luna, platform)
    world.fault(platform, asked, "status", status=503)

    answer = come_back(way)

    assert told(answer)["error"] == "exchange_failed"
    assert count(sql, "social_accounts") == 0


@pytest.mark.parametrize(
    ("platform", "settings"),
    [
        ("instagram", {"granted": ["instagram_business_basic"]}),
        ("tiktok", {"consents_to": ["user.info.basic", "video.list"]}),
    ],
)
def test_an_account_that_may_not_be_published_to_is_not_connected(
    luna: Person, world: World, platform: str, settings: dict[str, Any], sql: Sql
) -> None:
    world.turn(platform, **settings)

    answer = come_back(way_of(luna, platform))

    assert told(answer)["error"] == "scopes_missing"
    assert count(sql, "social_accounts") == 0


@pytest.mark.parametrize("shape", ["data", "flat"])
def test_instagrams_answer_is_understood_in_both_shapes(
    luna: Person, world: World, shape: str
) -> None:
    world.turn("instagram", token_answer=shape)

    account_id = connect(luna, "instagram")

    account = luna.api("GET", f"/api/v1/social/accounts/{account_id}").ok()
    assert account["platform_user_id"].startswith("178414")
    assert set(account["scopes"]) == {
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
        "instagram_business_manage_insights",
        "instagram_business_manage_messages",
    }


def subscriptions(world: World) -> list[str]:
    """Return what Instagram tells us of its accounts."""
    accounts = world.see("instagram", "accounts")
    return sorted({told for one in accounts for told in one["subscribed"]})


def test_instagram_tells_what_is_written_to_a_connected_account(
    luna: Person, world: World
) -> None:
    connect(luna, "instagram")

    assert subscriptions(world) == ["comments", "messages"]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "before"},
        {"action": "status", "status": 400},
        {"action": "status", "status": 503},
        {"action": "rubbish_before"},
    ],
    ids=repr,
)
def test_an_account_of_which_nothing_is_told_is_connected_all_the_same(
    luna: Person, world: World, sql: Sql, fault: dict[str, Any]
) -> None:
    world.fault("instagram", "subscriptions.create", **fault)

    connect(luna, "instagram")

    assert count(sql, "social_accounts", status="connected") == 1
    assert subscriptions(world) == []


def test_posts_need_no_inbox(luna: Person, world: World, sql: Sql) -> None:
    needed = ["instagram_business_basic", "instagram_business_content_publish"]
    world.turn("instagram", granted=needed)

    connect(luna, "instagram")

    assert count(sql, "social_accounts", status="connected") == 1


@pytest.mark.parametrize("platform", PLATFORMS)
def test_connecting_again_is_the_same_account(
    luna: Person, platform: str, sql: Sql
) -> None:
    avatar_id = avatar(luna)
    first = connect(luna, platform, avatar_id=avatar_id)
    sql.execute("update social_accounts set status = 'needs_reauth'")

    second = connect(luna, platform)

    assert first == second
    account = luna.api("GET", f"/api/v1/social/accounts/{second}").ok()
    assert (account["status"], account["avatar_id"]) == ("connected", avatar_id)


def test_an_account_belongs_to_one_workspace(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    connect(luna, "tiktok")

    answer = come_back(way_of(stranger, "tiktok"))

    assert told(answer)["error"] == "account_taken"
    assert count(sql, "social_accounts", workspace_id=luna.workspace_id) == 1


def test_an_account_that_was_let_go_is_free_for_others(
    luna: Person, stranger: Person
) -> None:
    account_id = connect(luna, "tiktok")
    luna.api("DELETE", f"/api/v1/social/accounts/{account_id}").ok(204)

    assert connect(stranger, "tiktok") != account_id


def test_a_state_is_kept_as_its_hash_alone(luna: Person, sql: Sql) -> None:
    address = offer(luna, "tiktok").ok()["authorization_url"]

    state = parse_qs(urlsplit(address).query)["state"][0]
    (row,) = sql.execute("select * from oauth_states").fetchall()
    assert len(row["state_hash"]) == 32
    assert state not in str(row)
    assert len(row["verifier"]) > 64


def test_tiktok_is_shown_a_challenge_and_instagram_none(luna: Person) -> None:
    queries = [
        parse_qs(urlsplit(offer(luna, name).ok()["authorization_url"]).query)
        for name in PLATFORMS
    ]

    assert "code_challenge" not in queries[0]
    assert queries[1]["code_challenge_method"] == ["S256"]
    assert len(bytes.fromhex(queries[1]["code_challenge"][0])) == 32


def test_ones_connection_is_on_the_trail(luna: Person) -> None:
    account_id = connect(luna, "instagram")

    trail = luna.api("GET", f"/api/v1/ops/audit?target={account_id}").ok()["items"]
    assert [entry["action"] for entry in trail] == ["social_account.connected"]
