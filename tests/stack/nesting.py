"""A template and the stacks that are nested in it, as one: as if all were one file.

Parameters and outputs are replaced by what they stand for, conditions and mappings are
evaluated, Globals are merged into each function as SAM merges them. A logical id that
several stacks use is told apart by its stack's name before it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from tests.stack import tree
from tests.stack.errors import TemplateError
from tests.stack.tree import Place
from tests.stack.wire import Json, JsonObject

APPLICATION = "AWS::Serverless::Application"
FUNCTION = "AWS::Serverless::Function"
NOTHING: JsonObject = {"Ref": "AWS::NoValue"}
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_OUTPUTS = "Outputs."
_PATHS = ("CodeUri", "ContentUri")


def load(path: Path, parameters: Mapping[str, str] | None = None) -> Place:
    """Return the flat tree of a template file and of all that it nests.

    ``parameters`` of the root decide its conditions; the others have their defaults.
    The flat tree's own defaults are what was chosen.

    Raises:
        TemplateError: a stack is not given what it asks for, or asks for what is not.
    """
    whole = tree.load(path)
    chosen = {
        name: (parameters or {}).get(name, (place / "Default").value)
        for name, place in (whole / "Parameters").items()
    }
    root = _Stack(name="", path=path, whole=whole, given={}, chosen=chosen)
    counts = Counter(name for stack in root.family() for name in stack.resources)
    for stack in root.family():
        stack.shared_names = frozenset(n for n in stack.resources if counts[n] > 1)
    resources = [item for stack in root.family() for item in stack.flat_resources()]
    names = Counter(name for name, _ in resources)
    for name in (name for name, count in names.items() if count > 1):
        raise TemplateError(name, "two stacks have a resource of this name")
    flat: JsonObject = {
        "Parameters": {name: {"Default": value} for name, value in chosen.items()},
        "Resources": dict(resources),
    }
    return Place("", flat)


@dataclass(eq=False)
class _Stack:
    """One template, and what it was given by the one in which it is nested."""

    name: str
    path: Path
    whole: Place
    given: Mapping[str, Json]
    """Parameters as the root would write them; the root's own are not among them."""
    chosen: Mapping[str, Json]
    """The root's parameters, as they were chosen."""
    shared_names: frozenset[str] = frozenset()
    folder: PurePosixPath = field(default_factory=PurePosixPath)
    _children: dict[str, "_Stack"] = field(default_factory=dict)

    def family(self) -> Iterator["_Stack"]:
        """Yield this stack and all that it nests."""
        yield self
        for name in self.nested:
            yield from self.child(name).family()

    @cached_property
    def resources(self) -> dict[str, Place]:
        """The resources that there are, as conditions are; without nested stacks."""
        return {
            name: place
            for name, place in (self.whole / "Resources").items()
            if (place / "Type").text() != APPLICATION and self._exists(place)
        }

    @cached_property
    def nested(self) -> dict[str, Place]:
        """The stacks that this one nests, as it has them written."""
        return {
            name: place / "Properties"
            for name, place in (self.whole / "Resources").items()
            if (place / "Type").text() == APPLICATION
        }

    def child(self, name: str) -> "_Stack":
        """Return a stack that this one nests."""
        if name not in self._children:
            self._children[name] = self._child(name, self.nested[name])
        return self._children[name]

    def _child(self, name: str, properties: Place) -> "_Stack":
        location = (properties / "Location").text()
        whole = tree.load(self.path.parent / location)
        asked = dict((whole / "Parameters").items())
        given = dict((properties / "Parameters").items())
        for unknown in given.keys() - asked.keys():
            given[unknown].refuse(f"{location} has no parameter of this name")
        for missing in asked.keys() - given.keys():
            if (asked[missing] / "Default").is_missing:
                properties.refuse(f"{location} asks for {missing}")
        defaults = {n: (place / "Default").value for n, place in asked.items()}
        return _Stack(
            name=name,
            path=self.path.parent / location,
            whole=whole,
            given=defaults | {n: self.flat(p.value) for n, p in given.items()},
            chosen=self.chosen,
            folder=self.folder / PurePosixPath(location).parent,
        )

    def flat_resources(self) -> Iterator[tuple[str, Json]]:
        """Yield this stack's own resources, each with the name it has in the whole."""
        for name, place in self.resources.items():
            value = place.value
            if isinstance(value, dict):
                value = {k: v for k, v in value.items() if k != "Condition"}
            if (place / "Type").text() == FUNCTION and isinstance(value, dict):
                globals_ = (self.whole / "Globals" / "Function").value
                value |= {"Properties": merged(globals_, value.get("Properties"))}
            yield self.named(name), self._homed(self.flat(value))

    def named(self, name: str) -> str:
        """Return what a resource of this stack is called in the whole."""
        return f"{self.name}{name}" if name in self.shared_names else name

    def output(self, name: str) -> Json:
        """Return what an output of this stack stands for."""
        place = self.whole / "Outputs" / name
        if place.is_missing or not self._exists(place):
            place.refuse(f"{self.path.name} has no such output")
        return self.flat((place / "Value").value)

    def _exists(self, place: Place) -> bool:
        condition = place / "Condition"
        return condition.is_missing or self.is_true(condition.text())

    def _homed(self, resource: Json) -> Json:
        """Return a resource whose files are found from the root's folder."""
        match resource:
            case {"Properties": dict(properties)}:
                for key in _PATHS:
                    if isinstance(path := properties.get(key), str):
                        properties[key] = str(self.folder / path)
        return resource

    # What a value stands for.

    def flat(self, value: Json) -> Json:
        """Return a value as the root would write it."""
        match value:
            case list():
                flat = [self.flat(element) for element in value]
                return [element for element in flat if element != NOTHING]
            case dict() if _is_intrinsic(value):
                return self._intrinsic(*next(iter(value.items())))
            case dict():
                inner = {key: self.flat(inner) for key, inner in value.items()}
                return {key: v for key, v in inner.items() if v != NOTHING}
        return value

    def _intrinsic(self, kind: str, argument: Json) -> Json:
        match kind, argument:
            case "Ref", str(name):
                return self._ref(name)
            case "Fn::GetAtt", [str(name), str(attribute)]:
                return self._attribute(name, attribute)
            case "Fn::Sub", str() | list():
                return self._sub(*_text_and_variables(argument))
            case "Fn::If", [str(condition), yes, no]:
                return self.flat(yes if self.is_true(condition) else no)
            case "Fn::FindInMap", list(keys):
                return self._find([self.flat(key) for key in keys])
        return {kind: self.flat(argument)}

    def _ref(self, name: str) -> Json:
        if name in self.given:
            return self.given[name]
        resource, dot, rest = name.partition(".")
        if name.startswith("AWS::") or (not self.name and name in self.chosen):
            return {"Ref": name}
        if resource not in self.resources:
            raise TemplateError(name, f"{self.path.name} has nothing of this name")
        return {"Ref": f"{self.named(resource)}{dot}{rest}"}

    def _attribute(self, name: str, attribute: str) -> Json:
        if name in self.nested and attribute.startswith(_OUTPUTS):
            return self.child(name).output(attribute.removeprefix(_OUTPUTS))
        if name not in self.resources:
            raise TemplateError(name, f"{self.path.name} has nothing of this name")
        return {"Fn::GetAtt": [self.named(name), attribute]}

    def _sub(self, text: str, variables: Mapping[str, Json]) -> Json:
        """Return a Fn::Sub with the names of the whole, or the text if none is left."""
        kept = {name: self.flat(value) for name, value in variables.items()}

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name in variables:
                return match[0]
            spelled = _spelled(value := self._variable(name))
            if spelled is None:
                kept[name] = value
            return spelled or match[0]

        text = _VARIABLE.sub(replace, text)
        if kept:
            return {"Fn::Sub": [text, kept]}
        return {"Fn::Sub": text} if "${" in text else text

    def _variable(self, name: str) -> Json:
        resource, dot, attribute = name.partition(".")
        return self._attribute(resource, attribute) if dot else self._ref(name)

    def _find(self, keys: list[Json]) -> Json:
        place = self.whole / "Mappings"
        for key in keys:
            place /= str(self.literal(key))
        return place.value if not place.is_missing else place.refuse("is not mapped")

    # What is chosen.

    def is_true(self, name: str) -> bool:
        """Tell whether a condition of this stack holds."""
        place = self.whole / "Conditions" / name
        if place.is_missing:
            place.refuse(f"{self.path.name} has no such condition")
        return self._holds(place.value)

    def _holds(self, condition: Json) -> bool:
        match condition:
            case {"Condition": str(name)}:
                return self.is_true(name)
            case {"Fn::Equals": [one, other]}:
                one, other = self.flat(one), self.flat(other)
                return str(self.literal(one)) == str(self.literal(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": list(all_)}:
                return all(map(self._holds, all_))
            case {"Fn::Or": list(any_)}:
                return any(map(self._holds, any_))
        raise TemplateError(str(condition), "this condition is not understood")

    def literal(self, value: Json) -> Json:
        """Return what a flat value is, if nothing but a choice decides it."""
        match value:
            case {"Ref": str(name)} if name in self.chosen:
                return self.chosen[name]
            case str() | int() | float():
                return value
        raise TemplateError(str(value), "is not known before the deployment")


def merged(common: Json, own: Json) -> Json:
    """Return a function's properties with what Globals add to them.

    Mappings are merged, lists joined, the rest is the function's own (SAM's guide,
    "Globals section", "Overridable, mergeable, additive"); an intrinsic is one value.
    """
    match common, own:
        case (None, _):
            return own
        case (_, None):
            return common
        case (dict(), dict()) if not _is_intrinsic(common) and not _is_intrinsic(own):
            keys = [*common, *(key for key in own if key not in common)]
            return {key: merged(common.get(key), own.get(key)) for key in keys}
        case (list(), list()):
            return [*common, *own]
    return own


def _is_intrinsic(value: JsonObject) -> bool:
    (key, *more) = value or {"": None}
    return not more and (key == "Ref" or key.startswith("Fn::"))


def _text_and_variables(argument: Json) -> tuple[str, Mapping[str, Json]]:
    match argument:
        case [str(text), dict(variables)]:
            return text, variables
    return str(argument), {}


def _spelled(value: Json) -> str | None:
    """Return a flat value as it is written into a Fn::Sub, if it can be."""
    match value:
        case str() | int():
            return str(value)
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
    return None
