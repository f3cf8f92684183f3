"""The contract, docs/openapi.json, and whether an answer keeps to it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator

from tests.support.api import ROOT, Answer
from tests.support.material import NOBODYS

METHODS = ("get", "post", "put", "patch", "delete")
_EXAMPLES = {
    "name": "generate",
    "sha256": "0" * 64,
    "user_id": "2147483647",
    "item_id": "2147483647",
    "category_id": "2147483647",
    "class_id": "2147483647",
    "teacher_id": "2147483647",
    "todo_id": "2147483647",
    "card_id": "2147483647",
    "platform": "instagram",
    "code": "0" * 32,
    "course_id": "2147483647",
}
"""Values for what is in a path; every other name there stands for a UUID."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path, with what the contract says of it."""

    method: str
    path: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        """Return its name, for a test's."""
        return f"{self.method} {self.path}"

    @property
    def names_in_path(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def media_types(self) -> list[str]:
        """Return what a body may be."""
        return list(self.said.get("requestBody", {}).get("content", {}))

    @property
    def needs_body(self) -> bool:
        return bool(self.said.get("requestBody", {}).get("required"))

    def parameters(self, place: str) -> dict[str, bool]:
        """Return the parameters in ``query`` or ``header``, and which are required."""
        return {
            parameter["name"]: parameter["required"]
            for parameter in self.said.get("parameters", ())
            if parameter["in"] == place
        }

    def at(self, **given: str) -> str:
        """Return the path with its names filled in: to nothing that is there."""
        values = {n: _EXAMPLES.get(n, NOBODYS) for n in self.names_in_path}
        return self.path.format(**values | given)

    def complaints(self, answer: Answer) -> list[str]:
        """Return in what an answer differs from what the contract says."""
        response = _resolved(self.said["responses"].get(str(answer.status)))
        if response is None:
            return [f"{answer.status} is not documented: {answer.content.decode()}"]
        content = response.get("content", {})
        if not content:
            return [f"{answer.status} has a body"] if answer.content else []
        media_type = answer.headers["content-type"].partition(";")[0]
        if media_type not in content:
            return [f"{answer.status} is {media_type}"]
        return list(wrong_with(content[media_type]["schema"], answer.json))


@cache
def contract() -> Any:
    """Return the contract."""
    return json.loads((ROOT / "docs" / "openapi.json").read_text())


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation of the contract."""
    return tuple(
        Operation(method.upper(), path, item[method])
        for path, item in contract()["paths"].items()
        for method in METHODS
        if method in item
    )


def operation(name: str) -> Operation:
    """Return an operation by its name, as ``GET /health``."""
    return next(one for one in operations() if str(one) == name)


def _resolved(response: Any) -> Any:
    if response is None or "$ref" not in response:
        return response
    return contract()["components"]["responses"][response["$ref"].rpartition("/")[2]]


def wrong_with(schema: Any, instance: Any) -> Iterator[str]:
    """Yield in what something differs from a schema of the contract."""
    whole = schema | {"components": contract()["components"]}
    for error in OAS31Validator(whole).iter_errors(instance):
        yield f"{error.json_path}: {error.message}"


def operation_at(method: str, path: str) -> Operation | None:
    """Return the operation that a request is for; literal paths come first."""
    bare = path.partition("?")[0]
    fitting = [
        one
        for one in operations()
        if one.method == method and re.fullmatch(_pattern(one.path), bare)
    ]
    return min(fitting, key=lambda one: len(one.names_in_path), default=None)


def _pattern(path: str) -> str:
    return re.sub(r"{\w+}", "[^/]+", path.removesuffix("/")) + "/?"
