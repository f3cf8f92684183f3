"""Functions that start from a snapshot: their hooks, and then their answers."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.stack import payloads
from tests.stack.errors import InvocationError
from tests.stack.runtime import Pool
from tests.stack.worker import ON_DEMAND, SNAP_START, Program
from tests.support.api import ACCOUNT, ROOT, routes
from tests.support.people import Person

pytestmark = pytest.mark.stack

HOOKED = """\
from snapshot_restore_py import register_after_restore, register_before_snapshot

seen = []


@register_before_snapshot
def close():
    seen.append("before")


@register_after_restore
def wake():
    seen.append("after")
    {trouble}


def handler(event, context):
    return seen
"""
TODOS = "functions/api/todos"
HEALTH = "functions/api/health"


def program(folder: Path, log: Path, *, initialization: str, **more: str) -> Program:
    path = (str(folder), str(ROOT / "shared"))
    return Program(
        function="SnappedFunction",
        arn="arn:aws:lambda:eu-west-1:123456789012:function:SnappedFunction:live",
        handler="app.handler",
        folder=folder,
        environment={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(path),
            "AWS_LAMBDA_FUNCTION_NAME": "SnappedFunction",
            **more,
        },
        timeout_s=20,
        log=log,
        initialization=initialization,
    )


def invoked(plan: Program, event: Any) -> Any:
    """Start a function, and let it answer one event."""

    async def once() -> bytes:
        pool = Pool(plan, parallelism=1)
        try:
            return await pool.invoke(json.dumps(event).encode())
        finally:
            await pool.close()

    return json.loads(asyncio.run(once()))


def hooked(folder: Path, trouble: str = "pass", *, kind: str = SNAP_START) -> Any:
    """Answer with which hooks of a function ran before it was asked."""
    (folder / "app.py").write_text(HOOKED.format(trouble=trouble))
    return invoked(program(folder, folder / "log", initialization=kind), {})


def request(path: str, **headers: str) -> Any:
    match = routes().find("GET", path)
    assert match
    asked = payloads.Request(
        method="GET",
        raw_path=path,
        query="",
        headers=[("host", "api.test"), *headers.items()],
        body=b"",
        protocol="HTTP/1.1",
        client="127.0.0.1",
        request_id="test-request",
    )
    return payloads.event_of(asked, match, account=ACCOUNT)


def test_hooks_run_before_the_snapshot_and_after_it(tmp_path: Path) -> None:
    assert hooked(tmp_path) == ["before", "after"]


def test_without_a_snapshot_there_are_no_hooks(tmp_path: Path) -> None:
    assert hooked(tmp_path, kind=ON_DEMAND) == []


def test_who_cannot_wake_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(InvocationError) as caught:
        hooked(tmp_path, "raise RuntimeError('will not wake')")

    assert caught.value.error_type == "RuntimeError"
    assert "will not wake" in (tmp_path / "log").read_text()


def test_a_function_of_ours_wakes_and_answers(
    luna: Person, database: str, tmp_path: Path
) -> None:
    surroundings = {"DATABASE_URL": database, "JWT_SECRET": os.environ["JWT_SECRET"]}
    plan = program(
        ROOT / TODOS, tmp_path / "log", initialization=SNAP_START, **surroundings
    )

    answer = invoked(plan, request("/todos/", authorization=f"Bearer {luna.api.token}"))

    assert answer["statusCode"] == 200, (tmp_path / "log").read_text()
    assert json.loads(answer["body"]) == []


def test_so_does_the_one_for_readiness(database: str, tmp_path: Path) -> None:
    plan = program(
        ROOT / HEALTH,
        tmp_path / "log",
        initialization=SNAP_START,
        DATABASE_URL=database,
    )

    answer = invoked(plan, request("/health/ready"))

    assert json.loads(answer["body"])["database"] == "ok"
