"""What a caller may say about a stack; everything else is in template.yaml."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.stack import stand_ins
from tests.stack.aws import Aws
from tests.stack.errors import WrongPortError
from tests.stack.intrinsics import Addresses
from tests.stack.stand_ins import StandIns

LAST_PORT = 65_535


class ServeStandIns(Protocol):
    """How the stand-ins for the providers are started, on the stack's event loop."""

    def __call__(
        self, port: int = 0, /, *, journal_dir: Path, faults_file: Path | None = None
    ) -> AbstractAsyncContextManager[StandIns]:
        """Serve while the context is open."""
        ...


class Code(Protocol):
    """Where the code of functions is, if not where the template says."""

    def folder(self, function: str) -> Path:
        """Return the folder of a function's own code."""
        ...

    def python_path(self, function: str) -> str:
        """Return PYTHONPATH, its own folder included, as its layers would make it."""
        ...


type Credentials = Callable[[str], Mapping[str, str]]
"""By a function's name, the variables that say who it is to AWS."""


def _ignore(_name: str, _detail: str) -> None:
    """Show no progress."""


def _port() -> int:
    wished = os.environ.get("PORT") or "8000"
    if not wished.isdecimal() or int(wished) > LAST_PORT:
        raise WrongPortError(wished)
    return int(wished)


def _database_url() -> str | None:
    return os.environ.get("DATABASE_URL") or None


def _aws_endpoint() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL") or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A stack's options. Changes to the template are for tests that cannot wait."""

    root: Path
    """Where template.yaml, functions/ and shared/ are."""
    port: int = field(default_factory=_port)
    """Where the API answers; 0 takes a free port."""
    local: Path | None = None
    """Where logs, journals, the database and stack.json go; ``.local`` of the root."""
    database_url: str | None = field(default_factory=_database_url)
    """A database to use as it is, instead of a fresh one of our own."""
    aws_endpoint: str | None = field(default_factory=_aws_endpoint)
    """An AWS to use with the environment's credentials, instead of our own."""
    credentials: Callable[[Aws, Addresses], Credentials] | None = None
    """Makes an identity for each function, which its mappings poll with, too. Called
    once, when all resources are there; None gives everybody the endpoint's own."""
    durable: bool = False
    """Whether our own Postgres survives a crash of the machine."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """Template parameters."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Values of the template's secrets, by logical id."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for all functions; they win over the template's."""
    queue_attributes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Changed attributes by queue, e.g. ``VisibilityTimeout``, ``maxReceiveCount``."""
    timeouts_s: Mapping[str, float] = field(default_factory=dict)
    """Changed timeouts by function."""
    integration_timeout_s: float = 30.0
    """How long the gateway waits for a function; 30 s on AWS."""

    schedules: bool = True
    """Whether schedules fire by themselves; ``fire`` works without."""
    code: Code | None = None
    """Built code instead of the sources; what is saved then changes nothing."""
    python: Path = field(default_factory=lambda: Path(sys.executable))
    """The interpreter of functions; it has to have Lambda's runtime client."""
    watch: bool = True
    """Whether saved code is loaded."""
    stand_ins: ServeStandIns | None = stand_ins.serve
    """How to start the providers' stand-ins; None starts none."""
    faults_file: Path | None = None
    """Scripted faults of the stand-ins."""
    on_stage: Callable[[str, str], None] = _ignore
    """Told twice of each stage of the start: without a detail at its begin, then with
    one."""

    @property
    def folder(self) -> Path:
        """Return the local folder."""
        return self.local or self.root / ".local"
