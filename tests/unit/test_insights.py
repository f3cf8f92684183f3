"""How posts' numbers are told by Instagram and TikTok, and how they are not."""

import pytest

from tests.support.numbers import on_instagram, on_tiktok
from tests.support.tiktok import CLIP
from tests.support.world import World
from vixenbliss.errors import ProviderError, ProviderRefusedError
from vixenbliss.loop import run
from vixenbliss.models.analytics import Numbers
from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.insights import Insights, Subject
from vixenbliss.providers.meters import SCOPES, insights_of
from vixenbliss.providers.platforms import platforms
from vixenbliss.settings import settings

SOMEWHERE = Subject("1805000000000000000", PostFormat.FEED)


def instagram(world: World) -> Insights:
    given = world.tell("instagram", "tokens", username="luna.vega")
    return insights_of(
        Platform.INSTAGRAM, settings(), access=str(given["access_token"])
    )


def tiktok(world: World) -> Insights:
    given = world.tell("tiktok", "tokens", username="luna.vega")
    return insights_of(Platform.TIKTOK, settings(), access=str(given["access_token"]))


def read(insights: Insights, *subjects: Subject) -> dict[str, Numbers]:
    return dict(run(insights.read(subjects)))


def test_instagram_tells_a_posts_numbers(world: World, aws: dict[str, str]) -> None:
    name = on_instagram(world)

    numbers = read(instagram(world), Subject(name, PostFormat.FEED))

    assert numbers == {name: Numbers(120, 30, 4, 2)}


def test_of_a_story_nobody_says_how_it_was_liked(
    world: World, aws: dict[str, str]
) -> None:
    name = on_instagram(world, PostFormat.STORY)

    numbers = read(instagram(world), Subject(name, PostFormat.STORY))

    assert numbers == {name: Numbers(120, shares=2)}


def test_a_post_that_lacks_a_metric_is_asked_for_its_views_alone(
    world: World, aws: dict[str, str]
) -> None:
    name = on_instagram(world, PostFormat.STORY)

    numbers = read(instagram(world), Subject(name, PostFormat.REEL))

    assert numbers == {name: Numbers(120)}


def test_what_instagram_leaves_out_is_no_zero(
    world: World, aws: dict[str, str]
) -> None:
    name = on_instagram(world, PostFormat.STORY)
    insights = instagram(world)
    world.let_pass(25 * 3600)

    assert read(insights, Subject(name, PostFormat.STORY)) == {}


def test_tiktok_tells_the_numbers_of_several_videos_at_once(world: World) -> None:
    name = on_tiktok(world)
    unknown = Subject("7300000000000000000", PostFormat.PHOTO)

    numbers = read(tiktok(world), Subject(name, CLIP.format), unknown)

    assert numbers == {name: Numbers(120, 30, 4, 2)}
    assert len(world.calls("tiktok", "video.query")) == 1


def refused(insights: Insights) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        read(insights, SOMEWHERE)
    return caught.value


@pytest.mark.parametrize("platform", list(Platform))
def test_too_many_calls_are_no_failure(world: World, platform: Platform) -> None:
    insights = {"instagram": instagram, "tiktok": tiktok}[platform](world)
    if platform is Platform.INSTAGRAM:
        world.turn("instagram", app_usage=100)
    else:
        world.turn("tiktok", quotas={"displays_a_minute": 0})

    error = refused(insights)

    assert insights.must_wait(error)
    assert not insights.is_of_token(error)


@pytest.mark.parametrize("platform", list(Platform))
def test_a_dead_token_is_told_from_other_refusals(
    world: World, platform: Platform
) -> None:
    insights = {"instagram": instagram, "tiktok": tiktok}[platform](world)
    world.tell(platform, "tokens/expire", username="luna.vega")

    error = refused(insights)

    assert insights.is_of_token(error)
    assert not insights.must_wait(error)


def test_who_has_not_let_us_see_numbers_refuses_them(
    world: World, aws: dict[str, str]
) -> None:
    name = on_instagram(world)
    basic = ("instagram_business_basic",)
    told = world.tell("instagram", "tokens", username="luna.vega", permissions=basic)
    insights = insights_of(
        Platform.INSTAGRAM, settings(), access=str(told["access_token"])
    )

    with pytest.raises(ProviderRefusedError) as caught:
        read(insights, Subject(name, PostFormat.FEED))

    assert not insights.is_of_token(caught.value)


def test_a_post_that_is_gone_is_refused_alone(world: World) -> None:
    insights = instagram(world)

    error = refused(insights)

    assert error.their_code == "100/33"
    assert not insights.is_of_token(error)
    assert not insights.must_wait(error)


def test_the_scopes_that_numbers_need_are_asked_for(world: World) -> None:
    for platform, app in platforms(settings()).items():
        address = app.consent_url(state="s", redirect_uri="https://a.b", verifier=None)
        assert SCOPES[platform] in address
