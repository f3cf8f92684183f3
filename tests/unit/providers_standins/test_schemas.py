"""Filling in any JSON Schema, and telling strict ones from loose ones."""

from collections.abc import Mapping

import pytest

from tests.stack.providers.openai.schemas import Place, fill, looseness


def nobody(_place: Place) -> object:
    """Write nothing."""
    return None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "boolean"}, False),
        ({"type": "integer", "minimum": 4}, 4),
        ({"type": "number", "maximum": 0}, 0),
        ({"type": "null"}, None),
        ({"const": "x"}, "x"),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": ["null", "integer"]}, 1),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, False),
        ({"type": "string", "format": "date"}, "2026-11-20"),
        ({"type": "array", "items": {"const": 1}, "minItems": 3}, [1, 1, 1]),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"const": 2}}}, 2),
        ({"properties": {"a": {"type": "integer"}}}, {"a": 1}),
    ],
)
def test_a_schema_is_filled(schema: Mapping[str, object], value: object) -> None:
    assert fill(schema, nobody) == value


def test_a_text_keeps_to_its_bounds() -> None:
    short = fill({"type": "string", "maxLength": 5}, nobody)
    long = fill({"type": "string", "minLength": 200, "maxLength": 210}, nobody)

    assert isinstance(short, str)
    assert isinstance(long, str)
    assert len(short) <= 5
    assert 200 <= len(long) <= 210


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}

    assert fill({"$ref": "#/$defs/node", "$defs": {"node": node}}, nobody)


def test_the_author_is_asked_before_anything_is_made_up() -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}

    def author(place: Place) -> object:
        return "mine" if place.path[-1] == "b" else None

    assert fill(schema, author) == {"a": 1, "b": "mine"}


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "object", "properties": {}}, "'additionalProperties' is required"),
        (
            {
                "type": "object",
                "properties": {"a": {}, "b": {}},
                "required": ["a"],
                "additionalProperties": False,
            },
            "Missing 'b'",
        ),
    ],
)
def test_a_loose_schema_is_told_what_it_lacks(
    schema: Mapping[str, object], complaint: str
) -> None:
    found = looseness(schema)

    assert found is not None
    assert complaint in found


def test_a_strict_schema_lacks_nothing() -> None:
    inner = {"type": "object", "properties": {}, "required": []}
    strict = inner | {"additionalProperties": False}
    schema = strict | {"properties": {"a": strict}, "required": ["a"]}

    assert looseness(schema) is None
