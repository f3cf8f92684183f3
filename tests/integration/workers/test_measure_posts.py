"""Queue measure: how often posts are seen, by the day, or a gap with its reason."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.api import handler_of
from tests.support.database import Sql, count
from tests.support.numbers import SAID, Desk, desk, on_instagram
from tests.support.people import Person, avatar
from tests.support.studio import Studio
from tests.support.workers import Workers, record
from tests.support.world import World
from vixenbliss.database import transaction
from vixenbliss.errors import LeaseLostError
from vixenbliss.loop import run
from vixenbliss.models.posts import PostFormat
from vixenbliss.repositories.measurements import ClaimedAccount, MeasurementRepository

TOLD = tuple(SAID.values())


@pytest.fixture
def house(
    luna: Person, world: World, workers: Workers, sql: Sql, aws: dict[str, str]
) -> Studio:
    """An avatar of whom nothing is asked but its posts."""
    return Studio(luna, avatar(luna), workers, world, sql)


@pytest.fixture
def tiktok(house: Studio) -> Desk:
    return desk(house, "tiktok")


@pytest.fixture
def instagram(house: Studio) -> Desk:
    return desk(house, "instagram")


@pytest.mark.parametrize("platform", ["instagram", "tiktok"])
def test_what_a_platform_counts_is_kept_as_todays(house: Studio, platform: str) -> None:
    ours = desk(house, platform)

    ours.read()

    assert ours.kept() == [TOLD]
    assert count(ours.sql, "post_metrics", post_id=ours.post_id) == 1
    assert (ours.state()["check_at"], ours.state()["gap_code"]) == (None, None)


def test_a_post_is_not_asked_for_before_its_time(tiktok: Desk) -> None:
    tiktok.sql.execute("update posts set published_at = now() - interval '59 minutes'")

    assert tiktok.strike() == 0


def test_a_post_that_was_read_waits_for_its_next_time(tiktok: Desk) -> None:
    tiktok.read()

    assert tiktok.strike() == 0
    assert tiktok.next_in_hours() == 6


def test_two_clocks_that_strike_at_once_hand_an_account_over_once(tiktok: Desk) -> None:
    struck = [tiktok.strike() for _ in range(2)]

    assert struck == [1, 0]
    assert tiktok.workers.waiting("measure") == [tiktok.account_id]


def test_a_message_that_comes_twice_is_read_once(tiktok: Desk) -> None:
    tiktok.read()

    again = tiktok.workers.run("measure", tiktok.account_id)

    assert again == []
    assert tiktok.asked() == 1


@pytest.mark.parametrize("views", [500, 80])
def test_a_later_reading_of_the_day_takes_the_place_of_the_first(
    tiktok: Desk, views: int
) -> None:
    tiktok.read()
    tiktok.says(views=views)
    tiktok.let_be_due()

    tiktok.read()

    assert tiktok.kept() == [(views, *TOLD[1:])]


def test_forty_videos_are_two_calls(tiktok: Desk) -> None:
    for number in range(39):
        tiktok.another(name=str(number))

    tiktok.read()

    assert tiktok.asked() == 2
    assert tiktok.kept() == [TOLD]


def test_a_post_that_was_recalled_is_read_no_more(tiktok: Desk) -> None:
    tiktok.strike()
    tiktok.sql.execute("update posts set status = 'recalled', recalled_at = now()")

    tiktok.workers.deliver("measure")

    assert (tiktok.asked(), tiktok.kept()) == (0, [])
    assert tiktok.next_in_hours() is None


def test_an_account_that_has_to_wait_uses_up_no_try(tiktok: Desk) -> None:
    tiktok.world.turn("tiktok", quotas={"displays_a_minute": 0})
    for _ in range(3):
        tiktok.read()
        tiktok.sweep()
    tiktok.world.turn("tiktok", quotas={"displays_a_minute": 600})

    tiktok.sweep()

    assert tiktok.kept() == [TOLD]
    assert count(tiktok.sql, "dead_letters") == 0


def test_three_failures_are_a_dead_letter_and_the_next_time_comes(tiktok: Desk) -> None:
    tiktok.world.fault("tiktok", "video.query", "status", status=503, times=3)
    tiktok.read()

    swept = [tiktok.sweep() for _ in range(3)]

    assert swept == [1, 1, 0]
    assert count(tiktok.sql, "dead_letters", queue="measure") == 1
    assert (tiktok.kept(), tiktok.next_in_hours()) == ([], 6)
    assert tiktok.state()["gap_code"]


def test_a_reading_goes_on_where_trouble_began(instagram: Desk) -> None:
    second = on_instagram(instagram.world)
    instagram.another(name=second, format="feed")
    instagram.world.fault("instagram", "media.insights", "status", status=503, skip=1)
    instagram.read()
    first = len(instagram.kept())

    instagram.sweep()

    assert (first, len(instagram.kept()), instagram.asked()) == (1, 2, 3)


def test_a_post_that_nobody_tells_of_keeps_no_other_back(instagram: Desk) -> None:
    age = timedelta(hours=2)
    instagram.another(name="18050000000000000", age=age, format="feed")

    instagram.read()

    assert instagram.kept() == [TOLD]
    assert instagram.state()["gap_code"] is None


def test_a_story_is_kept_without_what_is_not_told(instagram: Desk) -> None:
    name = on_instagram(instagram.world, PostFormat.STORY)
    shown = "update posts set platform_post_id = %s, format = 'story'"
    instagram.sql.execute(shown, (name,))

    instagram.read()

    assert instagram.kept() == [(SAID["views"], None, None, SAID["shares"])]


def test_without_the_scope_nothing_is_asked_and_the_account_says_so(
    tiktok: Desk,
) -> None:
    tiktok.sql.execute("update social_accounts set scopes = '{video.publish}'")

    tiktok.read()

    assert (tiktok.asked(), tiktok.kept()) == (0, [])
    (gap,) = tiktok.studio.owner.api("GET", "/api/v1/analytics/overview").ok()["gaps"]
    assert (gap["account_id"], gap["code"]) == (tiktok.account_id, "MISSING_SCOPE")


@pytest.mark.parametrize(
    ("status", "code"),
    [("needs_reauth", "NEEDS_REAUTH"), ("disabled", "ACCOUNT_CLOSED")],
)
def test_an_account_that_is_closed_to_us_is_a_gap(
    tiktok: Desk, status: str, code: str
) -> None:
    tiktok.sql.execute("update social_accounts set status = %s", (status,))

    tiktok.read()

    assert (tiktok.asked(), tiktok.state()["gap_code"]) == (0, code)
    assert tiktok.next_in_hours() == 6


def test_what_is_told_again_is_no_gap_any_more(tiktok: Desk) -> None:
    tiktok.sql.execute("update social_accounts set status = 'disabled'")
    tiktok.read()
    tiktok.sql.execute("update social_accounts set status = 'connected'")
    tiktok.let_be_due()

    tiktok.read()

    assert tiktok.state()["gap_code"] is None


def test_a_refused_token_is_refreshed_and_the_post_read(tiktok: Desk) -> None:
    tiktok.world.tell("tiktok", "tokens/expire", kind="access")
    tiktok.read()

    tiktok.sweep()

    assert tiktok.kept() == [TOLD]


def test_an_account_in_somebody_elses_hands_is_left_to_them(tiktok: Desk) -> None:
    tiktok.strike()
    tiktok.sql.execute("update measurements set lease_until = now() + interval '1 min'")

    tiktok.workers.deliver("measure")

    assert tiktok.asked() == 0


def test_a_dead_workers_account_is_read_by_the_next(tiktok: Desk) -> None:
    tiktok.strike()
    tiktok.sql.execute("update measurements set lease_until = now() - interval '1 s'")

    assert tiktok.sweep() == 1
    assert tiktok.kept() == [TOLD]


async def _claim(account_id: str) -> ClaimedAccount:
    async with transaction() as connection:
        accounts = MeasurementRepository(connection)
        claimed = await accounts.claim(UUID(account_id), lease=timedelta(minutes=1))
    assert claimed is not None
    return claimed


async def _end(claimed: ClaimedAccount) -> None:
    async with transaction() as connection:
        await MeasurementRepository(connection).hold(claimed)


def test_who_has_lost_the_account_writes_nothing(tiktok: Desk) -> None:
    tiktok.strike()
    claimed = run(_claim(tiktok.account_id))
    tiktok.sql.execute("update measurements set lease_token = gen_random_uuid()")

    with pytest.raises(LeaseLostError):
        run(_end(claimed))


def bury(account_id: str) -> None:
    letter = record(json.dumps({"id": account_id}), "stack-MeasureDeadLetters-1A2B")
    handler_of("BuryDeadLettersFunction")({"Records": [letter]}, None)


def give_up(ours: Desk) -> None:
    """Let an account's messages die twice, of unlike causes."""
    ours.strike()
    ours.workers.waiting("measure")
    for _ in range(2):
        bury(ours.account_id)
        ours.sql.execute("update dead_letters set created_at = now() - interval '1 h'")


def test_an_account_whose_message_died_is_read_once_more(tiktok: Desk) -> None:
    tiktok.strike()
    tiktok.workers.waiting("measure")

    bury(tiktok.account_id)

    assert tiktok.sweep() == 1
    assert tiktok.kept() == [TOLD]


def test_an_account_whose_messages_die_twice_is_left_alone_for_a_day(
    tiktok: Desk,
) -> None:
    give_up(tiktok)

    assert (tiktok.state()["gap_code"], tiktok.sweep()) == ("DEAD_LETTER", 0)
    assert tiktok.strike() == 0
    assert count(tiktok.sql, "dead_letters", redriven_at=None) == 1


def test_staff_can_have_an_account_read_again(tiktok: Desk) -> None:
    give_up(tiktok)
    tiktok.sql.execute("update users set platform_role = 'admin'")

    answer = tiktok.studio.owner.api("POST", "/api/v1/ops/queues/measure/redrive")
    tiktok.workers.deliver("measure")

    assert answer.ok(202) == {"redriven": 1}
    assert tiktok.kept() == [TOLD]
