"""Social accounts: seen, changed, asked about, and let go."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, avatar, join
from tests.support.platforms import PLATFORMS, connect
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("world", "aws")
ALL = "/api/v1/social/accounts"
DOORS = [
    ("GET", ""),
    ("PATCH", ""),
    ("GET", "/quota"),
    ("POST", "/refresh"),
    ("DELETE", ""),
]
SECRETS = ("data_key", "access_token", "refresh_token")


@pytest.fixture
def account(luna: Person) -> str:
    return connect(luna, "tiktok")


def shown(person: Person, account_id: str) -> Any:
    return person.api("GET", f"{ALL}/{account_id}").ok()


def body_for(method: str) -> dict[str, Any] | None:
    return {"disabled": True} if method == "PATCH" else None


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_nobody_gets_in_without_a_token(account: str, method: str, door: str) -> None:
    answer = Api()(method, f"{ALL}/{account}{door}", body_for(method))

    assert answer.status == 401


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_an_account_is_a_strangers_nothing(
    account: str, stranger: Person, sql: Sql, method: str, door: str
) -> None:
    answer = stranger.api(method, f"{ALL}/{account}{door}", body_for(method))

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert count(sql, "social_accounts", status="connected") == 1


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_an_account_that_is_not_there_is_not_found(
    luna: Person, method: str, door: str
) -> None:
    answer = luna.api(method, f"{ALL}/{NOBODYS}{door}", body_for(method))

    assert answer.status == 404


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("editor", [200, 200, 200, 202, 403]),
        ("reviewer", [200, 403, 200, 403, 403]),
        ("analyst", [200, 403, 200, 403, 403]),
    ],
)
def test_roles_open_their_doors_alone(
    luna: Person, account: str, role: str, statuses: list[int]
) -> None:
    guest = join(luna, role)
    same = {"disabled": False}

    answers = [
        guest.api(method, f"{ALL}/{account}{door}", same if method == "PATCH" else None)
        for method, door in DOORS
    ]

    assert [answer.status for answer in answers] == statuses


def test_accounts_are_listed_without_their_tokens(luna: Person, account: str) -> None:
    second = connect(luna, "instagram")

    listed = luna.api("GET", ALL)

    assert [item["id"] for item in listed.ok()["items"]] == [second, account]
    assert listed.json["pagination"]["total"] == 2
    assert not {name for item in listed.json["items"] for name in item} & set(SECRETS)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("platform=tiktok", 1),
        ("platform=instagram", 0),
        ("status=connected", 1),
        ("status=disconnected", 0),
    ],
)
def test_a_list_can_be_narrowed(
    luna: Person, account: str, query: str, total: int
) -> None:
    listed = luna.api("GET", f"{ALL}?{query}").ok()

    assert listed["pagination"]["total"] == total


@pytest.mark.parametrize("query", ["platform=myspace", "status=fine", "page=0"])
def test_a_wish_that_is_none_narrows_nothing(luna: Person, query: str) -> None:
    assert luna.api("GET", f"{ALL}?{query}").status == 400


def test_an_account_is_given_to_another_avatar(luna: Person, account: str) -> None:
    avatar_id = avatar(luna)

    changed = luna.api("PATCH", f"{ALL}/{account}", {"avatar_id": avatar_id}).ok()

    assert changed["avatar_id"] == avatar_id
    assert changed["version"] == 2
    emptied = luna.api("PATCH", f"{ALL}/{account}", {"avatar_id": None}).ok()
    assert emptied["avatar_id"] is None


def test_an_account_is_not_given_to_others_avatars(
    luna: Person, stranger: Person, account: str
) -> None:
    theirs = {"avatar_id": avatar(stranger)}

    assert luna.api("PATCH", f"{ALL}/{account}", theirs).status == 404


@pytest.mark.parametrize(
    "body", [{"disabled": None}, {"status": "x"}, {"avatar_id": 1}]
)
def test_a_change_that_is_none_is_refused(
    luna: Person, account: str, body: dict[str, Any]
) -> None:
    assert luna.api("PATCH", f"{ALL}/{account}", body).status == 400


def test_an_account_is_given_its_times_of_day(luna: Person, account: str) -> None:
    before = shown(luna, account)["posting_times"]

    times = {"posting_times": ["18:30", "07:00"]}
    changed = luna.api("PATCH", f"{ALL}/{account}", times).ok()

    assert before == ["09:00", "13:00", "18:00"]
    assert changed["posting_times"] == ["07:00", "18:30"]
    assert shown(luna, account) == changed


@pytest.mark.parametrize(
    "times",
    [
        [],
        ["24:00"],
        ["7:00"],
        ["07:60"],
        ["07:00"] * 2,
        ["07:00 "],
        "07:00",
        None,
        [f"{hour:02}:{minute:02}" for hour in range(13) for minute in (0, 30)],
    ],
    ids=repr,
)
def test_what_are_no_times_of_day_are_refused(
    luna: Person, account: str, times: Any
) -> None:
    answer = luna.api("PATCH", f"{ALL}/{account}", {"posting_times": times})

    assert answer.status == 400


def test_an_account_is_switched_off_and_on(luna: Person, account: str) -> None:
    path = f"{ALL}/{account}"

    told = [
        luna.api("PATCH", path, {"disabled": off}).ok()
        for off in (True, True, False, False)
    ]

    assert [one["status"] for one in told] == [
        "disabled",
        "disabled",
        "connected",
        "connected",
    ]
    assert [one["version"] for one in told] == [2, 2, 3, 3]


@pytest.mark.parametrize(
    ("rests", "status"), [("12 hours", "rate_limited"), ("-1 second", "connected")]
)
def test_an_account_that_is_to_rest_is_woken_by_no_switch(
    luna: Person, account: str, sql: Sql, rests: str, status: str
) -> None:
    sql.execute(
        "update social_accounts set status = 'rate_limited',"
        " rate_limited_until = now() + %s::interval",
        (rests,),
    )
    luna.api("PATCH", f"{ALL}/{account}", {"disabled": True}).ok()

    told = luna.api("PATCH", f"{ALL}/{account}", {"disabled": False}).ok()

    assert told["status"] == status


def test_an_account_that_wants_its_owner_is_not_switched(
    luna: Person, account: str, sql: Sql
) -> None:
    sql.execute("update social_accounts set status = 'needs_reauth'")

    answer = luna.api("PATCH", f"{ALL}/{account}", {"disabled": True})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_instagram_tells_the_quota(luna: Person, world: World) -> None:
    account = connect(luna, "instagram")

    told = luna.api("GET", f"{ALL}/{account}/quota").ok()

    assert told == {"limit": 100, "used": 0, "resets_at": None, "forecast": []}


def test_tiktok_tells_the_limit_of_a_day(luna: Person, account: str) -> None:
    told = luna.api("GET", f"{ALL}/{account}/quota").ok()

    assert (told["limit"], told["used"]) == (15, None)


def test_tiktok_tells_that_the_day_is_used_up(
    luna: Person, account: str, world: World
) -> None:
    world.turn("tiktok", quotas={"posts_a_day": 0})

    told = luna.api("GET", f"{ALL}/{account}/quota").ok()

    assert (told["limit"], told["used"]) == (15, 15)
    assert told["resets_at"]


@pytest.mark.parametrize(
    ("platform", "call"),
    [("instagram", "accounts.limit"), ("tiktok", "creator_info.query")],
)
def test_a_platform_that_does_not_tell_is_upstream(
    luna: Person, world: World, platform: str, call: str
) -> None:
    account_id = connect(luna, platform)
    world.fault(platform, call, "status", status=500)

    answer = luna.api("GET", f"{ALL}/{account_id}/quota")

    assert (answer.status, answer.code) == (502, "UPSTREAM_ERROR")


def test_a_disabled_account_is_not_asked_about(luna: Person, account: str) -> None:
    luna.api("PATCH", f"{ALL}/{account}", {"disabled": True}).ok()

    assert luna.api("GET", f"{ALL}/{account}/quota").status == 409


def test_a_refresh_is_taken_on_and_again_is_the_same(
    luna: Person, account: str, sql: Sql
) -> None:
    path = f"{ALL}/{account}/refresh"

    answers = [luna.api("POST", path).ok(202) for _ in range(2)]

    assert answers == [{"account_id": account, "status": "connected"}] * 2
    (row,) = sql.execute("select refresh_at <= now() as due from social_accounts")
    assert row["due"]


@pytest.mark.parametrize("status", ["needs_reauth", "disconnected"])
def test_no_refresh_is_promised_where_none_helps(
    luna: Person, account: str, sql: Sql, status: str
) -> None:
    if status == "disconnected":
        luna.api("DELETE", f"{ALL}/{account}").ok(204)
    else:
        sql.execute("update social_accounts set status = %s", (status,))

    answer = luna.api("POST", f"{ALL}/{account}/refresh")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_disconnecting_erases_the_tokens(luna: Person, sql: Sql, platform: str) -> None:
    account_id = connect(luna, platform)

    luna.api("DELETE", f"{ALL}/{account_id}").ok(204)

    assert shown(luna, account_id)["status"] == "disconnected"
    (row,) = sql.execute("select * from social_accounts").fetchall()
    assert [row[name] for name in SECRETS] == [None, None, None]
    assert row["token_expires_at"] is None


def test_tiktok_is_given_the_grant_back(
    luna: Person, account: str, world: World
) -> None:
    luna.api("DELETE", f"{ALL}/{account}").ok(204)

    assert len(world.effects("tiktok", "oauth.revoke")) == 1


@pytest.mark.parametrize("fault", ["before", "status"])
def test_a_platform_that_fails_keeps_nobody_connected(
    luna: Person, account: str, world: World, fault: str
) -> None:
    world.fault("tiktok", "oauth.revoke", fault, status=500)

    luna.api("DELETE", f"{ALL}/{account}").ok(204)

    assert shown(luna, account)["status"] == "disconnected"


def test_disconnecting_twice_is_disconnecting_once(
    luna: Person, account: str, world: World
) -> None:
    answers = [luna.api("DELETE", f"{ALL}/{account}") for _ in range(2)]

    assert [answer.status for answer in answers] == [204, 204]
    assert len(world.calls("tiktok", "oauth.revoke")) == 1
    trail = luna.api("GET", f"/api/v1/ops/audit?target={account}").ok()["items"]
    assert [entry["action"] for entry in trail] == [
        "social_account.disconnected",
        "social_account.connected",
    ]


def test_a_disconnected_account_is_changed_by_nobody(
    luna: Person, account: str
) -> None:
    luna.api("DELETE", f"{ALL}/{account}").ok(204)

    answer = luna.api("PATCH", f"{ALL}/{account}", {"disabled": False})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
