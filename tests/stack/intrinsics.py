"""Turn ``!Ref``, ``!GetAtt``, ``!Sub`` and their kin into what was really created."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.stack.tree import Place
from tests.stack.wire import Json

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


@dataclass(slots=True)
class Addresses:
    """Where the things of a template ended up."""

    refs: dict[str, str] = field(default_factory=dict)
    """What Ref gives, by logical id; parameters and AWS::... too."""
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)
    """What GetAtt gives, by logical id and attribute."""

    def add(self, name: str, ref: str, **attributes: str) -> None:
        """Record one resource."""
        self.refs[name] = ref
        for attribute, value in attributes.items():
            self.attributes[name, attribute] = value


def resolve(place: Place, addresses: Addresses) -> Json:
    """Return a value of the template with every intrinsic replaced.

    Raises:
        TemplateError: an intrinsic is not understood, or points to nothing known.
    """
    return _Resolver(place, addresses.refs, addresses.attributes).value(place.value)


def resolve_text(place: Place, addresses: Addresses) -> str:
    """Return a value as CloudFormation would write it into an environment variable."""
    value = resolve(place, addresses)
    if not isinstance(value, str | int | float):
        place.refuse("expected a text")
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class _Resolver:
    place: Place
    refs: Mapping[str, str]
    attributes: Mapping[tuple[str, str], str]

    def value(self, value: Json) -> Json:
        match value:
            case list():
                return [self.value(element) for element in value]
            case dict() if len(value) == 1 and _is_intrinsic(next(iter(value))):
                return self.intrinsic(*next(iter(value.items())))
            case dict():
                return {key: self.value(inner) for key, inner in value.items()}
        return value

    def intrinsic(self, name: str, argument: Json) -> Json:
        match name, argument:
            case "Ref", str(target):
                return self.ref(target)
            case "Fn::GetAtt", [str(target), str(attribute)]:
                return self.attribute(target, attribute)
            case "Fn::Sub", str(text):
                return self.substitute(text, {})
            case "Fn::Sub", [str(text), dict(variables)]:
                return self.substitute(text, variables)
            case _:
                return self.list_intrinsic(name, self.value(argument))

    def list_intrinsic(self, name: str, argument: Json) -> Json:
        match name, argument:
            case "Fn::Join", [str(separator), list(parts)]:
                return separator.join(map(str, parts))
            case "Fn::Split", [str(separator), str(text)]:
                return list(text.split(separator))
            case "Fn::Select", [int() | str() as index, list(choices)]:
                return choices[int(index)]
            case _:
                return self.place.refuse(f"{name} is not understood here")

    def ref(self, name: str) -> str:
        if name not in self.refs:
            self.place.refuse(f"nothing called {name} was created or given")
        return self.refs[name]

    def attribute(self, name: str, attribute: str) -> str:
        if (name, attribute) not in self.attributes:
            self.place.refuse(f"{name}.{attribute} is not known to the stack")
        return self.attributes[name, attribute]

    def substitute(self, text: str, variables: Mapping[str, Json]) -> str:
        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return str(self.value(variables[name]))
            resource, dot, attribute = name.partition(".")
            return self.attribute(resource, attribute) if dot else self.ref(name)

        return _VARIABLE.sub(replace, text)


def _is_intrinsic(key: str) -> bool:
    return key in {"Ref", "Condition"} or key.startswith("Fn::")
