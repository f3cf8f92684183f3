"""The main job, before an API that says what a test wants it to say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stack import brief
from tests.stack.brief import Brief
from tests.stack.client import ApiError, Client
from tests.stack.main_job import MainJob, StageFailedError
from tests.stack.show import Screen
from tests.support.api import ROOT

REFUSAL = {"detail": "Our content policy refuses this: sexual.", "code": "X"}
pytestmark = pytest.mark.asyncio
type Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def campaign(tmp_path: Path) -> Brief:
    """The brief that comes with us, its second theme in Spanish."""
    text = (ROOT / "docs/campaign.yaml").read_text()
    text = text.replace("languages: [en]", "languages: [en, es]")
    path = tmp_path / "brief.yaml"
    path.write_text(text.replace("- scene: in a", "- language: es\n      scene: in a"))
    return brief.read(path)


def refusing(scene: str, asked: list[dict[str, Any]]) -> Answer:
    """Return an API that knows the avatar and refuses one scene."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/create"):
            return httpx.Response(409, json={"detail": "Avatar name exists"})
        if request.method == "GET":
            known = {"id": "a", "avatar_name": "Luna Marés"}
            return httpx.Response(200, json={"items": [known]})
        asked.append(json.loads(request.content))
        if asked[-1]["prompt"] == scene:
            return httpx.Response(403, json=REFUSAL)
        cost = {"estimated_cost": {"amount_micros": 1}}
        return httpx.Response(202, json={"job_ids": ["j"], **cost})

    return answer


async def work(campaign: Brief, answer: Answer, out: Path) -> None:
    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        await MainJob(Client(http), campaign, Screen(), out).run()


async def test_a_refused_theme_is_named_with_the_api_s_words(
    campaign: Brief, tmp_path: Path
) -> None:
    asked: list[dict[str, Any]] = []
    scene = campaign.campaign.themes[2].scene

    with pytest.raises(StageFailedError) as caught:
        await work(campaign, refusing(scene, asked), tmp_path / "out")

    assert str(caught.value) == (
        f"Ask for images and captions: the theme {scene!r}: {REFUSAL['detail']}"
        " (POST /api/v1/content/generate, 403)"
    )
    captions = [body for body in asked if body["kind"] == "caption"]
    assert [body["params"]["language"] for body in captions] == [None, "es"]


async def test_a_run_that_fails_leaves_nothing_of_the_one_before(
    campaign: Brief, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "01-old.png").write_bytes(b"old")

    with pytest.raises(StageFailedError):
        await work(campaign, refusing(campaign.campaign.themes[0].scene, []), out)

    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"detail": "Not found"}', "Not found"),
        ('{"success": false, "error": {"message": "Not found"}}', "Not found"),
        ('{"error": "invalid_grant"}', '{"error": "invalid_grant"}'),
        ("<html>", "<html>"),
        ("[]", "[]"),
    ],
)
async def test_an_answer_is_told_in_its_own_words(body: str, said: str) -> None:
    error = ApiError("GET", "/x", httpx.Response(404, text=body))

    assert str(error) == f"{said} (GET /x, 404)"
