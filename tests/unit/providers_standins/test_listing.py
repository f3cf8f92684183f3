"""Pages of predictions, as a sweeper walks them."""

import httpx
import pytest

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import as_object, finished, prediction_of

pytestmark = pytest.mark.asyncio


async def test_pages_hold_a_hundred_newest_first_and_lead_to_each_other(
    replicate: httpx.AsyncClient,
) -> None:
    made = [
        as_object(await replicate.post("predictions", json=prediction_of(f"n{n}")))[
            "id"
        ]
        for n in range(101)
    ]

    first = (await replicate.get("predictions")).json()
    second = (await replicate.get(first["next"])).json()

    found = [one["id"] for one in first["results"] + second["results"]]
    assert found == list(reversed(made))
    assert len(first["results"]) == 100
    assert (first["previous"], second["next"]) == (None, None)
    assert (await replicate.get(second["previous"])).json() == first


async def test_a_page_keeps_its_place_while_newer_predictions_come(
    replicate: httpx.AsyncClient,
) -> None:
    for number in range(101):
        await replicate.post("predictions", json=prediction_of(f"n{number}"))
    link = (await replicate.get("predictions")).json()["next"]

    await replicate.post("predictions", json=prediction_of("newer"))

    results = (await replicate.get(link)).json()["results"]
    assert [one["input"]["prompt"] for one in results] == ["n0"]


async def test_a_window_includes_its_start_and_not_its_end(
    replicate: httpx.AsyncClient,
) -> None:
    times = [
        (await finished(replicate, prediction_of(str(n))))["created_at"]
        for n in range(3)
    ]

    answer = await replicate.get(
        "predictions",
        params={"created_after": str(times[0]), "created_before": str(times[2])},
    )

    prompts = [one["input"]["prompt"] for one in answer.json()["results"]]
    assert prompts == ["1", "0"]


async def test_an_orphan_is_found_by_its_input(
    replicate: httpx.AsyncClient, providers: Providers
) -> None:
    await finished(replicate, prediction_of("the lost one", seed=99))

    results = (await replicate.get("predictions")).json()["results"]

    assert results[0]["input"] == {"prompt": "the lost one", "seed": 99}
    assert results[0]["urls"]["get"].startswith(providers.replicate_base)


@pytest.mark.parametrize("time", ["yesterday", "2026-11-20T12:00:00"])
async def test_a_time_without_zone_or_sense_is_refused(
    replicate: httpx.AsyncClient, time: str
) -> None:
    answer = await replicate.get("predictions", params={"created_after": time})

    assert answer.status_code == 400


async def test_a_made_up_cursor_leads_nowhere(replicate: httpx.AsyncClient) -> None:
    answer = await replicate.get("predictions", params={"cursor": "bm9uZQ=="})

    assert answer.status_code == 404
