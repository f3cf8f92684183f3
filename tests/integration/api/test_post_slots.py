"""/api/v1/posts/slots, next_slot, and forecasts: times, and who is on them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.posting import ALL, Press, press
from tests.support.studio import Studio

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def ours(studio: Studio, aws: dict[str, str]) -> Press:
    return press(studio)


def slots(ours: Press, query: str = "", person: Person | None = None) -> Any:
    path = f"{ALL}/slots?account_id={ours.account_id}{query}"
    return (person or ours.owner).api("GET", path)


def settle_in_berlin(ours: Press) -> None:
    path = f"/api/v1/workspaces/{ours.owner.workspace_id}"
    etag = ours.owner.api("GET", path).headers["etag"]
    body = {"timezone": "Europe/Berlin"}
    ours.owner.api("PATCH", path, body, headers={"if-match": etag}).ok()


def limit(ours: Press, posts: int) -> None:
    (account,) = ours.owner.api("GET", "/api/v1/social/accounts").ok()["items"]
    world = ours.studio.world
    world.change(
        "instagram", "accounts", username=account["username"], quotas={"posts": posts}
    )


def test_free_times_are_those_of_two_weeks_by_the_workspace_s_clock(
    ours: Press,
) -> None:
    settle_in_berlin(ours)

    told = slots(ours).ok()

    times = [datetime.fromisoformat(one) for one in told["slots"]]
    assert told["timezone"] == "Europe/Berlin"
    assert 40 <= len(times) <= 42
    assert times == sorted(times)
    assert {one.astimezone(BERLIN).strftime("%H:%M") for one in times} == {
        "09:00",
        "13:00",
        "18:00",
    }


def test_free_times_begin_where_one_wants(ours: Press) -> None:
    told = slots(ours, "&from=2026-12-24T13:00:00Z").ok()

    assert told["slots"][:2] == ["2026-12-24T13:00:00Z", "2026-12-24T18:00:00Z"]


def test_a_time_that_is_taken_is_not_free(ours: Press) -> None:
    ours.post(scheduled_at="2026-12-24T17:31:00Z")

    told = slots(ours, "&from=2026-12-24T13:00:00Z").ok()

    assert told["slots"][:2] == ["2026-12-24T13:00:00Z", "2026-12-25T09:00:00Z"]


def test_a_time_for_which_no_post_is_left_is_not_free(ours: Press) -> None:
    ours.post(scheduled_at="2026-12-24T07:00:00Z")
    limit(ours, 1)

    told = slots(ours, "&from=2026-12-24T08:00:00Z").ok()

    assert told["slots"][0] == "2026-12-25T09:00:00Z"


def test_a_free_time_is_taken_by_whoever_asks_for_it(ours: Press) -> None:
    ours.post(scheduled_at="2026-12-24T19:30:00Z")
    limit(ours, 1)
    first = slots(ours, "&from=2026-12-23T19:00:00Z").ok()["slots"][0]

    answer = ours.ask(scheduled_at=first, allow_duplicate=True)

    assert answer.status == 201, answer.json


def test_free_times_are_told_to_every_member_and_to_nobody_else(
    ours: Press, stranger: Person
) -> None:
    answers = [
        slots(ours, person=join(ours.owner, "analyst")),
        slots(ours, person=stranger),
    ]

    assert [answer.status for answer in answers] == [200, 404]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "account_id=x",
        f"account_id={NOBODYS}&from=tomorrow",
        f"account_id={NOBODYS}&from=2026-12-24T13:00:00",
        f"account_id={NOBODYS}&from=9999-12-31T23:59:59Z",
    ],
)
def test_a_question_that_is_none_is_refused(luna: Person, query: str) -> None:
    assert luna.api("GET", f"{ALL}/slots?{query}").status == 400


def test_the_next_free_time_is_taken_one_after_the_other(ours: Press) -> None:
    free = slots(ours).ok()["slots"]

    posts = [
        ours.post(scheduled_at="next_slot", allow_duplicate=True) for _ in range(3)
    ]

    assert [post["scheduled_at"] for post in posts] == free[:3]
    assert {post["status"] for post in posts} == {"scheduled"}


def test_two_targets_on_one_account_take_two_times(ours: Press) -> None:
    free = slots(ours).ok()["slots"]
    targets = [ours.target(), ours.target(format="story")]

    posts = ours.ask(
        targets=targets, scheduled_at="next_slot", allow_duplicate=True
    ).ok(201)["posts"]

    assert [post["scheduled_at"] for post in posts] == free[:2]


def test_an_account_without_a_free_time_is_told_of(ours: Press) -> None:
    limit(ours, 0)

    answer = ours.ask(scheduled_at="next_slot")

    assert (answer.status, answer.code) == (409, "QUOTA_EXCEEDED")


def test_a_post_does_not_stand_in_its_own_way(ours: Press) -> None:
    post = ours.post(scheduled_at="next_slot")
    version = {"if-match": '"v1"'}
    wanted = {"scheduled_at": "next_slot"}

    told = ours.owner.api("PATCH", f"{ALL}/{post['id']}", wanted, headers=version).ok()

    assert told["scheduled_at"] == post["scheduled_at"]


def test_a_quota_comes_with_what_is_planned(ours: Press) -> None:
    settle_in_berlin(ours)
    tomorrow = datetime.now(BERLIN).date() + timedelta(days=1)
    late = datetime(
        tomorrow.year, tomorrow.month, tomorrow.day, 0, 30, tzinfo=BERLIN
    ).astimezone(UTC)  # yesterday, by Greenwich
    ours.post(scheduled_at=late.isoformat())
    far = datetime.now(UTC) + timedelta(days=20)
    ours.post(scheduled_at=far.isoformat(), allow_duplicate=True)

    told = ours.owner.api(
        "GET", f"/api/v1/social/accounts/{ours.account_id}/quota"
    ).ok()

    assert told["forecast"] == [{"day": tomorrow.isoformat(), "posts": 1}]
