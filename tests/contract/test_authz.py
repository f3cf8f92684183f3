"""docs/authz.json: of every operation, who may call it; the same as the code does."""

import json

import pytest

from tests.support.contract import Operation, operations
from tests.tools import authz

KEPT = json.loads(authz.AUTHZ.read_text())["operations"]
UNSHOWN: dict[str, list[None]] = {"anybody": [None]}
"""Where one may ask without showing anything, as well."""


def test_it_is_what_the_code_says() -> None:
    assert authz.check() == []


def test_it_knows_every_operation_and_no_other() -> None:
    assert KEPT.keys() == {str(one) for one in operations()}


@pytest.mark.parametrize("one", operations(), ids=str)
def test_the_contract_asks_for_what_it_says(one: Operation) -> None:
    entry = KEPT[str(one)]
    by_token = [] if entry["who"] in {"public", "provider"} else ["bearer"]
    by_key = ["apiKey"] if entry["scope"] else []

    asked = [next(iter(way), None) for way in one.said.get("security", [])]

    assert asked == [*by_token, *by_key, *UNSHOWN.get(entry["who"], [])]
