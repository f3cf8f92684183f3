"""/api/v1/analytics: what avatars did, earned and cost, and to whom that is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.books import THEN, Till, cost, post
from tests.support.database import Sql
from tests.support.material import NOBODYS
from tests.support.numbers import account, counted, roll_up
from tests.support.numbers import post as appeared
from tests.support.people import Person, avatar, join
from tests.support.workers import Workers

OVERVIEW = "/api/v1/analytics/overview"
SERIES = f"/api/v1/analytics/avatars/{NOBODYS}"
DAY = timedelta(days=1)
FIRST = THEN.date()
LAST = FIRST + 9 * DAY
DAYS = f"from={FIRST}&to={LAST}"
NOTHING = {"posts": 0, "views": 0, "likes": 0, "comments": 0, "shares": 0, "money": []}
TOO_LONG = f"from={FIRST}&to={FIRST + 366 * DAY}"


@pytest.mark.parametrize("path", [OVERVIEW, SERIES])
def test_nobody_asks_without_a_token(database: str, path: str) -> None:
    assert Api()("GET", path).status == 401


@pytest.mark.parametrize("path", [OVERVIEW, SERIES])
def test_a_workspace_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, path: str
) -> None:
    assert stranger.api.working_in(luna.workspace_id)("GET", path).status == 404


@pytest.mark.parametrize(
    ("role", "status"), [("analyst", 200), ("editor", 403), ("reviewer", 403)]
)
def test_owners_and_analysts_are_told(luna: Person, role: str, status: int) -> None:
    assert join(luna, role).api("GET", OVERVIEW).status == status


def test_an_avatar_of_another_workspace_is_not_there(
    luna: Person, stranger: Person
) -> None:
    path = f"/api/v1/analytics/avatars/{avatar(stranger)}"

    assert luna.api("GET", path).status == 404


@pytest.mark.parametrize(
    "query",
    [
        f"from={LAST}&to={FIRST}",
        TOO_LONG,
        "from=yesterday",
        "from=20261101",
        "from=2026-02-30",
        "to=1999-12-31",
        "to=9999-12-31",
        f"from={FIRST}T00:00:00Z",
    ],
)
def test_days_that_make_no_sense_are_refused(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{OVERVIEW}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_an_interval_that_nobody_knows_is_refused(luna: Person) -> None:
    assert luna.api("GET", f"{SERIES}?interval=month").status == 400


def test_a_year_and_a_day_is_told_of_at_once(luna: Person) -> None:
    until = FIRST + 365 * DAY

    told = luna.api("GET", f"{OVERVIEW}?from={FIRST}&to={until}").ok()

    assert (told["from"], told["to"]) == (str(FIRST), str(until))


def test_without_days_the_last_thirty_are_told_of(luna: Person) -> None:
    told = luna.api("GET", OVERVIEW).ok()

    last = datetime.now(UTC).date() - DAY
    assert (told["from"], told["to"]) == (str(last - 29 * DAY), str(last))
    assert (told["items"], told["gaps"], told["totals"]) == ([], [], NOTHING)
    assert (told["computed_until"], told["computed_at"]) == (None, None)


def sales(luna: Person, avatar_id: str | None) -> None:
    """Sell in euros, lose some of it, and make something for dollars."""
    till = Till(luna.workspace_id, avatar_id)
    till.sell()
    till.give_back(500)
    till.lose(100, 1_500)
    post(cost(luna.workspace_id, avatar_id))


@pytest.fixture
def avatars(luna: Person, sql: Sql, workers: Workers) -> tuple[str, str]:
    """Two avatars with sales and posts that were seen, rolled up."""
    ids = (avatar(luna), avatar(luna, avatar_name="Sol"))
    sales(luna, ids[0])
    Till(luna.workspace_id, ids[1], currency="usd").sell()
    Till(luna.workspace_id, None).sell()
    since = datetime.now(UTC) - THEN
    post_id = appeared(sql, ids[0], account(sql, ids[0]), age=since - DAY)
    for day, views in enumerate([10, 30, 70]):
        counted(sql, post_id, FIRST + day * DAY, views=views, likes=views // 10)
    roll_up(sql, workers, *(FIRST + day * DAY for day in range(9)))
    return ids


def test_an_overview_tells_of_each_avatar_and_of_none(
    luna: Person, avatars: tuple[str, str]
) -> None:
    told = luna.api("GET", f"{OVERVIEW}?{DAYS}").ok()

    first, second, of_none = told["items"]
    assert (first["avatar_id"], first["avatar_name"]) == (avatars[0], "Luna")
    assert (first["posts"], first["views"], first["likes"]) == (1, 70, 7)
    assert first["money"] == [
        {
            "currency": "eur",
            "income_micros": (840 - 420 - 59 - 1_600) * 10_000,
            "cost_micros": 0,
            "margin_micros": (840 - 420 - 59 - 1_600) * 10_000,
        },
        {
            "currency": "usd",
            "income_micros": 0,
            "cost_micros": 40_000,
            "margin_micros": -40_000,
        },
    ]
    assert (second["avatar_name"], second["views"]) == ("Sol", 0)
    assert (of_none["avatar_id"], of_none["avatar_name"]) == (None, None)
    assert told["computed_until"] == str(LAST - DAY)
    assert told["computed_at"]


def margins(told: Any) -> dict[str, int]:
    return {one["currency"]: one["margin_micros"] for one in told["totals"]["money"]}


def stated(luna: Person, until: Any, more: str = "") -> dict[str, int]:
    """Return the margins by the books, of the same days."""
    query = f"from={FIRST}T00:00:00Z&to={until}T00:00:00Z{more}"
    summary = luna.api("GET", f"/api/v1/ledger/statement?{query}").ok()["summary"]
    return {one["currency"]: one["margin"]["micros"] for one in summary}


def test_an_overviews_money_is_the_statements(
    luna: Person, avatars: tuple[str, str]
) -> None:
    told = luna.api("GET", f"{OVERVIEW}?{DAYS}").ok()

    assert margins(told) == stated(luna, LAST + DAY)


def test_an_avatars_money_is_its_statements(
    luna: Person, avatars: tuple[str, str]
) -> None:
    told = luna.api("GET", f"/api/v1/analytics/avatars/{avatars[0]}?{DAYS}").ok()

    assert margins(told) == stated(luna, LAST + DAY, f"&avatar_id={avatars[0]}")


def points(told: Any) -> list[tuple[str, int, int]]:
    return [(it["starts_on"], it["posts"], it["views"]) for it in told["items"]]


def test_a_series_of_days_leaves_out_what_is_not_there(
    luna: Person, avatars: tuple[str, str]
) -> None:
    told = luna.api("GET", f"/api/v1/analytics/avatars/{avatars[0]}?{DAYS}").ok()

    assert points(told) == [
        (str(FIRST), 0, 10),
        (str(FIRST + DAY), 1, 20),
        (str(FIRST + 2 * DAY), 0, 40),
    ]
    assert [one["currency"] for one in told["items"][0]["money"]] == ["eur", "usd"]
    assert (told["totals"]["views"], told["avatar_name"]) == (70, "Luna")


def test_a_series_of_weeks_begins_on_mondays_save_the_first(
    luna: Person, avatars: tuple[str, str]
) -> None:
    path = f"/api/v1/analytics/avatars/{avatars[0]}?{DAYS}&interval=week"

    told = luna.api("GET", path).ok()

    assert FIRST.isoweekday() == 7
    assert points(told) == [(str(FIRST), 0, 10), (str(FIRST + DAY), 1, 60)]


def test_another_workspaces_days_are_not_in_mine(
    luna: Person, stranger: Person, avatars: tuple[str, str]
) -> None:
    told = stranger.api("GET", f"{OVERVIEW}?{DAYS}").ok()

    assert (told["items"], told["totals"]) == ([], NOTHING)
