"""Functions that fail, hang, crash, cannot start, or are changed while they run."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.integration.stack import project
from tests.integration.stack.conftest import Site, eventually, options, waking
from tests.stack.errors import InvocationError
from tests.stack.running import running_stack

pytestmark = pytest.mark.stack

_NEWER = 'def handler(event, context):\n    return {"statusCode": 200, "body": "new"}\n'


def _do(site: Site, **what: object) -> httpx.Response:
    return site.http.post("/odd", json=what)


def _nap(site: Site, name: str) -> httpx.Response:
    """Sleep until somebody wakes that name."""
    return site.http.post("/nap", json={"name": name})


def _pid(site: Site) -> int:
    return int(_do(site).text)


@pytest.mark.parametrize("what", ["sleep", "die", "raise", "malformed", "large"])
def test_a_failure_is_an_internal_error_and_the_next_request_is_served(
    site: Site, what: str
) -> None:
    answer = _do(site, do=what)

    assert answer.status_code == 500
    assert answer.text == '{"message":"Internal Server Error"}'
    assert _do(site).status_code == 200


@pytest.mark.parametrize(
    ("what", "error_type", "words"),
    [
        ("sleep", "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
        ("die", "Runtime.ExitError", "exit status 7"),
        ("raise", "ValueError", "no good"),
        ("large", "Function.ResponseSizeTooLarge", "6291556"),
    ],
)
def test_a_failure_has_lambdas_words(
    site: Site, what: str, error_type: str, words: str
) -> None:
    with pytest.raises(InvocationError) as caught:
        site.stack.invoke("OddFunction", {"do": what})

    assert caught.value.error_type == error_type
    assert words in str(caught.value.payload["errorMessage"])


def test_a_function_that_hangs_is_killed(site: Site) -> None:
    site.stack.reload(["OddFunction"])  # so that one worker does everything
    before = _pid(site)

    _do(site, do="sleep")

    assert _pid(site) != before
    eventually(lambda: not os.path.exists(f"/proc/{before}"))  # noqa: PTH110 - a number
    assert "Task timed out after 1.00 seconds" in site.stack.function_log("OddFunction")


def test_a_function_that_cannot_start_answers_all_at_once(site: Site) -> None:
    with ThreadPoolExecutor(6) as crowd:
        answers = list(crowd.map(lambda _: site.http.get("/broken"), range(6)))

    assert [answer.status_code for answer in answers] == [500] * 6
    assert "cannot be imported" in site.stack.function_log("BrokenFunction")


def test_requests_are_served_side_by_side_up_to_the_limit(tmp_path: Path) -> None:
    # A stack that does not watch: a reload, even a late one, would add workers.
    plan = replace(options(project.write(tmp_path)), watch=False)
    with running_stack(plan) as stack, ThreadPoolExecutor(8) as crowd:
        calls = [
            crowd.submit(stack.invoke, "NapFunction", {"name": "many"})
            for _ in range(8)
        ]
        with waking(tmp_path / "many"):
            eventually(lambda: stack.function_log("NapFunction").count("napping") == 4)

        results = [call.result() for call in calls]

    pids = {result["body"] for result in results if isinstance(result, dict)}
    assert len(pids) == 4


def test_killed_workers_fail_what_they_did(site: Site) -> None:
    with ThreadPoolExecutor(1) as crowd, waking(site.root / "killed"):
        call = crowd.submit(_nap, site, "killed")
        eventually(lambda: "napping killed" in site.stack.function_log("NapFunction"))

        killed = site.stack.kill_workers("NapFunction")

        assert killed > 0
        assert call.result().status_code == 500
    assert _nap(site, "killed").status_code == 200


def test_saved_code_runs_next_and_what_runs_ends_first(site: Site) -> None:
    (site.root / "awake").touch()
    path = site.root / "functions/nap/app.py"
    old = path.read_text()
    with ThreadPoolExecutor(1) as crowd:
        with waking(site.root / "old"):
            call = crowd.submit(_nap, site, "old")
            eventually(lambda: "napping old" in site.stack.function_log("NapFunction"))
            path.write_text(_NEWER)
            eventually(lambda: _nap(site, "awake").text == "new")
        running = call.result()
    path.write_text(old)

    assert running.status_code == 200
    assert running.text != "new"
    eventually(lambda: _nap(site, "awake").text != "new")


def test_shared_code_is_renewed_too(site: Site) -> None:
    path = site.root / "shared/words.py"

    path.write_text(path.read_text().replace("farewell", "so long"))

    eventually(lambda: site.http.get("/echo/cookies").headers["x-words"] == "so long")


def test_a_scheduled_function_is_fired_by_hand(site: Site) -> None:
    result = site.stack.fire("TickFunction")

    assert result == {"source": "aws.scheduler", "name": "TickFunction"}


def test_a_large_payload_fits_both_ways(site: Site) -> None:
    large = "x" * 5 * 1024 * 1024

    answer = site.http.post("/echo", json={"large": large})

    assert json.loads(answer.json()["event"]["body"])["large"] == large
