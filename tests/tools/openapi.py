"""The contract: one OpenAPI document, put together from all functions.

``python -m tests.tools.openapi --check`` says where the committed contract and the code
differ; ``--write`` writes what the code says.
"""

import argparse
import importlib
import json
import os
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tests.stack import template
from tests.tools import examples
from vixenbliss.api.dialects import PROBLEM

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "docs" / "openapi.json"
SERVED = ROOT / "functions" / "api" / "health" / "openapi.json"
INFO = {
    "title": "VixenBliss Creator",
    "description": "The backend for running AI virtual creators as a business.",
}
STARTABLE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    "JWT_SECRET": "a secret for reading the routes and nothing else",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
type Document = dict[str, Any]


def apps() -> list[FastAPI]:
    """Return the app of every function that answers HTTP, in the template's order."""
    for name, value in STARTABLE.items():
        os.environ.setdefault(name, value)
    read = template.read(ROOT / "template.yaml")
    names = dict.fromkeys(route.function for route in read.routes)
    folders = (read.functions[name].code_dir.strip("/") for name in names)
    modules = (importlib.import_module(f"{f.replace('/', '.')}.app") for f in folders)
    return [module.app for module in modules]


def assembled() -> Document:
    """Return the contract as the code has it."""
    whole: Document = {"paths": {}, "components": {"schemas": {}}}
    for app in apps():
        _add(whole, app)
    for operations in whole["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # we say 400 instead
            operation["responses"] = _shared(operation["responses"], whole)
    for unused in ("HTTPValidationError", "ValidationError"):
        whole["components"]["schemas"].pop(unused, None)
    examples.shown_in(whole)
    return whole


def _add(whole: Document, app: FastAPI) -> None:
    """Add what a function serves."""
    part = get_openapi(title=app.title, version=app.version, routes=app.routes)
    whole |= {"openapi": part["openapi"], "info": INFO | {"version": app.version}}
    for path, item in part["paths"].items():
        _gather(whole["paths"].setdefault(path, {}), item)
    for kind, named in part.get("components", {}).items():
        _gather(whole["components"].setdefault(kind, {}), named)


def _gather(kept: Document, named: Document) -> None:
    """Add what a function says; nobody else may say another thing of it."""
    taken = [name for name in kept.keys() & named if kept[name] != named[name]]
    assert not taken, f"two functions do not agree: {taken}"
    kept.update(named)


def _shared(responses: Document, whole: Document) -> Document:
    """Return an operation's responses, with the errors that all have told only once."""
    kept = whole["components"].setdefault("responses", {})
    short = {}
    for status, response in responses.items():
        content = response.get("content", {})
        if PROBLEM in content:
            for usual in ("application/json", "text/plain"):
                content.pop(usual, None)
        schemas = [media["schema"].get("$ref", "") for media in content.values()]
        if int(status) < HTTPStatus.BAD_REQUEST or not schemas or not schemas[0]:
            short[status] = response
            continue
        name = f"{schemas[0].rpartition('/')[2]}{status}"
        examples.show_error(response, int(status))
        assert kept.setdefault(name, response) == response, name
        short[status] = {"$ref": f"#/components/responses/{name}"}
    return short


def spelled(document: Document, *, indent: int | None = 2) -> str:
    """Return a document as text, the same for the same document."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(
        document,
        indent=indent,
        sort_keys=True,
        ensure_ascii=False,
        separators=separators,
    )
    return text + "\n"


def differences(contract: Document, code: Document) -> list[str]:
    """Return the operations and schemas that are not the same, by name."""
    found = []
    for path in sorted(contract["paths"].keys() | code["paths"].keys()):
        mine, theirs = contract["paths"].get(path), code["paths"].get(path)
        if mine != theirs:
            found.append(f"path {path}")
    schemas = (contract["components"]["schemas"], code["components"]["schemas"])
    found += [
        f"schema {name}"
        for name in sorted(schemas[0].keys() | schemas[1].keys())
        if schemas[0].get(name) != schemas[1].get(name)
    ]
    return found


def write() -> None:
    """Write the contract, and the copy that the API serves."""
    CONTRACT.parent.mkdir(exist_ok=True)
    document = assembled()
    CONTRACT.write_text(spelled(document))
    SERVED.write_text(spelled(document, indent=None))


def check() -> list[str]:
    """Return what is wrong with the committed contract."""
    contract, code = json.loads(CONTRACT.read_text()), assembled()
    wrong = differences(contract, code)
    if not wrong and contract != code:
        wrong.append("the document's head")
    if json.loads(SERVED.read_text()) != contract:
        wrong.append(f"{SERVED.relative_to(ROOT)} is another document")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="openapi")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        write()
        return 0
    wrong = check()
    for line in wrong:
        sys.stderr.write(f"The contract and the code differ: {line}\n")
    if wrong:
        sys.stderr.write("Edit docs/openapi.json first, or run `make openapi`.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
