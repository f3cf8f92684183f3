"""CloudFormation's YAML as plain data, and places in it that know their own name."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from tests.stack.errors import TemplateError
from tests.stack.wire import Json, JsonObject


class _Loader(yaml.SafeLoader):
    """A safe loader that also knows CloudFormation's short tags."""


def _value_of(loader: yaml.SafeLoader, node: yaml.Node) -> Json:
    match node:
        case yaml.MappingNode():
            mapping = loader.construct_mapping(node, deep=True)
            return {str(key): value for key, value in mapping.items()}
        case yaml.SequenceNode():
            return list(loader.construct_sequence(node, deep=True))
    return str(node.value)


def _long_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> JsonObject:
    value = _value_of(loader, node)
    if tag in {"Ref", "Condition"}:
        return {tag: value}
    if tag == "GetAtt" and isinstance(value, str):
        resource, _, attribute = value.partition(".")
        value = [resource, attribute]
    return {f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _long_form)


@dataclass(frozen=True, slots=True)
class Place:
    """A value of the template together with the path that leads to it."""

    path: str
    value: Json

    def __truediv__(self, key: str) -> "Place":
        """Go one step down; what is not there has the value None."""
        inner = self.value.get(key) if isinstance(self.value, dict) else None
        return Place(f"{self.path}.{key}" if self.path else key, inner)

    @property
    def is_missing(self) -> bool:
        """Tell whether nothing is written here."""
        return self.value is None

    def items(self) -> Iterator[tuple[str, "Place"]]:
        """Yield the entries of a mapping, or none if nothing is written here."""
        if self.value is None:
            return
        if not isinstance(self.value, dict):
            self.refuse("expected a mapping")
        for key in self.value:
            yield key, self / key

    def elements(self) -> list["Place"]:
        """Return the elements of a list, or none if nothing is written here."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            self.refuse("expected a list")
        return [Place(f"{self.path}[{i}]", v) for i, v in enumerate(self.value)]

    def text(self, default: str | None = None) -> str:
        """Return a text; without a default it has to be there."""
        value = default if self.value is None else self.value
        if not isinstance(value, str):
            self.refuse("expected a text")
        return value

    def number(self, default: int) -> int:
        """Return a whole number."""
        value = default if self.value is None else self.value
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse("expected a whole number")
        return value

    def logical_id(self) -> str:
        """Return which resource a Ref or GetAtt points to."""
        match self.value:
            case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
                return name
            case _:
                return self.refuse(
                    "expected !Ref or !GetAtt of a resource of this template"
                )

    def refuse(self, reason: str) -> NoReturn:
        """Raise the error that says what is wrong here."""
        raise TemplateError(self.path, reason)


def load(path: Path) -> Place:
    """Read a template file; tags are in their long form afterwards."""
    with path.open(encoding="utf-8") as file:
        value = yaml.load(file, Loader=_Loader)  # noqa: S506 - a SafeLoader
    return Place("", value)
