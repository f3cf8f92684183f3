"""TikTok: what it says of posts, of their creator, and of what fails."""

from typing import Any

import pytest

from tests.support.tiktok import (
    OK,
    failing,
    outcome,
    photos_of_the_sea,
    publisher,
    sent,
    told,
)
from tests.support.world import World
from vixenbliss.clock import now
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.models.posts import Failure
from vixenbliss.providers.publishing import (
    Order,
    Outcome,
    Stage,
)
from vixenbliss.providers.tiktok_publishing import TikTokPublisher


@pytest.fixture
def counted() -> list[str]:
    """Return the calls that were counted, as they come."""
    return []


@pytest.fixture
def tiktok(world: World, counted: list[str]) -> TikTokPublisher:
    """An account that may publish."""
    return publisher(world, counted)


@pytest.fixture
def photos(aws: dict[str, str]) -> Order:
    """Photos, where TikTok finds them."""
    return photos_of_the_sea()


def status(**data: Any) -> dict[str, Any]:
    return {"data": data, "error": OK}


@pytest.mark.parametrize(
    ("data", "stage"),
    [
        ({"status": "PROCESSING_UPLOAD"}, Stage.PREPARING),
        ({"status": "PROCESSING_DOWNLOAD"}, Stage.PREPARING),
        ({"status": "SEND_TO_USER_INBOX"}, Stage.PREPARING),
        ({"status": "PUBLISH_COMPLETE"}, Stage.PUBLISHED),
        (
            {"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": None},
            Stage.PUBLISHED,
        ),
        ({"status": "FAILED", "fail_reason": "internal"}, Stage.LOST),
    ],
    ids=str,
)
def test_each_status_says_how_far_a_post_is(
    tiktok: TikTokPublisher, world: World, data: dict[str, Any], stage: Stage
) -> None:
    world.fault("tiktok", "status.fetch", "reply", body=status(**data))

    found = outcome(tiktok, "v_pub_1")

    assert found.stage is stage


@pytest.mark.parametrize(
    ("handle", "stage"),
    [("v_pub_file~v2-1.1", Stage.READY), ("p_pub_url~v2.1", Stage.PREPARING)],
)
def test_only_a_video_can_wait_for_its_first_byte(
    tiktok: TikTokPublisher, world: World, handle: str, stage: Stage
) -> None:
    body = status(status="PROCESSING_UPLOAD", uploaded_bytes=0)
    world.fault("tiktok", "status.fetch", "reply", body=body)

    assert outcome(tiktok, handle).stage is stage


def test_a_malformed_yes_is_no_code(tiktok: TikTokPublisher, world: World) -> None:
    body = {"data": {"max_video_post_duration_sec": 0}, "error": OK}
    world.fault("tiktok", "creator_info.query", "reply", body=body)

    with pytest.raises(ProviderUnavailableError) as caught:
        run(tiktok.facts())

    assert caught.value.their_code == ""
    assert tiktok.failure_of(caught.value) is Failure.RETRY


@pytest.mark.parametrize("name", ["PUBLISHED", "", "ok"])
def test_an_unknown_status_leaves_it_open(
    tiktok: TikTokPublisher, world: World, name: str
) -> None:
    world.fault("tiktok", "status.fetch", "reply", body=status(status=name))

    with pytest.raises(OutcomeUnknownError):
        outcome(tiktok, "v_pub_1")


def test_the_id_of_a_post_is_told_once_everybody_sees_it(
    tiktok: TikTokPublisher, world: World
) -> None:
    handle = sent(tiktok)
    world.wait()

    found = outcome(tiktok, handle)

    assert found.published is not None
    assert found.published.id == str(told(world)["post_ids"][0])


def test_the_id_of_a_post_in_moderation_is_not_told(
    tiktok: TikTokPublisher, world: World
) -> None:
    world.turn("tiktok", moderates=False)
    handle = sent(tiktok)
    world.wait()

    found = outcome(tiktok, handle)

    assert found.stage is Stage.PUBLISHED
    assert found.published is not None
    assert found.published.id is None


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        ("internal", Failure.RETRY),
        ("video_pull_failed", Failure.RETRY),
        ("photo_pull_failed", Failure.RETRY),
        ("file_format_check_failed", Failure.FIX_CONTENT),
        ("duration_check_failed", Failure.FIX_CONTENT),
        ("frame_rate_check_failed", Failure.FIX_CONTENT),
        ("picture_size_check_failed", Failure.FIX_CONTENT),
        ("auth_removed", Failure.REAUTHENTICATE),
        ("publish_cancelled", Failure.STOP),
        ("spam_risk_too_many_posts", Failure.RETRY),
        ("spam_risk_user_banned_from_posting", Failure.STOP),
        ("spam_risk_text", Failure.STOP),
        ("spam_risk", Failure.STOP),
        ("something_new", Failure.STOP),
    ],
)
def test_a_failed_post_says_what_is_to_be_done(
    tiktok: TikTokPublisher, world: World, reason: str, failure: Failure
) -> None:
    world.tell("tiktok", "misfortunes", reason=reason)
    handle = sent(tiktok)
    world.wait()

    found = outcome(tiktok, handle)

    assert found == Outcome(Stage.LOST, reason, failure)


def test_a_readiness_is_an_outcome_once_the_bytes_have_come(
    tiktok: TikTokPublisher, world: World
) -> None:
    handle = sent(tiktok)
    world.wait()

    assert run(tiktok.readiness(handle)).stage is Stage.PUBLISHED


def test_a_video_is_shown_with_its_address(
    tiktok: TikTokPublisher, world: World
) -> None:
    begun = now().replace(microsecond=0)
    sent(tiktok)
    world.wait()
    post_id = str(told(world)["post_ids"][0])

    shown = run(tiktok.read_back(post_id))

    assert shown.permalink == f"https://www.tiktok.com/@luna.vega/video/{post_id}"
    assert shown.published_at is not None
    assert shown.published_at >= begun
    assert (shown.id, shown.is_labelled_ai) == (post_id, None)


def test_of_photos_nothing_is_shown(
    tiktok: TikTokPublisher, world: World, photos: Order
) -> None:
    sent(tiktok, photos)
    world.wait()
    post_id = str(told(world)["post_ids"][0])

    shown = run(tiktok.read_back(post_id))

    assert (shown.id, shown.permalink, shown.published_at) == (post_id, None, None)


def test_who_may_not_list_videos_may_publish_them(world: World) -> None:
    tiktok = publisher(world, [], scopes=["user.info.basic", "video.publish"])
    sent(tiktok)
    world.wait()
    post_id = str(told(world)["post_ids"][0])

    shown = run(tiktok.read_back(post_id))

    assert (shown.id, shown.permalink) == (post_id, None)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://tiktok.test/1", ""])
def test_an_address_that_is_none_is_not_shown(
    tiktok: TikTokPublisher, world: World, link: str
) -> None:
    clip = {"id": "7", "create_time": 1_795_219_200, "share_url": link}
    world.fault("tiktok", "video.query", "reply", body=status(videos=[clip]))

    assert run(tiktok.read_back("7")).permalink is None


def test_posts_cannot_be_taken_back(tiktok: TikTokPublisher) -> None:
    with pytest.raises(ProviderRefusedError):
        run(tiktok.delete("7300000000000000001"))

    assert not tiktok.can_delete


def test_a_creator_says_what_its_next_post_may_be(
    tiktok: TikTokPublisher, world: World, counted: list[str]
) -> None:
    world.change(
        *("tiktok", "creators"),
        username="luna.vega",
        is_private=True,
        comment_disabled=True,
        max_video_post_duration_sec=180,
    )

    facts = run(tiktok.facts())

    assert counted == ["creator_info"]
    assert facts.privacy_levels == (
        "FOLLOWER_OF_CREATOR",
        "MUTUAL_FOLLOW_FRIENDS",
        "SELF_ONLY",
    )
    assert facts.longest_video_s == 180
    assert (facts.comments_are_off, facts.duets_are_off) == (True, True)
    assert facts.stitches_are_off
    assert facts.quota is not None
    assert (facts.quota.limit, facts.quota.used) == (15, None)


def test_a_day_that_is_used_up_is_a_fact(tiktok: TikTokPublisher, world: World) -> None:
    world.turn("tiktok", quotas={"posts_a_day": 0})

    facts = run(tiktok.facts())

    assert facts.quota is not None
    assert (facts.quota.limit, facts.quota.used) == (15, 15)
    assert facts.privacy_levels is None


def test_who_is_banned_has_no_facts(tiktok: TikTokPublisher, world: World) -> None:
    world.change("tiktok", "creators", username="luna.vega", is_banned=True)

    with pytest.raises(ProviderRefusedError) as caught:
        run(tiktok.facts())

    assert tiktok.failure_of(caught.value) is Failure.STOP


def test_a_token_that_is_over_asks_for_its_owner(
    tiktok: TikTokPublisher, world: World
) -> None:
    world.tell("tiktok", "tokens/expire")

    assert tiktok.failure_of(failing(tiktok)) is Failure.REAUTHENTICATE


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("", Failure.RETRY),
        ("access_token_invalid", Failure.REAUTHENTICATE),
        ("scope_not_authorized", Failure.REAUTHENTICATE),
        ("rate_limit_exceeded", Failure.RETRY),
        ("internal_error", Failure.RETRY),
        ("spam_risk_too_many_posts", Failure.RETRY),
        ("spam_risk_too_many_pending_share", Failure.STOP),
        ("spam_risk_user_banned_from_posting", Failure.STOP),
        ("reached_active_user_cap", Failure.STOP),
        ("unaudited_client_can_only_post_to_private_accounts", Failure.STOP),
        ("url_ownership_unverified", Failure.STOP),
        ("app_version_check_failed", Failure.STOP),
        ("invalid_param", Failure.FIX_CONTENT),
        ("privacy_level_option_mismatch", Failure.FIX_CONTENT),
        ("something_new", Failure.STOP),
    ],
)
def test_each_code_says_what_is_to_be_done(
    tiktok: TikTokPublisher, code: str, failure: Failure
) -> None:
    assert tiktok.failure_of(ProviderError("TikTok", "no", their_code=code)) is failure
