"""Which messages a mapping's filters let through."""

import json

import pytest

from tests.stack import filters
from tests.stack.wire import Json

_BODY: Json = {"kind": "image", "size": 7, "tags": ["a", "b"], "nil": None, "ok": True}


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        ({"kind": ["image"]}, True),
        ({"kind": ["video", "image"]}, True),
        ({"kind": ["video"]}, False),
        ({"kind": [{"prefix": "im"}]}, True),
        ({"kind": [{"suffix": "ge"}]}, True),
        ({"kind": [{"prefix": "ge"}]}, False),
        ({"kind": [{"equals-ignore-case": "IMAGE"}]}, True),
        ({"kind": [{"anything-but": ["video"]}]}, True),
        ({"kind": [{"anything-but": ["image"]}]}, False),
        ({"size": [{"numeric": [">", 5, "<=", 7]}]}, True),
        ({"size": [{"numeric": ["=", 8]}]}, False),
        ({"kind": [{"numeric": [">", 5]}]}, False),
        ({"size": [{"exists": True}]}, True),
        ({"none": [{"exists": False}]}, True),
        ({"none": [{"exists": True}]}, False),
        ({"none": [{"anything-but": ["x"]}]}, False),
        ({"tags": ["b"]}, True),
        ({"nil": [None]}, True),
        ({"none": [None]}, False),
        ({"ok": [True]}, True),
        ({"ok": [1]}, False),
        ({"kind": ["image"], "size": [8]}, False),
        ({"$or": [{"size": [8]}, {"kind": ["image"]}]}, True),
        ({"kind": [{"wildcard": "i*"}]}, False),
    ],
)
def test_a_pattern_looks_into_the_body(rule: Json, *, passes: bool) -> None:
    pattern = json.dumps({"body": rule})

    result = filters.passes([pattern], {"body": json.dumps(_BODY)})

    assert result is passes


def test_one_of_several_patterns_is_enough() -> None:
    patterns = ['{"body": {"kind": ["video"]}}', '{"body": {"kind": ["image"]}}']

    result = filters.passes(patterns, {"body": json.dumps(_BODY)})

    assert result


def test_without_patterns_everything_passes() -> None:
    result = filters.passes([], {"body": "anything"})

    assert result


def test_plain_text_never_matches_a_pattern_for_json() -> None:
    result = filters.passes(['{"body": {"kind": ["image"]}}'], {"body": "image"})

    assert not result


def test_plain_text_can_be_compared_as_such() -> None:
    result = filters.passes(['{"body": ["image"]}'], {"body": "image"})

    assert result
