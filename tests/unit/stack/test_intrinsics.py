"""How intrinsics become text."""

import pytest

from tests.stack.errors import TemplateError
from tests.stack.intrinsics import Addresses, resolve, resolve_text
from tests.stack.tree import Place
from tests.stack.wire import Json


def _addresses() -> Addresses:
    addresses = Addresses(refs={"AWS::Region": "eu-west-1", "Level": "info"})
    addresses.add("Jobs", "http://sqs/jobs", Arn="arn:jobs", QueueName="jobs")
    addresses.add("Api", "local", ApiEndpoint="http://127.0.0.1:8000")
    return addresses


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (3, "3"),
        (True, "true"),
        ({"Ref": "Jobs"}, "http://sqs/jobs"),
        ({"Ref": "Level"}, "info"),
        ({"Fn::GetAtt": ["Jobs", "Arn"]}, "arn:jobs"),
        ({"Fn::GetAtt": ["Jobs", "QueueName"]}, "jobs"),
        ({"Fn::GetAtt": ["Api", "ApiEndpoint"]}, "http://127.0.0.1:8000"),
        (
            {"Fn::Sub": "${Jobs.Arn}/${AWS::Region}/${!kept}"},
            "arn:jobs/eu-west-1/${kept}",
        ),
        ({"Fn::Sub": ["${A}-${Level}", {"A": {"Ref": "Level"}}]}, "info-info"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Level"}]]}, "a-info"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
    ],
)
def test_intrinsics_become_text(value: Json, text: str) -> None:
    place = Place("X", value)

    resolved = resolve_text(place, _addresses())

    assert resolved == text


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Nothing"},
        {"Fn::GetAtt": ["Jobs", "Colour"]},
        {"Fn::Sub": "${Nothing}"},
        {"Fn::If": ["A", "b", "c"]},
        {"Condition": "IsProduction"},
        ["a", "list"],
    ],
)
def test_what_is_not_understood_is_an_error_that_names_the_place(value: Json) -> None:
    place = Place("Globals.Function.Environment.Variables.X", value)

    with pytest.raises(TemplateError, match=r"Variables\.X"):
        resolve_text(place, _addresses())


def test_intrinsics_are_found_deep_inside() -> None:
    place = Place("X", {"a": [{"b": {"Ref": "Level"}}], "c": None})

    resolved = resolve(place, _addresses())

    assert resolved == {"a": [{"b": "info"}], "c": None}
