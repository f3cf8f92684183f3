"""The contract's examples: for each body and answer one, in form, without secrets."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.contract import Operation, operations, wrong_with

SECRETS = re.compile(r"eyJ[\w-]{10}|whsec_|sk_(live|test)|127\.0\.0\.1|correct horse")


def shown(one: Operation) -> Iterator[tuple[str, Any]]:
    """Yield where an operation speaks of what goes in, and what comes out of it."""
    yield "body", one.said.get("requestBody", {}).get("content", {})
    good = [s for s in sorted(one.said["responses"]) if s.startswith("2")]
    if good:
        yield "answer", one.said["responses"][good[0]].get("content", {})


CASES = [
    pytest.param(media, id=f"{one}-{what}")
    for one in operations()
    for what, content in shown(one)
    for kind, media in content.items()
    if kind == "application/json"
]


@pytest.mark.parametrize("media", CASES)
def test_an_example_is_there_and_in_form(media: Any) -> None:
    assert "example" in media
    assert list(wrong_with(media["schema"], media["example"])) == []


@pytest.mark.parametrize("media", CASES)
def test_an_example_tells_no_secret(media: Any) -> None:
    assert SECRETS.search(str(media.get("example"))) is None
