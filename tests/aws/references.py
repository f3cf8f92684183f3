"""What a value of a CloudFormation template points to."""

import re
from collections.abc import Iterable, Iterator, Mapping

from tests.stack.wire import Json

_VARIABLE = re.compile(r"\$\{([^}!]*)\}")


def within(value: Json) -> Iterator[tuple[str, str]]:
    """Yield all that is pointed to: logical id, and attribute, empty for a Ref."""
    match value:
        case {"Ref": str(name)}:
            yield name, ""
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            yield name, attribute
        case {"Fn::Sub": str() | [str(), dict()] as argument}:
            yield from _substituted(argument)
        case dict():
            yield from _of_each(value.values())
        case list():
            yield from _of_each(value)


def _of_each(values: Iterable[Json]) -> Iterator[tuple[str, str]]:
    for value in values:
        yield from within(value)


def _substituted(argument: Json) -> Iterator[tuple[str, str]]:
    text, variables = _parts(argument)
    for variable in _VARIABLE.findall(text):
        if variable not in variables:
            name, _, attribute = variable.partition(".")
            yield name, attribute
    yield from _of_each(variables.values())


def _parts(argument: Json) -> tuple[str, Mapping[str, Json]]:
    match argument:
        case [str(text), dict(variables)]:
            return text, variables
    return str(argument), {}
