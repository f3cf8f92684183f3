"""TikTok: a video's bytes come once, or it is said that they may have."""

import traceback
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Set
from tests.support.tiktok import (
    CLIP,
    FILM,
    LONG,
    OK,
    failing,
    outcome,
    publisher,
    sent,
    told,
    video,
)
from tests.support.world import World
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.models.posts import Failure
from vixenbliss.providers.publishing import (
    Prepared,
    Stage,
    Video,
)
from vixenbliss.providers.tiktok_publishing import TikTokPublisher

TOLD = [ProviderUnavailableError, ProviderRefusedError, OutcomeUnknownError]


@pytest.fixture
def tiktok(world: World) -> TikTokPublisher:
    """An account that may publish."""
    return publisher(world, [])


def test_the_upload_address_gets_no_token(
    tiktok: TikTokPublisher, world: World
) -> None:
    world.fault("tiktok", "video.upload", "status", status=401, match="authorization: ")

    handle = sent(tiktok)

    world.wait()
    assert outcome(tiktok, handle).stage is Stage.PUBLISHED


def test_the_upload_address_is_told_to_nobody(
    tiktok: TikTokPublisher, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.fault("tiktok", "video.upload", "before", times=None)
    prepared = run(tiktok.prepare(CLIP))

    with pytest.raises(ProviderError) as caught, caplog.at_level("DEBUG"):
        run(tiktok.publish(CLIP, prepared))

    assert prepared.upload_url is not None
    assert "upload_token" in prepared.upload_url
    said = [*traceback.format_exception(caught.value), repr(prepared), caplog.text]
    assert "upload_token" not in "".join(said)


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/video/", "http://169.254.169.254/", "", "https://[/"],
)
def test_a_video_is_sent_to_nobody_else(
    tiktok: TikTokPublisher, world: World, url: str
) -> None:
    body = {"data": {"publish_id": "v_pub_1", "upload_url": url}, "error": OK}
    world.fault("tiktok", "video.init", "reply", body=body)

    error = failing(tiktok)

    assert isinstance(error, ProviderRefusedError)
    assert tiktok.failure_of(error) is Failure.STOP
    assert "evil" not in str(error)


def test_a_redirect_is_not_followed(tiktok: TikTokPublisher, world: World) -> None:
    there = {"location": world.providers.tiktok_base}
    world.fault("tiktok", "video.upload", "status", status=307, headers=there)

    error = failing(tiktok)

    assert isinstance(error, ProviderRefusedError)
    assert len(world.calls("tiktok", "video.upload")) == 1


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("before", {}),
        ("after", {}),
        ("status", {"status": 500}),
        ("status_after", {"status": 502}),
        ("status_after", {"status": 408}),
        ("status_after", {"status": 409}),
        ("rubbish", {}),
        ("rubbish_before", {}),
        ("before", {"times": 2}),
        ("reply", {"status": 416, "body": ""}),
        (
            "reply",
            {
                "status": 416,
                "body": "",
                "headers": {"content-range": f"bytes */{len(FILM)}"},
            },
        ),
    ],
    ids=str,
)
def test_bytes_are_sent_again_until_they_have_come(
    tiktok: TikTokPublisher, world: World, action: str, more: dict[str, Any]
) -> None:
    world.fault("tiktok", "video.upload", action, **more)

    handle = sent(tiktok)

    world.wait()
    assert outcome(tiktok, handle).stage is Stage.PUBLISHED
    assert len(world.effects("tiktok", "video.upload")) == 1


@pytest.mark.parametrize("skip", [0, 1], ids=["first", "last"])
@pytest.mark.parametrize("action", ["before", "after", "rubbish", "rubbish_before"])
def test_each_chunk_is_sent_again_until_it_has_come(
    tiktok: TikTokPublisher, world: World, action: str, skip: int
) -> None:
    world.fault("tiktok", "video.upload", action, skip=skip)

    sent(tiktok, replace(CLIP, video=video(LONG)))

    world.wait()
    assert told(world)["files"][0]["size_bytes"] == len(LONG)
    assert len(world.effects("tiktok", "video.upload")) == 1


@pytest.mark.parametrize(
    ("action", "more"),
    [("before", {}), ("status", {"status": 500}), ("hang", {}), ("rubbish_before", {})],
    ids=str,
)
def test_it_is_open_whether_last_bytes_came_that_nobody_answered(
    tiktok: TikTokPublisher,
    world: World,
    surroundings: Set,
    action: str,
    more: dict[str, Any],
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.3")
    world.fault("tiktok", "video.upload", action, times=None, **more)

    error = failing(tiktok)

    assert isinstance(error, OutcomeUnknownError)
    assert world.effects("tiktok", "video.upload") == []
    assert len(world.calls("tiktok", "video.upload")) == 3


def test_it_is_certain_that_a_video_without_its_end_has_not_come(
    tiktok: TikTokPublisher, world: World
) -> None:
    world.fault("tiktok", "video.upload", "before", times=None)

    error = failing(tiktok, replace(CLIP, video=video(LONG)))

    assert isinstance(error, ProviderUnavailableError)
    assert tiktok.failure_of(error) is Failure.RETRY


@pytest.mark.parametrize(
    ("status", "kind", "failure"),
    [
        (400, ProviderRefusedError, Failure.STOP),
        (403, ProviderUnavailableError, Failure.RETRY),
        (404, ProviderUnavailableError, Failure.RETRY),
        (429, ProviderUnavailableError, Failure.RETRY),
    ],
)
def test_what_the_upload_address_refuses_has_certainly_not_come(
    tiktok: TikTokPublisher,
    world: World,
    status: int,
    kind: type[ProviderError],
    failure: Failure,
) -> None:
    world.fault("tiktok", "video.upload", "status", status=status)

    error = failing(tiktok)

    assert [one for one in TOLD if isinstance(error, one)] == [kind]
    assert tiktok.failure_of(error) is failure
    assert len(world.calls("tiktok", "video.upload")) == 1


def test_what_is_refused_after_a_lost_answer_may_have_come(
    tiktok: TikTokPublisher, world: World
) -> None:
    world.fault("tiktok", "video.upload", "after")
    world.fault("tiktok", "video.upload", "status", status=404)
    prepared = run(tiktok.prepare(CLIP))

    with pytest.raises(OutcomeUnknownError):
        run(tiktok.publish(CLIP, prepared))

    world.wait()
    assert outcome(tiktok, prepared.handle).stage is Stage.PUBLISHED


def test_it_stays_open_whether_last_bytes_came_that_are_awaited_again(
    tiktok: TikTokPublisher, world: World
) -> None:
    nothing = {"content-range": f"bytes */{len(FILM)}"}
    reply = {"status": 416, "body": "", "headers": nothing}
    world.fault("tiktok", "video.upload", "after")
    world.fault("tiktok", "video.upload", "reply", **reply)
    world.fault("tiktok", "video.upload", "status", status=404)

    error = failing(tiktok)

    assert isinstance(error, OutcomeUnknownError)
    assert len(world.effects("tiktok", "video.upload")) == 1


@pytest.mark.parametrize(
    "place", ["bytes */{size}", "bytes 0-4/5", "bytes 0-{size}/{size}", "anywhere", ""]
)
def test_whoever_never_gets_further_gives_up(
    tiktok: TikTokPublisher, world: World, place: str
) -> None:
    headers = {"content-range": place.format(size=len(FILM))}
    world.fault(
        *("tiktok", "video.upload", "reply"),
        times=None,
        status=416,
        body="",
        headers=headers,
    )

    error = failing(tiktok)

    assert isinstance(error, ProviderUnavailableError)
    assert len(world.calls("tiktok", "video.upload")) == 3


def test_bytes_that_cannot_be_read_are_not_sent(
    tiktok: TikTokPublisher, world: World
) -> None:
    async def read(first: int, last: int) -> bytes:
        raise ProviderUnavailableError("S3", "file not read")

    order = replace(CLIP, video=Video("https://m.test", 5, "video/mp4", read))

    error = failing(tiktok, order)

    assert isinstance(error, ProviderUnavailableError)
    assert world.calls("tiktok", "video.upload") == []


def test_nothing_is_begun_without_time(tiktok: TikTokPublisher, world: World) -> None:
    prepared = run(tiktok.prepare(CLIP))

    with time_to_ask(0), pytest.raises(ProviderUnavailableError):
        run(tiktok.publish(CLIP, prepared))

    assert world.calls("tiktok", "video.upload") == []


def test_a_video_without_an_address_is_announced_anew(
    tiktok: TikTokPublisher, world: World
) -> None:
    prepared = Prepared(run(tiktok.prepare(CLIP)).handle)  # as kept in a row

    with pytest.raises(ProviderUnavailableError):
        run(tiktok.publish(CLIP, prepared))

    assert world.calls("tiktok", "video.upload") == []
