"""Queue moderate: verdicts on profiles, texts and uploads, or none."""

import hashlib
import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.conftest import Set
from tests.integration.workers.test_generate_content import GATE_SILENT
from tests.support.material import composed, picture, ready_asset, upload
from tests.support.people import SHEET, Person, avatar, sign_up
from tests.support.studio import Studio
from tests.support.workers import left_running
from vixenbliss.media.credentials import with_source_type

pytestmark = pytest.mark.usefixtures("aws")


def _status(person: Person, asset_id: str) -> str:
    return str(person.api("GET", f"/api/v1/assets/{asset_id}").ok()["status"])


@pytest.mark.parametrize("fault", GATE_SILENT)
def test_an_avatar_whose_words_nobody_could_judge_does_not_go_on_stage(
    studio: Studio, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    studio.world.fault("openai", "moderations.create", times=None, **fault)
    path = f"/api/v1/avatars/{avatar(studio.owner, avatar_name='Another')}"
    studio.owner.api("PUT", f"{path}/sheet", {"sheet": SHEET, "base_version": 0}).ok(
        201
    )
    studio.owner.api("POST", f"{path}/attestations", {"basis": "fictional"}).ok(201)

    studio.deliver("moderate")

    assert studio.owner.api("POST", f"{path}/activate").status == 409


def test_an_upload_that_passes_is_ready_and_vouched_for(studio: Studio) -> None:
    body = picture()
    asset_id = upload(studio.owner, body)

    studio.deliver("moderate")

    assert _status(studio.owner, asset_id) == "ready"
    path = f"/api/v1/provenance/{hashlib.sha256(body).hexdigest()}"
    stated = studio.owner.api("GET", path).ok()["statement"]
    assert (stated["origin"], stated["width"], stated["height"]) == ("uploaded", 16, 12)


def test_a_file_that_says_it_is_made_by_a_model_is_believed(studio: Studio) -> None:
    body = with_source_type(picture())
    asset_id = upload(studio.owner, body, ai_generated=False)

    studio.deliver("moderate")

    shown = studio.owner.api("GET", f"/api/v1/assets/{asset_id}").ok()
    path = f"/api/v1/provenance/{hashlib.sha256(body).hexdigest()}"
    stated = studio.owner.api("GET", path).ok()["statement"]
    assert (shown["ai_generated"], stated["ai_generated"]) == (True, True)


def test_an_upload_that_one_sees_through_goes_into_quarantine(studio: Studio) -> None:
    body = BytesIO()
    Image.new("RGBA", (16, 12), (255, 0, 255, 0)).save(body, "PNG")
    asset_id = upload(studio.owner, body.getvalue())

    studio.deliver("moderate")

    assert _status(studio.owner, asset_id) == "quarantined"


def test_what_was_never_looked_at_is_not_held_against_a_file(studio: Studio) -> None:
    body = picture()
    deleted = upload(studio.owner, body)
    studio.owner.api("DELETE", f"/api/v1/assets/{deleted}").ok(204)
    studio.deliver("moderate")
    mistaken = upload(studio.owner, body, content_type="image/jpeg")
    studio.deliver("moderate")
    studio.owner.api("DELETE", f"/api/v1/assets/{mistaken}").ok(204)

    asset_id = upload(studio.owner, body)
    studio.deliver("moderate")

    assert _status(studio.owner, asset_id) == "ready"


def test_what_is_signed_is_what_was_decided(studio: Studio) -> None:
    body = picture()
    scores = {"sexual": 0.11}
    studio.world.fault("openai", "moderations.create", "scores", scores=scores)
    first = upload(studio.owner, body)
    studio.deliver("moderate")
    studio.owner.api("DELETE", f"/api/v1/assets/{first}").ok(204)
    upload(studio.owner, body)

    studio.deliver("moderate")

    rows = studio.sql.execute("select payload from asset_provenance").fetchall()
    verdicts = [json.loads(row["payload"])["policy"]["verdict"] for row in rows]
    assert verdicts == ["review", "review"]


def test_an_upload_whose_message_comes_often_is_judged_once(studio: Studio) -> None:
    upload(studio.owner, picture())
    (decision_id,) = studio.workers.waiting("moderate")
    judged = len(studio.world.calls("openai", "moderations.create"))
    studio.workers.run("moderate", decision_id)

    again = studio.workers.run("moderate", decision_id, decision_id)

    assert again == []
    assert len(studio.world.calls("openai", "moderations.create")) == judged + 1


def test_an_upload_that_the_gate_refuses_goes_into_quarantine(studio: Studio) -> None:
    scores = {"sexual": 1.0}
    studio.world.fault("openai", "moderations.create", "scores", scores=scores)
    asset_id = upload(studio.owner, picture())

    studio.deliver("moderate")

    assert _status(studio.owner, asset_id) == "quarantined"


@pytest.mark.parametrize("fault", GATE_SILENT)
def test_an_upload_that_nobody_could_judge_stays_pending(
    studio: Studio, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    asset_id = upload(studio.owner, picture())
    studio.world.fault("openai", "moderations.create", times=None, **fault)

    studio.deliver("moderate")

    assert _status(studio.owner, asset_id) == "pending"
    assert [code for code, _ in studio.dead_letters()] == ["POLICY_UNAVAILABLE"]


def test_an_upload_is_judged_once_the_gate_is_back(studio: Studio) -> None:
    asset_id = upload(studio.owner, picture())
    studio.world.fault("openai", "moderations.create", "status", status=500, times=2)

    studio.deliver("moderate")

    assert _status(studio.owner, asset_id) == "ready"
    assert studio.dead_letters() == []


def test_a_batch_that_crashes_leaves_no_judgement_half_made(studio: Studio) -> None:
    upload(studio.owner, picture())
    upload(studio.owner, picture())
    studio.world.fault("openai", "moderations.create", "slow", seconds=1, skip=1)
    studio.let_rows_die("policy_decisions", when="new.verdict <> 'pending'")

    studio.workers.run("moderate", *studio.workers.waiting("moderate"))

    assert left_running() == []


REFUSED_TEXT: dict[str, Any] = {
    "match": "unspeakable",
    "status": 400,
    "body": {"error": {"message": "bad input", "type": "invalid_request_error"}},
    "times": None,
}


def _asked(person: Person, text: str) -> str:
    answer = person.api("POST", "/api/v1/policy/check", {"text": text}).ok(202)
    return str(answer["decision_id"])


def _verdict(person: Person, decision_id: str) -> str:
    path = f"/api/v1/policy/decisions/{decision_id}"
    return str(person.api("GET", path).ok()["verdict"])


def test_a_text_that_is_refused_spoils_no_strangers_verdict(studio: Studio) -> None:
    stranger = sign_up()
    studio.world.fault("openai", "moderations.create", "reply", **REFUSED_TEXT)
    refused = _asked(studio.owner, "something unspeakable")
    harmless = _asked(stranger, "a quiet beach")

    studio.deliver("moderate")

    assert _verdict(stranger, harmless) == "allow"
    assert _verdict(studio.owner, refused) == "error"


def test_a_caption_without_words_is_allowed_unasked(studio: Studio) -> None:
    photo = ready_asset(studio.owner, studio.workers)
    silent = {"caption": "", "hashtags": [], "assets": [{"asset_id": photo}]}
    wanted = composed(studio.avatar_id, photo, **silent)
    asked = len(studio.world.calls("openai", "moderations.create"))
    made = studio.owner.api("POST", "/api/v1/pieces", wanted).ok(201)

    studio.deliver("moderate")

    path = f"/api/v1/pieces/{made['id']}"
    assert studio.owner.api("GET", path).ok()["verdict"] == "allow"
    assert len(studio.world.calls("openai", "moderations.create")) == asked


def test_a_decision_that_lost_its_message_is_swept_up(studio: Studio) -> None:
    asset_id = upload(studio.owner, picture())
    studio.sql.execute("delete from outbox")
    studio.let_silence_last()

    swept = studio.fire("SweepFunction")
    studio.deliver("moderate")

    assert swept["decisions"] == 1
    assert _status(studio.owner, asset_id) == "ready"


@pytest.mark.parametrize(
    "body", [b"GIF89a, and no picture", picture("JPEG"), picture()[:-20]]
)
def test_bytes_that_are_not_what_was_announced_go_into_quarantine(
    studio: Studio, body: bytes
) -> None:
    asset_id = upload(studio.owner, body, content_type="image/png")
    judged = len(studio.world.calls("openai", "moderations.create"))

    studio.deliver("moderate")

    assert _status(studio.owner, asset_id) == "quarantined"
    assert len(studio.world.calls("openai", "moderations.create")) == judged
