"""Whatever a platform would refuse, the rules have said before.

The stand-ins keep the platforms' documented rules. Each is broken here by one thing:
the platform refuses it, or fails while it works on it, and the rules name it without
having asked anybody.
"""

from dataclasses import replace

import pytest

from tests.stack.providers.instagram import errors as instagram_errors
from tests.stack.providers.instagram.errors import Problem
from tests.stack.providers.tiktok import errors as tiktok_errors
from tests.stack.providers.tiktok import media as tiktok_media
from tests.support.offers import candidate, order_of, publisher
from tests.support.refusals import (
    CASES,
    NOT_FROM_INSTAGRAM,
    NOT_FROM_TIKTOK,
    OF_INSTAGRAM,
    OF_TIKTOK,
    Case,
)
from tests.support.world import World
from vixenbliss.clock import now
from vixenbliss.errors import ProviderRefusedError
from vixenbliss.loop import run
from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.publishing import Order, Publisher, Stage
from vixenbliss.services.media_rules import FORMATS
from vixenbliss.services.publishing_rules import Level, findings


def code_of(problem: Problem) -> str:
    """Return how our errors spell a problem."""
    parts = (problem.code, problem.subcode)
    return "/".join(str(part) for part in parts if part is not None)


def ours(name: str) -> str:
    problem = getattr(instagram_errors, name)
    assert isinstance(problem, Problem)
    return code_of(problem)


def outcome(there: Publisher, world: World, order: Order) -> str:
    """Publish something; return the code by which it is refused or fails, or ''."""
    try:
        prepared = run(there.prepare(order))
        if prepared.handle is not None:
            found = run(there.readiness(prepared.handle))
            if found.stage is Stage.LOST:
                return found.their_code
        sent = run(there.publish(order, prepared))
    except ProviderRefusedError as error:
        return error.their_code
    world.wait()
    handle = sent.handle or prepared.handle or ""
    found = run(there.outcome(handle, caption=order.caption, since=now()))
    assert found.stage in (Stage.LOST, Stage.PUBLISHED)
    return found.their_code


@pytest.fixture
def platforms(world: World, aws: dict[str, str]) -> World:
    """Platforms that are quick, and find our files."""
    world.turn("instagram", image_s=0, video_s=0)
    return world


@pytest.mark.parametrize("broken", CASES, ids=lambda one: f"{one.code}-{one.rule}")
def test_what_a_platform_refuses_is_foreseen(platforms: World, broken: Case) -> None:
    there = publisher(platforms, broken.platform)
    broken.world(platforms)
    offered = replace(broken.offered(), facts=run(there.facts()))
    broken.after(platforms)

    found = findings(offered)

    errors = {one.rule for one in found if one.level is Level.ERROR}
    assert errors == {broken.rule}
    assert outcome(there, platforms, order_of(offered)) == broken.code


@pytest.mark.parametrize(("platform", "form"), FORMATS, ids=str)
def test_what_is_foreseen_to_go_well_goes_well(
    platforms: World, platform: Platform, form: PostFormat
) -> None:
    there = publisher(platforms, platform)
    offered = replace(candidate(platform, form), facts=run(there.facts()))

    found = findings(offered)

    assert [one for one in found if one.level is Level.ERROR] == []
    assert outcome(there, platforms, order_of(offered)) == ""


def test_no_refusal_of_instagram_is_forgotten() -> None:
    known = {
        name for name, one in vars(instagram_errors).items() if isinstance(one, Problem)
    }

    assert set(OF_INSTAGRAM).isdisjoint(NOT_FROM_INSTAGRAM)
    assert set(OF_INSTAGRAM) | set(NOT_FROM_INSTAGRAM) == known
    for name, cases in OF_INSTAGRAM.items():
        assert {one.code for one in cases} == {ours(name)}


def test_no_refusal_of_tiktok_is_forgotten() -> None:
    reasons = {
        value
        for name, value in vars(tiktok_media).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    }

    assert set(OF_TIKTOK).isdisjoint(NOT_FROM_TIKTOK)
    assert set(OF_TIKTOK) | set(NOT_FROM_TIKTOK) == tiktok_errors.CODES | reasons
    for code, cases in OF_TIKTOK.items():
        assert {one.code for one in cases} == {code}
