"""Amazon S3: where the files are."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Set
from vixenbliss.clock import now
from vixenbliss.errors import ProviderRefusedError, ProviderUnavailableError
from vixenbliss.loop import run
from vixenbliss.providers import s3
from vixenbliss.providers.s3 import Bucket

BODY = b"not quite a picture"
SHA256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()


@pytest.fixture
def bucket(aws: dict[str, str]) -> Bucket:
    return Bucket()


@pytest.fixture
def nowhere(surroundings: Set) -> Iterator[Bucket]:
    """A bucket at an address where nobody answers."""
    surroundings(AWS_ENDPOINT_URL="http://127.0.0.1:1")
    s3._client.cache_clear()  # noqa: SLF001 - a container keeps it for life
    yield Bucket()
    s3._client.cache_clear()  # noqa: SLF001


def form(bucket: Bucket, key: str) -> s3.Form:
    return bucket.form(
        key, content_type="image/png", size_bytes=len(BODY), sha256_base64=SHA256
    )


def test_a_file_is_read_as_it_was_written(bucket: Bucket) -> None:
    run(bucket.put("a/1", BODY, "image/png"))

    assert run(bucket.get("a/1")) == BODY


def test_writing_it_again_changes_nothing(bucket: Bucket) -> None:
    run(bucket.put("a/2", BODY, "image/png"))
    run(bucket.put("a/2", BODY, "image/png"))

    assert run(bucket.get("a/2")) == BODY


def test_a_file_that_is_not_there_is_refused(bucket: Bucket) -> None:
    with pytest.raises(ProviderRefusedError) as caught:
        run(bucket.get("a/none"))

    assert caught.value.status == 404


def test_a_file_that_is_too_large_is_refused(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bucket.put("a/3", BODY, "image/png"))
    monkeypatch.setattr(s3, "MAX_FILE_BYTES", len(BODY) - 1)

    with pytest.raises(ProviderRefusedError, match="too large"):
        run(bucket.get("a/3"))


def test_the_largest_file_is_read(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bucket.put("a/4", BODY, "image/png"))
    monkeypatch.setattr(s3, "MAX_FILE_BYTES", len(BODY))

    assert run(bucket.get("a/4")) == BODY


def test_a_head_tells_the_size(bucket: Bucket) -> None:
    run(bucket.put("a/5", BODY, "image/png"))

    head = run(bucket.head("a/5"))

    assert head is not None
    assert head.size_bytes == len(BODY)


def test_there_is_no_head_without_a_file(bucket: Bucket) -> None:
    assert run(bucket.head("a/none")) is None


def test_a_form_uploads_a_file(bucket: Bucket) -> None:
    made = form(bucket, "a/6")

    answer = httpx.post(made.url, data=made.fields, files={"file": BODY})

    assert answer.is_success
    assert run(bucket.get("a/6")) == BODY


def test_a_form_is_for_exactly_one_file(bucket: Bucket) -> None:
    policy: dict[str, Any] = _policy(form(bucket, "a/7"))

    conditions = policy["conditions"]
    assert ["content-length-range", len(BODY), len(BODY)] in conditions
    assert {"x-amz-checksum-sha256": SHA256} in conditions
    assert {"Content-Type": "image/png"} in conditions
    assert {"key": "a/7"} in conditions
    assert {"bucket": "media"} in conditions


def test_a_form_is_good_for_ten_minutes(bucket: Bucket) -> None:
    left = form(bucket, "a/8").expires_at - now()

    assert 590 < left.total_seconds() <= 600


def test_a_link_opens_the_file_for_five_minutes(bucket: Bucket) -> None:
    run(bucket.put("a/9", BODY, "image/png"))

    url, expires_at = bucket.link("a/9")

    assert httpx.get(url).content == BODY
    assert 290 < (expires_at - now()).total_seconds() <= 300


def test_a_bucket_out_of_reach_may_be_asked_again(nowhere: Bucket) -> None:
    with pytest.raises(ProviderUnavailableError):
        run(nowhere.put("a/1", BODY, "image/png"))
    with pytest.raises(ProviderUnavailableError):
        run(nowhere.get("a/1"))
    with pytest.raises(ProviderUnavailableError):
        run(nowhere.head("a/1"))


def _policy(made: s3.Form) -> Any:
    return json.loads(base64.b64decode(made.fields["policy"]))
