"""A typed client: an existing generator makes it from the contract, and it walks."""

import importlib
import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

from tests.support.contract import Operation, operation_at
from tests.walk.script import Named, Step, filled_in, pick

NAME = "vixenbliss_client"
PATIENCE_S = 240
_SILENT = "post_hooks: []\n"  # nobody reads it, so nobody formats it


class WalkError(Exception):
    """The walk came to an end too early; the text says where and why."""


def generate(contract: Path, folder: Path) -> None:
    """Have a package made that has a function for each operation.

    Raises:
        WalkError: the generator warns of something, or cannot type it.
    """
    config = folder / "config.yaml"
    config.write_text(_SILENT)
    made = subprocess.run(  # noqa: S603 - our own program
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", str(contract), "--output-path", str(folder / NAME)),
            *("--config", str(config), "--meta", "none", "--fail-on-warning"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise WalkError(made.stdout + made.stderr)


@dataclass(slots=True)
class Walker:
    """Walks with the client that was made in a folder."""

    folder: Path
    api: str
    tell: Callable[[str], object]
    values: dict[str, str] = field(
        default_factory=lambda: {"RANDOM": secrets.token_hex(4)}
    )

    def __post_init__(self) -> None:
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))

    def walk(self, lines: Sequence[Named | Step]) -> None:
        """Walk line by line, and tell of each request.

        Raises:
            WalkError: an answer is a refusal, or has no type.
        """
        for line in lines:
            if isinstance(line, Named):
                self.values[line.name] = filled_in(line.text, self.values)
            else:
                self._take(line)

    def _take(self, step: Step) -> None:
        end = time.monotonic() + PATIENCE_S
        while not self._is_there(step):
            if not step.is_repeated or time.monotonic() > end:
                raise WalkError(f"{step.method} {step.path} leads nowhere")
            time.sleep(0.2)

    def _is_there(self, step: Step) -> bool:
        path = filled_in(step.path, self.values)
        one = operation_at(step.method, path)
        if one is None:
            raise WalkError(f"{step.method} {path} is not in the contract")
        answer = self._answer(one, path, step)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            self.tell(f"{one}: {answer.status_code}")
            return False
        told = _told(one, answer)
        self.tell(f"{one}: {answer.status_code} {type(answer.parsed).__name__}")
        if step.name and step.key:
            self.values[step.name] = pick(step.key, told)
            return bool(self.values[step.name])
        return True

    def _answer(self, one: Operation, path: str, step: Step) -> Any:
        """Call the function that the generator has made of an operation."""
        asks = function_of(one).sync_detailed
        types = get_type_hints(asks)
        values = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", one.path), path)
        found = values.groups() if values else ()
        arguments = {
            name: types[name](value)
            for name, value in zip(one.names_in_path, found, strict=True)
        }
        if step.body is not None:
            body = json.loads(filled_in(step.body, self.values))
            arguments["body"] = _typed(body, types["body"])
        with self._client() as client:
            return asks(client=client, **arguments)

    def _client(self) -> Any:
        package = importlib.import_module(NAME)
        seen = {"base_url": self.api, "raise_on_unexpected_status": True}
        if token := self.values.get("TOKEN"):
            return package.AuthenticatedClient(token=token, **seen)
        return package.Client(**seen)


def function_of(one: Operation) -> ModuleType:
    """Return the module that the generator has made of an operation."""
    (tag,), name = one.said["tags"], one.said["operationId"]
    return importlib.import_module(f"{NAME}.api.{tag}.{name}")


def _typed(body: Any, wanted: Any) -> Any:
    """Return a body as the type that takes all of it, of one or several."""
    for one in get_args(wanted) or (wanted,):
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            typed = one.from_dict(body.copy())
            if typed.to_dict() == body:
                return typed
    raise WalkError(f"no type takes {body}")


def _told(one: Operation, answer: Any) -> str:
    """Return an answer as compact JSON, written again by its type."""
    if answer.parsed is None and answer.status_code != HTTPStatus.NO_CONTENT:
        raise WalkError(f"{one}: {answer.status_code} has no type")
    if not hasattr(answer.parsed, "to_dict"):
        return ""
    return json.dumps(answer.parsed.to_dict(), separators=(",", ":"))
