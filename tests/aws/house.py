"""The product at work under its functions' own roles, on an AWS that asks IAM."""

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx

from tests.aws import ministack, roles, usage
from tests.aws.identities import Identities
from tests.aws.ministack import Decision, MiniStack
from tests.aws.roles import Role
from tests.aws.usage import Lack
from tests.stack import brief, nesting
from tests.stack.aws import Aws
from tests.stack.client import sign_in
from tests.stack.intrinsics import Addresses
from tests.stack.main_job import MainJob
from tests.stack.options import Code, Credentials, Options
from tests.stack.posts import Post
from tests.stack.running import RunningStack, running_stack
from tests.stack.show import Screen

REGION = "eu-west-1"
OWNER = "owner@example.com"
PATIENCE_S = 60
_LOOK_S = 0.3


@dataclass(slots=True)
class Landlord:
    """Makes the roles when the stack has made what they are about."""

    root: Path
    identities: list[Identities] = field(default_factory=list)

    def __call__(self, aws: Aws, addresses: Addresses) -> Credentials:
        """Return how functions come by their credentials."""
        template = nesting.load(self.root / "template.yaml")
        named = [name for name, _ in (template / "Parameters").items()]
        transformed = roles.transformed(
            self.root / ".tools/sam",
            template,
            {name: addresses.refs[name] for name in named if name in addresses.refs},
            region=REGION,
        )
        made = Identities(aws, roles.read(transformed, addresses).values())
        self.identities.append(made)
        return made.credentials


@dataclass(frozen=True, slots=True)
class House:
    """A running stack whose functions are themselves, and its owner at the door."""

    stack: RunningStack
    emulator: MiniStack
    identities: Identities
    http: httpx.Client
    posts: Sequence[Post]
    statement: Sequence[dict[str, Any]]
    worked: Sequence[Decision]
    """What IAM decided until the main job was done."""

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask the API as the owner."""
        return self.http.request(method, path, json=body)

    def client(self, function: str, service: str) -> Any:
        """Return a client of AWS that a function could have made."""
        return _client(
            service,
            self.emulator.endpoint,
            self.identities.credentials(function),
        )

    @contextlib.contextmanager
    def under(self, role: Role) -> Generator["Observation"]:
        """Let a function work under another role, with nothing remembered."""
        with self.identities.changed(role):
            self.stack.reload([role.function])
            yield Observation(
                self,
                role.function,
                decided=len(self.emulator.decisions()),
                logged=len(self.stack.function_log(role.function)),
            )
        self.stack.reload([role.function])

    def account(self, platform: str) -> str:
        """Return the id of the avatar's account at a platform."""
        path = f"/api/v1/social/accounts?platform={platform}"
        return str(self.ask("GET", path).json()["items"][0]["id"])


@dataclass(frozen=True, slots=True)
class Observation:
    """What has happened since a role was changed."""

    house: House
    function: str
    decided: int
    logged: int

    def lacks(self) -> list[Lack]:
        """Return what the function was refused, once it was."""
        return _eventually(
            lambda: [lack for lack in self._all() if lack.function == self.function]
        )

    def log(self, words: str) -> str:
        """Return what the function has logged since, once it has these words.

        Raises:
            AssertionError: it never has.
        """
        return _eventually(lambda: log if words in (log := self._log()) else "")

    def _all(self) -> list[Lack]:
        decisions = self.house.emulator.decisions()[self.decided :]
        return usage.lacks(decisions, self.house.identities)

    def _log(self) -> str:
        return self.house.stack.function_log(self.function)[self.logged :]


@contextlib.contextmanager
def at_work(
    root: Path, folder: Path, *, code: Code | None = None, python: Path | None = None
) -> Generator[House]:
    """Start everything, run the main job once to its end, and stay.

    Functions are run from built code, if there is some, and by another interpreter,
    if there is one. Whoever calls has the root's key in the environment, for the stack
    to use.

    Raises:
        StageFailedError: the main job came to no end; the log of a function says why.
    """
    landlord = Landlord(root)
    with (
        ministack.running(root / ".tools/emulator", folder, region=REGION) as aws,
        running_stack(
            Options(
                root=root,
                port=0,
                local=folder / "local",
                database_url=None,
                aws_endpoint=aws.endpoint,
                credentials=landlord,
                code=code,
                python=python or Path(sys.executable),
                watch=False,
            )
        ) as stack,
        httpx.Client(base_url=stack.api, timeout=40) as http,
    ):
        password = secrets.token_urlsafe(12)
        stack.invoke("SeedFunction", {"email": OWNER, "password": password})
        job, posts, token = asyncio.run(_work(stack, root, folder, password))
        http.headers["Authorization"] = token
        yield House(
            stack=stack,
            emulator=aws,
            identities=landlord.identities[0],
            http=http,
            posts=posts,
            statement=job.statement,
            worked=aws.decisions(),
        )


async def _work(
    stack: RunningStack, root: Path, folder: Path, password: str
) -> tuple[MainJob, list[Post], str]:
    wanted = brief.read(root / "docs/campaign.yaml")
    async with httpx.AsyncClient(base_url=stack.api, timeout=40) as http:
        client = await sign_in(http, OWNER, password)
        job = MainJob(client, wanted, Screen(), folder / "out")
        return job, await job.run(), http.headers["Authorization"]


def _client(service: str, endpoint: str, credentials: Any) -> Any:
    session = boto3.session.Session(
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials["AWS_SESSION_TOKEN"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=endpoint)  # type: ignore[call-overload]  # by a name of the caller's


def _eventually[Thing](look: Callable[[], Thing]) -> Thing:
    end = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(_LOOK_S)
    return seen
