"""Rubbish over the wire: the gateway, a function's process, and back."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.stack.options import Options
from tests.stack.running import running_stack
from tests.support.api import ROOT

pytestmark = pytest.mark.stack

SIGN_UP = "/api/v1/users/"
JSON = {"content-type": "application/json"}
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """Run the product for this file; the folder is one that its Postgres may enter."""
    local = Path(tempfile.mkdtemp(prefix="vixenbliss-test-"))
    local.chmod(0o755)
    options = Options(
        root=ROOT,
        local=local,
        port=0,
        database_url=None,
        aws_endpoint=None,
        stand_ins=None,
        schedules=False,
        watch=False,
    )
    with running_stack(options) as stack, httpx.Client(base_url=stack.api) as client:
        yield client
    shutil.rmtree(local)


@pytest.mark.parametrize("size", [MEGABYTE // 4 + 1, 3 * MEGABYTE])
def test_a_function_refuses_what_is_too_large_for_it(
    http: httpx.Client, size: int
) -> None:
    answer = http.post(SIGN_UP, content=b" " * size, headers=JSON)

    assert answer.status_code == 413
    assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("size", [7 * MEGABYTE, 10 * MEGABYTE, 11 * MEGABYTE])
def test_the_gateway_refuses_what_is_too_large_for_any(
    http: httpx.Client, size: int
) -> None:
    answer = http.post(SIGN_UP, content=b" " * size, headers=JSON)

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe", bytes(64), b"[" * 100_000, b'{"\\ud800": 1}'],
    ids=lambda raw: repr(raw[:20]),
)
@pytest.mark.parametrize("content_type", ["application/json", "application/x+json"])
def test_a_body_that_is_none_is_refused(
    http: httpx.Client, raw: bytes, content_type: str
) -> None:
    answer = http.post(SIGN_UP, content=raw, headers={"content-type": content_type})

    assert answer.status_code == 400
    assert answer.json()["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("path", ["/%00", "/api/v1/avatars/%00", "/%ff", "/%2Fdocs"])
def test_a_path_that_is_none_leads_nowhere(http: httpx.Client, path: str) -> None:
    answer = http.get(path)

    assert answer.status_code in (400, 401, 404)
    assert answer.json()["code"]


def test_the_function_lives_on(http: httpx.Client) -> None:
    statuses = [http.get("/health").status_code for _ in range(3)]

    assert statuses == [200] * 3
