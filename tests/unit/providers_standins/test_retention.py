"""What is left of a prediction an hour after its end."""

import httpx
import pytest

from tests.unit.providers_standins.asking import as_object, finished, prediction_of

pytestmark = pytest.mark.asyncio


async def test_data_and_files_vanish_about_an_hour_after_the_end(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    done = await finished(replicate, prediction_of())
    assert isinstance(done["output"], list)

    await control.post("clock", json={"advance_s": 3600})

    later = as_object(await replicate.get(f"predictions/{done['id']}"))
    assert later["data_removed"] is True
    assert (later["output"], later["input"], later["logs"]) == (None, {}, "")
    assert later["status"] == "succeeded"
    assert (await replicate.get(done["output"][0])).status_code == 404


async def test_just_before_the_hour_nothing_has_vanished(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    done = await finished(replicate, prediction_of())

    await control.post("clock", json={"advance_s": 3500})

    later = as_object(await replicate.get(f"predictions/{done['id']}"))
    assert later["data_removed"] is False
    assert later["output"] == done["output"]


async def test_one_predictions_data_can_be_made_to_vanish_now(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    gone, kept = [await finished(replicate, prediction_of()) for _ in range(2)]

    await control.post("expire", json={"id": gone["id"]})

    removed = [
        (await replicate.get(f"predictions/{one['id']}")).json()["data_removed"]
        for one in (gone, kept)
    ]
    assert removed == [True, False]
