"""docs/api.md, the reference for people, written from docs/openapi.json.

``python -m tests.tools.reference --check`` says whether it is; ``--write`` writes it.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "docs" / "openapi.json"
REFERENCE = ROOT / "docs" / "api.md"
DEEPEST = 3
HEAD = """# The API, operation by operation

Written from [openapi.json](openapi.json) by `make openapi`; the contract itself has
examples and bounds. `field?` may be left out. Every operation may also answer 405, 413,
415, 500 and 503. In the envelope dialect (`/api/…` without a version) an error is
`{ success: false, error: { code, message, details }, timestamp }`, elsewhere a problem
of RFC 9457 with a `code`.
"""
MEANING = {
    400: "validation",
    401: "no valid token",
    403: "not allowed",
    404: "not found",
    409: "conflict",
    412: "changed meanwhile",
    413: "too large",
    415: "not JSON",
    428: "If-Match missing",
    429: "too many tries",
    502: "a provider refused or failed",
    503: "try again",
}
LEFT_OUT = (405, 413, 415, 500, 503)
"""What every operation may answer, for reasons that have nothing to do with it."""
SCHEMES = {"bearer": "Bearer token", "apiKey": "API key"}
type Json = dict[str, Any]


class Reference:
    """A document, told to people."""

    def __init__(self, contract: Json) -> None:
        self._contract = contract

    def lines(self) -> Iterator[str]:
        """Yield the whole reference, sorted by tag and path."""
        yield HEAD
        for tag, told in groupby(sorted(self._operations()), key=lambda one: one[0]):
            yield f"## {tag.capitalize()}\n"
            for _, path, method, operation in told:
                yield from self._operation(f"{method.upper()} {path}", operation)

    def _operations(self) -> Iterator[tuple[str, str, str, "_Unsorted"]]:
        for path, item in self._contract["paths"].items():
            for method, operation in item.items():
                yield operation["tags"][0], path, method, _Unsorted(operation)

    def _operation(self, name: str, operation: Json) -> Iterator[str]:
        yield f"### {name}\n"
        yield f"{operation['description'].split('\n\n')[0].replace('\n', ' ')}\n"
        yield f"**Auth**: {_auth(operation)}  "
        if body := self._body(operation):
            yield f"**Body**: {body}  "
        if asked := self._query(operation):
            yield f"**Query**: {asked}  "
        yield f"**Response**: {self._answers(operation)}  "
        yield f"**Errors**: {_errors(operation)}\n"

    def _body(self, operation: Json) -> str:
        content = operation.get("requestBody", {}).get("content", {})
        kinds = (media["schema"] for media in content.values())
        return " or ".join(f"`{self.spelled(schema)}`" for schema in kinds)

    def _query(self, operation: Json) -> str:
        asked = (p for p in operation.get("parameters", ()) if p["in"] == "query")
        return ", ".join(
            f"`{p['name']}{'' if p['required'] else '?'}`: {self.spelled(p['schema'])}"
            for p in asked
        )

    def _answers(self, operation: Json) -> str:
        good = {s: a for s, a in operation["responses"].items() if s < "400"}
        return ", ".join(
            f"{status} {self._content(answer)}".strip()
            for status, answer in good.items()
        )

    def _content(self, answer: Json) -> str:
        kinds = (media["schema"] for media in answer.get("content", {}).values())
        return " or ".join(f"`{self.spelled(schema)}`" for schema in kinds)

    def spelled(self, schema: Json, depth: int = 0) -> str:
        """Return a schema in a line: ``{ id: uuid, name?: string }``."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.spelled(self._contract["components"]["schemas"][name], depth)
        if "anyOf" in schema or "oneOf" in schema:
            kinds = schema.get("anyOf") or schema["oneOf"]
            return " | ".join(dict.fromkeys(self.spelled(k, depth) for k in kinds))
        if "const" in schema or "enum" in schema:
            return " | ".join(
                map(json.dumps, schema.get("enum", [schema.get("const")]))
            )
        if schema.get("type") == "array":
            return f"[{self.spelled(schema.get('items', {}), depth)}]"
        if "properties" in schema:
            return self._object(schema, depth)
        return str(schema.get("format") or schema.get("type", "any"))

    def _object(self, schema: Json, depth: int) -> str:
        if depth == DEEPEST:
            return "{ … }"
        needed = schema.get("required", ())
        fields = (
            f"{name}{'' if name in needed else '?'}: {self.spelled(inner, depth + 1)}"
            for name, inner in schema["properties"].items()
        )
        return f"{{ {', '.join(fields)} }}"


class _Unsorted(dict[str, Any]):
    """An operation, which has no order of its own."""

    def __lt__(self, _: object) -> bool:
        return False


def _auth(operation: Json) -> str:
    shown = operation.get("security")
    if shown is None:
        return "none"
    ways = [SCHEMES[name] for way in shown for name in way if name in SCHEMES]
    return " or ".join([*dict.fromkeys(ways), *(["none"] if {} in shown else [])])


def _errors(operation: Json) -> str:
    statuses = (int(status) for status in operation["responses"] if status >= "400")
    return ", ".join(
        f"{status} ({MEANING.get(status, HTTPStatus(status).phrase)})"
        for status in sorted(statuses)
        if status not in LEFT_OUT
    )


def text() -> str:
    """Return the reference as the contract has it."""
    return "\n".join(Reference(json.loads(CONTRACT.read_text())).lines())


def main() -> int:
    parser = argparse.ArgumentParser(prog="reference")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        REFERENCE.write_text(text())
        return 0
    if REFERENCE.exists() and REFERENCE.read_text() == text():
        return 0
    sys.stderr.write("docs/api.md is not what the contract says; run `make openapi`.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
