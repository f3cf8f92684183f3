"""Queue moderate: what a video shows here and there, and what nobody has heard."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.integration.workers.test_generate_content import GATE_SILENT
from tests.support.films import TRACK, box, changed, film, unlike_any, written
from tests.support.material import composed, upload
from tests.support.studio import Studio
from vixenbliss.media.videos import C2PA_UUID, missing_mark

pytestmark = pytest.mark.usefixtures("aws")


def bring(studio: Studio, body: bytes, **changes: Any) -> str:
    wanted = {"content_type": "video/mp4"} | changes
    return upload(studio.owner, body, **wanted)


def status(studio: Studio, asset_id: str) -> str:
    return str(studio.owner.api("GET", f"/api/v1/assets/{asset_id}").ok()["status"])


def said_of(studio: Studio, asset_id: str) -> Any:
    path = f"/api/v1/policy/decisions?subject={asset_id}"
    return studio.owner.api("GET", path).ok()["items"][0]


def looks(studio: Studio) -> int:
    return len(studio.world.calls("openai", "moderations.create"))


def test_a_silent_video_is_allowed_after_sixteen_looks(studio: Studio) -> None:
    body = film(colours=((9, 80, 120),) * 40)
    before = looks(studio)
    asset_id = bring(studio, body)

    studio.deliver("moderate")

    said = said_of(studio, asset_id)
    assert looks(studio) == before + 16
    assert (said["verdict"], said["publishable"]) == ("allow", True)
    assert said["scores"]["sexual"] >= 0


def test_a_video_that_lies_is_kept_upright(studio: Studio) -> None:
    lying = written(40, ">5i", 0, 1 << 16, 0, -1 << 16, 0)
    asset_id = bring(studio, changed(unlike_any(), (*TRACK, b"tkhd"), lying))

    studio.deliver("moderate")

    path = f"/api/v1/assets/{asset_id}"
    seen = studio.owner.api("GET", path).ok()
    assert (seen["width"], seen["height"]) == (568, 320)


def test_a_slow_video_is_known_for_it(studio: Studio) -> None:
    bring(studio, film(frames_per_s=12, colours=[(70, 80, 121)] * 24))

    studio.deliver("moderate")

    kept = studio.sql.execute("select frames_per_s from assets").fetchone()
    assert kept == {"frames_per_s": 12}


def test_a_video_with_sound_waits_for_somebody_to_listen(studio: Studio) -> None:
    asset_id = bring(studio, unlike_any(has_sound=True))

    studio.deliver("moderate")

    said = said_of(studio, asset_id)
    assert (said["verdict"], said["publishable"]) == ("review", False)
    assert said["reasons"] == ["nobody has judged its track 'soun'"]
    assert status(studio, asset_id) == "ready"


def test_somebody_who_has_listened_lets_it_through(studio: Studio) -> None:
    asset_id = bring(studio, unlike_any(has_sound=True))
    studio.deliver("moderate")
    path = f"/api/v1/policy/decisions/{said_of(studio, asset_id)['id']}/override"

    studio.owner.api("POST", path, {"reason": "Only waves are heard."}).ok()

    assert said_of(studio, asset_id)["publishable"]


@pytest.mark.parametrize("skip", [0, 7, 15])
def test_one_frame_that_is_refused_is_enough(studio: Studio, skip: int) -> None:
    asset_id = bring(studio, film(colours=((9, 80, 121 + skip),) * 40))
    scores = {"sexual": 1.0}
    studio.world.fault(
        "openai", "moderations.create", "scores", scores=scores, skip=skip, times=1
    )

    studio.deliver("moderate")

    assert status(studio, asset_id) == "quarantined"
    assert said_of(studio, asset_id)["verdict"] == "block"


def test_one_frame_that_wants_a_look_is_enough(studio: Studio) -> None:
    asset_id = bring(studio, unlike_any())
    scores = {"sexual": 0.15}
    studio.world.fault(
        "openai", "moderations.create", "scores", scores=scores, skip=3, times=1
    )

    studio.deliver("moderate")

    said = said_of(studio, asset_id)
    assert (said["verdict"], said["reasons"]) == ("review", ["sexual"])
    assert said["scores"]["sexual"] == 0.15


@pytest.mark.parametrize("fault", GATE_SILENT)
def test_a_video_that_nobody_could_judge_stays_pending(
    studio: Studio, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    asset_id = bring(studio, unlike_any())
    studio.world.fault("openai", "moderations.create", times=None, **fault)

    studio.deliver("moderate")

    assert status(studio, asset_id) == "pending"
    assert [code for code, _ in studio.dead_letters()] == ["POLICY_UNAVAILABLE"]


def test_one_frame_that_nobody_could_judge_is_enough(studio: Studio) -> None:
    asset_id = bring(studio, unlike_any())
    studio.world.fault("openai", "moderations.create", "status", status=500, skip=5)
    (decision_id,) = studio.workers.waiting("moderate")

    studio.workers.run("moderate", decision_id)

    assert status(studio, asset_id) == "pending"
    assert said_of(studio, asset_id)["verdict"] == "pending"


def test_a_video_that_takes_too_long_is_never_let_through(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vixenbliss.services.viewing.LONGEST_LOOK_S", -1)
    asset_id = bring(studio, unlike_any())

    studio.deliver("moderate")

    assert status(studio, asset_id) == "pending"
    assert said_of(studio, asset_id)["verdict"] == "error"


def test_pixels_that_cannot_be_decoded_put_a_video_in_quarantine(
    studio: Studio,
) -> None:
    body = bytearray(unlike_any())
    at = body.index(b"mdat") + 4
    body[at + 900 : at + 1_100] = b"\xa5" * 200
    asset_id = bring(studio, bytes(body))

    studio.deliver("moderate")

    assert status(studio, asset_id) == "quarantined"


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param(missing_mark(film()), id="XMP"),
        pytest.param(
            box(b"uuid", C2PA_UUID + b"manifest\0trainedAlgorithmicMedia"), id="C2PA"
        ),
    ],
)
def test_a_video_that_says_it_is_made_by_a_model_is_believed(
    studio: Studio, mark: bytes
) -> None:
    asset_id = bring(studio, unlike_any() + mark, ai_generated=False)

    studio.deliver("moderate")

    shown = studio.owner.api("GET", f"/api/v1/assets/{asset_id}").ok()
    assert (shown["status"], shown["ai_generated"]) == ("ready", True)


def test_of_several_videos_each_has_a_batch_of_its_own(studio: Studio) -> None:
    ids = [bring(studio, unlike_any()) for _ in range(3)]
    waiting = studio.workers.waiting("moderate")

    again = studio.workers.run("moderate", *waiting)

    assert again == []
    assert sorted(status(studio, id_) for id_ in ids) == ["pending", "pending", "ready"]
    studio.deliver("moderate")
    assert [status(studio, id_) for id_ in ids] == ["ready"] * 3


def test_a_piece_is_not_approved_before_its_video_is_heard(studio: Studio) -> None:
    asset_id = bring(studio, unlike_any(has_sound=True))
    studio.deliver("moderate")
    wanted = composed(studio.avatar_id, asset_id)
    piece = studio.owner.api("POST", "/api/v1/pieces", wanted).ok(201)
    studio.deliver("moderate")
    handed = studio.owner.api("POST", f"/api/v1/pieces/{piece['id']}/submit").ok()

    answer = studio.owner.api(
        "POST",
        f"/api/v1/pieces/{piece['id']}/approve",
        {"content_hash": handed["content_hash"]},
    )

    assert (answer.status, answer.code) == (409, "NOT_APPROVED")
    assert asset_id in answer.json["detail"]
