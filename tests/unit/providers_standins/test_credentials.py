"""Pictures with content credentials: where real ones are, in files that still open."""

import io

import httpx
import pytest
from PIL import Image

from tests.stack.providers.credentials import manifest_store
from tests.stack.providers.pictures import Picture, draw
from tests.unit.providers_standins.asking import finished, prediction_of

MARKS = {"png": b"caBX", "jpg": b"\xff\xeb", "webp": b"C2PA"}


def drawn(kind: str, *, credentials: bool) -> bytes:
    return draw(Picture("Luna", 1, 161, 200, kind=kind, credentials=credentials))


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_the_manifest_lies_in_the_file_and_the_picture_is_untouched(kind: str) -> None:
    plain, signed = (drawn(kind, credentials=there) for there in (False, True))

    assert manifest_store() in signed
    assert MARKS[kind] in signed
    assert manifest_store() not in plain
    with Image.open(io.BytesIO(plain)) as one, Image.open(io.BytesIO(signed)) as other:
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_saving_the_picture_anew_loses_the_manifest(kind: str) -> None:
    again = io.BytesIO()

    with Image.open(io.BytesIO(drawn(kind, credentials=True))) as image:
        image.save(again, image.format)

    assert manifest_store() not in again.getvalue()


def test_the_manifest_is_a_superbox_with_the_label_of_c2pa() -> None:
    store = manifest_store()

    assert int.from_bytes(store[:4]) == len(store)
    assert store[4:8] == b"jumb"
    assert b"c2pa\x00" in store[:48]


@pytest.mark.asyncio
async def test_one_prediction_or_all_can_be_given_credentials(
    replicate: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    rule = {"provider": "replicate", "call": "predictions.create"}
    await control.put("faults", json=[rule | {"action": "credentials"}])
    files = []
    for settings in ({}, {}, {"credentials": True}):
        await control.put("settings", json=settings)
        done = await finished(replicate, prediction_of(width=64, height=64))
        assert isinstance(done["output"], list)
        files.append((await replicate.get(done["output"][0])).content)

    assert [manifest_store() in file for file in files] == [True, False, True]
