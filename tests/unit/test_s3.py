"""Amazon S3: where the files are."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from io import BytesIO
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


@pytest.mark.parametrize(("first", "last"), [(0, 0), (4, 8), (0, len(BODY) - 1)])
def test_a_part_of_a_file_is_read(bucket: Bucket, first: int, last: int) -> None:
    run(bucket.put("a/10", BODY, "video/mp4"))

    assert run(bucket.read("a/10", first, last)) == BODY[first : last + 1]


@pytest.mark.parametrize(
    ("first", "last"),
    [(0, len(BODY)), (len(BODY), len(BODY)), (5, 4), (-5, -1), (0, s3.MAX_PART_BYTES)],
)
def test_a_part_that_is_not_there_is_refused(
    bucket: Bucket, first: int, last: int
) -> None:
    run(bucket.put("a/11", BODY, "video/mp4"))

    with pytest.raises(ProviderRefusedError):
        run(bucket.read("a/11", first, last))


def test_a_part_of_no_file_is_refused(bucket: Bucket) -> None:
    with pytest.raises(ProviderRefusedError) as caught:
        run(bucket.read("a/none", 0, 1))

    assert caught.value.status == 404


def test_a_file_is_saved_chunk_by_chunk(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bucket.put("a/12", BODY, "video/mp4"))
    monkeypatch.setattr(s3, "CHUNK_BYTES", 7)
    file = Chunks()

    run(bucket.save("a/12", file, at_most=len(BODY)))

    assert file.getvalue() == BODY
    assert file.largest == 7


class Chunks(BytesIO):
    """A file that knows the largest chunk that was written to it."""

    largest = 0

    def writelines(self, lines: Iterable[Any]) -> None:
        for chunk in lines:
            self.largest = max(self.largest, len(chunk))
            self.write(chunk)


def test_a_file_too_large_is_not_saved(bucket: Bucket) -> None:
    run(bucket.put("a/13", BODY, "video/mp4"))
    file = BytesIO()

    with pytest.raises(ProviderRefusedError, match="too large"):
        run(bucket.save("a/13", file, at_most=len(BODY) - 1))

    assert file.getvalue() == b""


def test_a_file_that_is_not_there_is_not_saved(bucket: Bucket) -> None:
    with pytest.raises(ProviderRefusedError) as caught:
        run(bucket.save("a/none", BytesIO(), at_most=1))

    assert caught.value.status == 404


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
    with pytest.raises(ProviderUnavailableError):
        run(nowhere.read("a/1", 0, 1))
    with pytest.raises(ProviderUnavailableError):
        run(nowhere.save("a/1", BytesIO(), at_most=1))


def _policy(made: s3.Form) -> Any:
    return json.loads(base64.b64decode(made.fields["policy"]))
